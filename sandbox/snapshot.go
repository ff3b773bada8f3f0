// Snapshots: everything the providers remember, as one document. It is the state itself and never a list of calls to
// repeat, so restoring one takes no account of how it came about.

package sandbox

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What a snapshot says of itself. The version changes with every change of the format.
const (
	snapshotFormat  = "fintoken-sandbox"
	snapshotVersion = 2
)

// snapshot is what parts writes down, under the names it gives.
type snapshot struct {
	Format      string
	Version     int
	Clock       ClockState
	Credentials Credentials
	FinAPI      finSnapshot
	Finogates   fgSnapshot
	Straddle    stSnapshot
	Faults      []Fault
	FaultsMade  int
	Random      map[string][]byte // where the sources are, with Seed only
}

type finSnapshot struct {
	Clients []FinAPIClient
	Users   []finSavedUser
	Grants  []finSavedGrant
	Retired []finSavedOld
}

type finSavedUser struct {
	FinAPIUser
	Failures int `json:"failures"`
}

type finSavedGrant struct {
	Client  string     `json:"client"`
	User    string     `json:"user"` // empty: the client's own
	Access  savedToken `json:"access"`
	Refresh savedToken `json:"refresh"`
}

type savedToken struct {
	Value string    `json:"value"` // empty: there is none
	Ends  time.Time `json:"ends,omitzero"`
}

type finSavedOld struct {
	Token digest    `json:"token"`
	Grant int       `json:"grant"` // index in the list of grants
	At    time.Time `json:"at"`
}

type fgSnapshot struct {
	Tenants []fgSavedTenant
	Users   []FinogatesUser
	Bearers []fgSavedBearer
	Embeds  []fgSavedEmbed
}

type fgSavedTenant struct {
	Clients map[string]string `json:"clients"` // ids and secrets
}

type fgSavedBearer struct {
	Token  digest    `json:"token"`
	Client string    `json:"client"`
	Ends   time.Time `json:"ends"`
}

type fgSavedEmbed struct {
	Token digest `json:"token"`
	EmbedToken
}

type stSnapshot struct {
	Accounts  []string
	APIKeys   []StraddleAPIKey
	Customers []StraddleCustomer
	Sessions  []stSavedSession
	Repeats   []stSavedRepeat
}

type stSavedSession struct {
	Token digest `json:"token"`
	BridgeSession
}

type stSavedRepeat struct {
	APIKey      digest      `json:"api_key"`
	Account     string      `json:"account"`
	Key         string      `json:"key"`
	Fingerprint digest      `json:"fingerprint"`
	Made        time.Time   `json:"made"`
	Status      int         `json:"status"`
	Refused     string      `json:"refused"`
	RequestID   string      `json:"request_id"`
	Inferred    bool        `json:"inferred"`
	Header      http.Header `json:"header"`
	Body        []byte      `json:"body"`
}

// Snapshot returns what [Sandbox.SnapshotTo] writes, for [Sandbox.Restore].
func (s *Sandbox) Snapshot() ([]byte, error) {
	var text bytes.Buffer
	err := s.SnapshotTo(&text)
	return text.Bytes(), err
}

// taken returns what the providers remember now.
func (s *Sandbox) taken() *snapshot {
	s.swap.Lock()
	defer s.swap.Unlock()
	st := s.state.Load()
	made := &snapshot{
		Format: snapshotFormat, Version: snapshotVersion, Clock: s.clock.State(), Credentials: st.credentials,
		FinAPI: st.finAPI.save(), Finogates: st.finogates.save(), Straddle: st.straddle.save(), Random: map[string][]byte{},
	}
	s.rules.mu.Lock()
	for _, f := range s.rules.faults {
		made.Faults = append(made.Faults, *f)
	}
	made.FaultsMade = s.rules.made
	draws := s.rules.ids
	s.rules.mu.Unlock()
	for purpose, ids := range map[string]*ids{
		"finapi": st.finAPI.ids, "finogates": st.finogates.ids, "straddle": st.straddle.ids, "faults": draws,
	} {
		if state := ids.state(); state != nil {
			made.Random[purpose] = state
		}
	}
	return made
}

