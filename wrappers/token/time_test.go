package token

import (
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Requirement D30 and E of the time rules: each life, and the ages at which its token may still be used and no more.
func TestLives(t *testing.T) {
	const endless = -1
	for name, c := range map[string]struct {
		life, usable, over time.Duration
	}{
		"zero is never":     {0, 200 * 365 * 24 * time.Hour, endless},
		"one second":        {time.Second, 899 * time.Millisecond, 900 * time.Millisecond},
		"ten seconds":       {10 * time.Second, 9*time.Second - 1, 9 * time.Second},
		"one minute":        {time.Minute, 55*time.Second - 1, 55 * time.Second},
		"one hour":          {time.Hour, time.Hour - 5*time.Second - 1, time.Hour - 5*time.Second},
		"ten years":         {87600 * time.Hour, 87600*time.Hour - 5*time.Second - 1, 87600*time.Hour - 5*time.Second},
		"as long as can be": {math.MaxInt64, 200 * 365 * 24 * time.Hour, endless},
	} {
		t.Run(name, func(t *testing.T) {
			sent := time.Now()
			tok, err := accept(&Token{Access: access(1), ExpiresIn: c.life}, nil, sent)
			require.NoError(t, err)
			h := hold(tok, nil, sent, time.Minute)
			assert.False(t, h.soft.reached(sent))
			assert.False(t, h.hard.reached(sent.Add(c.usable)))
			if c.over != endless {
				assert.True(t, h.hard.reached(sent.Add(c.over)))
			}
			if c.life > 0 {
				assert.False(t, h.soft.reached(sent.Add(c.life-c.life/4-1)), "the window is at most a quarter")
				assert.WithinDuration(t, sent.Add(c.life), tok.Expiry, 0)
			} else {
				assert.True(t, tok.Expiry.IsZero())
			}
		})
	}
}

func TestWindowIsSpread(t *testing.T) {
	for _, life := range []time.Duration{10 * time.Second, time.Minute, time.Hour} {
		seen := map[time.Duration]bool{}
		for range 100 {
			w := spread(time.Minute, life)
			most := min(time.Minute, life/4)
			assert.LessOrEqual(t, w, most)
			assert.GreaterOrEqual(t, w, most-most/4-1)
			seen[w] = true
		}
		assert.Greater(t, len(seen), 90, "sources do not renew at once")
	}
	assert.EqualValues(t, 0, spread(0, time.Hour))
}

// The wall clock is put forward or back by an hour, or the machine sleeps, which puts the wall clock forward against
// the monotonic one.
func TestClockJumps(t *testing.T) {
	const jump = time.Hour
	tok := &Token{Access: access(1), ExpiresIn: 2 * time.Hour}
	sent := time.Now()
	for name, c := range map[string]struct {
		wall time.Duration // how far the wall clock went ahead of the monotonic one
		age  time.Duration // by the monotonic clock
		want bool          // it has ended
	}{
		"none":                          {0, time.Hour, false},
		"back: the true age counts":     {-jump, 2 * time.Hour, true},
		"back: a good one stays":        {-jump, time.Hour, false},
		"ahead: taken for a sleep":      {jump, time.Hour, true},
		"slept past its end":            {3 * time.Hour, time.Minute, true},
		"slept a little":                {time.Minute, time.Minute, false},
		"ahead, and still good by both": {jump, time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := hold(tok, nil, sent, time.Minute)
			h.jump(c.wall)
			assert.Equal(t, c.want, h.hard.reached(sent.Add(c.age)))
		})
	}
}

// jump makes h as if the wall clock had gone ahead of the monotonic one since it came.
func (h *held) jump(ahead time.Duration) {
	h.soft.wall -= int64(ahead)
	h.hard.wall -= int64(ahead)
}

// A jump of the wall clock costs one fetch at most, not one for each call.
func TestClockJumpIsNoStorm(t *testing.T) {
	for name, jump := range map[string]time.Duration{"ahead": time.Hour, "back": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := &desk{life: time.Hour}
				s := open(t, d.fetch, Config{})
				get(t, s)
				s.current.Load().jump(jump)
				for range 100 {
					get(t, s)
					time.Sleep(time.Second)
				}
				assert.LessOrEqual(t, d.count(), 2)
			})
		})
	}
}

// Requirement D30: expiry counts from the moment the request was sent.
func TestExpiryCountsFromTheRequest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: time.Minute, delay: 20 * time.Second}
		s := open(t, d.fetch, Config{})
		begin := time.Now()
		tok, err := s.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, begin.Add(time.Minute).Round(0), tok.Expiry)
		assert.Equal(t, 40*time.Second, tok.Remaining(time.Now()))
		assert.Zero(t, tok.Remaining(time.Now().Add(time.Hour)))
		assert.Zero(t, (&Token{}).Remaining(time.Now()))
	})
}

