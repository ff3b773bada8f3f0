package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// flight is a search for a token that is running, and its outcome, which is set before done is closed. While it
// runs, it owns a copy of what the source keeps.
type flight struct {
	kept
	lease      Lease
	background bool
	began      time.Time
	cancel     context.CancelFunc

	// The source's mu guards what follows.
	using *Token                // what is being sent, or was sent last
	sent  chan struct{}         // closed when nothing is on its way any more; nil before the first time
	drops []func(*Token) *Token // what was forgotten since it began
	done  chan struct{}
	over  bool // done is closed
	token *Token
	err   error
	void  bool // what it looked for was forgotten meanwhile; its outcome is nobody's
	stale bool // its access token was forgotten meanwhile; its refresh token is kept
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
		if err := over(ctx); err != nil {
			return nil, err
		}
		t, f, err := s.join(ctx)
		if f == nil {
			return t, err
		}
		select {
		case <-f.done:
			if f.err != errForgotten { //nolint:errorlint // it is put there as it is, for this place
				return f.token, f.err
			}
		case <-ctx.Done():
			return nil, ended(ctx)
		}
	}
}

// ended returns how ctx ended, whose Done is closed.
func ended(ctx context.Context) error {
	if err := over(ctx); err != nil {
		return err
	}
	return context.DeadlineExceeded // the clock was set back since
}

