package token

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A Window within the leeway renews nothing ahead, and does not make a token last longer either.
func TestWindowWithinTheLeeway(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d := &desk{life: 10 * time.Minute}
		s := open(t, d.fetch, Config{Window: time.Second})
		assert.Equal(t, "access-1", get(t, s))
		time.Sleep(d.life - leeway - time.Nanosecond)
		assert.Equal(t, "access-1", get(t, s))
		assert.Equal(t, 1, d.count(), "it is good and not yet to be renewed")
		time.Sleep(time.Nanosecond)
		assert.Equal(t, "access-2", get(t, s))
	})
}

// A life that ends after the last moment of the clock is one that does not end.
func TestLifeBeyondTheClock(t *testing.T) {
	sent := time.Now()
	for name, c := range map[string]struct {
		life time.Duration
		want bool // it ends
	}{
		"the longest that fits": {time.Duration(math.MaxInt64 - sent.UnixNano()), true},
		"a bit too long":        {time.Duration(math.MaxInt64-sent.UnixNano()) + 1, false},
		"as long as can be":     {math.MaxInt64, false},
	} {
		m := momentAt(sent, c.life)
		assert.False(t, m.reached(sent), name)
		assert.Equal(t, !c.want, m == never, name)
	}
	d := &desk{life: math.MaxInt64}
	s := open(t, d.fetch, Config{})
	for range 3 {
		assert.Equal(t, "access-1", get(t, s))
	}
	_, err := s.Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, d.count())
}

// A moment is reached at that very nanosecond, on either clock.
func TestMomentIsReached(t *testing.T) {
	at := time.Now()
	m := momentAt(at, time.Second)
	assert.False(t, m.reached(at.Add(time.Second-1)))
	assert.True(t, m.reached(at.Add(time.Second)))
	m.wall-- // the wall clock went ahead
	assert.True(t, m.reached(at.Add(time.Second-1)))
	assert.False(t, m.reached(at.Add(time.Second-2)))
}
