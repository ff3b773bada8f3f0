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
// status and shape, "inferred" when they do not and the sandbox had to choose.
//
// Everything that steers it can be done in Go, and over HTTP below /_sandbox/v1 by the same rules: faults
// ([Sandbox.AddFault]), the clock ([Sandbox.Clock]), the journal ([Sandbox.FindCalls], [Sandbox.WaitForCalls]), more
// users and clients ([Sandbox.Add]), [Sandbox.Reset], [Sandbox.Snapshot] and [Sandbox.Restore]. The admin API has an
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
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// Sandbox is the fake of all three providers, with its own state. It is an http.Handler and is safe for any number of
// goroutines. It starts none of its own and holds a bounded amount of memory: what is too old or too much is forgotten,
// oldest first. Make one with [New]; the zero Sandbox is not usable.
type Sandbox struct {
	config   config
	checkers map[string]*spectest.Checker
	clock    *VirtualClock
	state    atomic.Pointer[state]
	journal  journal
	rules    rules
	admin    http.Handler

	swap  sync.Mutex  // held while the state is replaced or added to
	first Credentials // the demo credentials that New made
}

// state is all that the providers remember. Reset and Restore put another one in its place.
type state struct {
	credentials Credentials
	finAPI      *finAPIFake
	finogates   *finogatesFake
	straddle    *straddleFake
	providers   map[string]*provider
}

// documents are the specs of the providers, by their segment of the path.
var documents = map[string]specs.Document{
	"finapi": specs.FinAPIAccess, "finogates": specs.Finogates, "straddle": specs.Straddle,
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
	s := &Sandbox{config: cfg, clock: &VirtualClock{base: cfg.now}}
	var err error
	if s.checkers, err = newCheckers(); err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	s.admin = newAdmin(s)
	s.first = newCredentials(cfg.source("credentials"))
	s.begin()
	return s, nil
}

// newCheckers reads the documents, at the same time: the first Sandbox of a process waits for it, the later ones do not.
func newCheckers() (map[string]*spectest.Checker, error) {
	checkers := map[string]*spectest.Checker{}
	var mu sync.Mutex
	var errs []error
	var wg sync.WaitGroup
	for name, document := range documents {
		wg.Go(func() {
			checker, err := spectest.New(document, spectest.BasePath("/"+name))
			mu.Lock()
			defer mu.Unlock()
			checkers[name], errs = checker, append(errs, err)
		})
	}
	wg.Wait()
	return checkers, errors.Join(errs...)
}

// begin puts everything as it is in a new Sandbox.
func (s *Sandbox) begin() {
	cfg, creds := s.config, s.first
	s.state.Store(s.newState(creds,
		newFinAPI(creds.FinAPI, cfg), newFinogates(creds.Finogates, cfg), newStraddle(creds.Straddle, cfg)))
	s.rules.replace(nil, 0, cfg.source("faults"))
	s.clock.Real()
	s.journal.clear()
}

func (s *Sandbox) newState(creds Credentials, fa *finAPIFake, fg *finogatesFake, st *straddleFake) *state {
	made := &state{credentials: creds, finAPI: fa, finogates: fg, straddle: st, providers: map[string]*provider{}}
	for name, fake := range map[string]fake{"finapi": fa, "finogates": fg, "straddle": st} {
		made.providers[name] = &provider{name: name, spec: s.checkers[name], fake: fake, rules: &s.rules, clock: s.clock, strict: s.config.strict}
	}
	return made
}

// Reset brings the Sandbox back to how New made it: without what it issued, counted, recorded or was given since,
// without faults, and with its clock at the real time. The demo credentials are those of New again. Calls that are
// running finish with the state they began with.
func (s *Sandbox) Reset() {
	s.swap.Lock()
	defer s.swap.Unlock()
	s.begin()
}

// ResetSeed is Reset with another seed, which also gives other demo credentials: those of New with that Seed.
func (s *Sandbox) ResetSeed(seed int64) {
	s.swap.Lock()
	defer s.swap.Unlock()
	s.config.seed = &seed
	s.first = newCredentials(s.config.source("credentials"))
	s.begin()
}

// Clock returns the time of the Sandbox, to freeze, set and advance it. The clients of [Sandbox.Clients] live by it. Another
// client does with the clock in its Tokens, as in finapi.Config{Tokens: token.Config{Clock: s.Clock()}}.
//
// Without a server there is another way: in a bubble of testing/synctest, time.Sleep(2 * time.Hour) moves the time of the
// Sandbox and that of every client at once, and takes no time itself. Make the Sandbox and the clients inside the bubble,
// and let the clients call it by [Sandbox.RoundTripper].
func (s *Sandbox) Clock() *VirtualClock { return s.clock }

// Credentials returns the demo credentials of this Sandbox.
func (s *Sandbox) Credentials() Credentials { return s.state.Load().credentials }
