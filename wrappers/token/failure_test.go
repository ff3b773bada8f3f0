package token

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
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
	assert.NoError(t, Hold(nil, time.Second))
	assert.NoError(t, InDoubt(nil))
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
	for count := range 1000 { // no overflow
		p := pause(count, 10*time.Second)
		assert.GreaterOrEqual(t, p, leastPause, count)
		assert.LessOrEqual(t, p, 10*time.Second, count)
	}
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

// A Hold is the caller's own rule: it has no longest wait, and ends with a success or a Reset alone.
func TestHoldIsObeyed(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want time.Duration
	}{
		"days":               {Hold(errDown, 72*time.Hour), 72 * time.Hour},
		"wrapped":            {fmt.Errorf("call: %w", Hold(errDown, time.Hour)), time.Hour},
		"around Final":       {Hold(Final(errDown, ErrBadUser), time.Hour), time.Hour},
		"around Later":       {Hold(Later(errDown, time.Minute), time.Hour), time.Hour},
		"under a long Later": {Later(Hold(errDown, time.Second), time.Minute), time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := &desk{life: time.Hour}
				d.fails(c.err)
				s := open(t, d.fetch, Config{})
				_, err := s.Token(t.Context())
				assert.ErrorIs(t, err, errDown)
				assert.Equal(t, errors.Is(c.err, ErrFinal), errors.Is(err, ErrFinal), "the caller sees through it")
				assert.False(t, s.Stats().GaveUp)
				time.Sleep(c.want - 1)
				_, again := s.Token(t.Context())
				assert.Equal(t, err, again)
				assert.Equal(t, 1, d.count())
				d.then(nil)
				time.Sleep(time.Nanosecond)
				get(t, s)
				assert.Equal(t, 2, d.count())
			})
		})
	}
}

// Several waits are for the failures in a row, whatever comes between them, until a success or a Reset.
func TestHoldGrows(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: time.Minute}
		var waits []time.Duration
		s := open(t, d.fetch, Config{OnEvent: func(_ context.Context, e Event) {
			if e.Kind == EventFailed {
				waits = append(waits, e.Wait)
			}
		}})
		asks := func(answer error) {
			d.fails(answer)
			if answer == nil {
				d.then(nil)
			}
			_, err := s.Token(t.Context())
			assert.Equal(t, answer, err)
			synctest.Wait()
			time.Sleep(time.Hour)
		}
		refused := Hold(errDown, time.Minute, 5*time.Minute, 15*time.Minute)
		for _, answer := range []error{refused, errDown, refused, refused, refused, nil, refused} {
			asks(answer)
		}
		s.Reset()
		asks(refused)
		assert.Len(t, waits, 7)
		assert.Less(t, waits[1], time.Second)
		waits[1] = 0
		assert.Equal(t, []time.Duration{time.Minute, 0, 5 * time.Minute, 15 * time.Minute, 15 * time.Minute, time.Minute, time.Minute}, waits)
		assert.Less(t, (&failure{}).add(Hold(errDown), time.Second, time.Now()), time.Second, "no wait is none")
	})
}

// A Hold keeps a background renewal away as well, and the end of a token that is still good does not lift it.
func TestHoldKeepsRenewalsAway(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := grant(time.Hour)
		s := open(t, d.fetch, Config{Window: 15 * time.Minute})
		get(t, s)
		dead := Final(errDown, ErrDeadGrant)
		d.then(func(_ int, last *Token) (*Token, error) {
			if last != nil {
				return nil, dead
			}
			return nil, Hold(errDown, 2*time.Hour)
		})
		time.Sleep(50 * time.Minute)
		failed := time.Now()
		for time.Since(failed) < 2*time.Hour {
			_, _ = s.Token(t.Context())
			synctest.Wait()
			time.Sleep(time.Second)
		}
		assert.Equal(t, 3, d.count(), "the first one, its refresh token, and one login")
		_, err := s.Token(t.Context())
		assert.ErrorIs(t, err, errDown)
		assert.Equal(t, 5, d.count())
	})
}

// A fetch learns of the last Hold, whatever failed since, until a success or a Reset; and of none of another source.
func TestHeld(t *testing.T) {
	bubble(t, func(t *testing.T) {
		hold := Hold(errDown, time.Minute)
		var heard error
		var answer error
		s := open(t, func(ctx context.Context, _ *Token) (*Token, error) {
			heard = Held(ctx)
			other := open(t, func(ctx context.Context, _ *Token) (*Token, error) {
				assert.NoError(t, Held(ctx), "of another source")
				return &Token{Access: access(2), ExpiresIn: time.Minute}, nil
			}, Config{})
			_, err := other.Token(ctx)
			assert.NoError(t, err)
			if answer != nil {
				return nil, answer
			}
			return &Token{Access: access(1), ExpiresIn: time.Minute}, nil
		}, Config{})
		for i, step := range []struct {
			answer, heard error
			reset         bool
		}{
			{answer: hold},
			{answer: errDown, heard: hold},
			{answer: Later(errDown, time.Second), heard: hold},
			{heard: hold},
			{answer: hold},
			{heard: nil, reset: true},
		} {
			answer = step.answer
			if step.reset {
				s.Reset()
			}
			_, err := s.Token(t.Context())
			assert.Equal(t, step.answer, err, i)
			assert.Equal(t, step.heard, heard, i)
			time.Sleep(time.Hour)
		}
		assert.NoError(t, Held(t.Context()))
	})
}

func TestHoldDoesNotKeepItsArguments(t *testing.T) {
	waits := []time.Duration{time.Minute}
	err := Hold(errDown, waits...)
	waits[0] = 0
	assert.GreaterOrEqual(t, (&failure{}).add(err, time.Second, time.Now()), time.Minute)
}

// Peek shows what there is, and asks nobody.
func TestPeek(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Minute), &MemoryStore{}
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		assert.Nil(t, s.Peek())
		get(t, s)
		got := s.Peek()
		assert.Equal(t, "access-1", got.Access.Reveal())
		s.Invalidate(got)
		assert.Equal(t, "refresh-1", s.Peek().Refresh.Reveal())
		time.Sleep(time.Hour)
		assert.Same(t, got, s.Peek(), "past its end")
		assert.Equal(t, 1, d.count())
		assert.Nil(t, open(t, d.fetch, Config{Store: store, Key: "k"}).Peek(), "the store is not asked")
		assert.Equal(t, "refresh-9", open(t, d.fetch, Config{Refresh: refresh(9)}).Peek().Refresh.Reveal())
		assert.Equal(t, "access-7", Static(access(7)).Peek().Access.Reveal())
	})
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
		refresh string // what the fetch must be called with; "" is a start from nothing
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
		"hold": Hold(errDown, time.Second), "in doubt": InDoubt(errDown),
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