// join returns the flight that is running or a new one, unless there is an answer without one.
func (s *Source) join(ctx context.Context) (*Token, *flight, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	switch h := s.current.Load(); {
	case s.ended == nil:
		return nil, nil, errNotNew
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
	if s.flight == nil && s.ended.Err() == nil && !s.failure.holds(s.now()) {
		s.stats.Renewals++
		s.start(ctx, true)
	}
}

// start begins a flight. The caller holds mu.
func (s *Source) start(ctx context.Context, background bool) *flight {
	ctx, cancel := context.WithCancel(s.failure.under(context.WithoutCancel(ctx)))
	f := &flight{kept: s.kept, lease: noLease{}, background: background, began: time.Now(), cancel: cancel, done: make(chan struct{})}
	s.flight = f
	s.work.Go(func() { s.run(ctx, f) })
	return f
}

// run makes one flight and settles it, however it ends.
func (s *Source) run(ctx context.Context, f *flight) {
	var h *held
	var err error = &PanicError{} // stays if something ends the goroutine
	defer f.cancel()
	defer func() { s.emit(ctx, s.settle(f, h, err)) }()
	defer recovered(&err) // of what a Store brings along, such as a Lease
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
		if err := over(ctx); err != nil {
			return nil, err
		}
		var h *held
		h, err = s.round(ctx, f)
		switch {
		case errors.Is(err, ErrConflict):
			continue
		case err != nil:
			return nil, err
		case !h.hard.reached(s.now()):
			return h, nil
		}
		err = errEnded
		if h.same && !s.sleep(ctx, time.Second) {
			return nil, ended(ctx)
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
	}
	if h, err := s.exclusively(ctx, f); h != nil || err != nil {
		return h, err
	}
	defer func() {
		release(f.lease)
		f.lease = noLease{}
	}()
	if f.pending == nil {
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
	f.pending, h.from = nil, nil
	return h, nil
}

// ask fetches a token by the best grant that is alive.
func (s *Source) ask(ctx context.Context, f *flight) (*held, error) {
	for _, from := range f.grants() {
		if err := s.announce(ctx, f, from); err != nil {
			return nil, err
		}
		begun := s.now()
		t, err := s.call(ctx, f, from)
		if err == nil {
			t, err = accept(t, from, begun)
		}
		switch {
		case s.voided(f):
			f.spend(from) // it may have been used
			s.discard(ctx, t, nil)
			return nil, errForgotten
		case errors.Is(err, errSkipped):
		case err == nil:
			h := hold(t, f.last, begun, s.cfg.Window)
			h.from = from
			f.last, f.seed, f.spent, f.doubt = t, secret.String{}, secret.String{}, false
			return h, nil
		case !from.refreshes():
			return nil, f.startedOver(err)
		case errors.Is(err, ErrDeadGrant):
			if s.outrun(ctx, f) {
				return nil, ErrConflict
			}
		case leavesDoubt(err):
			f.giveUp(from.Refresh)
			s.emit(ctx, Event{Kind: EventInDoubt, Err: err})
			return nil, InDoubt(err)
		default:
			s.withdraw(ctx, f)
			return nil, err
		}
	}
	return nil, ErrDeadGrant // not reached: the last of grants has no refresh token
}

// startedOver adds to the failure of a fetch without a refresh token that there was one, and why it was not used.
func (f *flight) startedOver(err error) error {
	if f.doubt && errors.Is(err, ErrFinal) {
		return InDoubt(err)
	}
	return err
}

// call calls fetch with its deadline. What it is called with is published before, so that Forget meets it.
func (s *Source) call(ctx context.Context, f *flight, from *Token) (*Token, error) {
	sent := make(chan struct{})
	from, ok := s.permit(f, from, sent)
	if !ok {
		return nil, errSkipped
	}
	defer close(sent)
	s.count(func(n *Stats) { n.Fetches++ })
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	return within(ctx, func() (*Token, error) { return s.fetch(ctx, from) })
}

// errSkipped is the outcome of a grant that was not sent because it was forgotten.
var errSkipped = errors.New("token: forgotten before it was sent")

// permit lets a flight send from, and returns what to send: a token without a refresh token that was forgotten is none. It
// reports false if a refresh token was forgotten, or all that the flight looks for.
func (s *Source) permit(f *flight, from *Token, sent chan struct{}) (*Token, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, less := range f.drops {
		if from == nil || less(from) != nil {
			continue
		}
		if from.refreshes() {
			return nil, false
		}
		from = nil
	}
	f.using, f.sent = from, sent
	return from, !f.void
}

// voided reports whether nobody wants the outcome of a flight any more.
func (s *Source) voided(f *flight) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return f.void
}

// settle keeps the outcome of a flight, tells those who wait and returns the event of it.
func (s *Source) settle(f *flight, h *held, err error) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flight = nil
	e := Event{Kind: EventFetched, Background: f.background, Took: time.Since(f.began), Err: err}
	if f.void {
		if !s.seed.IsZero() {
			s.seed = f.seed
		}
		e.Kind, e.Err = EventFailed, errForgotten
		f.finish(nil, errForgotten)
		return e
	}
	f.stale = f.forgotten() || f.stale
	s.kept = f.kept
	e.Generation = f.generation
	switch {
	case s.ended.Err() != nil:
		e.Kind, e.Err = EventFailed, ErrClosed
	case err == nil && f.stale:
		e.Kind, e.Err = EventFailed, errForgotten
		f.finish(nil, errForgotten)
	case err != nil:
		f.finish(nil, err)
		s.stats.Failures++
		e.Kind, e.Wait = EventFailed, s.failure.add(err, s.cfg.Backoff, s.now())
		if s.failure.final {
			e.Kind = EventGaveUp
		} else {
			s.renewAt(s.now().Add(e.Wait))
		}
	default:
		s.failure = failure{}
		h.again = h.token.Same(s.refused)
		s.current.Store(h)
		f.finish(h.token, nil)
		e.ExpiresIn = h.token.ExpiresIn
		if h.store {
			e.Kind = EventLoaded
		}
	}
	return e
}

// forgotten takes what was forgotten since the flight began out of what it brought, and reports whether there was any.
// The caller holds mu.
func (f *flight) forgotten() bool {
	before := f.last
	for _, less := range f.drops {
		f.last = less(f.last)
		if less(&Token{Refresh: f.seed}) == nil {
			f.seed = secret.String{}
		}
	}
	f.drops = nil
	return f.last != before
}

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
