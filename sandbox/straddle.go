// Straddle: session tokens for the Bridge widget.

package sandbox

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

// bridgeLife is how long a session token says it lives, and bridgeLimit how many are remembered. The provider publishes
// nothing.
const (
	bridgeLife  = 30 * time.Minute
	bridgeLimit = 4_000
)

// stKey is an API key and what it may act for.
type stKey struct {
	value    string
	accounts map[string]bool // nil: all
}

// stCustomer is a customer of an account; without an account it is everyone's.
type stCustomer struct{ id, account string }

// BridgeSession is what a session token of Straddle's Bridge widget is good for.
type BridgeSession struct {
	CustomerID       string    `json:"customer_id"`
	AccountID        string    `json:"account_id"`        // empty when the call named none
	SandboxOutcome   string    `json:"sandbox_outcome"`   // what the widget must end with; standard when the call named none
	ProcessingMethod string    `json:"processing_method"` // empty when the call named none
	ExternalID       string    `json:"external_id"`       // empty when the call named none
	ExpiresAt        time.Time `json:"expires_at"`
}

// straddleFake is the fake of Straddle.
type straddleFake struct {
	ids     *ids
	repeats *idempotency

	mu        sync.Mutex // guards the rest
	keys      map[digest]*stKey
	accounts  map[string]bool
	customers map[string]*stCustomer
	sessions  *bounded[digest, *BridgeSession]
}

func newStraddle(creds StraddleCredentials, cfg config) *straddleFake {
	s := emptyStraddle(cfg.source("straddle"))
	for _, key := range []string{creds.APIKey, pageStraddleKey} {
		s.keys[digestOf(key)] = &stKey{value: key}
	}
	s.accounts[creds.AccountID] = true
	s.customers[creds.CustomerID] = &stCustomer{id: creds.CustomerID}
	return s
}

func emptyStraddle(ids *ids) *straddleFake {
	return &straddleFake{
		ids: ids, repeats: newIdempotency(), keys: map[digest]*stKey{}, accounts: map[string]bool{},
		customers: map[string]*stCustomer{}, sessions: newBounded[digest, *BridgeSession](bridgeLimit),
	}
}

// begin makes the id that the provider gives to every request.
func (s *straddleFake) begin(c *call) { c.requestID = s.ids.uuid() }

func (s *straddleFake) handler(operation string) func(c *call) answer {
	if operation == "createBridgeToken" {
		return s.initializeBridge
	}
	return nil
}

func (s *straddleFake) initializeBridge(c *call) answer {
	keyDigest := digestOf(c.bearer())
	account := lower(c.r.Header.Get("Straddle-Account-Id"))
	s.mu.Lock()
	key := s.keys[keyDigest]
	scoped := account == "" || key != nil && s.accounts[account] && (key.accounts == nil || key.accounts[account])
	s.mu.Unlock()
	if key == nil {
		return stError(c, http.StatusUnauthorized, "authentication_error", "The API key is not valid")
	}
	if len(c.violations) == 0 && !scoped {
		return stError(c, http.StatusForbidden, "authentication_error", "The key has no access to this account")
	}
	create := func() (answer, bool) {
		return c.decide(&s.mu, func(c *call) verdict { return s.createBridgeToken(c, account) })
	}
	repeat := c.r.Header.Get("Idempotency-Key")
	if n := utf8.RuneCountInString(repeat); n < 10 || n > 40 { // without a key, or with a fault
		a, _ := create()
		return a
	}
	return s.once(c, scope{account: account, apiKey: keyDigest, key: repeat}, create)
}

// once answers a request under its idempotency key: a repeat gets the first answer again.
func (s *straddleFake) once(c *call, key scope, create func() (a answer, processed bool)) answer {
	first, outcome := s.repeats.do(c, key, create)
	switch outcome {
	case replayed:
		return s.again(c, first)
	case otherRequest:
		return stConflict(c, "The idempotency key was used for another request")
	case stillRunning:
		return stConflict(c, "An identical request is in progress")
	case spent:
		return stConflict(c, "The idempotency key was spent by a request that was not valid")
	default:
		return first
	}
}

// again gives an earlier answer once more. If that was a good one, a fault may come between.
func (s *straddleFake) again(c *call, first answer) answer {
	replay := func() answer {
		maps.Copy(c.header, first.header)
		c.header.Set("Idempotent-Replayed", "true")
		return first
	}
	if first.status >= http.StatusBadRequest {
		return replay()
	}
	var nothing sync.Mutex // a replay changes nothing
	a, _ := c.decide(&nothing, func(*call) verdict { return accepted(replay) })
	return a
}

type bridgeRequest struct {
	CustomerID string `json:"customer_id"`
	ExternalID string `json:"external_id"`
	Config     struct {
		ProcessingMethod string `json:"processing_method"`
		SandboxOutcome   string `json:"sandbox_outcome"`
	} `json:"config"`
}