func (f *finAPIFake) save() finSnapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	saved, places := finSnapshot{}, map[*finGrant]int{}
	for _, id := range slices.Sorted(maps.Keys(f.clients)) {
		c := f.clients[id]
		saved.Clients = append(saved.Clients, FinAPIClient{ClientID: c.id, ClientSecret: c.secret, APIVersion: c.version.String()})
	}
	for _, name := range slices.Sorted(maps.Keys(f.users)) {
		u := f.users[name]
		saved.Users = append(saved.Users, finSavedUser{
			FinAPIUser{Username: u.name, Password: u.password, Unverified: u.unverified, Locked: u.locked}, u.failures,
		})
	}
	for owner, g := range f.tokens.grants.all() {
		grant := finSavedGrant{Client: owner.client.id, Access: g.access.saved(), Refresh: g.refresh.saved()}
		if owner.user != nil {
			grant.User = owner.user.name
		}
		places[g] = len(saved.Grants)
		saved.Grants = append(saved.Grants, grant)
	}
	for token, old := range f.tokens.retired.all() {
		if place, ok := places[old.grant]; ok {
			saved.Retired = append(saved.Retired, finSavedOld{token, place, old.at})
		}
	}
	return saved
}

func (f *finogatesFake) save() fgSnapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	saved, places := fgSnapshot{}, map[*fgTenant]int{}
	for _, id := range slices.Sorted(maps.Keys(f.clients)) {
		c := f.clients[id]
		place, ok := places[c.tenant]
		if !ok {
			place = len(saved.Tenants)
			places[c.tenant] = place
			saved.Tenants = append(saved.Tenants, fgSavedTenant{Clients: map[string]string{}})
			for _, u := range c.tenant.list() {
				u.Tenant = id // one of its clients
				saved.Users = append(saved.Users, u)
			}
		}
		saved.Tenants[place].Clients[id] = c.secret
	}
	for token, b := range f.bearers.all() {
		saved.Bearers = append(saved.Bearers, fgSavedBearer{token, b.client.id, b.ends})
	}
	for token, e := range f.embeds.all() {
		saved.Embeds = append(saved.Embeds, fgSavedEmbed{token, *e})
	}
	return saved
}

// list returns the end users of a tenant, by id.
func (t *fgTenant) list() []FinogatesUser {
	users := []FinogatesUser{}
	for _, id := range slices.Sorted(maps.Keys(t.users)) {
		u := t.users[id]
		users = append(users, FinogatesUser{
			UserID: id, CardProcessingIDs: slices.Sorted(maps.Keys(u.cards)), Inactive: u.inactive,
		})
	}
	return users
}

func (s *straddleFake) save() stSnapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	saved := stSnapshot{Accounts: slices.Sorted(maps.Keys(s.accounts)), Customers: s.listCustomers()}
	for _, k := range s.keys {
		key := StraddleAPIKey{APIKey: k.value}
		if k.accounts != nil {
			key.Accounts = slices.Sorted(maps.Keys(k.accounts))
		}
		saved.APIKeys = append(saved.APIKeys, key)
	}
	slices.SortFunc(saved.APIKeys, func(a, b StraddleAPIKey) int { return strings.Compare(a.APIKey, b.APIKey) })
	for token, session := range s.sessions.all() {
		saved.Sessions = append(saved.Sessions, stSavedSession{token, *session})
	}
	s.repeats.mu.Lock()
	defer s.repeats.mu.Unlock()
	for key, r := range s.repeats.records.all() {
		if r.finished { // one that is running ends in the state it began with
			saved.Repeats = append(saved.Repeats, stSavedRepeat{
				key.apiKey, key.account, key.key, r.fingerprint, r.made,
				r.answer.status, r.answer.refused, r.answer.requestID, r.answer.inferred, r.answer.header, r.answer.repeats,
			})
		}
	}
	return saved
}

// listCustomers returns the customers, by id.
func (s *straddleFake) listCustomers() []StraddleCustomer {
	customers := []StraddleCustomer{}
	for _, id := range slices.Sorted(maps.Keys(s.customers)) {
		customers = append(customers, StraddleCustomer{CustomerID: id, AccountID: s.customers[id].account})
	}
	return customers
}
