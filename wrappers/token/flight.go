package token

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// flight is a search for a token that is running, and its outcome, which is set before done is closed. While it
// runs, it owns a copy of what the source keeps.
type flight struct {
	kept
	background bool
	began      time.Time
	loaded     bool // the token came from the Store
	cancel     context.CancelFunc

	done  chan struct{}
	over  bool // done is closed
	token *Token
	err   error
	void  bool // what it looked for was forgotten meanwhile; its outcome is nobody's
}

// finish tells those who wait, once. The caller holds the source's mu.
func (f *flight) finish(t *Token, err error) {
	if !f.over {
		f.over, f.token, f.err = true, t, err
		close(f.done)
	}
}

// wait returns the outcome of the flight that is running, or of a new one.
func (s *Source) wait(ctx context.Context) (*Token, error) {
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		t, f, err := s.join(ctx)
		if f == nil {
			return t, err
		}
		select {
		case <-f.done:
			if !f.void {
				return f.token, f.err
			}
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// join returns the flight that is running or a new one, unless there is an answer without one.
func (s *Source) join(ctx context.Context) (*Token, *flight, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch h := s.current.Load(); {
	case s.ended.Err() != nil:
		return nil, nil, ErrClosed
	case h != nil && !h.hard.reached(now):
		return h.token, nil, nil // it has come meanwhile
	case s.flight != nil:
		s.stats.Waits++
		return nil, s.flight, nil
	case s.failure.holds(now):
		s.stats.Shared++
		return nil, nil, s.failure.err
	}
	s.stats.Waits++
	return nil, s.start(ctx, false), nil
}

// renew starts a flight that nobody waits for.
func (s *Source) renew(ctx context.Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flight == nil && s.ended.Err() == nil && !s.failure.holds(time.Now()) {
		s.stats.Renewals++
		s.start(ctx, true)
	}
}

// start begins a flight. The caller holds mu.
func (s *Source) start(ctx context.Context, background bool) *flight {
	ctx, cancel := context.WithCancel(s.failure.under(context.WithoutCancel(ctx)))
	f := &flight{kept: s.kept, background: background, began: time.Now(), cancel: cancel, done: make(chan struct{})}
	s.flight = f
	s.work.Go(func() { s.run(ctx, f) })
	return f
}

// run makes one flight and settles it, however it ends.
func (s *Source) run(ctx context.Context, f *flight) {
	var h *held
	var err error = &PanicError{} // stays if the fetch ends its goroutine
	defer f.cancel()
	defer func() { s.emit(ctx, s.settle(f, h, err)) }()
	if s.cfg.Store == nil {
		defer context.AfterFunc(s.ended, f.cancel)()
	}
	h, err = s.obtain(ctx, f)
}

// rounds is how often a flight begins anew: when another process was faster, or the token had ended on its way.
const rounds = 3

// errEnded is the failure of a fetch that takes longer than its tokens live.
var errEnded = fmt.Errorf("%w: it had ended when it arrived", ErrBadToken)

// obtain returns a token that is good now and safe in the Store.
func (s *Source) obtain(ctx context.Context, f *flight) (*held, error) {
	err := errEnded
	for range rounds {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		var h *held
		h, err = s.round(ctx, f)
		switch {
		case errors.Is(err, ErrConflict):
			continue
		case err != nil:
			return nil, err
		case !h.hard.reached(time.Now()):
			return h, nil
		}
		err = errEnded
		if h.same && !sleep(ctx, time.Second) {
			return nil, context.Cause(ctx)
		}
	}
	return nil, err
}

// round returns a token from the Store, or else one from the fetch that is in the Store.
func (s *Source) round(ctx context.Context, f *flight) (*held, error) {
	if f.pending == nil {
		if h, err := s.restore(ctx, f); h != nil || err != nil {
			return h, err
		}
		h, err := s.ask(ctx, f)
		if err != nil {
			return nil, err
		}
		f.pending = h
	}
	h := f.pending
	if err := s.save(ctx, f); err != nil {
		return nil, err
	}
	f.pending = nil
	return h, nil
}

// ask fetches a token by the best grant that is alive.
func (s *Source) ask(ctx context.Context, f *flight) (*held, error) {
	for _, from := range f.grants() {
		sent := time.Now()
		t, err := s.call(ctx, from)
		if err == nil {
			t, err = accept(t, from, sent)
		}
		switch {
		case err == nil:
			f.loaded = false
			h := hold(t, f.last, sent, s.cfg.Window)
			f.last, f.seed = t, secret.String{}
			return h, nil
		case !errors.Is(err, ErrDeadGrant) || from == nil || from.Refresh.IsZero():
			return nil, err
		case s.outrun(ctx, f):
			return nil, ErrConflict
		}
	}
	return nil, ErrDeadGrant // not reached: the last of grants has no refresh token
}

// call calls fetch with its deadline and turns a panic into an error.
func (s *Source) call(ctx context.Context, last *Token) (t *Token, err error) {
	s.count(func(n *Stats) { n.Fetches++ })
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	defer recovered(&err)
	return s.fetch(ctx, last)
}

// recovered is to be deferred. It turns a panic into an error.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}

// settle keeps the outcome of a flight, tells those who wait and returns the event of it.
func (s *Source) settle(f *flight, h *held, err error) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flight = nil
	e := Event{Kind: EventFetched, Background: f.background, Took: time.Since(f.began), Err: err}
	if f.void {
		e.Kind, e.Err = EventFailed, errForgotten
		f.finish(nil, nil)
		return e
	}
	s.kept = f.kept
	e.Generation = f.generation
	switch {
	case s.ended.Err() != nil:
		e.Kind, e.Err = EventFailed, ErrClosed
	case err != nil:
		f.finish(nil, err)
		s.stats.Failures++
		e.Kind, e.Wait = EventFailed, s.failure.add(err, s.cfg.Backoff)
		if s.failure.final {
			e.Kind = EventGaveUp
		} else {
			s.renewAt(time.Now().Add(e.Wait))
		}
	default:
		s.failure = failure{}
		h.again = h.token.Same(s.refused)
		s.current.Store(h)
		f.finish(h.token, nil)
		e.ExpiresIn = h.token.ExpiresIn
		if f.loaded {
			e.Kind = EventLoaded
		}
	}
	return e
}

// errForgotten is what an event tells of a flight whose outcome was not kept.
var errForgotten = errors.New("token: forgotten while it was fetched")

// renewAt sets the moment at which the token in use is renewed. The caller holds mu.
func (s *Source) renewAt(at time.Time) {
	if h := s.current.Load(); h != nil && at.Before(h.hard.mono) {
		s.current.CompareAndSwap(h, h.renewedAt(momentAt(at, 0)))
	}
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
	if t.Same(last) && t.ExpiresIn < time.Second && !last.Expiry.IsZero() {
		// A token that ends cannot become one that never does: its life was rounded down to nothing, or nearly.
		out.ExpiresIn = nothing
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

// sleep waits and reports whether it could until the end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
