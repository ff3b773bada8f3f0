package rest

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/token"
)

// claimed is a context that claims a deadline and does nothing about it, as the one of a caller whose clock was set.
type claimed struct {
	context.Context
	at time.Time
}

func (c claimed) Deadline() (time.Time, bool) { return c.at, true }

// over reports whether the channel of ctx is closed.
func over(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

// Err and Done of a call agree, whoever asks first and whatever ends it.
func TestBoundedAgrees(t *testing.T) {
	mine := errors.New("mine")
	wall := func(d time.Duration) time.Time { return time.Now().Add(d).Round(0) }
	for name, c := range map[string]struct {
		caller func(context.Context) context.Context
		end    time.Duration
		err    error
		cause  error
	}{
		"alive":                {func(ctx context.Context) context.Context { return ctx }, time.Minute, nil, nil},
		"its own end":          {func(ctx context.Context) context.Context { return ctx }, time.Second, context.DeadlineExceeded, context.DeadlineExceeded},
		"at its end":           {func(ctx context.Context) context.Context { return ctx }, 2 * time.Second, context.DeadlineExceeded, context.DeadlineExceeded},
		"canceled after it":    {func(ctx context.Context) context.Context { return canceledLater(ctx, mine) }, time.Second, context.DeadlineExceeded, context.DeadlineExceeded},
		"its end is past":      {func(ctx context.Context) context.Context { return ctx }, -time.Second, context.DeadlineExceeded, context.DeadlineExceeded},
		"the caller's":         {func(ctx context.Context) context.Context { return claimed{ctx, time.Now().Add(time.Second)} }, time.Minute, context.DeadlineExceeded, context.DeadlineExceeded},
		"on the wall":          {func(ctx context.Context) context.Context { return claimed{ctx, wall(time.Second)} }, time.Minute, context.DeadlineExceeded, context.DeadlineExceeded},
		"on the wall, alive":   {func(ctx context.Context) context.Context { return claimed{ctx, wall(time.Hour)} }, time.Minute, nil, nil},
		"past on the wall":     {func(ctx context.Context) context.Context { return claimed{ctx, wall(-time.Hour)} }, time.Minute, context.DeadlineExceeded, context.DeadlineExceeded},
		"the epoch":            {func(ctx context.Context) context.Context { return claimed{ctx, time.Unix(0, 0)} }, time.Minute, context.DeadlineExceeded, context.DeadlineExceeded},
		"canceled, with cause": {func(ctx context.Context) context.Context { return canceled(ctx, mine) }, time.Minute, context.Canceled, mine},
		"canceled and late":    {func(ctx context.Context) context.Context { return canceled(ctx, mine) }, -time.Second, context.Canceled, mine},
	} {
		for _, doneFirst := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var b bounded
					b.until(c.caller(t.Context()), time.Now().Add(c.end))
					defer b.release()
					at, ok := b.Deadline()
					assert.True(t, ok)
					assert.Equal(t, b.end, at)
					if doneFirst {
						b.Done()
					}
					time.Sleep(time.Second)
					_ = b.Err()
					time.Sleep(time.Second)
					synctest.Wait()
					assert.Equal(t, c.err, b.Err())
					assert.Equal(t, c.err != nil, over(&b))
					assert.Equal(t, c.err, b.Err(), "and stays so")
					assert.Equal(t, c.cause, context.Cause(&b))
					child, cancel := context.WithCancel(&b)
					defer cancel()
					assert.Equal(t, c.err, child.Err())
					assert.Equal(t, c.cause, context.Cause(child))
				})
			})
		}
	}
}

func canceled(ctx context.Context, cause error) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(cause)
	return ctx
}

func canceledLater(ctx context.Context, cause error) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	time.AfterFunc(1500*time.Millisecond, func() { cancel(cause) })
	return ctx
}

// A clock that is set ends no call and brings none back: its end has a monotonic reading whatever the caller's has. Not
// under the fake clock, whose times have none.
func TestBoundedIsMonotonic(t *testing.T) {
	now := time.Now()
	for name, at := range map[string]time.Time{
		"without": now.Add(time.Minute).Round(0), "unix": time.Unix(now.Unix()+60, 0), "past": now.Add(-time.Hour).Round(0),
	} {
		var b bounded
		before := time.Now()
		b.until(claimed{t.Context(), at}, now.Add(time.Hour))
		took := time.Since(before)
		assert.NotEqual(t, b.end.Round(0), b.end, name)
		assert.False(t, b.end.Round(0).After(at), name)
		assert.False(t, b.end.Round(0).Before(at.Add(-took)), name)
	}
	var b bounded
	b.until(claimed{t.Context(), now.Add(time.Hour).Round(0)}, now.Add(time.Minute))
	assert.Equal(t, now.Add(time.Minute), b.end, "its own end comes first")
	b.until(claimed{t.Context(), now.Add(time.Second)}, now.Add(time.Minute))
	assert.Equal(t, now.Add(time.Second), b.end, "what has one stays")
}

// Nothing is made before somebody waits.
func TestBoundedCostsNothing(t *testing.T) {
	type key struct{}
	var b bounded
	b.until(context.WithValue(t.Context(), key{}, "x"), time.Now().Add(time.Hour))
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = b.Err() }))
	assert.Equal(t, "x", b.Value(key{}))
	assert.Nil(t, b.inner)
	b.Done()
	assert.Equal(t, "x", b.Value(key{}))
	b.release()
}

// After its release it has ended, if somebody waited.
func TestBoundedReleased(t *testing.T) {
	var b bounded
	b.until(t.Context(), time.Now().Add(time.Minute))
	b.release()
	assert.NoError(t, b.Err())
	b.Done()
	b.release()
	assert.Equal(t, context.Canceled, b.Err())
	assert.True(t, over(&b))
}

// fickle is a context by hand whose Err is not of one mind, as it is when a clock is set back and forth.
type fickle struct {
	context.Context
	asked atomic.Int32
}

func (f *fickle) Err() error {
	if f.asked.Add(1)%2 == 1 {
		return context.DeadlineExceeded
	}
	return nil
}

// A source that waits for a token under a call gives a token or an error, never nothing, however the clock is set.
func TestNoTokenWithoutAnError(t *testing.T) {
	for name, caller := range map[string]func(context.Context) context.Context{
		"past on the wall": func(ctx context.Context) context.Context { return claimed{ctx, time.Now().Add(-time.Hour).Round(0)} },
		"soon on the wall": func(ctx context.Context) context.Context { return claimed{ctx, time.Now().Add(time.Second).Round(0)} },
		"canceled":         func(ctx context.Context) context.Context { return canceled(ctx, nil) },
		"its own end":      func(ctx context.Context) context.Context { return ctx },
		"of two minds":     func(ctx context.Context) context.Context { return &fickle{Context: ctx} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := token.New(func(ctx context.Context, _ *token.Token) (*token.Token, error) {
					<-ctx.Done()
					return nil, ctx.Err()
				}, token.Config{})
				require.NoError(t, err)
				defer s.Close()
				var b bounded
				b.until(caller(t.Context()), time.Now().Add(5*time.Second))
				defer b.release()
				for range 2 {
					tok, err := s.Token(&b)
					assert.Nil(t, tok)
					assert.Error(t, err)
				}
			})
		})
	}
}
