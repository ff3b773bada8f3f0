// What comes in: demo credentials, and more API keys, accounts and customers.

package straddle

import (
	"fmt"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// What the examples on the provider's pages name is there in every new sandbox, so that they work as they are printed.
const (
	pageID  = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e" // of the customer and of the account
	pageKey = "My API Key"                           // works beside the demo key
)

// Credentials are an API key, a customer, the embedded account that the key may act for, and the secret that signs webhooks.
type Credentials struct {
	APIKey        string `json:"api_key"`
	CustomerID    string `json:"customer_id"`
	AccountID     string `json:"account_id"`
	WebhookSecret string `json:"webhook_secret"`
}

// Fixtures are API keys, embedded accounts and customers of Straddle.
type Fixtures struct {
	Accounts  []string   `json:"accounts,omitempty"` // 1 to 255 characters of visible ASCII: UUIDs, or acct_…
	APIKeys   []APIKey   `json:"api_keys,omitempty"`
	Customers []Customer `json:"customers,omitempty"`
}

// APIKey is an API key.
type APIKey struct {
	APIKey   string   `json:"api_key"`            // 1 to 255 characters of visible ASCII; spaces inside are allowed
	Accounts []string `json:"accounts,omitempty"` // those it may act for; none means all
}

// Customer is a customer. Name, address and all else are made up: the same ones for the same id.
type Customer struct {
	CustomerID string                     `json:"customer_id"`          // a UUID
	AccountID  string                     `json:"account_id,omitempty"` // the account that has it; empty means that every call finds it
	Status     straddleapi.CustomerStatus `json:"status,omitempty"`     // empty means verified
}

// Furnish puts in the demo credentials.
func (s *Fake) Furnish(draw *engine.IDs) {
	s.credentials = Credentials{APIKey: draw.Marked("sk_test_sandbox_", 32), CustomerID: pageID, AccountID: pageID}
	s.credentials.WebhookSecret = newSecret(draw)
	for _, key := range []string{s.credentials.APIKey, pageKey} {
		s.keys[engine.DigestOf(key)] = &stKey{value: key}
	}
	s.accounts[pageID] = true
	s.people.Put(pageID, furnished(pageID, "", ""))
}

// Credentials returns the demo credentials.
func (s *Fake) Credentials() any { return &s.credentials }

// Add puts in accounts, API keys and customers.
func (s *Fake) Add(a *engine.Adding, fixtures any) {
	more, seen, accounts := fixtures.(Fixtures), map[string]bool{}, map[string]bool{}
	for i, account := range more.Accounts {
		field, id := fmt.Sprintf("straddle.accounts[%d]", i), engine.Lower(account)
		a.Visible(field, account)
		a.Once(accounts, id, field)
		engine.Put(a, s.accounts, id, true, field)
	}
	known := func(field, id string) {
		a.Require(accounts[id] || s.hasAccount(id), field, "must be an account that is there")
	}
	for i, k := range more.APIKeys {
		field := fmt.Sprintf("straddle.api_keys[%d].", i)
		a.Visible(field+"api_key", k.APIKey)
		a.Once(seen, "key "+k.APIKey, field+"api_key")
		key := &stKey{value: k.APIKey}
		for n, account := range k.Accounts {
			if key.accounts == nil {
				key.accounts = map[string]bool{}
			}
			key.accounts[engine.Lower(account)] = true
			known(fmt.Sprintf("%saccounts[%d]", field, n), engine.Lower(account))
		}
		engine.Put(a, s.keys, engine.DigestOf(k.APIKey), key, field+"api_key")
	}
	for i, c := range more.Customers {
		field, id, account := fmt.Sprintf("straddle.customers[%d].", i), engine.Lower(c.CustomerID), engine.Lower(c.AccountID)
		a.UUID(field+"customer_id", id)
		if account != "" {
			known(field+"account_id", account)
		}
		a.Once(seen, "customer "+id, field+"customer_id")
		a.Require(c.Status == "" || c.Status.Valid(), field+"status", "must be pending, review, verified, inactive or rejected")
		engine.PutBounded(a, s.people.Bounded, id, furnished(id, account, c.Status), field+"customer_id")
	}
}
