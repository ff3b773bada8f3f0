package rest

import (
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The pauses between attempts: at random between nothing and firstPause, doubled for each further attempt.
const firstPause = 500 * time.Millisecond

// retry sends a call again where its operation allows it.
func retry(next handler, cfg Config) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		attempts := cfg.MaxAttempts
		if c.retries >= 0 {
			attempts = c.retries + 1
		}
		for n := 1; ; n++ {
			resp, err := next(c, req)
			if !c.op.again(resp, err) || n >= attempts || req.Context().Err() != nil || !rewind(req) {
				return resp, err
			}
			wait := retryAfter(resp, time.Now())
			if wait > cfg.MaxRetryWait {
				return resp, err // its error tells how long
			}
			if wait == 0 {
				wait = rand.N(firstPause << (n - 1)) //nolint:gosec // only a spread
			}
			if deadline, ok := req.Context().Deadline(); ok && time.Until(deadline) < wait {
				return resp, err
			}
			timer := time.NewTimer(wait)
			select {
			case <-timer.C:
			case <-req.Context().Done():
				timer.Stop()
				return resp, err
			}
		}
	}
}

// again reports whether the operation may be sent once more after this outcome.
func (op *Operation) again(resp *http.Response, err error) bool {
	if err != nil {
		return unsent(err) || op.Repeat != RepeatUnprocessed && errors.Is(err, ErrInDoubt)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	case http.StatusRequestTimeout, http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		return op.Repeat != RepeatUnprocessed
	case http.StatusConflict:
		return op.Repeat == RepeatByKey && running(resp)
	}
	return false
}

// running reports whether a 409 says that the first request under the key is still running. Any other conflict is
// final: waiting does not mend it.
func running(resp *http.Response) bool {
	return strings.Contains(strings.ToLower(string(peek(resp))), "in progress")
}

// unsent reports whether err came before a byte of the request could leave.
func unsent(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op == "dial" || op.Op == "proxyconnect"
	}
	var dns *net.DNSError
	return errors.As(err, &dns)
}

// retryAfter returns how long the answer asks to wait (RFC 9110 §10.2.3); 0 if it does not, or asks for no wait.
func retryAfter(resp *http.Response, now time.Time) time.Duration {
	if resp == nil {
		return 0
	}
	value := strings.TrimSpace(resp.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		const most = int64(time.Duration(1<<63-1) / time.Second)
		return time.Duration(max(0, min(seconds, most))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
