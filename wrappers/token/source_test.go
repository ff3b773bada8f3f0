package token

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

func TestNewChecksItsConfig(t *testing.T) {
	fetch := (&desk{}).fetch
	for name, c := range map[string]struct {
		fetch Fetch
		cfg   Config
		want  string
	}{
		"no fetch": {nil, Config{}, "token: New needs a fetch"},
		"window":   {fetch, Config{Window: -1}, "token: Config.Window must not be negative"},
		"timeout":  {fetch, Config{Timeout: -1}, "token: Config.Timeout must not be negative"},
		"backoff":  {fetch, Config{Backoff: -1}, "token: Config.Backoff must not be negative"},
		"key":      {fetch, Config{Store: &MemoryStore{}}, "token: Config.Key is required with a Store"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := New(c.fetch, c.cfg)
			assert.Nil(t, s)
			assert.EqualError(t, err, c.want)
		})
	}
}

func TestHitAllocatesNothing(t *testing.T) {
	for name, s := range map[string]*Source{
		"fetched": open(t, (&desk{life: time.Hour}).fetch, Config{}),
		"static":  Static(secret.New("key")),
	} {
		ctx := t.Context()
		get(t, s)
		assert.Zero(t, testing.AllocsPerRun(1000, func() {
			if _, err := s.Token(ctx); err != nil {
				t.Error(err)
			}
		}), name)
	}
}

func TestStatic(t *testing.T) {
	s := Static(secret.New("key"))
	assert.Equal(t, "key", get(t, s))
	assert.False(t, s.Invalidate(&Token{Access: secret.New("key")}), "a key is not dropped")
	assert.False(t, s.Forget(secret.New("key")))
	s.Reset()
	s.Close()
	s.Close()
	_, err := s.Token(t.Context())
	assert.ErrorIs(t, err, ErrClosed)
}

// Requirement D44: N callers, cold or at expiry, cause one fetch.
func TestManyCallersOneFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: time.Hour, delay: 300 * time.Millisecond}
		s := open(t, d.fetch, Config{})
		for round := 1; round <= 3; round++ {
			var wg sync.WaitGroup
			begin := time.Now()
			for range 1000 {
				wg.Go(func() { assert.Equal(t, fmt.Sprintf("access-%d", round), get(t, s)) })
			}
			wg.Wait()
			assert.Equal(t, round, d.count())
			assert.Equal(t, d.delay, time.Since(begin), "nobody waits longer than the fetch")
			time.Sleep(time.Hour)
		}
		assert.Equal(t, 1, d.most)
	})
}

// Requirement D45: callers who wait share one failure; so do those who come a moment later.
func TestManyCallersOneFailure(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{delay: 20 * time.Millisecond}
		d.fails(errDown)
		s := open(t, d.fetch, Config{})
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, err := s.Token(context.Background())
				assert.ErrorIs(t, err, errDown)
			})
		}
		wg.Wait()
		for range 20 { // one after the other
			_, err := s.Token(context.Background())
			assert.ErrorIs(t, err, errDown)
		}
		assert.Equal(t, 1, d.count())
		assert.EqualValues(t, 20, s.Stats().Shared)
	})
}

// Requirement D46: a waiter leaves on its own context at once, and the first one does not take the others along.
func TestWaiterLeaves(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: time.Hour, delay: 300 * time.Millisecond}
		s := open(t, d.fetch, Config{})
		leader, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		begin := time.Now()
		go func() {
			_, err := s.Token(leader)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, 30*time.Millisecond, time.Since(begin))
		}()
		synctest.Wait()
		assert.Equal(t, "access-1", get(t, s))
		assert.Equal(t, 300*time.Millisecond, time.Since(begin))
		assert.Equal(t, 1, d.count())
	})
}

func TestContextThatIsOverStartsNothing(t *testing.T) {
	d := &desk{}
	s := open(t, d.fetch, Config{})
	cause := errors.New("the caller's own reason")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	_, err := s.Token(ctx)
	assert.ErrorIs(t, err, cause)
	assert.Zero(t, d.count())
}

func TestFetchHasTheCallersValuesAndItsOwnDeadline(t *testing.T) {
	bubble(t, func(t *testing.T) {
		type key struct{}
		s := open(t, func(ctx context.Context, _ *Token) (*Token, error) {
			assert.Equal(t, "value", ctx.Value(key{}))
			<-ctx.Done()
			return nil, ctx.Err()
		}, Config{Timeout: 7 * time.Second})
		begin := time.Now()
		_, err := s.Token(context.WithValue(t.Context(), key{}, "value"))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 7*time.Second, time.Since(begin))
	})
}

