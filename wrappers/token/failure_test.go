package token

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Requirements D33 and D42: each final failure has its name and stops the source until Reset.
func TestFinalFailures(t *testing.T) {
	for _, kind := range []error{ErrBadClient, ErrBadUser, ErrDeadGrant, ErrLocked, ErrForbidden} {
		t.Run(kind.Error(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := &desk{life: time.Hour}
				d.fails(Final(fmt.Errorf("provider: %w", errDown), kind))
				s := open(t, d.fetch, Config{})
				for range 5 {
					_, err := s.Token(t.Context())
					assert.ErrorIs(t, err, ErrFinal)
					assert.ErrorIs(t, err, kind)
					assert.ErrorIs(t, err, errDown)
					assert.NotErrorIs(t, err, ErrBadToken)
					assert.EqualError(t, err, "provider: down")
					time.Sleep(24 * time.Hour)
				}
				assert.Equal(t, 1, d.count(), "it does not ask again by itself")
				assert.True(t, s.Stats().GaveUp)
				d.then(nil)
				s.Reset()
				assert.Equal(t, "access-2", get(t, s))
				assert.False(t, s.Stats().GaveUp)
			})
		})
	}
}

func TestFinalOfNothing(t *testing.T) {
	assert.NoError(t, Final(nil, ErrLocked))
	assert.NoError(t, Later(nil, time.Second))
	assert.NotErrorIs(t, Final(errDown), ErrLocked)
}

func TestFinalDoesNotChangeItsArguments(t *testing.T) {
	kinds := make([]error, 1, 2)
	kinds[0] = ErrLocked
	_ = Final(errDown, kinds...)
	assert.Equal(t, []error{ErrLocked, nil}, kinds[:2])
}

// A failure that may pass is asked for again, ever more rarely, whoever comes.
func TestPassingFailuresBackOff(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: time.Hour}
		d.fails(errDown)
		s := open(t, d.fetch, Config{Backoff: 4 * time.Second})
		begin := time.Now()
		var at []time.Duration
		for n := 0; time.Since(begin) < time.Minute; {
			_, err := s.Token(t.Context())
			require.ErrorIs(t, err, errDown)
			if d.count() > n {
				n = d.count()
				at = append(at, time.Since(begin))
			}
			time.Sleep(time.Millisecond)
		}
		for i := 1; i < len(at); i++ {
			pause := at[i] - at[i-1]
			assert.GreaterOrEqual(t, pause, leastPause)
			assert.LessOrEqual(t, pause, min(firstPause<<min(i-1, 10), 4*time.Second)+time.Millisecond)
		}
		assert.Less(t, len(at), 80)
		assert.True(t, s.Stats().Failed)
		d.then(nil)
		s.Reset()
		get(t, s)
		assert.False(t, s.Stats().Failed)
		assert.Zero(t, s.failure.count, "success ends the row")
	})
}

func TestPausesAreSpread(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 100 {
		p := pause(3, 10*time.Second)
		assert.GreaterOrEqual(t, p, leastPause)
		assert.LessOrEqual(t, p, 4*time.Second)
		seen[p] = true
	}
	assert.Greater(t, len(seen), 90)
	assert.LessOrEqual(t, pause(1000, 10*time.Second), 10*time.Second, "no overflow")
	assert.EqualValues(t, 1, pause(5, 1), "a tiny back-off is none")
}

func TestLaterIsObeyed(t *testing.T) {
	for _, c := range []struct{ asked, want time.Duration }{
		{time.Minute, time.Minute},
		{24 * time.Hour, longestWait},
	} {
		bubble(t, func(t *testing.T) {
			d := &desk{life: time.Hour}
			d.fails(fmt.Errorf("call: %w", Later(errDown, c.asked)))
			s := open(t, d.fetch, Config{})
			_, err := s.Token(t.Context())
			assert.ErrorIs(t, err, errDown)
			time.Sleep(c.want - 1)
			_, err = s.Token(t.Context())
			assert.Error(t, err)
			assert.Equal(t, 1, d.count())
			d.then(nil)
			time.Sleep(time.Nanosecond)
			get(t, s)
		})
	}
}

func TestFinalAndLaterTogether(t *testing.T) {
	err := Later(Final(errDown, ErrLocked), time.Second)
	assert.ErrorIs(t, err, ErrFinal)
	assert.ErrorIs(t, err, ErrLocked)
	assert.ErrorIs(t, err, errDown)
}

