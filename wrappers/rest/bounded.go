package rest

import (
	"context"
	"sync"
	"time"
)

// bounded is a context that ends with the call at the latest. Unlike one of context.WithDeadline it costs nothing
// until somebody waits for its end, and most calls never wait: their token is at hand and their first attempt, which
// has a deadline of its own, succeeds.
type bounded struct {
	context.Context // the caller's
	end             time.Time

	mu    sync.Mutex
	inner context.Context // the one that waits, once there is one; it tells all
	stop  context.CancelFunc
}

// until prepares the context. It is ready for use after that.
func (b *bounded) until(ctx context.Context, end time.Time) {
	b.Context, b.end = apart{ctx}, end
	if d, ok := ctx.Deadline(); ok {
		if d = monotonic(d); d.Before(end) {
			b.end = d
		}
	}
}

// monotonic returns t with a monotonic reading, should it have none: a wall clock that is set must neither end a call nor
// bring it back.
func monotonic(t time.Time) time.Time {
	if t != t.Round(0) {
		return t
	}
	return time.Now().Add(time.Until(t))
}

// start returns the context that does the waiting.
func (b *bounded) start() context.Context {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inner == nil {
		b.inner, b.stop = context.WithDeadline(b.Context, b.end)
	}
	return b.inner
}

// waiting returns the context that does the waiting, or nil if nobody waits.
func (b *bounded) waiting() context.Context {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.inner
}

// release ends the waiting.
func (b *bounded) release() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stop != nil {
		b.stop()
	}
}

// Deadline is when the call ends.
func (b *bounded) Deadline() (time.Time, bool) { return b.end, true }

// Done begins to wait.
func (b *bounded) Done() <-chan struct{} { return b.start().Done() }

// Err tells how the context ended, if it did. It agrees with Done: what has ended has closed its channel, or closes it when
// that is asked for.
func (b *bounded) Err() error {
	if inner := b.waiting(); inner != nil {
		return inner.Err()
	}
	if b.Context.Err() == nil && b.left() > 0 {
		return nil
	}
	return b.start().Err()
}

// Value returns what the caller's context has. The one that waits is asked once there is one, for it knows the cause.
func (b *bounded) Value(key any) any {
	if inner := b.waiting(); inner != nil {
		return inner.Value(key)
	}
	return b.Context.Value(key)
}

// left returns the time that the call has.
func (b *bounded) left() time.Duration { return time.Until(b.end) }
