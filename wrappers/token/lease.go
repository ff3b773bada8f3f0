package token

import (
	"context"
	"fmt"
)

// Leaser is what a [Store] may be besides: one that lets a single Source at a time work on a key. A [Source] holds the
// lease of its key while it reads the record again, fetches and saves.
type Leaser interface {
	// Acquire waits for the lease of key, no longer than ctx lasts. It ends with Release, and with the process of its
	// holder at the latest.
	Acquire(ctx context.Context, key string) (Lease, error)
}

// Lease is the right to work on a key. Its methods may be called by one goroutine at a time.
type Lease interface {
	// Fence is a number that is greater than those of all earlier leases of the key. The Source puts it into the
	// records that it saves, so that a Store can refuse what an earlier holder writes.
	Fence() uint64
	// Valid reports whether the lease is still held. A Source asks right before it sends a refresh token, and sends
	// nothing without it.
	Valid() bool
	// Release gives the lease back. It is called once.
	Release()
}

// noLease is the lease of a key whose Store has none, or that has no Store.
type noLease struct{}

func (noLease) Fence() uint64 { return 0 }
func (noLease) Valid() bool   { return true }
func (noLease) Release()      {}

// acquire returns the lease of the source's key. Its holder may be in the middle of a fetch and of saving what came of
// it, so this waits longer than for any other access.
func (s *Source) acquire(ctx context.Context) (Lease, error) {
	leaser, ok := s.cfg.Store.(Leaser)
	if !ok {
		return noLease{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*s.cfg.Timeout)
	defer cancel()
	l, err := within(ctx, func() (Lease, error) { return leaser.Acquire(ctx, s.cfg.Key) })
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: no lease: %w", ErrStore, err)
	case l == nil:
		return nil, fmt.Errorf("%w: no lease and no error", ErrStore)
	}
	return l, nil
}

// release gives a lease back. A Store that panics over it does no other harm.
func release(l Lease) {
	defer func() { _ = recover() }()
	l.Release()
}
