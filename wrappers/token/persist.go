package token

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/internal/clock"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// kept is what a source keeps from one flight to the next.
type kept struct {
	last       *Token        // the newest token, kept past its end for its refresh token
	seed       secret.String // a refresh token from outside, until a token has come
	spent      secret.String // the refresh token of last, if it must not be sent again
	doubt      bool          // a refresh token was given up because its outcome is in doubt
	pending    *held         // a token that is not handed out before the Store has it
	generation uint64        // the highest one seen
	stored     Record        // what the Store was last known to have
	marked     bool          // stored is in doubt, by the word of another process
}

// grants lists the tokens to fetch by, best first: the newest one, the one from outside if that is another, none.
func (k *kept) grants() []*Token {
	switch {
	case !k.last.refreshes():
		return []*Token{k.last}
	case k.last.Refresh.Equal(k.spent) && k.seed.IsZero():
		return []*Token{nil}
	case k.last.Refresh.Equal(k.spent):
		return []*Token{{Refresh: k.seed}, nil}
	case k.seed.IsZero() || k.seed.Equal(k.last.Refresh):
		return []*Token{k.last, nil}
	}
	return []*Token{k.last, {Refresh: k.seed}, nil}
}

// refreshes reports whether t has a refresh token.
func (t *Token) refreshes() bool { return t != nil && !t.Refresh.IsZero() }

// spend is giveUp for what was sent, if that is a refresh token.
func (k *kept) spend(sent *Token) {
	if sent.refreshes() {
		k.giveUp(sent.Refresh)
	}
}

// giveUp sees to it that a refresh token whose outcome is in doubt is not sent again.
func (k *kept) giveUp(refresh secret.String) {
	if k.seed.Equal(refresh) {
		k.seed = secret.String{}
	}
	if k.last.refreshes() && k.last.Refresh.Equal(refresh) {
		k.spent = refresh
	}
	k.doubt = true
}

// rotated reports whether the newest refresh token would be lost with this process.
func (k *kept) rotated() bool {
	return k.last.refreshes() && (k.stored.Token == nil || !k.stored.Token.Refresh.Equal(k.last.Refresh))
}

// load returns what the Store has.
func (s *Source) load(ctx context.Context) (Record, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	r, err := within(ctx, func() (Record, error) { return s.cfg.Store.Load(ctx, s.cfg.Key) })
	if err != nil {
		return Record{}, fmt.Errorf("%w: %w", ErrStore, err)
	}
	return r, nil
}

// restore takes over what the Store has, if that is newer, and returns its token if that is good. An older record,
// as in a store that was put back, does not count: the newest token is the one in memory.
func (s *Source) restore(ctx context.Context, f *flight) (*held, error) {
	if s.cfg.Store == nil {
		return nil, nil
	}
	ctx, stop := s.untilClosed(ctx)
	defer stop()
	if err := s.turn(ctx); err != nil {
		return nil, err
	}
	r, err := s.load(ctx)
	<-s.io
	if err != nil {
		return nil, err
	}
	now := s.now() // a time before that could be earlier than when the token was asked for
	f.stored = r
	if r.Generation <= f.generation {
		return nil, nil
	}
	f.generation, f.last, f.spent, f.marked = r.Generation, r.Token, secret.String{}, r.InDoubt
	if r.Token == nil {
		return nil, nil // revoked
	}
	h := revive(r.Token, now, s.cfg.Window)
	if h == nil || h.hard.reached(s.now()) || s.wasRefused(h.token) {
		return nil, nil
	}
	h.store, f.last = true, h.token
	s.count(func(n *Stats) { n.Loads++ })
	return h, nil
}

// wasRefused reports whether t is the token that was refused last. Another process that renews it has saved it again,
// with its mark.
func (s *Source) wasRefused(t *Token) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return t.Same(s.refused)
}

// untilClosed returns a context that ends when the source is closed: for what loses nothing by it.
func (s *Source) untilClosed(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ended, cancel)
	return ctx, func() { stop(); cancel() }
}

