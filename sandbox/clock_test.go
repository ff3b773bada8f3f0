package sandbox_test

import (
	"context"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// timeLimited returns a context that ends after d, or with the test.
func timeLimited(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := sandbox.New()
		require.NoError(t, err)
		clock, begun := s.Clock(), time.Now()
		ahead := func() time.Duration { return time.Until(clock.Now()) }

		time.Sleep(time.Second)
		assert.Zero(t, ahead(), "real at first")

		clock.Freeze()
		time.Sleep(time.Second)
		assert.Equal(t, begun.Add(time.Second), clock.Now())
		require.NoError(t, clock.Advance(time.Minute))
		assert.Equal(t, begun.Add(time.Second+time.Minute), clock.Now(), "advanced while it stands")
		assert.True(t, clock.State().Frozen)

		clock.Run()
		time.Sleep(time.Second)
		assert.Equal(t, begun.Add(2*time.Second+time.Minute), clock.Now(), "goes on from where it stood")

		require.NoError(t, clock.Set(begun.Add(time.Hour)))
		assert.Equal(t, begun.Add(time.Hour).Unix(), clock.Now().Unix())
		assert.Equal(t, time.Hour-3*time.Second, time.Duration(clock.State().Offset))

		clock.Real()
		assert.Zero(t, ahead())
	})
}

// A clock goes on while it is moved, so an advance by nothing, or by very little, is one as well.
func TestClockAdvancesByNothing(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	s, err := sandbox.New(sandbox.Clock(func() time.Time { return start.Add(time.Duration(calls.Add(1)) * time.Millisecond) }))
	require.NoError(t, err)
	for _, d := range []time.Duration{0, 1, time.Microsecond} {
		before := s.Clock().Now()
		require.NoError(t, s.Clock().Advance(d))
		assert.False(t, s.Clock().Now().Before(before.Add(d)))
	}
	require.ErrorContains(t, s.Clock().Advance(-1), "cannot go back")
	require.ErrorContains(t, s.Clock().Advance(math.MaxInt64), "at most a hundred years away")
	assert.Equal(t, sandbox.Duration(1001), s.Clock().State().Offset, "to the nanosecond")
}

func TestClockRefusals(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	clock := w.sand.Clock()
	token := w.clientToken()
	require.ErrorContains(t, clock.Set(start.Add(-time.Second)), "cannot go back")
	require.ErrorContains(t, clock.Advance(-1), "cannot go back")
	require.ErrorContains(t, clock.Set(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)), "at most a hundred years away")
	assert.Equal(t, start, clock.Now(), "nothing has changed")
	assert.True(t, w.alive(token.text1("access_token")), "state intact")
}

func TestClockDrivesLives(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	token, fg := w.clientToken().text1("access_token"), w.finogatesBearer()
	first := w.bridge(w.customer(), "Idempotency-Key", "0123456789")
	require.NoError(t, w.sand.Clock().Advance(24*time.Hour))
	assert.False(t, w.alive(token))
	assert.Equal(t, 401, w.embedded(fg, nil).status)
	assert.NotEqual(t, first.text, w.bridge(w.customer(), "Idempotency-Key", "0123456789").text)
}

func TestDurationText(t *testing.T) {
	t.Parallel()
	var d sandbox.Duration
	require.NoError(t, d.UnmarshalText([]byte("1m30s")))
	assert.Equal(t, "1m30s", d.String())
	assert.ErrorContains(t, d.UnmarshalText([]byte("soon")), `"soon" is not a duration`)
}

// What waits for the clock is called when the clock gets there, however it does, once, and not at all if it was stopped.
func TestClockAlarms(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(*sandbox.VirtualClock){
		"runs on":           func(*sandbox.VirtualClock) { time.Sleep(time.Minute) },
		"advanced":          func(c *sandbox.VirtualClock) { assert.NoError(t, c.Advance(time.Minute)) },
		"set":               func(c *sandbox.VirtualClock) { assert.NoError(t, c.Set(c.Now().Add(time.Minute))) },
		"advanced, frozen":  func(c *sandbox.VirtualClock) { c.Freeze(); assert.NoError(t, c.Advance(time.Minute)) },
		"frozen, then runs": func(c *sandbox.VirtualClock) { c.Freeze(); time.Sleep(time.Hour); c.Run(); time.Sleep(time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, err := sandbox.New()
				require.NoError(t, err)
				clock := s.Clock()
				var rang, stopped, late atomic.Int32
				clock.AfterFunc(30*time.Second, func() { rang.Add(1) })
				stop := clock.AfterFunc(30*time.Second, func() { stopped.Add(1) })
				stopLate := clock.AfterFunc(2*time.Minute, func() { late.Add(1) })
				synctest.Wait()
				assert.Zero(t, rang.Load())
				assert.True(t, stop())
				assert.False(t, stop())
				move(clock)
				synctest.Wait()
				assert.EqualValues(t, 1, rang.Load())
				assert.Zero(t, stopped.Load())
				assert.Zero(t, late.Load())
				assert.True(t, stopLate())
			})
		})
	}
	t.Run("frozen", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s, err := sandbox.New()
			require.NoError(t, err)
			var rang atomic.Int32
			stop := s.Clock().AfterFunc(time.Second, func() { rang.Add(1) })
			s.Clock().Freeze()
			time.Sleep(time.Hour)
			assert.Zero(t, rang.Load())
			stop()
			s.Clock().AfterFunc(0, func() { rang.Add(1) })
			synctest.Wait()
			assert.EqualValues(t, 1, rang.Load(), "no wait is over at once")
		})
	})
}

// A user's token ends when the clock of the Sandbox says so, for the client and for the Sandbox alike.
func TestClientsLiveByTheClock(t *testing.T) {
	t.Parallel()
	s, err := sandbox.New()
	require.NoError(t, err)
	clients, err := s.Clients()
	require.NoError(t, err)
	user := clients.FinAPI.UserTokens(s.Credentials().FinAPI.Username, secret.New(s.Credentials().FinAPI.Password))
	t.Cleanup(user.Close)
	for name, source := range map[string]*token.Source{"user": user, "client": clients.FinAPI.ClientTokens(), "bearer": clients.Finogates.Tokens()} {
		first, err := source.Token(t.Context())
		require.NoError(t, err)
		require.NoError(t, s.Clock().Advance(2*time.Hour))
		second, err := source.Token(t.Context())
		require.NoError(t, err)
		assert.False(t, second.Same(first), name)
	}
}
