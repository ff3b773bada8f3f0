// Package acme is the fake of Acme: link tokens, items and their accounts.
//
// What it will never do: open anything but the sandbox that it is in.
package acme

import (
	"cmp"
	"net/http"
	"time"

	"github.com/fintoken/fintoken-go/gen/acmeapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs"
)

// Name is the name of the provider.
const Name = "acme"

// Provider returns the provider.
func Provider() engine.Provider {
	return engine.Provider{Name: Name, Title: "Acme", Documents: []specs.Document{specs.Acme}, New: newFake}
}

const (
	linkLife = 4 * time.Hour
	limit    = 4_000
)

// Fake is the fake of Acme.
type Fake struct {
	engine.Base
	credentials Credentials

	clients map[string]string // secrets by client id
	public  map[string]bool   // public tokens, and whether they were used
	items   *engine.Bounded[engine.Digest, string]
}

func newFake(ids *engine.IDs) engine.Fake {
	return &Fake{
		Base: engine.Base{IDs: ids}, clients: map[string]string{}, public: map[string]bool{},
		items: engine.NewBounded[engine.Digest, string](limit),
	}
}

// Handlers returns the operations.
func (f *Fake) Handlers() map[string]engine.Handler {
	return map[string]engine.Handler{"createLinkToken": f.create, "exchangePublicToken": f.exchange, "getAccounts": f.accounts}
}

// Begin makes the id that the provider gives to every request.
func (f *Fake) Begin(c *engine.Call) { c.RequestID = f.IDs.UUID() }

// Serve sees to the credential and to what the request breaks.
func (f *Fake) Serve(c *engine.Call, handle engine.Handler) engine.Answer {
	a, _ := c.Decide(func(c *engine.Call) engine.Verdict {
		secret, known := f.clients[c.R.Header.Get("ACME-CLIENT-ID")]
		switch {
		case !known || !engine.Same(c.R.Header.Get("ACME-SECRET"), secret):
			return engine.Refused(f.Fail(c, http.StatusUnauthorized, "INVALID_API_KEYS", "the client id or the secret is wrong"))
		case len(c.Violations) > 0:
			return engine.Refused(f.Violated(c))
		}
		return handle(c)
	})
	return a
}

func (f *Fake) create(c *engine.Call) engine.Verdict {
	return engine.Accepted(func() engine.Answer {
		c.NoStore()
		return engine.Answer{Status: http.StatusOK, Data: &acmeapi.LinkToken{
			LinkToken: f.IDs.Marked("link-sandbox-", 32), RequestID: c.RequestID,
			Expiration: acmeapi.Timestamp(c.Now.Add(linkLife).UTC().Format(time.RFC3339)),
		}}
	})
}

func (f *Fake) exchange(c *engine.Call) engine.Verdict {
	var request acmeapi.ExchangePublicTokenRequest
	c.Decode(&request)
	if used, known := f.public[request.PublicToken]; !known || used {
		return engine.Refused(f.Fail(c, http.StatusBadRequest, "INVALID_PUBLIC_TOKEN", "the public token is unknown or used"))
	}
	return engine.Accepted(func() engine.Answer {
		access, item := f.IDs.Marked("access-sandbox-", 32), f.IDs.UUID()
		f.public[request.PublicToken] = true
		f.items.Put(engine.DigestOf(access), item)
		c.NoStore()
		return engine.Answer{Status: http.StatusOK, Data: &acmeapi.AccessToken{AccessToken: access, ItemID: item, RequestID: c.RequestID}}
	})
}

func (f *Fake) accounts(c *engine.Call) engine.Verdict {
	var request acmeapi.GetAccountsRequest
	c.Decode(&request)
	item, known := f.items.Get(engine.DigestOf(request.AccessToken))
	if !known {
		return engine.Refused(f.Fail(c, http.StatusBadRequest, "INVALID_ACCESS_TOKEN", "the access token is unknown"))
	}
	return engine.Accepted(func() engine.Answer {
		return engine.Answer{Status: http.StatusOK, Data: &acmeapi.Accounts{
			Accounts:  []acmeapi.Account{{AccountID: engine.UUIDOf("acme " + item), Name: "Checking", Mask: "0000"}},
			RequestID: c.RequestID,
		}}
	})
}

// Refuse words what the door refuses.
func (f *Fake) Refuse(c *engine.Call, status int, why string) engine.Answer {
	return f.Fail(c, status, "INVALID_REQUEST", why)
}

// Violated words what a request breaks in the document.
func (f *Fake) Violated(c *engine.Call) engine.Answer {
	return f.Fail(c, http.StatusBadRequest, "INVALID_FIELD", engine.SummaryOf(c.Violations))
}

// Fail words a failure that was asked for.
func (f *Fake) Fail(c *engine.Call, status int, code, message string) engine.Answer {
	return engine.Answer{Status: status, Refused: message, RequestID: c.RequestID, Body: &acmeapi.APIError{
		ErrorCode: cmp.Or(code, "API_ERROR"), ErrorMessage: message, RequestID: c.RequestID,
	}}
}
