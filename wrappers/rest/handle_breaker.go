package rest

import (
	"errors"
	"net/http"
	"sync"
	"time"
)

// breaker stops sending after cfg.BreakAfter failed attempts in a row. After BreakTime one attempt is let
// through: if it succeeds all others are again, if not it is BreakTime once more. With 0 it is not in the chain.
func breaker(next handler, cfg Config) handler {
	if cfg.BreakAfter == 0 {
		return next
	}
	f := &fuse{limit: cfg.BreakAfter}
	return func(c *call, req *http.Request) (*http.Response, error) {
		probe, left := f.pass(time.Now())
		if left > 0 {
			return nil, &Error{
				Message:    "not sent: the provider failed too often in a row",
				RetryAfter: left, kinds: []error{ErrUnavailable},
			}
		}
		end := unknown
		defer func() { f.settle(probe, end) }() // also when something below panics
		sent := c.info.Attempts
		resp, err := next(c, req)
		switch {
		case err != nil && (req.Context().Err() != nil || errors.Is(err, ErrInvalid) || c.info.Attempts == sent): // the caller ended it, or nothing was sent
		case err != nil || resp.StatusCode >= http.StatusInternalServerError:
			end = failed
		default:
			end = answered
		}
		return resp, err
	}
}

// verdict is what an attempt tells about the provider.
type verdict uint8

const (
	unknown verdict = iota
	answered
	failed
)

// fuse counts failures in a row.
type fuse struct {
	limit int

	mu       sync.Mutex
	failures int
	retryAt  time.Time
	probing  bool
}

// pass returns for how long nothing may go out; 0 lets the caller's attempt through, which then may be the probe.
func (f *fuse) pass(now time.Time) (probe bool, left time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.failures < f.limit:
		return false, 0
	case f.probing || now.Before(f.retryAt):
		return false, max(f.retryAt.Sub(now), time.Second)
	}
	f.probing = true
	return true, 0
}

// settle notes how an attempt ended.
func (f *fuse) settle(probe bool, v verdict) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if probe {
		f.probing = false
	}
	switch v {
	case answered:
		f.failures = 0
	case failed:
		f.failures++
		f.retryAt = time.Now().Add(BreakTime) // it counts from the limit on
	case unknown:
	}
}
