package token

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Fetch gets a token from where tokens come from. last is the token before this one, nil at first and after
// [Source.Forget]; a grant that refreshes finds its refresh token there. If the answer has no refresh token, the
// Source keeps the one of last. ctx carries the values of the caller that came first and the deadline of the
// Source; it does not end when that caller leaves.
type Fetch func(ctx context.Context, last *Token) (*Token, error)

// Config says how a [Source] behaves. The zero Config is a good one.
type Config struct {
	// Window is how long before its end a token is renewed in the background. It is cut to a quarter of the
	// token's life and spread a little, so that many sources do not renew at once. 0 means one minute.
	Window time.Duration
	// Timeout ends a single fetch. 0 means 30 seconds.
	Timeout time.Duration
	// Backoff is the pause after a background renewal that failed. 0 means 10 seconds.
	Backoff time.Duration
}

// withDefaults returns c with its zeros filled in.
func (c Config) withDefaults() (Config, error) {
	for _, f := range []struct {
		name     string
		value    *time.Duration
		fallback time.Duration
	}{
		{"Window", &c.Window, time.Minute},
		{"Timeout", &c.Timeout, 30 * time.Second},
		{"Backoff", &c.Backoff, 10 * time.Second},
	} {
		if *f.value < 0 {
			return c, fmt.Errorf("token: Config.%s must not be negative", f.name)
		}
		if *f.value == 0 {
			*f.value = f.fallback
		}
	}
	return c, nil
}

// Source hands out one token to any number of goroutines and keeps it alive. While a token is good, [Source.Token]
// is one atomic load and one reading of the clock. Near its end it is renewed in the background; past its end
// callers wait, together, for one fetch.
type Source struct {
	fetch Fetch // nil for a static source
	cfg   Config

	current atomic.Pointer[held]

	mu      sync.Mutex // guards what follows
	last    *Token     // the newest token, kept past its end for its refresh token
	flight  *flight    // the fetch that is running
	pause   time.Time  // no background renewal before
	failure error      // a final failure
	ended   context.Context
	end     context.CancelFunc
}

// flight is a fetch that is running and its outcome, which is set before done is closed.
type flight struct {
	done   chan struct{}
	token  *Token
	err    error
	forgot bool // Forget was called meanwhile: its answer is for those who wait, not for keeping
}

// New returns a Source over fetch. It fetches nothing yet.
func New(fetch Fetch, cfg Config) (*Source, error) {
	if fetch == nil {
		return nil, errors.New("token: New needs a fetch")
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Source{fetch: fetch, cfg: cfg}
	s.ended, s.end = context.WithCancel(context.Background())
	return s, nil
}

// Static returns a Source of one token that never ends and never changes, such as an API key.
func Static(access secret.String) *Source {
	s := &Source{}
	s.ended, s.end = context.WithCancel(context.Background())
	s.current.Store(&held{token: &Token{Access: access}})
	return s
}

// Token returns a token that is good now. It waits only when there is none, and then no longer than ctx lasts.
// All callers that wait share one fetch and its one error. Errors: what the fetch returned, the cause of ctx,
// [ErrClosed], a [*PanicError], or something that is [ErrBadToken].
func (s *Source) Token(ctx context.Context) (*Token, error) {
	if h := s.current.Load(); h != nil {
		switch h.phase(time.Now()) {
		case good:
			return h.token, nil
		case aging:
			s.renew(ctx)
			return h.token, nil
		case stale:
		}
	}
	f, err := s.join(ctx)
	if err != nil {
		return nil, err
	}
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Invalidate drops t if it is still the token that the Source hands out, and reports whether it did. A refusal of
// an older token therefore never costs a newer one. The refresh token is kept. A static token stays.
func (s *Source) Invalidate(t *Token) bool {
	if s.fetch == nil {
		return false
	}
	for {
		h := s.current.Load()
		if h == nil || !h.token.Same(t) {
			return false
		}
		if s.current.CompareAndSwap(h, nil) {
			return true
		}
	}
}

// Forget drops the token and its refresh token if value is one of them, and reports whether it did. It is meant
// for a token that is about to be revoked. The answer of a fetch that is running is not kept either.
func (s *Source) Forget(value secret.String) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fetch == nil || s.last == nil || value.IsZero() {
		return false
	}
	if !s.last.Access.Equal(value) && !s.last.Refresh.Equal(value) {
		return false
	}
	s.last = nil
	s.current.Store(nil)
	if s.flight != nil {
		s.flight.forgot = true
		s.flight = nil
	}
	return true
}

// Reset makes a Source that gave up on a final failure ask again.
func (s *Source) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = nil
}

