package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// kept is what a source keeps from one flight to the next.
type kept struct {
	last       *Token        // the newest token, kept past its end for its refresh token
	seed       secret.String // a refresh token from outside, until a token has come
	pending    *held         // a token that is not handed out before the Store has it
	generation uint64        // the highest one seen
	stored     Record        // what the Store was last known to have
}

// grants lists the tokens to fetch by, best first: the newest one, the one from outside if that is another, none.
func (k *kept) grants() []*Token {
	if k.last == nil || k.last.Refresh.IsZero() {
		return []*Token{k.last}
	}
	if k.seed.IsZero() || k.seed.Equal(k.last.Refresh) {
		return []*Token{k.last, nil}
	}
	return []*Token{k.last, {Refresh: k.seed}, nil}
}

// rotated reports whether the newest refresh token would be lost with this process.
func (k *kept) rotated() bool {
	if k.last == nil || k.last.Refresh.IsZero() {
		return false
	}
	return k.stored.Token == nil || !k.stored.Token.Refresh.Equal(k.last.Refresh)
}

// load returns what the Store has.
func (s *Source) load(ctx context.Context) (Record, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	r, err := s.cfg.Store.Load(ctx, s.cfg.Key)
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
	now := time.Now()
	s.io <- struct{}{}
	r, err := s.load(ctx)
	<-s.io
	if err != nil {
		return nil, err
	}
	f.stored = r
	if r.Generation <= f.generation {
		return nil, nil
	}
	f.generation, f.last = r.Generation, r.Token
	if r.Token == nil {
		return nil, nil // revoked
	}
	h := revive(r.Token, now, s.cfg.Window)
	if h == nil || h.hard.reached(time.Now()) {
		return nil, nil
	}
	f.loaded, f.last = true, h.token
	s.count(func(n *Stats) { n.Loads++ })
	return h, nil
}

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

// write replaces the record in the Store.
func (s *Source) write(ctx context.Context, old uint64, next Record) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	if err := s.cfg.Store.Save(ctx, s.cfg.Key, old, next); err != nil {
		return fmt.Errorf("%w: %w", ErrStore, err)
	}
	s.count(func(n *Stats) { n.Saves++ })
	return nil
}

// save gives the newest token to the Store. If that fails, it is an error only where a refresh token could get
// lost; else the next save makes up for it.
func (s *Source) save(ctx context.Context, f *flight) error {
	if s.cfg.Store == nil {
		return nil
	}
	next := Record{Generation: max(f.generation, f.stored.Generation) + 1, Token: f.last}
	// Nothing that happens to the flight is a reason to lose the token.
	err := s.write(context.WithoutCancel(ctx), f.stored.Generation, next)
	switch {
	case err == nil:
		f.generation, f.stored = next.Generation, next
		return s.keep(ctx, f)
	case errors.Is(err, ErrConflict):
		f.pending = nil // what the other one has counts
		return err
	}
	s.saveFailed(ctx, err)
	if f.rotated() {
		return err
	}
	return nil
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
		err = s.cfg.Store.Delete(ctx, s.cfg.Key, r.Generation)
	}
	if err != nil {
		s.saveFailed(ctx, err)
	}
}
