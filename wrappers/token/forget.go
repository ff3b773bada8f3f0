package token

import (
	"context"
	"errors"
	"fmt"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Forget drops the token and its refresh token if value is one of them, here and in the Store, and reports whether
// it did. It is meant for a token that is about to be revoked: when Forget returns, value is not on its way to the
// provider. A fetch of that grant that is running is canceled, and its callers get the outcome of another one. A fetch
// that brings value once more does not bring it back.
func (s *Source) Forget(value secret.String) bool {
	return s.ForgetContext(context.Background(), value)
}

// ForgetContext is [Source.Forget] for a caller that cannot wait for a slow Store: it waits no longer than ctx lasts. When ctx
// ends, the token has left the memory, may still be in the Store, and OnEvent is told of an [EventSaveFailed].
func (s *Source) ForgetContext(ctx context.Context, value secret.String) bool {
	return s.forget(ctx, value, func(t *Token) *Token {
		if t == nil || !t.Access.Equal(value) && !t.Refresh.Equal(value) {
			return t
		}
		return nil
	}, true)
}

// ForgetAccess drops the access token if it is value, here and in the Store, and reports whether it did. The refresh
// token is kept, and so is what a fetch that is running brings, unless that is value once more.
func (s *Source) ForgetAccess(value secret.String) bool {
	return s.ForgetAccessContext(context.Background(), value)
}

// ForgetAccessContext is [Source.ForgetAccess] for a caller that cannot wait for a slow Store; see [Source.ForgetContext].
func (s *Source) ForgetAccessContext(ctx context.Context, value secret.String) bool {
	return s.forget(ctx, value, func(t *Token) *Token {
		if t == nil || !t.Access.Equal(value) {
			return t
		}
		if t.Refresh.IsZero() {
			return nil
		}
		return &Token{Refresh: t.Refresh}
	}, false)
}

// forget replaces the token by what less makes of it. grant tells that nothing is left of its grant.
func (s *Source) forget(ctx context.Context, value secret.String, less func(*Token) *Token, grant bool) bool {
	if s.fetch == nil || value.IsZero() {
		return false
	}
	// A fetch that begins meanwhile must see what is written here, or its own token would be in conflict with it.
	err := s.turn(ctx)
	if err == nil {
		defer func() { <-s.io }()
	}
	seen, here, sending := s.forgetHere(less, grant)
	if sending != nil { // what was forgotten is on its way: wait until it is not
		select {
		case <-sending:
		case <-ctx.Done():
		}
	}
	there := false
	switch {
	case s.cfg.Store == nil:
	case err != nil:
		s.saveFailed(ctx, err)
	default:
		there = s.forgetThere(ctx, seen, less)
	}
	if here || there {
		s.emit(ctx, Event{Kind: EventForgotten})
	}
	return here || there
}

// turn waits for the Store to be free of other accesses that must not meet this one. It is free for a caller that comes
// when ctx is over already: that may be enough for a Store that is memory.
func (s *Source) turn(ctx context.Context) error {
	select {
	case s.io <- struct{}{}:
		return nil
	default:
	}
	select {
	case s.io <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrStore, ended(ctx))
	}
}

// forgetHere does it in memory. It returns the generation up to which the Store holds tokens of a grant that has ended,
// and what is closed when the forgotten one is no longer on its way, if it is.
func (s *Source) forgetHere(less func(*Token) *Token, grant bool) (seen uint64, done bool, sending <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if less(&Token{Refresh: s.seed}) == nil {
		s.seed, done = secret.String{}, true
	}
	t := less(s.last)
	held := t != s.last
	if held {
		s.last, s.pending = t, nil
		s.current.Store(nil)
	}
	if f := s.flight; f != nil {
		f.drops = append(f.drops, less)
		if grant && (held || f.using != nil && less(f.using) == nil) {
			held, f.void = true, true
			f.cancel()
			sending = f.sent
		}
	}
	if held && grant {
		seen = s.generation
	}
	return seen, held || done, sending
}

// forgetThere does it in the Store. The record stays, with a higher generation, so that a late writer cannot bring the
// token back. What was saved after seen is left alone unless it is the token itself: it belongs to a new grant.
func (s *Source) forgetThere(ctx context.Context, seen uint64, less func(*Token) *Token) bool {
	err := ErrConflict
	for n := 0; n < forgetRounds && errors.Is(err, ErrConflict); n++ {
		var r Record
		if r, err = s.load(ctx); err != nil {
			break
		}
		next := Record{Generation: max(r.Generation, seen) + 1, Token: less(r.Token)}
		switch {
		case next.Token != r.Token:
			next.InDoubt = r.InDoubt && next.Token != nil
		case r.Token != nil && r.Generation <= seen:
			next.Token = nil
		default:
			return false
		}
		err = s.put(ctx, r.Generation, next)
	}
	if err != nil {
		s.saveFailed(ctx, err)
	}
	return err == nil
}

// forgetRounds is how often a record is written that others change meanwhile. A renewal changes it twice.
const forgetRounds = 8

// keep takes over what a flight has saved, unless it was forgotten meanwhile; then the record is emptied again.
func (s *Source) keep(ctx context.Context, f *flight) error {
	s.mu.Lock()
	void := f.void
	if !void {
		s.last, s.stored = f.last, f.stored
	}
	s.mu.Unlock()
	if !void {
		return nil
	}
	if err := s.write(ctx, f, Record{}); err != nil {
		s.saveFailed(ctx, err)
	}
	s.discard(ctx, f.last, nil)
	return errForgotten
}

// errForgotten is the outcome of a flight that was not kept: what it looked for was forgotten. Its callers look again.
var errForgotten = errors.New("token: forgotten while it was fetched")
