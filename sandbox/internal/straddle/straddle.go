// Package straddle is the fake of Straddle: one file a resource, and what holds for all of them in this one.
//
// What it will never do: open anything but the sandbox that it is in.
package straddle

import (
	"maps"
	"net/http"
	"unicode/utf8"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs"
)

// Name is the name of the provider.
const Name = "straddle"

// Provider returns the provider.
func Provider() engine.Provider {
	return engine.Provider{Name: Name, Title: "Straddle", Documents: []specs.Document{specs.Straddle}, New: newFake, Webhooks: webhooks()}
}

// Fake is the fake of Straddle.
type Fake struct {
	engine.Base
	credentials Credentials
	repeats     *engine.Idempotency

	keys     map[engine.Digest]*stKey
	accounts map[string]bool
	sessions *engine.Bounded[engine.Digest, *BridgeSession]
	people   shelf[straddleapi.UnmaskedCustomer]
	paykeys  shelf[paykey]
	tokens   map[engine.Digest]string // the ids of the paykeys, by their tokens
	payments shelf[payment]
	funding  shelf[fundingEvent]
	platform
	agenda agenda
}

// stKey is an API key and what it may act for.
type stKey struct {
	value    string
	accounts map[string]bool // nil: all
}

func newFake(ids *engine.IDs) engine.Fake {
	s := &Fake{
		Base: engine.Base{IDs: ids}, repeats: engine.NewIdempotency(http.StatusBadRequest), keys: map[engine.Digest]*stKey{},
		accounts: map[string]bool{}, sessions: engine.NewBounded[engine.Digest, *BridgeSession](bridgeLimit),
		people: newPeople(), paykeys: newShelf[paykey](), tokens: map[engine.Digest]string{}, platform: newPlatform(),
		payments: newShelf[payment](), funding: newShelf[fundingEvent](),
	}
	s.people.OnEvict = func(id string, _ *resource[straddleapi.UnmaskedCustomer]) { s.agenda.drop("", id) }
	s.paykeys.OnEvict = s.forgetPaykey
	s.capabilities.OnEvict = func(id string, _ *resource[straddleapi.CapabilityRequest]) { s.agenda.drop(capabilityDue, id) }
	s.payments.OnEvict = func(id string, _ *resource[payment]) { s.agenda.drop("", id) }
	s.funding.OnEvict = func(id string, _ *resource[fundingEvent]) { s.agenda.drop("", id) }
	return s
}

// Handlers returns the operations.
func (s *Fake) Handlers() map[string]engine.Handler {
	all := map[string]engine.Handler{}
	for _, some := range []map[string]engine.Handler{
		s.bridgeHandlers(),
		s.customerHandlers(),
		s.paykeyHandlers(),
		s.paymentHandlers(),
		s.fundingHandlers(),
		s.organizationHandlers(),
		s.accountHandlers(),
		s.representativeHandlers(),
		s.bankAccountHandlers(),
		s.reportHandlers(),
	} {
		maps.Copy(all, some)
	}
	return all
}

// Begin makes the id that the provider gives to every request.
func (s *Fake) Begin(c *engine.Call) { c.RequestID = s.IDs.UUID() }

// Serve sees to what holds for every operation: the key, the account that it acts for, which is the scope of the call, what
// the request breaks, and the idempotency key of a write.
func (s *Fake) Serve(c *engine.Call, handle engine.Handler) engine.Answer {
	caller := engine.DigestOf(c.Bearer())
	if c.Declares("Straddle-Account-Id") {
		c.Scope = engine.Lower(c.R.Header.Get("Straddle-Account-Id"))
	}
	known, scoped := s.admits(caller, c.Scope)
	if !known {
		return stError(c, http.StatusUnauthorized, "authentication_error", "The API key is not valid")
	}
	if len(c.Violations) == 0 && !scoped {
		return stError(c, http.StatusForbidden, "authentication_error", "The key has no access to this account")
	}
	run := func() (engine.Answer, bool) {
		return c.Decide(func(c *engine.Call) engine.Verdict {
			if len(c.Violations) > 0 {
				return engine.Refused(s.Violated(c))
			}
			s.Advance(c.Now)
			return handle(c)
		})
	}
	key := c.R.Header.Get("Idempotency-Key")
	if n := utf8.RuneCountInString(key); n < 10 || n > 40 || !c.Declares("Idempotency-Key") { // without a key, or with a fault
		a, _ := run()
		return a
	}
	return s.once(c, engine.Scope{Caller: caller, Account: c.Scope, Key: key}, run)
}

// admits reports whether there is an API key, and whether it may act for an account.
func (s *Fake) admits(caller engine.Digest, account string) (known, scoped bool) {
	s.Lock()
	defer s.Unlock()
	key := s.keys[caller]
	if key == nil {
		return false, false
	}
	return true, account == "" || s.hasAccount(account) && (key.accounts == nil || key.accounts[account])
}

// once answers a request under its idempotency key: a repeat gets the first answer again.
func (s *Fake) once(c *engine.Call, key engine.Scope, run func() (a engine.Answer, processed bool)) engine.Answer {
	first, outcome := s.repeats.Do(c, key, run)
	switch outcome {
	case engine.Replayed:
		return c.Replay(first, "Idempotent-Replayed")
	case engine.OtherRequest:
		return stConflict(c, "The idempotency key was used for another request")
	case engine.StillRunning:
		return stConflict(c, "An identical request is in progress")
	case engine.Spent:
		return stConflict(c, "The idempotency key was spent by a request that was not valid")
	default:
		return first
	}
}

// stEnvelope is the envelope of a good answer.
type stEnvelope struct {
	Data         any    `json:"data"`
	Meta         stMeta `json:"meta"`
	ResponseType string `json:"response_type"`
}

// stMeta identifies the request.
type stMeta struct {
	RequestID string `json:"api_request_id"`
	Timestamp string `json:"api_request_timestamp"`
}

func metaOf(c *engine.Call) stMeta {
	return stMeta{c.RequestID, c.Now.UTC().Format("2006-01-02T15:04:05.000Z07:00")}
}

// Envelope puts the envelope around the data of a good answer.
func (s *Fake) Envelope(c *engine.Call, _ int, data any) any {
	if p, ok := data.(page); ok {
		return p.envelope(c)
	}
	return enveloped(c, data)
}

func enveloped(c *engine.Call, data any) *stEnvelope {
	return &stEnvelope{Data: data, Meta: metaOf(c), ResponseType: "object"}
}