// exclusively makes f the only one to work on the key, and looks at the record once more: another one may have been
// faster. It then knows that nobody is at it any more who has marked the record.
func (s *Source) exclusively(ctx context.Context, f *flight) (h *held, err error) {
	if s.cfg.Store == nil {
		return nil, nil
	}
	ctx, stop := s.untilClosed(ctx)
	defer stop()
	lease, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	f.lease = lease
	_, none := lease.(noLease)
	switch {
	case f.pending != nil: // what is in the record shows when it is replaced
	case none:
		h, err = s.outwait(ctx, f)
	default:
		h, err = s.restore(ctx, f)
	}
	if h != nil || err != nil {
		release(f.lease)
		f.lease = noLease{}
		return h, err
	}
	if f.marked && f.last.refreshes() {
		f.giveUp(f.last.Refresh)
		s.emit(ctx, Event{Kind: EventInDoubt, Generation: f.generation, Err: ErrInDoubt})
	}
	f.marked = false
	return nil, nil
}

// outwait waits for what another process has marked to change, for as long as one may take over a fetch and its save.
func (s *Source) outwait(ctx context.Context, f *flight) (*held, error) {
	for end := time.Now().Add(2 * s.cfg.Timeout); f.marked && time.Now().Before(end); {
		if !clock.Sleep(ctx, poll+rand.N(poll)) { //nolint:gosec // not a secret, only a spread
			return nil, ended(ctx)
		}
		if h, err := s.restore(ctx, f); h != nil || err != nil {
			return h, err
		}
	}
	return nil, nil
}

// poll is half of the longest time between two looks at a record that another process has marked.
const poll = 100 * time.Millisecond

// revive returns a token from the Store as one that was asked for at now, or nil if it has ended. The wall clock
// decides, the only one that processes share; where it must have been set back since, the token counts as ended.
func revive(t *Token, now time.Time, window time.Duration) *held {
	if t.Access.IsZero() {
		return nil
	}
	out := *t
	if !t.Expiry.IsZero() {
		left := t.Expiry.Sub(now)
		if left <= 0 || left > t.ExpiresIn {
			return nil
		}
		out.ExpiresIn = left
	}
	return hold(&out, nil, now, window)
}

// outrun reports whether the Store has something newer.
func (s *Source) outrun(ctx context.Context, f *flight) bool {
	if s.cfg.Store == nil {
		return false
	}
	r, err := s.load(ctx)
	return err == nil && r.Generation > f.generation
}

// write replaces the record in the Store, and notes that it did. Nothing that happens to the flight is a reason to
// leave it half done.
func (s *Source) write(ctx context.Context, f *flight, next Record) error {
	next.Generation, next.Fence = max(f.generation, f.stored.Generation)+1, f.lease.Fence()
	if err := s.put(context.WithoutCancel(ctx), f.stored.Generation, next); err != nil {
		return err
	}
	f.generation, f.stored = next.Generation, next
	s.mu.Lock()
	defer s.mu.Unlock()
	s.generation = max(s.generation, f.generation) // what the Store has up to here is not to be loaded again
	return nil
}

// put gives a record to the Store.
func (s *Source) put(ctx context.Context, old uint64, next Record) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	if err := await(ctx, func() error { return s.cfg.Store.Save(ctx, s.cfg.Key, old, next) }); err != nil {
		return fmt.Errorf("%w: %w", ErrStore, err)
	}
	s.count(func(n *Stats) { n.Saves++ })
	return nil
}

// announce marks the record before the refresh token of from is sent, so that nobody sends it again should this process
// not come back. It fails if the lease was lost: somebody else may be at it then.
func (s *Source) announce(ctx context.Context, f *flight, from *Token) error {
	if s.cfg.Store == nil || !from.refreshes() {
		return nil
	}
	if err := s.write(ctx, f, Record{Token: from, InDoubt: true}); err != nil {
		if !errors.Is(err, ErrConflict) {
			s.saveFailed(ctx, err)
		}
		return err
	}
	if !f.lease.Valid() {
		s.withdraw(ctx, f)
		return fmt.Errorf("%w: the lease was lost: %w", ErrStore, ErrConflict)
	}
	return nil
}

