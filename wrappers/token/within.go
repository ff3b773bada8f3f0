package token

import (
	"context"
	"runtime/debug"
	"time"
)

// grace is how long a call may take to return after its context has ended.
const grace = time.Second

// within returns what f returns, or an error soon after ctx has ended, whatever f does: what ignores its context must
// not hold up everyone who waits for it, and what panics must not end the process. f runs in a goroutine of its own,
// which is left to itself then.
func within[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: &PanicError{}} // stays if f ends its goroutine
		defer func() { done <- r }()
		defer recovered(&r.err)
		r.value, r.err = f()
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-timer.C:
		var none T
		return none, over(ctx)
	}
}

// await is within for an f that returns an error alone.
func await(ctx context.Context, f func() error) error {
	_, err := within(ctx, func() (struct{}, error) { return struct{}{}, f() })
	return err
}

// recovered is to be deferred. It turns a panic into an error.
func recovered(err *error) {
	if v := recover(); v != nil {
		*err = &PanicError{Value: v, Stack: debug.Stack()}
	}
}

// over returns how ctx ended; nil if it did not. Its Err is asked once: the answer of a context whose deadline is a time
// of the wall clock may change when that clock is set.
func over(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}
