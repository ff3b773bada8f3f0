// The state for a person or a test to look at, and the part of the page.

package straddle

import (
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// State is the state of Straddle.
type State struct {
	Accounts  []string        `json:"accounts"`
	Customers []Customer      `json:"customers"` // the newest first, like the following
	Paykeys   []Paykey        `json:"paykeys"`
	Payments  []Payment       `json:"payments"`
	Funding   []FundingEvent  `json:"funding_events"`
	Sessions  []BridgeSession `json:"sessions"`

	Organizations      []PlatformResource `json:"organizations"`
	EmbeddedAccounts   []PlatformResource `json:"embedded_accounts"` // those that calls have made or changed
	Representatives    []PlatformResource `json:"representatives"`
	LinkedBankAccounts []PlatformResource `json:"linked_bank_accounts"`
	CapabilityRequests []PlatformResource `json:"capability_requests"`
}

// PlatformResource is something that a platform has made, without names and numbers.
type PlatformResource struct {
	ID        string `json:"id"`
	AccountID string `json:"account_id,omitempty"` // the embedded account that it belongs to, if any
	Type      string `json:"type,omitempty"`       // of a capability request
	Status    string `json:"status,omitempty"`     // organizations have none
}

// Paykey is a paykey, without its token and without the bank account behind it.
type Paykey struct {
	PaykeyID   string                   `json:"paykey_id"`
	CustomerID string                   `json:"customer_id"`
	AccountID  string                   `json:"account_id,omitempty"` // the account that has it; empty means that every call finds it
	Source     straddleapi.PaykeySource `json:"source"`
	Status     straddleapi.PaykeyStatus `json:"status"`
}

// Payment is a charge or a payout, without its paykey.
type Payment struct {
	PaymentID   string                          `json:"payment_id"`
	PaymentType straddleapi.PaymentType         `json:"payment_type"`
	PaykeyID    string                          `json:"paykey_id"`
	AccountID   string                          `json:"account_id,omitempty"` // the account that has it; empty means that every call finds it
	Amount      int64                           `json:"amount"`               // in cents
	Status      straddleapi.PaymentStatus       `json:"status"`
	Reason      straddleapi.PaymentStatusReason `json:"reason"`
	Outcome     string                          `json:"sandbox_outcome"` // empty when the call named none
}

// FundingEvent is a transfer between Straddle and the bank of an account.
type FundingEvent struct {
	FundingEventID string                       `json:"funding_event_id"`
	EventType      straddleapi.FundingEventType `json:"event_type"`
	AccountID      string                       `json:"account_id,omitempty"`
	Amount         int64                        `json:"amount"` // in cents
	Payments       int64                        `json:"payment_count"`
	Status         straddleapi.PaymentStatus    `json:"status"`
}

// Dump returns the state.
func (s *Fake) Dump(_ time.Time, counts engine.Counts) any {
	engine.CountBounded(counts, "straddle.sessions", s.sessions)
	s.repeats.Count(counts, "straddle.idempotency_keys")
	engine.CountBounded(counts, "straddle.customers", s.people.Bounded)
	engine.CountBounded(counts, "straddle.paykeys", s.paykeys.Bounded)
	engine.CountBounded(counts, "straddle.organizations", s.organizations.Bounded)
	engine.CountBounded(counts, "straddle.embedded_accounts", s.businesses.Bounded)
	engine.CountBounded(counts, "straddle.representatives", s.representatives.Bounded)
	engine.CountBounded(counts, "straddle.linked_bank_accounts", s.bankAccounts.Bounded)
	engine.CountBounded(counts, "straddle.capability_requests", s.capabilities.Bounded)
	engine.CountBounded(counts, "straddle.payments", s.payments.Bounded)
	engine.CountBounded(counts, "straddle.funding_events", s.funding.Bounded)
	return State{
		Accounts: engine.First(s.accounts), Customers: s.newestCustomers(), Paykeys: s.newestPaykeys(),
		Payments: s.newestPayments(), Funding: s.newestFunding(), Sessions: s.newest(),
		Organizations: newestOf(s.organizations, func(o straddleapi.Organization) PlatformResource { return PlatformResource{ID: o.ID} }),
		EmbeddedAccounts: newestOf(s.businesses, func(a straddleapi.Account) PlatformResource {
			return PlatformResource{ID: a.ID, Status: string(a.Status)}
		}),
		Representatives: newestOf(s.representatives, func(r straddleapi.UnmaskedRepresentative) PlatformResource {
			return PlatformResource{ID: r.ID, AccountID: r.AccountID, Status: string(r.Status)}
		}),
		LinkedBankAccounts: newestOf(s.bankAccounts, func(b linkedBankAccount) PlatformResource {
			return PlatformResource{ID: b.ID, AccountID: b.AccountID, Status: string(b.Status)}
		}),
		CapabilityRequests: newestOf(s.capabilities, func(r straddleapi.CapabilityRequest) PlatformResource {
			return PlatformResource{ID: r.ID, AccountID: r.AccountID, Type: string(r.Type), Status: string(r.Status)}
		}),
	}
}

// newestOf returns the newest of a kind as the state shows them.
func newestOf[T, V any](of shelf[T], show func(T) V) []V {
	list := []V{}
	for _, r := range engine.Newest(of.Bounded) {
		list = append(list, show(r.Value))
	}
	return list
}

func (s *Fake) newestCustomers() []Customer {
	list := []Customer{}
	for _, r := range engine.Newest(s.people.Bounded) {
		list = append(list, Customer{CustomerID: r.ID, AccountID: r.Account, Status: r.Value.Status})
	}
	return list
}

func (s *Fake) newestPaykeys() []Paykey {
	list := []Paykey{}
	for _, r := range engine.Newest(s.paykeys.Bounded) {
		list = append(list, Paykey{PaykeyID: r.ID, CustomerID: r.Value.CustomerID, AccountID: r.Account, Source: r.Value.Source, Status: r.Value.Status})
	}
	return list
}

func (s *Fake) newestPayments() []Payment {
	list := []Payment{}
	for _, r := range engine.Newest(s.payments.Bounded) {
		v := &r.Value
		list = append(list, Payment{
			PaymentID: r.ID, PaymentType: v.Kind, PaykeyID: v.PaykeyDetails.ID, AccountID: r.Account, Amount: v.Amount,
			Status: v.Status, Reason: v.StatusDetails.Reason, Outcome: string(v.Config.SandboxOutcome),
		})
	}
	return list
}

func (s *Fake) newestFunding() []FundingEvent {
	list := []FundingEvent{}
	for _, r := range engine.Newest(s.funding.Bounded) {
		v := &r.Value
		list = append(list, FundingEvent{FundingEventID: r.ID, EventType: v.EventType, AccountID: r.Account, Amount: v.Amount, Payments: v.PaymentCount, Status: v.Status})
	}
	return list
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