// Close ends a fetch that is running and drops the token. Every later call of Token fails with [ErrClosed].
func (s *Source) Close() {
	s.mu.Lock()
	s.end()
	s.current.Store(nil)
	s.last = nil
	f := s.flight
	s.mu.Unlock()
	if f != nil {
		<-f.done
	}
}

// renew starts a fetch in the background, unless one is running or the last one failed a moment ago.
func (s *Source) renew(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flight != nil || s.failure != nil || s.ended.Err() != nil || time.Now().Before(s.pause) {
		return
	}
	if h := s.current.Load(); h == nil || h.phase(time.Now()) != aging {
		return // another caller was faster
	}
	s.start(ctx)
}

// join returns the fetch that is running, a new one, or a finished one if a token has come meanwhile.
func (s *Source) join(ctx context.Context) (*flight, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended.Err() != nil:
		return nil, ErrClosed
	case s.failure != nil:
		return nil, s.failure
	case s.flight != nil:
		return s.flight, nil
	}
	if h := s.current.Load(); h != nil && h.phase(time.Now()) != stale {
		f := &flight{done: make(chan struct{}), token: h.token}
		close(f.done)
		return f, nil
	}
	return s.start(ctx), nil
}

// start begins a fetch. The caller holds mu.
func (s *Source) start(ctx context.Context) *flight {
	f := &flight{done: make(chan struct{})}
	s.flight = f
	go s.run(context.WithoutCancel(ctx), f, s.last)
	return f
}

// run makes one fetch and settles it, however the fetch ends.
func (s *Source) run(ctx context.Context, f *flight, last *Token) {
	sent := time.Now()
	var t *Token
	var err error = &PanicError{} // stays if the fetch ends its goroutine
	defer func() { s.settle(f, t, err, last, sent) }()

	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	defer context.AfterFunc(s.ended, cancel)()
	t, err = s.call(ctx, last)
}

// call calls fetch and turns a panic into an error.
func (s *Source) call(ctx context.Context, last *Token) (t *Token, err error) {
	defer func() {
		if v := recover(); v != nil {
			t, err = nil, &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return s.fetch(ctx, last)
}

// settle keeps the outcome of a fetch and tells those who wait.
func (s *Source) settle(f *flight, t *Token, err error, last *Token, sent time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		t, err = accept(t, last, sent)
	}
	closed := s.ended.Err() != nil
	if closed {
		t, err = nil, ErrClosed
	}
	if s.flight == f {
		s.flight = nil
	}
	switch {
	case f.forgot || closed:
	case err == nil:
		s.last = t
		s.current.Store(hold(t, last, sent, s.cfg.Window))
	default:
		t = nil
		s.pause = time.Now().Add(s.cfg.Backoff)
		if errors.Is(err, ErrFinal) {
			s.failure = err
		}
	}
	f.token, f.err = t, err
	close(f.done)
}

// accept checks what a fetch returned and completes it.
func accept(t, last *Token, sent time.Time) (*Token, error) {
	switch {
	case t == nil || t.Access.IsZero():
		return nil, fmt.Errorf("%w: its access token is empty", ErrBadToken)
	case t.ExpiresIn < 0:
		return nil, fmt.Errorf("%w: its life is negative", ErrBadToken)
	}
	out := *t
	if out.ExpiresIn == 0 && t.Same(last) && !last.Expiry.IsZero() {
		// A token that ends cannot become one that never does: its life was rounded down to nothing.
		out.ExpiresIn = time.Second
	}
	out.Expiry = time.Time{}
	if out.ExpiresIn > 0 {
		out.Expiry = sent.Add(out.ExpiresIn).Round(0)
	}
	if out.Refresh.IsZero() && last != nil {
		out.Refresh = last.Refresh
	}
	return &out, nil
}

// spread returns window, cut to a quarter of life, plus up to a quarter of itself.
func spread(window, life time.Duration) time.Duration {
	window = min(window, life/4)
	return min(window+rand.N(window/4+1), life/4) //nolint:gosec // not a secret, only a spread
}
