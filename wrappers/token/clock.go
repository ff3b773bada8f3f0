package token

import (
	"context"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/internal/clock"
)

// Clock is a time that a test can set. A [Source] counts the lifetimes of its tokens and the pauses after its failures in
// it. The time limits of a fetch and of the [Store] are counted in real time, as is what other processes do.
type Clock interface {
	// Now returns the time. It must be quick: each call of Source.Token asks for it.
	Now() time.Time
	// AfterFunc calls f in a goroutine of its own once d has passed on the clock, at once if d is not positive. stop
	// keeps it from being called, and reports whether it did, as time.Timer.Stop.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// now returns the time.
func (s *Source) now() time.Time {
	if s.cfg.Clock == nil {
		return time.Now()
	}
	return s.cfg.Clock.Now()
}

// sleep waits on the clock and reports whether it could until the end.
func (s *Source) sleep(ctx context.Context, d time.Duration) bool {
	if s.cfg.Clock == nil {
		return clock.Sleep(ctx, d)
	}
	passed := make(chan struct{})
	defer s.cfg.Clock.AfterFunc(d, func() { close(passed) })()
	select {
	case <-passed:
		return true
	case <-ctx.Done():
		return false
	}
}
