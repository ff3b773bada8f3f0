// The part of a snapshot that is Finogates'.

package finogates

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// saved is what a snapshot has of Finogates.
type saved struct {
	tenants []savedTenant
	users   []User
	bearers []savedBearer
	embeds  []savedEmbed
}

type savedTenant struct {
	Clients map[string]string `json:"clients"` // ids and secrets
}

type savedBearer struct {
	Token  engine.Digest `json:"token"`
	Client string        `json:"client"`
	Ends   time.Time     `json:"ends"`
}

type savedEmbed struct {
	Token engine.Digest `json:"token"`
	EmbedToken
}

func (s *saved) parts() []engine.Part {
	return []engine.Part{
		engine.ListOf("tenants", &s.tenants, engine.FixtureLimit),
		engine.ListOf("users", &s.users, math.MaxInt), // each tenant has its own limit
		engine.ListOf("bearers", &s.bearers, bearerLimit),
		engine.ListOf("embeds", &s.embeds, embedLimit),
	}
}

// Save returns what there is.
func (f *Fake) Save() []engine.Part {
	s, places := &saved{}, map[*fgTenant]int{}
	for _, id := range slices.Sorted(maps.Keys(f.clients)) {
		c := f.clients[id]
		place, ok := places[c.tenant]
		if !ok {
			place = len(s.tenants)
			places[c.tenant] = place
			s.tenants = append(s.tenants, savedTenant{Clients: map[string]string{}})
			for _, u := range c.tenant.list() {
				u.Tenant = id // one of its clients
				s.users = append(s.users, u)
			}
		}
		s.tenants[place].Clients[id] = c.secret
	}
	for token, b := range f.bearers.All() {
		s.bearers = append(s.bearers, savedBearer{token, b.client.id, b.ends})
	}
	for token, e := range f.embeds.All() {
		s.embeds = append(s.embeds, savedEmbed{token, *e})
	}
	return s.parts()
}

// list returns the end users of a tenant, by id.
func (t *fgTenant) list() []User {
	users := []User{}
	for _, id := range slices.Sorted(maps.Keys(t.users)) {
		u := t.users[id]
		users = append(users, User{
			UserID: id, CardProcessingIDs: slices.Sorted(maps.Keys(u.cards)), Inactive: u.inactive,
		})
	}
	return users
}

// Restore reads what Save wrote.
func (f *Fake) Restore() ([]engine.Part, func(r *engine.Restoring)) {
	s := &saved{}
	return s.parts(), func(r *engine.Restoring) { f.restore(r, s) }
}

func (f *Fake) restore(r *engine.Restoring, s *saved) {
	fixtures := Fixtures{Users: s.users}
	for i, t := range s.tenants {
		fixtures.Tenants = append(fixtures.Tenants, tenantOf(r, fmt.Sprintf("finogates.tenants[%d].clients", i), t.Clients))
	}
	r.Add(func(a *engine.Adding) { f.add(a, fixtures, "") })
	for i, b := range s.bearers {
		client := f.clients[b.Client]
		r.Require(client != nil, fmt.Sprintf("finogates.bearers[%d].client", i), "must be a client")
		f.bearers.Put(b.Token, fgBearer{client, b.Ends})
	}
	for _, e := range s.embeds {
		f.embeds.Put(e.Token, &e.EmbedToken)
	}
	r.Require(f.clients[f.credentials.ClientID] != nil, "credentials.finogates", "must be in finogates")
}

// tenantOf tells the clients of a tenant apart by their ids.
func tenantOf(r *engine.Restoring, field string, clients map[string]string) Tenant {
	var t Tenant
	for id, secret := range clients {
		switch {
		case strings.HasPrefix(id, testPrefix) && t.ClientID == "":
			t.ClientID, t.ClientSecret = id, secret
		case strings.HasPrefix(id, livePrefix) && t.LiveClientID == "":
			t.LiveClientID, t.LiveClientSecret = id, secret
		default:
			r.Require(false, field, "must hold one client for the sandbox, one for production, or both")
		}
	}
	return t
}
