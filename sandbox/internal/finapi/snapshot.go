// The part of a snapshot that is finAPI's.

package finapi

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// saved is what a snapshot has of finAPI.
type saved struct {
	clients []Client
	users   []savedUser
	grants  []savedGrant
	retired []savedOld
}

type savedUser struct {
	User
	Failures int `json:"failures"`
}

type savedGrant struct {
	Client  string     `json:"client"`
	User    string     `json:"user"` // empty: the client's own
	Access  savedToken `json:"access"`
	Refresh savedToken `json:"refresh"`
}

type savedToken struct {
	Value string    `json:"value"` // empty: there is none
	Ends  time.Time `json:"ends,omitzero"`
}

type savedOld struct {
	Token engine.Digest `json:"token"`
	Grant int           `json:"grant"` // index in the list of grants
	At    time.Time     `json:"at"`
}

func (s *saved) parts() []engine.Part {
	return []engine.Part{
		engine.ListOf("clients", &s.clients, engine.FixtureLimit),
		engine.ListOf("users", &s.users, engine.FixtureLimit),
		engine.ListOf("grants", &s.grants, grantLimit),
		engine.ListOf("retired", &s.retired, retiredLimit),
	}
}

// Save returns what there is.
func (f *Fake) Save() []engine.Part {
	s, places := &saved{}, map[*finGrant]int{}
	for _, id := range slices.Sorted(maps.Keys(f.clients)) {
		c := f.clients[id]
		s.clients = append(s.clients, Client{ClientID: c.id, ClientSecret: c.secret, APIVersion: c.version.String()})
	}
	for _, name := range slices.Sorted(maps.Keys(f.users)) {
		u := f.users[name]
		s.users = append(s.users, savedUser{
			User{Username: u.name, Password: u.password, Unverified: u.unverified, Locked: u.locked}, u.failures,
		})
	}
	for owner, g := range f.tokens.grants.All() {
		grant := savedGrant{Client: owner.client.id, Access: g.access.saved(), Refresh: g.refresh.saved()}
		if owner.user != nil {
			grant.User = owner.user.name
		}
		places[g] = len(s.grants)
		s.grants = append(s.grants, grant)
	}
	for token, old := range f.tokens.retired.All() {
		if place, ok := places[old.grant]; ok {
			s.retired = append(s.retired, savedOld{token, place, old.at})
		}
	}
	return s.parts()
}

// Restore reads what Save wrote.
func (f *Fake) Restore() ([]engine.Part, func(r *engine.Restoring)) {
	s := &saved{}
	return s.parts(), func(r *engine.Restoring) { f.restore(r, s) }
}

func (f *Fake) restore(r *engine.Restoring, s *saved) {
	fixtures := Fixtures{Clients: s.clients}
	for _, u := range s.users {
		fixtures.Users = append(fixtures.Users, u.User)
	}
	r.Add(func(a *engine.Adding) { f.Add(a, fixtures) })
	if !r.OK() {
		return
	}
	for i, u := range s.users {
		r.Require(u.Failures >= 0 && u.Failures <= failureLimit, fmt.Sprintf("finapi.users[%d].failures", i), "must be between 0 and a million")
		f.users[engine.Lower(u.Username)].failures = u.Failures
	}
	grants := make([]*finGrant, len(s.grants))
	for i, g := range s.grants {
		grants[i] = f.restoreGrant(r, fmt.Sprintf("finapi.grants[%d]", i), g)
	}
	for i, old := range s.retired {
		ok := old.Grant >= 0 && old.Grant < len(grants) && grants[old.Grant] != nil
		r.Require(ok, fmt.Sprintf("finapi.retired[%d].grant", i), "must be the index of a grant")
		if ok {
			f.tokens.retired.Put(old.Token, retiredToken{grants[old.Grant], old.At})
		}
	}
	c := &f.credentials // they must open what they are for: they are what a person is told
	opens := f.clients[c.ClientID] != nil && f.clients[c.V2ClientID] != nil && f.users[engine.Lower(c.Username)] != nil
	r.Require(opens, "credentials.finapi", "must be in finapi")
}

func (f *Fake) restoreGrant(r *engine.Restoring, field string, s savedGrant) *finGrant {
	owner := finOwner{client: f.clients[s.Client], user: f.users[s.User]}
	r.Require(owner.client != nil, field+".client", "must be a client")
	r.Require(s.User == "" || owner.user != nil, field+".user", "must be a user")
	_, twice := f.tokens.grants.Get(owner)
	r.Require(!twice, field, "is the second of its client and user")
	if !r.OK() {
		return nil
	}
	g := &finGrant{finOwner: owner, access: s.Access.lifetime(), refresh: s.Refresh.lifetime()}
	f.tokens.grants.Put(owner, g)
	for _, token := range []lifetime{g.access, g.refresh} {
		if token.value == "" {
			continue
		}
		_, there := f.tokens.byToken[engine.DigestOf(token.value)]
		r.Require(engine.Sendable(token.value) && !there, field, "must have tokens of its own")
		f.tokens.byToken[engine.DigestOf(token.value)] = g
	}
	return g
}