// A fetch that takes longer than its tokens live brings none, and is not repeated without end.
func TestFetchSlowerThanItsTokens(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: time.Second, delay: 2 * time.Second}
		s := open(t, d.fetch, Config{})
		for range 10 {
			_, err := s.Token(t.Context())
			assert.ErrorIs(t, err, ErrBadToken)
		}
		assert.Equal(t, rounds, d.count())
	})
}

// The answer was on its way for longer than its token lives: it had ended, and the flight asks once more.
func TestAnswerThatWasTooLate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{}
		d.then(func(n int, last *Token) (*Token, error) {
			if n == 1 {
				time.Sleep(20 * time.Second)
				return &Token{Access: access(1), Refresh: refresh(1), ExpiresIn: 10 * time.Second}, nil
			}
			assert.Equal(t, "refresh-1", last.Refresh.Reveal())
			return &Token{Access: access(2), ExpiresIn: time.Hour}, nil
		})
		s := open(t, d.fetch, Config{})
		assert.Equal(t, "access-2", get(t, s))
		assert.Equal(t, 2, d.count())
	})
}

// Requirement D52: a provider that hands out the same token to its end, with the life that is left in whole
// seconds. It is never used past its end, not asked for in a loop, and no caller sees a failure.
func TestSameTokenUntilItsEnd(t *testing.T) {
	for _, rounding := range []time.Duration{0, 999 * time.Millisecond} { // of the life down, and up
		bubble(t, func(t *testing.T) {
			const life = 5 * time.Minute
			begin := time.Now()
			number, end := 1, begin.Add(life)
			d := &desk{delay: 50 * time.Millisecond}
			d.then(func(int, *Token) (*Token, error) {
				if !time.Now().Before(end) {
					number, end = number+1, time.Now().Add(life)
				}
				left := (time.Until(end) + rounding).Truncate(time.Second)
				return &Token{Access: access(number), ExpiresIn: left}, nil
			})
			s := open(t, d.fetch, Config{})
			for time.Since(begin) < 3*life {
				tok, err := s.Token(t.Context())
				require.NoError(t, err)
				if rounding == 0 {
					assert.True(t, tok.Same(&Token{Access: access(number)}) && time.Now().Before(end), "it had ended at %s", time.Since(begin))
				}
				time.Sleep(37 * time.Millisecond)
			}
			assert.LessOrEqual(t, d.count(), 3*6)
		})
	}
}

func TestTinyLifeOfTheSameToken(t *testing.T) {
	sent := time.Now()
	last := &Token{Access: access(1), Expiry: sent.Add(time.Minute)}
	for _, left := range []time.Duration{0, 1, time.Millisecond, 999 * time.Millisecond} {
		tok, err := accept(&Token{Access: access(1), ExpiresIn: left}, last, sent)
		require.NoError(t, err)
		assert.True(t, hold(tok, last, sent, time.Minute).hard.reached(sent), "%s", left)
	}
	endless := &Token{Access: access(1)}
	tok, err := accept(&Token{Access: access(1)}, endless, sent)
	require.NoError(t, err)
	assert.False(t, hold(tok, endless, sent, time.Minute).soft.reached(sent.Add(time.Hour)), "one that never ended goes on")
}

// One second of life: every caller gets a good one, with a fetch at most every 0.75 s.
func TestLifeOfOneSecond(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: time.Second, delay: 10 * time.Millisecond}
		s := open(t, d.fetch, Config{})
		begin := time.Now()
		for time.Since(begin) < 30*time.Second {
			tok, err := s.Token(t.Context())
			require.NoError(t, err)
			assert.Positive(t, tok.Remaining(time.Now()))
			time.Sleep(7 * time.Millisecond)
		}
		assert.LessOrEqual(t, d.count(), 41)
		assert.GreaterOrEqual(t, d.count(), 33)
		synctest.Wait()
	})
}

// An Expiry is a time of the wall clock, the only one that goes on while a machine sleeps and that processes share.
func TestExpiryIsOfTheWallClock(t *testing.T) {
	now := time.Now()
	got, err := accept(&Token{Access: access(1), ExpiresIn: time.Hour}, nil, now)
	require.NoError(t, err)
	assert.Equal(t, now.Round(0).Add(time.Hour), got.Expiry, "without a monotonic reading")
}