// Requirement D47: while a token is valid, one renewal runs in the background and its failure costs nobody a token.
func TestRenewalAhead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: 10 * time.Minute, delay: time.Second}
		j := &journal{}
		s := open(t, d.fetch, Config{OnEvent: j.add, Name: "test"})
		get(t, s)
		time.Sleep(8*time.Minute + 58*time.Second)
		get(t, s)
		synctest.Wait()
		assert.Equal(t, 1, d.count(), "not before the window")

		d.fails(errDown)
		time.Sleep(time.Minute - 10*time.Second)
		for range 100 {
			begin := time.Now()
			assert.Equal(t, "access-1", get(t, s))
			assert.Zero(t, time.Since(begin), "nobody waits")
		}
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, 2, d.count(), "one renewal for all")
		events := j.all()
		require.Len(t, events, 2)
		e := events[1]
		assert.Equal(t, EventFailed, e.Kind)
		assert.Equal(t, "test", e.Source)
		assert.True(t, e.Background)
		assert.ErrorIs(t, e.Err, errDown)
		assert.Equal(t, time.Second, e.Took)

		time.Sleep(e.Wait - 1)
		get(t, s)
		synctest.Wait()
		assert.Equal(t, 2, d.count(), "the back-off is on")
		d.then(nil)
		time.Sleep(time.Nanosecond)
		assert.Equal(t, "access-1", get(t, s))
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, "access-3", get(t, s))
		assert.EqualValues(t, 2, s.Stats().Renewals)
	})
}

func TestFinalFailureOfRenewalKeepsTheTokenToItsEnd(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: 10 * time.Minute}
		s := open(t, d.fetch, Config{})
		get(t, s)
		d.fails(Final(errDown, ErrLocked))
		time.Sleep(9*time.Minute + 30*time.Second)
		for range 20 {
			assert.Equal(t, "access-1", get(t, s))
			time.Sleep(time.Second)
		}
		assert.Equal(t, 2, d.count())
		assert.True(t, s.Stats().GaveUp)
		d.then(nil)
		s.Reset()
		assert.Equal(t, "access-1", get(t, s))
		synctest.Wait()
		assert.Equal(t, "access-3", get(t, s), "Reset lets it renew before the end")
	})
}

func TestPanickingFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{delay: time.Millisecond}
		d.then(func(int, *Token) (*Token, error) { panic("hunter2") })
		s := open(t, d.fetch, Config{Backoff: time.Second})
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, err := s.Token(context.Background())
				var p *PanicError
				if assert.ErrorAs(t, err, &p) {
					assert.Equal(t, "hunter2", p.Value)
					assert.Contains(t, string(p.Stack), "source_test.go")
					assert.NotContains(t, err.Error(), "hunter2")
				}
			})
		}
		wg.Wait()
		d.then(func(int, *Token) (*Token, error) { runtime.Goexit(); return nil, nil })
		time.Sleep(time.Second)
		_, err := s.Token(t.Context())
		var p *PanicError
		require.ErrorAs(t, err, &p)
		assert.Nil(t, p.Value)
		d.then(nil)
		time.Sleep(time.Second)
		assert.Equal(t, "access-3", get(t, s), "the source goes on working")
	})
}

func TestBadTokens(t *testing.T) {
	for name, bad := range map[string]*Token{
		"nil":      nil,
		"empty":    {},
		"negative": {Access: access(1), ExpiresIn: -time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, func(context.Context, *Token) (*Token, error) { return bad, nil }, Config{})
			_, err := s.Token(t.Context())
			assert.ErrorIs(t, err, ErrBadToken)
			assert.NotErrorIs(t, err, ErrFinal)
		})
	}
}

// Requirement D49: a 401 drops exactly the token that was refused.
func TestInvalidate(t *testing.T) {
	d := &desk{life: time.Hour}
	s := open(t, d.fetch, Config{})
	first, err := s.Token(t.Context())
	require.NoError(t, err)
	assert.False(t, s.Invalidate(nil))
	assert.False(t, s.Invalidate(&Token{Access: secret.New("other")}))
	assert.True(t, s.Invalidate(first))
	assert.False(t, s.Invalidate(first), "it is gone")
	assert.Equal(t, "access-2", get(t, s))
	assert.False(t, s.Invalidate(first), "a late refusal does not cost the newer token")
	assert.Equal(t, "access-2", get(t, s))
	assert.EqualValues(t, 1, s.Stats().Invalidations)
}