// stEnvelope is the envelope of a good answer.
type stEnvelope struct {
	Data         stBridge `json:"data"`
	Meta         stMeta   `json:"meta"`
	ResponseType string   `json:"response_type"`
}

type stBridge struct {
	BridgeToken string `json:"bridge_token"`
}

func (s *straddleFake) createBridgeToken(c *call, account string) verdict {
	if len(c.violations) > 0 {
		return refused(stFaults(c))
	}
	var request bridgeRequest
	_ = json.Unmarshal(c.body, &request) // the spec has seen it
	if status := magicStatus(request.CustomerID); status != 0 {
		return refused(magic(c, s, status))
	}
	customer := s.customers[lower(request.CustomerID)]
	if customer == nil || customer.account != "" && customer.account != account {
		return refused(stError(c, http.StatusUnprocessableEntity, "validation_error", "customer_id is unknown",
			stItem{"customer_id", "no such customer"}))
	}
	return accepted(func() answer {
		session := &BridgeSession{
			CustomerID: customer.id, AccountID: account, SandboxOutcome: cmp.Or(request.Config.SandboxOutcome, "standard"),
			ProcessingMethod: request.Config.ProcessingMethod, ExternalID: cut(request.ExternalID), ExpiresAt: c.now.Add(bridgeLife).UTC(),
		}
		token := s.ids.jwt(claims{Subject: customer.id, Outcome: request.Config.SandboxOutcome}, c.now, bridgeLife)
		s.sessions.put(digestOf(token), session)
		noStore(c.header)
		return answer{status: http.StatusCreated, requestID: c.requestID, body: &stEnvelope{
			Data: stBridge{token}, Meta: metaOf(c), ResponseType: "object",
		}}
	})
}

// VerifyBridgeToken does what the Bridge widget behind a session token does: it looks the token up. It fails when the
// token was never issued, or has ended.
func (s *Sandbox) VerifyBridgeToken(token string) (BridgeSession, error) {
	f := s.state.Load().straddle
	f.mu.Lock()
	defer f.mu.Unlock()
	made, ok := f.sessions.get(digestOf(token))
	switch {
	case !ok:
		return BridgeSession{}, invalid("token", "is not a session token of this sandbox, or too old to be remembered")
	case !s.clock.Now().Before(made.ExpiresAt):
		return BridgeSession{}, invalid("token", "has ended")
	}
	return *made, nil
}

// stMeta identifies the request.
type stMeta struct {
	RequestID string `json:"api_request_id"`
	Timestamp string `json:"api_request_timestamp"`
}

func metaOf(c *call) stMeta {
	return stMeta{c.requestID, c.now.UTC().Format("2006-01-02T15:04:05.000Z07:00")}
}

// stItem is one fault in the list of an error.
type stItem struct {
	Reference string `json:"reference,omitempty"`
	Detail    string `json:"detail"`
}

func stError(c *call, status int, kind, detail string, items ...stItem) answer {
	content := map[string]any{"status": status, "type": kind, "title": title(status), "detail": detail}
	if len(items) > 0 {
		content["items"] = items
	}
	return answer{status: status, refused: detail, requestID: c.requestID, body: map[string]any{
		"meta": metaOf(c), "response_type": "error", "error": content,
	}}
}

func title(status int) string { return cmp.Or(http.StatusText(status), "Error") }

func stConflict(c *call, detail string) answer {
	return stError(c, http.StatusConflict, "/conflict", detail)
}

// stFaults lists what a request breaks in the spec.
func stFaults(c *call) answer {
	var items []stItem
	for _, fault := range c.violations {
		items = append(items, stItem{fieldOf(fault), fault.Rule})
	}
	a := stError(c, http.StatusBadRequest, "/bad-request", "The request is not valid", items...)
	a.refused = summaryOf(c.violations)
	a.inferred = slices.ContainsFunc(c.violations, func(v spectest.Violation) bool { return v.Note || v.In == "query" }) // not documented
	return a
}

func (s *straddleFake) refuse(c *call, status int, why string) answer {
	a := stError(c, status, "/bad-request", why)
	a.inferred = true
	return a
}

// stTypes are Straddle's words for a status.
var stTypes = map[int]string{
	http.StatusBadRequest:          "/bad-request",
	http.StatusUnauthorized:        "authentication_error",
	http.StatusForbidden:           "authentication_error",
	http.StatusConflict:            "/conflict",
	http.StatusUnprocessableEntity: "validation_error",
	http.StatusTooManyRequests:     "rate_limit",
	http.StatusInternalServerError: "api_error",
}

func (s *straddleFake) fail(c *call, status int, code, message string) answer {
	usual, known := stTypes[status]
	a := stError(c, status, cmp.Or(code, usual, "api_error"), message)
	a.inferred = !known
	return a
}
