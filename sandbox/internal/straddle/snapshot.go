// The part of a snapshot that is Straddle's.

package straddle

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// saved is what a snapshot has of Straddle, besides the idempotency keys.
type saved struct {
	accounts  []string
	apiKeys   []APIKey
	customers []Customer
	sessions  []savedSession
}

type savedSession struct {
	Token engine.Digest `json:"token"`
	BridgeSession
}

func (s *saved) parts(repeats engine.Part) []engine.Part {
	return []engine.Part{
		engine.ListOf("accounts", &s.accounts, engine.FixtureLimit),
		engine.ListOf("api_keys", &s.apiKeys, engine.FixtureLimit),
		engine.ListOf("customers", &s.customers, engine.FixtureLimit),
		engine.ListOf("sessions", &s.sessions, bridgeLimit),
		repeats,
	}
}

// Save returns what there is.
func (s *Fake) Save() []engine.Part {
	made := &saved{accounts: slices.Sorted(maps.Keys(s.accounts)), customers: s.listCustomers()}
	for _, k := range s.keys {
		key := APIKey{APIKey: k.value}
		if k.accounts != nil {
			key.Accounts = slices.Sorted(maps.Keys(k.accounts))
		}
		made.apiKeys = append(made.apiKeys, key)
	}
	slices.SortFunc(made.apiKeys, func(a, b APIKey) int { return strings.Compare(a.APIKey, b.APIKey) })
	for token, session := range s.sessions.All() {
		made.sessions = append(made.sessions, savedSession{token, *session})
	}
	return made.parts(s.repeats.Save("repeats"))
}

// listCustomers returns the customers, by id.
func (s *Fake) listCustomers() []Customer {
	customers := []Customer{}
	for _, id := range slices.Sorted(maps.Keys(s.customers)) {
		customers = append(customers, Customer{CustomerID: id, AccountID: s.customers[id].account})
	}
	return customers
}

// firstOperation is the only one that keys in the first snapshots were for, which did not name it.
var firstOperation = spectest.Operation{Method: http.MethodPost, Path: "/v1/bridge/initialize"}

// Restore reads what Save wrote.
func (s *Fake) Restore() ([]engine.Part, func(r *engine.Restoring)) {
	read := &saved{}
	repeats, putRepeats := s.repeats.Restore("repeats", firstOperation)
	return read.parts(repeats), func(r *engine.Restoring) {
		r.Add(func(a *engine.Adding) {
			s.Add(a, Fixtures{Accounts: read.accounts, APIKeys: read.apiKeys, Customers: read.customers})
		})
		for _, session := range read.sessions {
			s.sessions.Put(session.Token, &session.BridgeSession)
		}
		putRepeats(r, Name)
		r.Require(s.keys[engine.DigestOf(s.credentials.APIKey)] != nil, "credentials.straddle", "must be in straddle")
	}
}
