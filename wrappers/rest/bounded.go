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
	inner context.Context
	stop  context.CancelFunc
}

// until prepares the context. It is ready for use after that.
func (b *bounded) until(ctx context.Context, end time.Time) {
	b.Context, b.end = apart{ctx}, end
	if d, ok := ctx.Deadline(); ok && d.Before(end) {
		b.end = d
	}
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

// Err tells how the context ended, if it did.
func (b *bounded) Err() error {
	if err := b.Context.Err(); err != nil || time.Now().Before(b.end) {
		return err
	}
	return context.DeadlineExceeded
}

// left returns the time that the call has.
func (b *bounded) left() time.Duration { return time.Until(b.end) }
