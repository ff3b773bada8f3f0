package token

import (
	"math"
	"math/rand/v2"
	"time"
)

// leeway is how long before its end a token is no longer handed out, so that it is still alive when it arrives.
const leeway = 5 * time.Second

// nothing is a life so short that it is none.
const nothing time.Duration = 1

// moment is a point in time on two clocks: the monotonic one, which nobody can set back, and the wall clock, which goes
// on while a machine sleeps. It is reached when either of them says so.
type moment struct {
	mono time.Time // with its monotonic reading
	wall int64     // in nanoseconds
}

// momentAt returns the moment at sent plus d.
func momentAt(sent time.Time, d time.Duration) moment {
	wall := sent.UnixNano()
	if d > 0 && wall > math.MaxInt64-int64(d) {
		return never
	}
	return moment{sent.Add(d), wall + int64(d)}
}

// never is a moment that is not reached.
var never = moment{time.Unix(1<<40, 0), math.MaxInt64}

func (m *moment) reached(now time.Time) bool {
	return !now.Before(m.mono) || now.UnixNano() >= m.wall
}

// held is a token with its moments, worked out once, when it came.
type held struct {
	token *Token
	soft  moment    // from when it is renewed
	hard  moment    // from when it is not used
	sent  time.Time // when it was asked for
	same  bool      // the provider gave the token before it once more
	again bool      // the provider gave it again although it had been refused
	from  *Token    // what it was asked for with, until it is saved
	store bool      // it came from the Store
}

// hold works out the moments of t, which was asked for at sent.
func hold(t, last *Token, sent time.Time, window time.Duration) *held {
	h := &held{token: t, sent: sent, soft: never, hard: never, same: t.Same(last)}
	life := t.ExpiresIn
	switch life {
	case 0:
		return h
	case nothing:
		h.hard = momentAt(sent, 0)
	default:
		h.hard = momentAt(sent, life-min(leeway, life/10))
	}
	h.soft = h.hard
	if !h.same { // else asking early brought the same token again, and would once more: wait for its end
		h.soft = momentAt(sent, min(life-spread(window, life), life-min(leeway, life/10)))
	}
	return h
}

// renewedAt returns a copy of h that is to be renewed at another moment.
func (h *held) renewedAt(soft moment) *held {
	out := *h
	out.soft = soft
	return &out
}

// spread returns window, cut to a quarter of life, less up to a quarter of itself.
func spread(window, life time.Duration) time.Duration {
	window = min(window, life/4)
	return window - rand.N(window/4+1) //nolint:gosec // not a secret, only a spread
}
