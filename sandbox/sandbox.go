// Package sandbox is a fake of finAPI, Finogates and Straddle for tests and for work without a network. It remembers
// what it issued, so a wrong secret, an ended token or a spent idempotency key is refused the way the provider refuses
// it, and it checks every request and every one of its own answers against the OpenAPI documents in package specs. It
// refuses what a source says is refused. What no document has and none forbids, such as a parameter of another name, passes
// with a note in the journal ([Call]); [Strict] refuses that, too.
//
// It is one http.Handler. [Start] serves it for a test, [Listen] on a loopback port or a Unix socket, and
// [Sandbox.RoundTripper] without a port. The first segment of a path says which provider is meant: /finapi, /finogates
// or /straddle; [Sandbox.Provider] and [Server.Expose] do without it. [Server.Clients] are ready-made.
//
// An answer says in the header Sandbox-Evidence how sure it is: "documented" when the provider's pages show this
// status and shape, "inferred" when they do not and the sandbox had to choose, and "example" when it has no state for the
// operation and shows the first example of success in the document, whatever the call asks for; the journal names the
// example. An operation without an example gets a 501.
//
// Everything that steers it can be done in Go, and over HTTP below /_sandbox/v1 by the same rules: faults
// ([Sandbox.AddFault]), the clock ([Sandbox.Clock]), the journal ([Sandbox.FindCalls], [Sandbox.WaitForCalls]), more
// users and clients ([Sandbox.Add]), webhooks ([Sandbox.AddWebhook], [Sandbox.WaitForEvent]), [Sandbox.Reset],
// [Sandbox.Snapshot] and [Sandbox.Restore]. The admin API has an
// OpenAPI document of its own, at /_sandbox/v1/openapi.yaml, and a Go client in package gen/sandboxadmin. A page for a
// person is at /.
//
// # Demo values
//
// [Sandbox.Credentials] are accepted. Their ids of Finogates and Straddle are those of the providers' pages, and Straddle's
// key of the pages, My API Key, works beside the demo key; so what the pages print works against a new sandbox.
//
// # Magic values
//
// These always have one outcome, whatever the state is. [MagicID] makes the ids.
//
//	finAPI client_id      00000000-0000-4000-8000-000000000NNN  every call of the client gets the status NNN
//	Finogates user_id     00000000-0000-4000-8000-000000000NNN  the embed token gets the status NNN
//	Straddle customer_id  00000000-0000-4000-8000-000000000NNN  the session token gets the status NNN
//	finAPI username       sandbox-unverified                    with the demo password: 403 USER_NOT_VERIFIED
//	finAPI username       sandbox-locked                        with any password: 423 LOCKED
//	finAPI username       sandbox-wrong-password                with any password: 400, and never a lock
//	Straddle              config.sandbox_outcome                the outcome stands in the session token
//
// NNN is one of 400, 401, 403, 404, 409, 422, 423, 429, 500, 502, 503 and 504. With 429 and 503 comes Retry-After: 1.
//
// What it will never do: stand in for a provider in production, talk to a provider, or write a secret to a log, to the
// journal or into an error. Every token it issues says sandbox, in plain text or in the header and claims of a JWT.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// Sandbox is the fake of all the providers, with its own state. It is an http.Handler and is safe for any number of
// goroutines. It starts none of its own but while a webhook has something to send, and holds a bounded amount of memory: what
// is too old or too much is forgotten, oldest first. Make one with [New]; the zero Sandbox is not usable.
type Sandbox struct {
	config config
	engine *engine.Engine
	admin  http.Handler
}

// New makes a Sandbox. It fails when an option is out of its limits.
func New(opts ...Option) (*Sandbox, error) {
	cfg := defaults()
	for _, opt := range opts {
		opt(&cfg)
	}
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	made, err := engine.New(engine.Config{
		Providers: cfg.fakes(), Seed: cfg.seed, Now: cfg.now, Strict: cfg.strict, Webhooks: cfg.webhooks, WebhookHosts: cfg.webhookHosts,
	})
	var bad *InvalidError
	if errors.As(err, &bad) { // engine.New looks at the endpoints alone
		rule := bad.Rule
		if bad.Field != "url" {
			rule = bad.Error()
		}
		err = engine.Invalid("WebhookURL", "%s", rule)
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s := &Sandbox{config: cfg, engine: made}
	s.admin = newAdmin(s)
	return s, nil
}

// ServeHTTP answers one request: a provider's, below /finapi, /finogates and /straddle; the admin API, below
// /_sandbox/v1; or the status page, at /. Bodies of more than 1 MiB are refused with 413. An answer that breaks the spec
// does not leave the sandbox: a 500 that names the broken rules goes out in its place.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/" || strings.HasPrefix(r.URL.Path+"/", "/_sandbox/") {
		s.admin.ServeHTTP(w, r)
		return
	}
	s.engine.ServeHTTP(w, r)
}