// withdraw takes the mark back from a refresh token that was not used. If that fails, this process knows it all the
// same.
func (s *Source) withdraw(ctx context.Context, f *flight) {
	if s.cfg.Store == nil {
		return
	}
	if err := s.write(ctx, f, Record{Token: f.stored.Token}); err != nil && !errors.Is(err, ErrConflict) {
		s.saveFailed(ctx, err)
	}
}

// save gives the newest token to the Store. If that fails, it is an error only where a refresh token could get
// lost; else the next save makes up for it.
func (s *Source) save(ctx context.Context, f *flight) error {
	if s.cfg.Store == nil {
		return nil
	}
	if s.outdated(f) {
		s.discard(ctx, f.last, nil)
		return errForgotten
	}
	err := ErrConflict
	for n := 0; n < rounds && errors.Is(err, ErrConflict); n++ {
		if n > 0 && !s.prevails(ctx, f) {
			return err
		}
		err = s.write(ctx, f, Record{Token: f.last})
	}
	if err == nil {
		return s.keep(ctx, f)
	}
	s.saveFailed(ctx, err)
	if f.rotated() {
		return err
	}
	return nil
}

// outdated takes what was forgotten meanwhile out of what a flight has brought, and reports whether all of it was.
func (s *Source) outdated(f *flight) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.stale = f.forgotten() || f.stale
	return f.void
}

// prevails looks at the record that another one has put in the way, and reports whether the flight's own token is to
// replace it: where the record is of the refresh token that the flight has used, or where the token is of a new grant and
// the record has no refresh token, or still the one in whose place it was fetched. Else the other one's counts. The flight's own is dropped then, and taken back from the provider.
func (s *Source) prevails(ctx context.Context, f *flight) bool {
	r, err := s.load(ctx)
	if err != nil {
		return true // nothing speaks against it; the save fails or does not
	}
	from := f.pending.from
	if !from.refreshes() {
		from = f.stored.Token
	}
	f.stored = r
	switch {
	case r.Generation == 0, r.Token == nil && !f.pending.from.refreshes():
		return true
	case from.refreshes() && r.Token.refreshes() && r.Token.Refresh.Equal(from.Refresh):
		return true
	}
	f.pending, f.generation = nil, min(f.generation, r.Generation-1) // the next round takes over what is there
	s.discard(ctx, f.last, r.Token)
	return false
}

// discard takes back a token that nobody will use, unless it is the one that another process has.
func (s *Source) discard(ctx context.Context, t, winner *Token) {
	if s.cfg.Discard == nil || t == nil || t.Same(winner) ||
		t.refreshes() && winner.refreshes() && t.Refresh.Equal(winner.Refresh) {
		return
	}
	s.takeBack(context.WithoutCancel(ctx), t, s.cfg.Discard)
}

// takeBack gives t to one of the functions of the Config that revoke, and tells OnEvent how that went.
func (s *Source) takeBack(ctx context.Context, t *Token, revoke func(context.Context, *Token) error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	e := Event{Kind: EventRevoked}
	if err := await(ctx, func() error { return revoke(ctx, t) }); err != nil {
		e = Event{Kind: EventRevokeFailed, Err: err}
	}
	s.emit(ctx, e)
}

// saveFailed tells of a failure of the Store.
func (s *Source) saveFailed(ctx context.Context, err error) {
	s.count(func(n *Stats) { n.SaveFailures++ })
	s.emit(ctx, Event{Kind: EventSaveFailed, Err: err})
}

// remove takes the record out of the Store.
func (s *Source) remove(ctx context.Context) {
	if s.cfg.Store == nil {
		return
	}
	r, err := s.load(ctx)
	if err == nil && r.Generation != 0 {
		err = await(ctx, func() error { return s.cfg.Store.Delete(ctx, s.cfg.Key, r.Generation) })
	}
	if err != nil {
		s.saveFailed(ctx, err)
	}
}
