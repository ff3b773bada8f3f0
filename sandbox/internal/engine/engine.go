// Package engine is what every fake of the sandbox stands on: the door that requests come in by, the checks against the
// documents, faults, the journal, the clock, ids, idempotency keys, events, snapshots and the frame of the page. What it
// serves comes in as [Provider] values.
//
// What it will never do: know a provider, or import one.
package engine

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

// Config is what an Engine is made of.
type Config struct {
	Providers []Provider
	Seed      *int64           // nil: everything random is random
	Now       func() time.Time // the real time
	Strict    bool             // nothing passes that the documents do not have

	Webhooks     []Webhook // those that are there from the start, and after each reset
	WebhookHosts []string  // where webhooks may be besides this machine, in lower case
}

// Engine runs the fakes of some providers. It is safe for any number of goroutines. Make one with [New].
type Engine struct {
	config   Config
	checkers map[string][]*spectest.Checker // of each provider, in the order of its documents
	examples sync.Map                       // what operations without a handler answer, by provider and operation
	clock    *VirtualClock
	state    atomic.Pointer[state]
	journal  journal
	rules    rules
	hooks    *hooks

	swap sync.Mutex // held while the state is replaced or added to
	key  [32]byte   // what the demo credentials of New are drawn from, without a seed
}

// state is all that the providers remember. Reset and Restore put another one in its place.
type state struct {
	providers map[string]*provider
	events    *events
}

// New makes an Engine with a fake of each provider. It fails when a document cannot be read.
func New(cfg Config) (*Engine, error) {
	e := &Engine{config: cfg, clock: &VirtualClock{base: cfg.Now}}
	_, _ = rand.Read(e.key[:]) // never fails; it ends the program instead
	var err error
	if e.checkers, err = newCheckers(cfg.Providers); err != nil {
		return nil, err
	}
	for i := range cfg.Webhooks {
		if err := e.checkWebhook(&cfg.Webhooks[i]); err != nil {
			return nil, err
		}
	}
	e.hooks = newHooks(e)
	e.begin()
	return e, nil
}

// newCheckers reads the documents, at the same time: the first Engine of a process waits for it, the later ones do not.
func newCheckers(providers []Provider) (map[string][]*spectest.Checker, error) {
	checkers := map[string][]*spectest.Checker{}
	var mu sync.Mutex
	var errs []error
	var wg sync.WaitGroup
	for _, p := range providers {
		checkers[p.Name] = make([]*spectest.Checker, len(p.Documents))
		all := checkers[p.Name]
		for i, document := range p.Documents {
			wg.Go(func() {
				checker, err := spectest.New(document, spectest.BasePath("/"+p.Name))
				mu.Lock()
				defer mu.Unlock()
				all[i], errs = checker, append(errs, err)
			})
		}
	}
	wg.Wait()
	return checkers, errors.Join(errs...)
}

// Operations returns the ids of the operations that a provider's documents have, sorted; of * those of all.
func (e *Engine) Operations(provider string) []string {
	var all []string
	for name, checkers := range e.checkers {
		if provider != "*" && provider != name {
			continue
		}
		for _, checker := range checkers {
			all = append(all, checker.Operations()...)
		}
	}
	slices.Sort(all)
	return all
}

// Names returns the names of the providers.
func (e *Engine) Names() []string {
	names := make([]string, len(e.config.Providers))
	for i, p := range e.config.Providers {
		names[i] = p.Name
	}
	return names
}

// Knows reports whether there is a provider of that name.
func (e *Engine) Knows(name string) bool { return slices.Contains(e.Names(), name) }

// Choice returns words as a text: a, b or c.
func Choice(words ...string) string { return listed("or", words) }