// RoundTripper returns a transport that answers in memory, without a port or a goroutine. It goes by the path alone, so
// any scheme and host will do, but the path must begin with the provider: http://sandbox/finapi/oauth/token. Faults
// show as they do over a connection: a reset is an error of the call, a truncated body one of reading it.
func (s *Sandbox) RoundTripper() http.RoundTripper { return engine.RoundTripper(s) }

// Reset brings the Sandbox back to how New made it: without what it issued, counted, recorded or was given since,
// without faults, and with its clock at the real time. The demo credentials are those of New again. Calls that are
// running finish with the state they began with.
func (s *Sandbox) Reset() { s.engine.Reset() }

// ResetSeed is Reset with another seed, which also gives other demo credentials: those of New with that Seed.
func (s *Sandbox) ResetSeed(seed int64) { s.engine.ResetSeed(seed) }

// Clock returns the time of the Sandbox, to freeze, set and advance it. The clients of [Sandbox.Clients] live by it. Another
// client does with the clock in its Tokens, as in finapi.Config{Tokens: token.Config{Clock: s.Clock()}}.
//
// Without a server there is another way: in a bubble of testing/synctest, time.Sleep(2 * time.Hour) moves the time of the
// Sandbox and that of every client at once, and takes no time itself. Make the Sandbox and the clients inside the bubble,
// and let the clients call it by [Sandbox.RoundTripper].
func (s *Sandbox) Clock() *VirtualClock { return s.engine.Clock() }

// Operations returns every operation that the Sandbox knows, and what it answers it from, ordered by provider and by id.
func (s *Sandbox) Operations() []Operation { return s.engine.Sources() }

// Calls returns the journal, oldest call first: the last 10 000 calls that were answered. The slice is the caller's.
func (s *Sandbox) Calls() []Call { return s.FindCalls(CallFilter{}) }

// FindCalls returns the calls in the journal that match the filter, oldest first. The slice is the caller's.
func (s *Sandbox) FindCalls(f CallFilter) []Call { return s.engine.FindCalls(f) }

// WaitForCalls waits until the journal has n calls that match the filter, and returns all that match. When ctx ends
// first it returns those that are there, and the error of ctx. A call is in the journal before its answer is sent, also
// while a fault delays it.
func (s *Sandbox) WaitForCalls(ctx context.Context, f CallFilter, n int) ([]Call, error) {
	return s.engine.WaitForCalls(ctx, f, n)
}

// DroppedCalls returns how many calls have left the journal to make room for later ones.
func (s *Sandbox) DroppedCalls() uint64 { return s.engine.DroppedCalls() }

// Snapshot returns what [Sandbox.SnapshotTo] writes, for [Sandbox.Restore].
func (s *Sandbox) Snapshot() ([]byte, error) { return s.engine.Snapshot() }

// SnapshotTo writes everything the providers remember, with the clock, the faults and, with [Seed], where the random
// sources are, for [Sandbox.RestoreFrom]. It holds the secrets and tokens of this Sandbox. The journal is not in it. The
// error is one of w.
func (s *Sandbox) SnapshotTo(w io.Writer) error { return s.engine.SnapshotTo(w) }

// Restore is [Sandbox.RestoreFrom] for what [Sandbox.Snapshot] returned.
func (s *Sandbox) Restore(data []byte) error { return s.engine.Restore(data) }

// RestoreFrom reads a snapshot and puts it in place of all that the providers remember, with its credentials, clock
// and faults. The time between the two does not count. It fails with an [InvalidError], and changes nothing, when the
// snapshot is of another version, was cut short, or does not hold together; another error is one of from. Options stay
// those of this Sandbox, and so does the journal.
func (s *Sandbox) RestoreFrom(from io.Reader) error { return s.engine.RestoreFrom(from) }

// AddFault adds a rule behind those that are there and returns it with its id. It fails with an [InvalidError] that
// names the field when the rule cannot do what it says, and there can be at most 1000 rules.
func (s *Sandbox) AddFault(f Fault) (Fault, error) { return s.engine.AddFault(f) }

// Faults returns the rules that are there, in their order.
func (s *Sandbox) Faults() []Fault { return s.engine.Faults() }

// RemoveFault removes a rule and reports whether it was there.
func (s *Sandbox) RemoveFault(id string) bool { return s.engine.RemoveFault(id) }

// ClearFaults removes every rule.
func (s *Sandbox) ClearFaults() { s.engine.ClearFaults() }