// Requirement D39, D38, D48: the grants of a source that has a refresh token.
func TestGrants(t *testing.T) {
	type step struct {
		refresh string // what the fetch has to be called with; "" is a start from nothing
		answer  *Token
		err     error
	}
	dead := Final(errors.New("invalid_grant"), ErrDeadGrant)
	token := func(a, r int) *Token {
		out := &Token{Access: access(a), ExpiresIn: time.Minute}
		if r > 0 {
			out.Refresh = refresh(r)
		}
		return out
	}
	for name, c := range map[string]struct {
		seed  int
		steps []step
		kept  string // the refresh token at the end
		err   error  // of the last call
	}{
		"a new refresh token replaces the old one": {
			steps: []step{{answer: token(1, 1)}, {refresh: "refresh-1", answer: token(2, 2)}, {refresh: "refresh-2", answer: token(3, 3)}},
			kept:  "refresh-3",
		},
		"none keeps the old one": {
			steps: []step{{answer: token(1, 1)}, {refresh: "refresh-1", answer: token(2, 0)}, {refresh: "refresh-1", answer: token(3, 0)}},
			kept:  "refresh-1",
		},
		"from outside": {
			seed:  7,
			steps: []step{{refresh: "refresh-7", answer: token(1, 8)}, {refresh: "refresh-8", answer: token(2, 0)}},
			kept:  "refresh-8",
		},
		"a dead one starts over": {
			steps: []step{{answer: token(1, 1)}, {refresh: "refresh-1", err: dead}, {answer: token(3, 3)}},
			kept:  "refresh-3",
		},
		"a dead one from outside starts over": {
			seed:  7,
			steps: []step{{refresh: "refresh-7", err: dead}, {answer: token(2, 2)}},
			kept:  "refresh-2",
		},
		"dead, and no other way": {
			seed:  7,
			steps: []step{{refresh: "refresh-7", err: dead}, {err: dead}},
			kept:  "refresh-7",
			err:   ErrDeadGrant,
		},
		"dead, and locked": {
			steps: []step{{answer: token(1, 1)}, {refresh: "refresh-1", err: dead}, {err: Final(errDown, ErrLocked)}},
			kept:  "refresh-1",
			err:   ErrLocked,
		},
		"another failure does not start over": {
			steps: []step{{answer: token(1, 1)}, {refresh: "refresh-1", err: errDown}},
			kept:  "refresh-1",
			err:   errDown,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				n := 0
				cfg := Config{}
				if c.seed > 0 {
					cfg.Refresh = refresh(c.seed)
				}
				s := open(t, func(_ context.Context, last *Token) (*Token, error) {
					require.Less(t, n, len(c.steps), "one call too many")
					step := c.steps[n]
					n++
					if last == nil {
						last = &Token{}
					}
					assert.Equal(t, step.refresh, last.Refresh.Reveal(), "call %d", n)
					return step.answer, step.err
				}, cfg)
				var err error
				for n < len(c.steps) {
					_, err = s.Token(t.Context())
					time.Sleep(time.Minute)
				}
				if c.err == nil {
					assert.NoError(t, err)
				} else {
					assert.ErrorIs(t, err, c.err)
				}
				require.NotNil(t, s.last)
				assert.Equal(t, c.kept, s.last.Refresh.Reveal())
			})
		})
	}
}

// Errors are compared with == by their callers, as errors.Is does with what is in them.
func TestErrorsCanBeCompared(t *testing.T) {
	type odd []error // an error of anybody's that cannot be compared
	for name, err := range map[string]error{
		"final": Final(errDown, ErrBadClient), "later": Later(errDown, time.Second),
		"later, around one that cannot be": Later(struct {
			error
			odd
		}{errDown, nil}, time.Second),
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, func(context.Context, *Token) (*Token, error) { return nil, err }, Config{})
			_, first := s.Token(t.Context())
			_, second := s.Token(t.Context())
			require.Error(t, first)
			same := false
			assert.NotPanics(t, func() { same = first == second })
			assert.True(t, same, "all share it")
			assert.NotPanics(t, func() { assert.NotErrorIs(t, first, Final(errDown)) })
		})
	}
}
