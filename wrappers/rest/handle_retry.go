package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// The waits between attempts: at random between nothing and firstPause, doubled for each further attempt.
const firstPause = 500 * time.Millisecond

// retry sends a call again where its operation allows it, there is time for it, and the budget can pay for it.
func retry(next handler, cfg Config, repetitions *bucket, watch *watcher) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		attempts := cfg.MaxAttempts
		if c.retries >= 0 {
			attempts = c.retries + 1
		}
		var resp *http.Response
		var err error
		for n := 1; ; n++ {
			sent := c.info.Attempts
			last, failure := next(c, req)
			if n > 1 && failure != nil && c.info.Attempts == sent && c.life.Err() == nil {
				return resp, err // this one was held back, so the one before it counts
			}
			resp, err = last, failure
			if !c.again(resp, err) || n >= attempts || c.life.Err() != nil {
				return resp, err
			}
			wait := waitBefore(resp, n, cfg.MaxRetryWait)
			// A wait over the limit or the deadline is told in the error instead.
			if wait > cfg.MaxRetryWait || c.life.left() < wait || !rewind(req) || !repetitions.take() {
				return resp, err
			}
			if cause := watch.wait(&c.life, c, wait, reason(resp)); cause != nil {
				return nil, c.interrupted(resp, err, cause)
			}
			c.doubt = c.doubt || errors.Is(err, ErrInDoubt) || resp != nil && inDoubt(resp.StatusCode)
		}
	}
}

// again reports whether the call may be sent once more after this outcome.
func (c *call) again(resp *http.Response, err error) bool {
	mayDouble := c.repeat == RepeatFreely || c.repeat == RepeatByKey || c.doubtful && c.repeat != RepeatPassword
	if err != nil {
		return errors.Is(err, errUnsent) || mayDouble && errors.Is(err, ErrInDoubt)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	case http.StatusRequestTimeout:
		return mayDouble || c.repeat == RepeatUnprocessed
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return mayDouble
	case http.StatusConflict:
		return c.repeat == RepeatByKey
	}
	return false
}

// stillInDoubt reports whether an attempt before the last one may have been carried out, and the status of the last one
// does not tell. Where a repetition does no harm, a refusal tells that the first one was refused as well.
func (c *call) stillInDoubt(status int) bool {
	switch status {
	case 0, http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return c.doubt
	}
	return c.doubt && c.repeat != RepeatFreely && c.repeat != RepeatByKey
}

// waitBefore returns how long to wait before the next attempt, which is what the provider asks for, else full jitter
// over a window that doubles. The latter is never over most.
func waitBefore(resp *http.Response, n int, most time.Duration) time.Duration {
	if wait, asked := retryAfter(resp, time.Now()); asked {
		return wait
	}
	window := min(firstPause<<min(n-1, 16), most)
	return rand.N(window) //nolint:gosec // only a spread
}

// interrupted returns the error of a call that ended while it waited for its next attempt. What is known of the
// last one is kept.
func (c *call) interrupted(resp *http.Response, err, cause error) error {
	e := &Error{Message: describe(cause) + ", while waiting to try again", cause: hide(cause)}
	if errors.Is(cause, context.DeadlineExceeded) {
		e.kinds = append(e.kinds, ErrUnavailable)
	}
	if resp != nil {
		e.Status = resp.StatusCode
		e.RetryAfter, _ = retryAfter(resp, time.Now())
		if inDoubt(e.Status) {
			e.kinds = append(e.kinds, ErrInDoubt)
		}
	} else if errors.Is(err, ErrInDoubt) {
		e.kinds = append(e.kinds, ErrInDoubt)
	}
	return e
}

// reason names what a call waits for, for logs.
func reason(resp *http.Response) string {
	if resp == nil {
		return "no answer"
	}
	return http.StatusText(resp.StatusCode)
}