func listed(last string, words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// begin puts everything as it is in a new Engine.
func (e *Engine) begin() {
	events := newEvents(e.hooks)
	e.state.Store(e.newState(e.furnished(), events))
	e.rules.replace(nil, 0, e.source("faults"))
	e.clock.Real()
	e.journal.clear()
	e.hooks.restart(events, e.config.Webhooks)
}

// furnished returns new fakes with what every new sandbox has. One source serves the demo credentials of all, in the order
// of the providers.
func (e *Engine) furnished() []Fake {
	draw, fakes := e.source("credentials"), e.empty()
	if e.config.Seed == nil {
		draw = sourceOf(e.key)
	}
	for _, f := range fakes {
		f.Furnish(draw)
	}
	return fakes
}

// empty returns a new fake of each provider, with nothing in it.
func (e *Engine) empty() []Fake {
	fakes := make([]Fake, len(e.config.Providers))
	for i, p := range e.config.Providers {
		fakes[i] = p.New(e.source(p.Name))
	}
	return fakes
}

func (e *Engine) newState(fakes []Fake, events *events) *state {
	made := &state{providers: map[string]*provider{}, events: events}
	for i, f := range fakes {
		p := e.config.Providers[i]
		f.Common().events, f.Common().name = events, p.Name
		made.providers[p.Name] = &provider{
			name: p.Name, engine: e, specs: e.checkers[p.Name], fake: f, handlers: f.Handlers(),
			rules: &e.rules, clock: e.clock, strict: e.config.Strict,
		}
	}
	return made
}

// fakes returns the fakes, in the order of the providers.
func (e *Engine) fakes() []Fake {
	st, fakes := e.state.Load(), make([]Fake, len(e.config.Providers))
	for i, p := range e.config.Providers {
		fakes[i] = st.providers[p.Name].fake
	}
	return fakes
}

// Fake returns the fake of a provider that there is.
func (e *Engine) Fake(name string) Fake { return e.state.Load().providers[name].fake }

// Change calls f, which may change what the fake of a provider remembers, while nobody else changes or calls it.
func (e *Engine) Change(name string, f func(Fake) error) error {
	e.swap.Lock()
	defer e.swap.Unlock()
	defer e.hooks.rearm()
	fake := e.Fake(name)
	fake.Lock()
	defer fake.Unlock()
	return f(fake)
}

// Reset brings everything back to how New made it. Calls that are running finish with the state they began with.
func (e *Engine) Reset() {
	e.swap.Lock()
	defer e.swap.Unlock()
	e.begin()
}

// ResetSeed is Reset with another seed.
func (e *Engine) ResetSeed(seed int64) {
	e.swap.Lock()
	defer e.swap.Unlock()
	e.config.Seed = &seed
	e.begin()
}

// Clock returns the time that the fakes live by.
func (e *Engine) Clock() *VirtualClock { return e.clock }

// Credentials calls yield with a pointer to the demo credentials of each provider, which stay as they are.
func (e *Engine) Credentials(yield func(name string, credentials any)) {
	for i, f := range e.fakes() {
		yield(e.config.Providers[i].Name, f.Credentials())
	}
}

// State calls yield with what each provider remembers, without secrets, and returns how much of it there is.
func (e *Engine) State(now time.Time, yield func(name string, state any)) Counts {
	counts := NoCounts()
	e.journal.count(counts)
	counts.Count("faults", int(e.rules.count.Load()))
	for i, f := range e.fakes() {
		func() {
			f.Lock()
			defer f.Unlock()
			f.Advance(now)
			yield(e.config.Providers[i].Name, f.Dump(now, counts))
		}()
	}
	e.state.Load().events.count(counts)
	e.hooks.count(counts)
	return counts
}

// Provider returns a handler of one provider alone, with its paths at the root. A HEAD of the root itself is answered with
// 204 and is not in the journal.
func (e *Engine) Provider(name string) (http.Handler, error) {
	if !e.Knows(name) {
		return nil, Invalid("provider", "must be %s", Choice(e.Names()...))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead && r.URL.Path == "/" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		inside := r.WithContext(r.Context())
		target := *r.URL
		target.Path = "/" + name + r.URL.Path
		if r.URL.RawPath != "" {
			target.RawPath = "/" + name + r.URL.RawPath
		}
		inside.URL = &target
		e.ServeHTTP(w, inside)
	}), nil
}
