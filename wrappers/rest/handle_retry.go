package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"
)

// The waits before retries: at random between nothing and firstPause, doubled for each further retry.
const firstPause = 500 * time.Millisecond

// retry sends a call again where its operation allows it, there is time for it, and the budget can pay for it.
func retry(next handler, cfg Config, retries *bucket, watch *watcher) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		var resp *http.Response
		var err error
		for n := 1; ; n++ {
			sent := c.info.Attempts
			last, failure := next(c, req)
			if n > 1 && c.info.Attempts == sent && c.life.Err() == nil {
				return resp, err // this one was held back, so the one before it counts
			}
			resp, err = last, failure
			if !c.again(resp, err) || c.info.Attempts >= c.maxAttempts || c.life.Err() != nil {
				return resp, err
			}
			wait := waitBefore(resp, n, cfg.MaxRetryWait)
			// A wait over the limit, or one that leaves no time for the attempt, is told in the error instead.
			if wait > cfg.MaxRetryWait || c.life.left() <= wait || !rewind(req) || !retries.take() {
				return resp, err
			}
			if cause := watch.wait(&c.life, c, wait, reason(resp, err)); cause != nil {
				return nil, c.interrupted(resp, err, cause)
			}
			c.doubt = c.doubt || c.leavesOpen(resp, err)
		}
	}
}

// again reports whether the call may be sent once more after this outcome.
func (c *call) again(resp *http.Response, err error) bool {
	if err != nil {
		return errors.Is(err, errUnsent) || c.mayDouble() && errors.Is(err, ErrInDoubt)
	}
	if c.repeat == RepeatPassword {
		return false // it has arrived
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
		return true
	case http.StatusRequestTimeout:
		return c.mayDouble() || c.repeat == RepeatUnprocessed
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return c.mayDouble()
	case http.StatusConflict:
		// Under a key that nobody else has, it is a refusal, unless the other one is an attempt of ours.
		return c.repeat == RepeatByKey && (!c.madeKey || c.doubt)
	}
	return false
}

// leavesOpen reports whether the request of this outcome may have been carried out without a word of it.
func (c *call) leavesOpen(resp *http.Response, err error) bool {
	return errors.Is(err, ErrInDoubt) || resp != nil && c.inDoubt(resp.StatusCode)
}

// harmless reports whether sending the call twice has no more effect than sending it once.
func (c *call) harmless() bool {
	return c.repeat == RepeatFreely || c.repeat == RepeatByKey || c.repeat == RepeatIdempotent
}

// mayDouble reports whether the call may be sent again although the last attempt may have been carried out.
func (c *call) mayDouble() bool { return c.harmless() || c.doubtful && c.repeat != RepeatPassword }

// stillInDoubt reports whether an attempt before the last one may have been carried out, and the status of the last one
// does not tell. Where a retry does no harm, a success tells that the call was carried out, and a refusal of what the
// request says that it never was, unless an attempt that was carried out can be why the next one is refused.
func (c *call) stillInDoubt(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return c.doubt && (!c.harmless() || c.repeat == RepeatIdempotent)
	}
	return c.doubt && (status/100 != 2 || !c.harmless())
}

// waitBefore returns how long to wait before retry n, which is what the provider asks for, else full jitter over a
// window that doubles. The latter is never over most.
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
	e := &Error{Message: describe(cause) + ", while waiting for its next attempt", cause: hide(cause)}
	if errors.Is(cause, context.DeadlineExceeded) {
		e.kinds = append(e.kinds, ErrUnavailable)
	}
	if resp != nil {
		e.Status = resp.StatusCode
		e.RetryAfter, _ = retryAfter(resp, time.Now())
	}
	if c.leavesOpen(resp, err) {
		e.kinds = append(e.kinds, ErrInDoubt)
	}
	return e
}

// reason names what a call waits for, for logs.
func reason(resp *http.Response, err error) string {
	if err != nil {
		return "no answer"
	}
	return http.StatusText(resp.StatusCode)
}
