// The state for a person or a test to look at, without a secret in it.

package sandbox

import (
	"maps"
	"slices"
	"time"
)

// dumpLimit is how many entries of each list a State has.
const dumpLimit = 100

// State is what a Sandbox remembers, without secrets and tokens. Lists that can be long have their newest 100 entries;
// Counts has the whole numbers.
type State struct {
	Clock     ClockState     `json:"clock"`
	FinAPI    FinAPIState    `json:"finapi"`
	Finogates FinogatesState `json:"finogates"`
	Straddle  StraddleState  `json:"straddle"`
	Counts    map[string]int `json:"counts"`  // of all that is remembered, by kind
	Evicted   map[string]int `json:"evicted"` // of what was forgotten to make room, by kind
}

// FinAPIState is the state of finAPI.
type FinAPIState struct {
	Clients []FinAPIClientState `json:"clients"`
	Users   []FinAPIUserState   `json:"users"`
	Grants  []FinAPIGrantState  `json:"grants"`
}

// FinAPIClientState is a client.
type FinAPIClientState struct {
	ClientID   string `json:"client_id"`
	APIVersion string `json:"api_version"`
}

// FinAPIUserState is a user.
type FinAPIUserState struct {
	Username string `json:"username"`
	Verified bool   `json:"verified"`
	Locked   bool   `json:"locked"`
	Failures int    `json:"failures"` // wrong passwords in a row
}

// FinAPIGrantState is what a client holds for itself or for a user.
type FinAPIGrantState struct {
	ClientID    string    `json:"client_id"`
	Username    string    `json:"username"` // empty: the client's own
	Access      bool      `json:"access"`   // there is an access token that is alive
	AccessEnds  time.Time `json:"access_ends,omitzero"`
	Refresh     bool      `json:"refresh"` // there is a refresh token that is alive
	RefreshEnds time.Time `json:"refresh_ends,omitzero"`
}

// FinogatesState is the state of Finogates.
type FinogatesState struct {
	Clients     []FinogatesClientState `json:"clients"`
	EmbedTokens []EmbedToken           `json:"embed_tokens"`
}

// FinogatesClientState is a client, with the end users of its tenant.
type FinogatesClientState struct {
	ClientID string          `json:"client_id"`
	Mode     string          `json:"mode"`
	Users    []FinogatesUser `json:"users"`
}

// StraddleState is the state of Straddle.
type StraddleState struct {
	Accounts  []string           `json:"accounts"`
	Customers []StraddleCustomer `json:"customers"`
	Sessions  []BridgeSession    `json:"sessions"`
}

// State returns what the Sandbox remembers. No secret and no token is in it.
func (s *Sandbox) State() State {
	st, now := s.state.Load(), s.clock.Now()
	made := State{Clock: s.clock.State(), Counts: map[string]int{}, Evicted: map[string]int{}}
	s.journal.mu.Lock()
	made.Counts["calls"], made.Evicted["calls"] = len(s.journal.calls), int(s.journal.dropped) //nolint:gosec // a count
	s.journal.mu.Unlock()
	made.Counts["faults"] = int(s.rules.count.Load())
	made.FinAPI = st.finAPI.dump(now, &made)
	made.Finogates = st.finogates.dump(&made)
	made.Straddle = st.straddle.dump(&made)
	return made
}

// count notes how much of something there is and was.
func count[K comparable, V any](s *State, kind string, b *bounded[K, V]) {
	s.Counts[kind], s.Evicted[kind] = b.len(), int(b.evicted) //nolint:gosec // a count
}

// first returns at most dumpLimit of the keys, sorted.
func first[V any](m map[string]V) []string {
	keys := slices.Sorted(maps.Keys(m))
	return keys[:min(len(keys), dumpLimit)]
}

func (f *finAPIFake) dump(now time.Time, s *State) FinAPIState {
	f.mu.Lock()
	defer f.mu.Unlock()
	count(s, "finapi.grants", f.tokens.grants)
	count(s, "finapi.retired_refresh_tokens", f.tokens.retired)
	s.Counts["finapi.clients"], s.Counts["finapi.users"] = len(f.clients), len(f.users)
	made := FinAPIState{Clients: []FinAPIClientState{}, Users: []FinAPIUserState{}, Grants: []FinAPIGrantState{}}
	for _, id := range first(f.clients) {
		made.Clients = append(made.Clients, FinAPIClientState{id, f.clients[id].version.String()})
	}
	for _, name := range first(f.users) {
		u := f.users[name]
		made.Users = append(made.Users, FinAPIUserState{name, !u.unverified, u.locked, u.failures})
	}
	for owner, g := range f.tokens.grants.newest() {
		if len(made.Grants) == dumpLimit {
			break
		}
		grant := FinAPIGrantState{
			ClientID: owner.client.id, Access: g.access.alive(now), AccessEnds: g.access.ends,
			Refresh: g.refresh.alive(now), RefreshEnds: g.refresh.ends,
		}
		if owner.user != nil {
			grant.Username = owner.user.name
		}
		made.Grants = append(made.Grants, grant)
	}
	return made
}

func (f *finogatesFake) dump(s *State) FinogatesState {
	f.mu.Lock()
	defer f.mu.Unlock()
	count(s, "finogates.bearers", f.bearers)
	count(s, "finogates.embed_tokens", f.embeds)
	s.Counts["finogates.clients"] = len(f.clients)
	made := FinogatesState{Clients: []FinogatesClientState{}, EmbedTokens: []EmbedToken{}}
	for _, id := range first(f.clients) {
		c := f.clients[id]
		users := c.tenant.list()
		users = users[:min(len(users), dumpLimit)]
		for i, u := range users {
			users[i].CardProcessingIDs = u.CardProcessingIDs[:min(len(u.CardProcessingIDs), dumpLimit)]
		}
		made.Clients = append(made.Clients, FinogatesClientState{id, c.mode(), users})
	}
	for _, e := range f.embeds.newest() {
		if len(made.EmbedTokens) == dumpLimit {
			break
		}
		made.EmbedTokens = append(made.EmbedTokens, *e)
	}
	return made
}

func (s *straddleFake) dump(to *State) StraddleState {
	s.mu.Lock()
	defer s.mu.Unlock()
	count(to, "straddle.sessions", s.sessions)
	s.repeats.mu.Lock()
	count(to, "straddle.idempotency_keys", s.repeats.records)
	s.repeats.mu.Unlock()
	to.Counts["straddle.customers"] = len(s.customers)
	customers := s.listCustomers()
	made := StraddleState{
		Accounts: first(s.accounts), Customers: customers[:min(len(customers), dumpLimit)], Sessions: []BridgeSession{},
	}
	for _, session := range s.sessions.newest() {
		if len(made.Sessions) == dumpLimit {
			break
		}
		made.Sessions = append(made.Sessions, *session)
	}
	return made
}
