package token

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// errNotNew is the answer of a Source that nobody made.
var errNotNew = errors.New("token: the Source is empty; make one by New or Static")

// Source hands out one token to any number of goroutines and keeps it alive. While a token is good, [Source.Token]
// is one atomic load and one reading of the clock. Near its end it is renewed in the background; past its end
// callers wait, together, for one fetch. A failure is shared by all who would have to wait: for a moment if it may
// pass, until [Source.Reset] if it is [ErrFinal].
type Source struct {
	fetch Fetch // nil for a static source
	cfg   Config

	current atomic.Pointer[held]

	ended context.Context // over when the source is closed
	end   context.CancelFunc
	work  sync.WaitGroup // the flights
	io    chan struct{}  // holds one while Forget changes the Store, and while a flight reads it

	mu     sync.Mutex // guards what follows
	flight *flight    // the fetch that is running
	kept
	failure failure
	refused *Token // the last one that was refused
	stats   Stats
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
	s := &Source{fetch: fetch, cfg: cfg, io: make(chan struct{}, 1)}
	s.seed = cfg.Refresh
	if !s.seed.IsZero() {
		s.last = &Token{Refresh: s.seed}
	}
	s.ended, s.end = context.WithCancel(context.Background())
	return s, nil
}

// Static returns a Source of one token that never ends and never changes, such as an API key.
func Static(access secret.String) *Source {
	s := &Source{}
	s.ended, s.end = context.WithCancel(context.Background())
	s.current.Store(hold(&Token{Access: access}, nil, time.Now(), 0))
	return s
}

// Token returns a token that is good now. It waits only when there is none, and then no longer than ctx lasts.
// All callers that wait share one fetch and its one error. Errors: what the fetch returned, now or a moment ago; the
// cause of ctx; [ErrClosed]; a [*PanicError]; something that is [ErrBadToken] or [ErrStore].
func (s *Source) Token(ctx context.Context) (*Token, error) {
	h := s.current.Load()
	if h == nil {
		return s.wait(ctx)
	}
	now := s.now()
	if now.Before(h.soft.mono) && now.UnixNano() < h.soft.wall { // h.soft.reached, in place
		return h.token, nil
	}
	if h.hard.reached(now) {
		return s.wait(ctx)
	}
	// The caller that moves the moment of renewal to the end is the one that renews.
	if s.current.CompareAndSwap(h, h.renewedAt(h.hard)) {
		s.renew(ctx)
	}
	return h.token, nil
}

// Invalidate drops t if it is still the token that the Source hands out, and reports whether it did. A refusal of
// an older token therefore never costs a newer one. The refresh token is kept. A static token stays, and so does for
// the time of Config.Backoff a token that the provider gave again after it had been refused: asking for it over and
// over would not help.
func (s *Source) Invalidate(t *Token) bool {
	if s.fetch == nil {
		return false
	}
	for {
		h := s.current.Load()
		if h == nil || !h.token.Same(t) || h.again && s.now().Sub(h.sent) < s.cfg.Backoff {
			return false
		}
		if s.current.CompareAndSwap(h, nil) {
			s.mu.Lock()
			s.refused = h.token
			s.stats.Invalidations++
			s.mu.Unlock()
			s.emit(context.Background(), Event{Kind: EventInvalidated})
			return true
		}
	}
}

// Reset makes a Source that gave up on a final failure, or pauses after another one, ask again.
func (s *Source) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure.err != nil {
		s.failure = failure{}
		s.renewAt(s.now())
	}
}

// Close drops the token and stops what runs in the background. Every later call of Token fails with [ErrClosed],
// and so does every caller that waits. A fetch that is running is canceled; with a Store it is waited for instead,
// since its refresh token would be lost. At the end Config.Revoke is called, if it is set and a token was held, which
// then leaves the Store, too. Close returns when all of this is done. Further calls do nothing.
func (s *Source) Close() {
	if s.ended == nil {
		return // not made by New
	}
	s.mu.Lock()
	first := s.ended.Err() == nil
	s.end()
	s.current.Store(nil)
	if s.flight != nil {
		s.flight.finish(nil, ErrClosed)
	}
	s.mu.Unlock()
	s.work.Wait() // no flight begins any more
	if !first {
		return
	}
	s.mu.Lock()
	f := &flight{kept: s.kept, lease: noLease{}}
	s.kept = kept{}
	s.mu.Unlock()
	if f.pending != nil {
		_ = s.save(context.Background(), f) // it tells OnEvent if that fails once more
	}
	t := f.last
	if t != nil && s.cfg.Revoke != nil {
		s.revoke(t)
	}
}

// revoke takes t out of the Store and then back to its provider.
func (s *Source) revoke(t *Token) {
	ctx, cancel := context.WithTimeout(context.Background(), s.cfg.Timeout)
	defer cancel()
	s.remove(ctx)
	s.takeBack(ctx, t, s.cfg.Revoke)
}

// Format prints the name of the type under every verb: a Source holds secrets.
func (s *Source) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "token.Source") }