func TestInvalidateByManyDropsOnce(t *testing.T) {
	d := &desk{life: time.Hour}
	s := open(t, d.fetch, Config{})
	first, err := s.Token(t.Context())
	require.NoError(t, err)
	var dropped atomic.Int32
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if s.Invalidate(first) {
				dropped.Add(1)
			}
			get(t, s)
		})
	}
	wg.Wait()
	assert.EqualValues(t, 1, dropped.Load())
	assert.Equal(t, 2, d.count())
}

// Requirement D52: a provider that gives the refused token again is not asked in a loop.
func TestSameTokenAfterRefusal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{}
		d.then(func(int, *Token) (*Token, error) { return &Token{Access: access(1), ExpiresIn: time.Hour}, nil })
		s := open(t, d.fetch, Config{})
		for range 100 {
			tok, err := s.Token(t.Context())
			require.NoError(t, err)
			s.Invalidate(tok)
			time.Sleep(10 * time.Millisecond)
		}
		assert.Equal(t, 2, d.count())
		time.Sleep(10 * time.Second)
		assert.True(t, s.Invalidate(&Token{Access: access(1)}), "after a while it is tried again")
	})
}

func TestClose(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: time.Hour, delay: time.Hour}
		s := open(t, d.fetch, Config{Timeout: 2 * time.Hour})
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				_, err := s.Token(context.Background())
				assert.ErrorIs(t, err, ErrClosed)
			})
		}
		synctest.Wait()
		begin := time.Now()
		s.Close()
		s.Close()
		wg.Wait()
		assert.Zero(t, time.Since(begin), "the fetch is canceled")
		_, err := s.Token(t.Context())
		assert.ErrorIs(t, err, ErrClosed)
		assert.Equal(t, 1, d.count())
		assert.Zero(t, d.running)
	})
}

func TestCloseDropsTheToken(t *testing.T) {
	s := open(t, (&desk{life: time.Hour}).fetch, Config{})
	get(t, s)
	s.Close()
	_, err := s.Token(t.Context())
	assert.ErrorIs(t, err, ErrClosed)
	assert.Nil(t, s.last)
}

// Close during a renewal that nobody waits for.
func TestCloseEndsTheRenewal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: time.Minute}
		s := open(t, d.fetch, Config{})
		get(t, s)
		d.mu.Lock()
		d.delay = time.Minute
		d.mu.Unlock()
		time.Sleep(50 * time.Second)
		get(t, s)
		synctest.Wait()
		assert.Equal(t, 2, d.count())
		s.Close()
		assert.Zero(t, d.running)
	})
}

func TestCloseRevokes(t *testing.T) {
	for name, c := range map[string]struct {
		revoke error
		want   EventKind
	}{
		"done":   {nil, EventRevoked},
		"failed": {errDown, EventRevokeFailed},
	} {
		t.Run(name, func(t *testing.T) {
			var revoked []string
			kinds := &journal{}
			store := &MemoryStore{}
			cfg := Config{Store: store, Key: "k", OnEvent: kinds.add}
			cfg.Revoke = func(ctx context.Context, tok *Token) error {
				r, _ := store.Load(ctx, "k")
				assert.Zero(t, r, "the token leaves the store first")
				revoked = append(revoked, tok.Access.Reveal())
				return c.revoke
			}
			s := open(t, (&desk{life: time.Hour}).fetch, cfg)
			get(t, s)
			s.Close()
			s.Close()
			assert.Equal(t, []string{"access-1"}, revoked)
			assert.Equal(t, c.want, kinds.kinds()[len(kinds.kinds())-1])
		})
	}
	t.Run("nothing held", func(t *testing.T) {
		s := open(t, (&desk{}).fetch, Config{Revoke: func(context.Context, *Token) error { panic("not called") }})
		s.Close()
	})
	t.Run("panic", func(t *testing.T) {
		var last Event
		s := open(t, (&desk{}).fetch, Config{
			Revoke:  func(context.Context, *Token) error { panic("x") },
			OnEvent: func(_ context.Context, e Event) { last = e },
		})
		get(t, s)
		s.Close()
		assert.Equal(t, EventRevokeFailed, last.Kind)
	})
}
