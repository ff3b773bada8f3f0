package token

import "time"

// leeway is how long before its end a token is no longer handed out, so that it is still alive when it arrives.
const leeway = 5 * time.Second

// phase is what a token is good for at a moment.
type phase uint8

const (
	good  phase = iota // use it
	aging              // use it and renew it
	stale              // do not use it
)

// held is a token with its moments, worked out once. The moments are ages, counted from when the token was asked
// for on two clocks: the wall clock, which goes on while a machine sleeps, and the monotonic one, which nobody can
// set back. The later of both decides.
type held struct {
	token *Token
	sent  time.Time     // with its monotonic reading
	wall  int64         // the same on the wall clock, in nanoseconds
	soft  time.Duration // the age at which the token is renewed
	hard  time.Duration // the age from which it is not used; 0 means never
}

// hold works out the moments of t, which was asked for at sent.
func hold(t, last *Token, sent time.Time, window time.Duration) *held {
	h := &held{token: t, sent: sent, wall: sent.UnixNano()}
	if t.ExpiresIn == 0 {
		return h
	}
	h.hard = t.ExpiresIn - min(leeway, t.ExpiresIn/10)
	h.soft = min(h.hard, t.ExpiresIn-spread(window, t.ExpiresIn))
	if t.Same(last) {
		// Asking early brought the same token again, and would once more: wait for its end.
		h.soft = h.hard
	}
	return h
}

// phase returns what the token is good for at now.
func (h *held) phase(now time.Time) phase {
	if h.hard == 0 {
		return good
	}
	age := max(now.Sub(h.sent), time.Duration(now.UnixNano()-h.wall))
	switch {
	case age < h.soft:
		return good
	case age < h.hard:
		return aging
	}
	return stale
}
