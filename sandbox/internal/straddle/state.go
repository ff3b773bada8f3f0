// The state for a person or a test to look at, and the part of the page.

package straddle

import (
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// State is the state of Straddle.
type State struct {
	Accounts  []string        `json:"accounts"`
	Customers []Customer      `json:"customers"`
	Sessions  []BridgeSession `json:"sessions"`
}

// Dump returns the state.
func (s *Fake) Dump(_ time.Time, counts engine.Counts) any {
	engine.CountBounded(counts, "straddle.sessions", s.sessions)
	s.repeats.Count(counts, "straddle.idempotency_keys")
	counts.Count("straddle.customers", len(s.customers))
	customers := s.listCustomers()
	return State{Accounts: engine.First(s.accounts), Customers: customers[:min(len(customers), engine.DumpLimit)], Sessions: s.newest()}
}

func (s *Fake) newest() []BridgeSession {
	sessions := []BridgeSession{}
	for _, session := range engine.Newest(s.sessions) {
		sessions = append(sessions, *session)
	}
	return sessions
}

// Page returns the part of the page.
func (s *Fake) Page(base string, _ time.Time) engine.Page {
	c := s.credentials
	return engine.Page{
		Issued: engine.Table([]string{"Session for", "Outcome", "Ends"}, "No sessions yet.", s.newest(), func(b BridgeSession) engine.Markup {
			return engine.Row(engine.Code(b.CustomerID), engine.Text(b.SandboxOutcome), engine.Text(b.ExpiresAt.UTC().Format(engine.DayTime)))
		}),
		Commands: []engine.Command{{Title: "Straddle: a session token", Text: engine.Curl(base+"/v1/bridge/initialize",
			"-H", "Authorization: Bearer "+c.APIKey, "--json", `{"customer_id":"`+c.CustomerID+`"}`)}},
		Credentials: []engine.Opener{
			{What: "API key", Values: []string{c.APIKey}},
			{What: "customer", Values: []string{c.CustomerID}},
			{What: "account", Values: []string{c.AccountID}},
		},
	}
}
