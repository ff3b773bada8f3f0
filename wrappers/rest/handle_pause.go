package rest

import (
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

// The time that a 429 holds back all callers: what it asks for, or barePause if it does not say, but never more than
// longestPause. After that one more call is risked.
const (
	barePause    = firstPause
	longestPause = time.Minute
)

// pause holds back every call of the credential for as long as a 429 asked one of them to wait (RFC 6585 §4). A call
// that cannot wait that long fails at once, without being sent.
func pause(next handler, cfg Config, watch *watcher) handler {
	var until atomic.Pointer[time.Time]
	return func(c *call, req *http.Request) (*http.Response, error) {
		for left := remaining(&until); left > 0; left = remaining(&until) {
			life := c.life.left()
			if left > cfg.MaxRetryWait || life <= left {
				return nil, held(left)
			}
			// A spread, lest all go at once, but within what was allowed, and with time left for the attempt.
			left += rand.N(1 + min(left/10, cfg.MaxRetryWait-left, life-left-1)) //nolint:gosec // no secret
			if cause := watch.wait(&c.life, c, left, "another call was told to wait"); cause != nil {
				return nil, c.interrupted(nil, nil, cause)
			}
		}
		resp, err := next(c, req)
		if err == nil && resp.StatusCode == http.StatusTooManyRequests {
			wait, asked := retryAfter(resp, time.Now())
			if !asked {
				wait = barePause
			}
			extend(&until, time.Now().Add(min(wait, longestPause)))
		}
		return resp, err
	}
}

// remaining returns the time until then, or less than nothing.
func remaining(until *atomic.Pointer[time.Time]) time.Duration {
	at := until.Load()
	if at == nil {
		return 0
	}
	return time.Until(*at)
}

// extend moves until to at, unless it is later already.
func extend(until *atomic.Pointer[time.Time], at time.Time) {
	for {
		old := until.Load()
		if old != nil && !old.Before(at) || until.CompareAndSwap(old, &at) {
			return
		}
	}
}

// held returns the error of a call that was not sent because of an earlier 429.
func held(left time.Duration) error {
	return &Error{
		Message:    "not sent: the provider asked another call of this credential to wait",
		RetryAfter: left, kinds: []error{ErrRateLimited},
	}
}
