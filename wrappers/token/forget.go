package token

import (
	"context"
	"errors"
	"fmt"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Forget drops the token and its refresh token if value is one of them, here and in the Store, and reports whether
// it did. It is meant for a token that is about to be revoked. A fetch that is running is canceled, and who waits
// for it gets the answer of another one.
func (s *Source) Forget(value secret.String) bool {
	return s.ForgetContext(context.Background(), value)
}

// ForgetContext is [Source.Forget] for who cannot wait for a slow Store: it waits no longer than ctx lasts. When ctx
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
// token is kept, and so is what a fetch that is running brings.
func (s *Source) ForgetAccess(value secret.String) bool {
	return s.ForgetAccessContext(context.Background(), value)
}

// ForgetAccessContext is [Source.ForgetAccess] for who cannot wait for a slow Store; see [Source.ForgetContext].
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
	// A fetch that begins meanwhile has to see what is written here, or its own token would be in conflict with it.
	err := s.turn(ctx)
	if err == nil {
		defer func() { <-s.io }()
	}
	seen, here := s.forgetHere(less, grant)
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

// turn waits for the Store to be free of other accesses that must not meet this one. It is free for one who comes when
// ctx is over already: that may be enough for a Store that is memory.
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
		return fmt.Errorf("%w: %w", ErrStore, context.Cause(ctx))
	}
}

// forgetHere does it in memory, and returns the generation up to which the Store holds tokens of a grant that has ended.
func (s *Source) forgetHere(less func(*Token) *Token, grant bool) (seen uint64, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if less(&Token{Refresh: s.seed}) == nil {
		s.seed = secret.String{}
	}
	t := less(s.last)
	if t == s.last {
		return 0, false
	}
	s.last, s.pending = t, nil
	s.current.Store(nil)
	if !grant {
		return 0, true
	}
	if s.flight != nil {
		s.flight.void = true
		s.flight.cancel()
	}
	return s.generation, true
}

// forgetThere does it in the Store. The record stays, with a higher generation, so that a late writer cannot bring the
// token back. What was saved after seen is left alone unless it is the token itself: it belongs to a new grant.
func (s *Source) forgetThere(ctx context.Context, seen uint64, less func(*Token) *Token) bool {
	err := ErrConflict
	for n := 0; n < rounds && errors.Is(err, ErrConflict); n++ {
		var r Record
		if r, err = s.load(ctx); err != nil {
			break
		}
		t := less(r.Token)
		switch {
		case t != r.Token:
		case r.Token != nil && r.Generation <= seen:
			t = nil
		default:
			return false
		}
		err = s.write(ctx, r.Generation, Record{Generation: max(r.Generation, seen) + 1, Token: t})
	}
	if err != nil {
		s.saveFailed(ctx, err)
	}
	return err == nil
}

// keep takes over what a flight has saved, unless it was forgotten meanwhile; then the record is emptied again.
func (s *Source) keep(ctx context.Context, f *flight) error {
	s.mu.Lock()
	void := f.void
	s.generation = f.generation // what the Store has up to here is not to be loaded again
	if !void {
		s.last, s.stored = f.last, f.stored
	}
	s.mu.Unlock()
	if !void {
		return nil
	}
	err := s.write(context.WithoutCancel(ctx), f.generation, Record{Generation: f.generation + 1})
	if err != nil {
		s.saveFailed(ctx, err)
	}
	return errForgotten
}
