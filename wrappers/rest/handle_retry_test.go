package rest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// the classes of operations, and how often each is sent when nothing gets better
type sends struct{ unprocessed, freely, byKey, refused, password int }

// Requirements F59, F63, F67, F73, B21, D42: what is sent again depends on what the operation is.
func TestRetryByClass(t *testing.T) {
	dial := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	reset := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	for name, c := range map[string]struct {
		status int
		err    error
		want   sends
	}{
		"refused connection": {0, dial, sends{3, 3, 3, 3, 3}},
		"unknown host":       {0, &net.DNSError{IsNotFound: true}, sends{3, 3, 3, 3, 3}},
		"proxy":              {0, &net.OpError{Op: "proxyconnect", Err: io.EOF}, sends{3, 3, 3, 3, 3}},
		"turned down":        {0, errTurnedAway, sends{3, 3, 3, 3, 3}},
		"reset":              {0, reset, sends{1, 3, 3, 1, 1}},
		"cut off":            {0, io.EOF, sends{1, 3, 3, 1, 1}},
		"certificate":        {0, certificateError(t), sends{1, 1, 1, 1, 1}},
		"scheme":             {0, http.ErrSchemeMismatch, sends{1, 1, 1, 1, 1}},
		"301":                {301, nil, sends{1, 1, 1, 1, 1}},
		"307":                {307, nil, sends{1, 1, 1, 1, 1}},
		"400":                {400, nil, sends{1, 1, 1, 1, 1}},
		"401":                {401, nil, sends{1, 1, 1, 1, 1}},
		"403":                {403, nil, sends{1, 1, 1, 1, 1}},
		"404":                {404, nil, sends{1, 1, 1, 1, 1}},
		"408":                {408, nil, sends{3, 3, 3, 1, 1}},
		"409":                {409, nil, sends{1, 1, 3, 1, 1}},
		"415":                {415, nil, sends{1, 1, 1, 1, 1}},
		"422":                {422, nil, sends{1, 1, 1, 1, 1}},
		"423":                {423, nil, sends{1, 1, 1, 1, 1}},
		"429":                {429, nil, sends{3, 3, 3, 3, 3}},
		"500":                {500, nil, sends{1, 3, 3, 1, 1}},
		"501":                {501, nil, sends{1, 1, 1, 1, 1}},
		"502":                {502, nil, sends{1, 3, 3, 1, 1}},
		"503":                {503, nil, sends{3, 3, 3, 3, 3}},
		"504":                {504, nil, sends{1, 3, 3, 1, 1}},
		"null":               {200, nil, sends{1, 1, 1, 1, 1}},
	} {
		for class, want := range map[Repeat]int{
			RepeatUnprocessed: c.want.unprocessed, RepeatFreely: c.want.freely, RepeatByKey: c.want.byKey,
			RepeatRefused: c.want.refused, RepeatPassword: c.want.password,
		} {
			t.Run(fmt.Sprintf("%s/%d", name, class), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					answer := always(c.status, "null")
					if c.err != nil {
						answer = failing(c.err)
					}
					client, w := newWire(t, Config{}, answer)
					_, err := post(t.Context(), client, operation(class))
					assert.Error(t, err)
					assert.Len(t, w.sent, want)
					assert.Equal(t, want, failure(t, err).Attempts)
					for _, b := range w.bodies {
						assert.Equal(t, `{"a":1}`, b)
					}
				})
			})
		}
	}
}

// The policy widens what may be repeated, but never for a password.
func TestRetryInDoubt(t *testing.T) {
	for class, want := range map[Repeat]int{RepeatUnprocessed: 3, RepeatRefused: 3, RepeatPassword: 1} {
		for _, perCall := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var opts []Option
				if perCall && class != RepeatPassword {
					opts = append(opts, RepeatInDoubt())
				}
				for _, answer := range []func(int, *http.Request) (*http.Response, error){failing(io.EOF), inTurn(500)} {
					client, w := newWire(t, Config{RepeatInDoubt: !perCall}, answer)
					_, err := post(t.Context(), client, operation(class), opts...)
					assert.ErrorIs(t, err, ErrInDoubt)
					assert.Len(t, w.sent, want)
				}
			})
		}
	}
}

func TestRetrySucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w := newWire(t, Config{}, inTurn(500, 429, 200))
		v, err := post(t.Context(), client, operation(RepeatFreely))
		require.NoError(t, err)
		assert.Equal(t, "ok", v.Value)
		assert.Len(t, w.sent, 3)
	})
}

func TestRetriesOption(t *testing.T) {
	for retries, want := range map[int]int{0: 1, 1: 2, 4: 5} {
		synctest.Test(t, func(t *testing.T) {
			client, w := newWire(t, Config{}, inTurn(500))
			_, _ = post(t.Context(), client, operation(RepeatFreely), Retries(retries))
			assert.Len(t, w.sent, want)
		})
	}
	synctest.Test(t, func(t *testing.T) {
		client, w := newWire(t, Config{MaxAttempts: 1}, inTurn(500))
		_, _ = post(t.Context(), client, operation(RepeatFreely))
		assert.Len(t, w.sent, 1)
	})
}

// Requirement F66: the waits are at random, within a window that doubles and has an end.
func TestRetryBacksOff(t *testing.T) {
	for n, most := range map[int]time.Duration{1: 500 * time.Millisecond, 2: time.Second, 3: 2 * time.Second, 6: 10 * time.Second, 99: 10 * time.Second} {
		var low, high time.Duration = 1 << 62, 0
		for range 2000 {
			wait := waitBefore(nil, n, 10*time.Second)
			low, high = min(low, wait), max(high, wait)
		}
		assert.GreaterOrEqual(t, low, time.Duration(0))
		assert.Less(t, high, most)
		assert.Less(t, low, most/20, "full jitter begins at nothing")
		assert.Greater(t, high, most-most/20)
	}
	synctest.Test(t, func(t *testing.T) {
		client, _ := newWire(t, Config{}, inTurn(500))
		begun := time.Now()
		_, _ = post(t.Context(), client, operation(RepeatFreely))
		assert.Positive(t, time.Since(begun))
		assert.Less(t, time.Since(begun), 1500*time.Millisecond)
	})
}

// Requirements F64 and F65: the provider's wait is kept to the second, and one that is too long is told instead.
func TestRetryAfterIsKept(t *testing.T) {
	for _, c := range []struct {
		name, value string
		timeout     time.Duration
		sent        int
		elapsed     time.Duration
		told        time.Duration
	}{
		{"seconds", "3", 0, 3, 6 * time.Second, 3 * time.Second},
		{"date", "Sat, 01 Jan 2000 00:00:04 GMT", 0, 3, 4 * time.Second, 0},
		{"past", "Fri, 31 Dec 1999 00:00:00 GMT", 0, 3, 0, 0},
		{"zero", "0", 0, 3, 0, 0},
		{"at the cap", "10", 0, 3, 20 * time.Second, 10 * time.Second},
		{"over the cap", "11", 0, 1, 0, 11 * time.Second},
		{"a day", "86400", 0, 1, 0, 24 * time.Hour},
		{"over the deadline", "5", 4 * time.Second, 1, 0, 5 * time.Second},
		{"over the deadline, the second time", "3", 5 * time.Second, 2, 3 * time.Second, 3 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, w := newWire(t, Config{}, always(503, "{}", "Retry-After: "+c.value))
				var opts []Option
				if c.timeout > 0 {
					opts = append(opts, Timeout(c.timeout))
				}
				begun := time.Now()
				_, err := post(t.Context(), client, operation(RepeatPassword), opts...)
				assert.ErrorIs(t, err, ErrUnavailable)
				assert.Equal(t, c.told, failure(t, err).RetryAfter)
				assert.Equal(t, c.elapsed, time.Since(begun))
				assert.Len(t, w.sent, c.sent)
			})
		})
	}
}

// Requirement F69: the end of the context ends a wait at once, with the context's error and what is known.
func TestRetryWaitEnds(t *testing.T) {
	for name, c := range map[string]struct {
		answer  func(int, *http.Request) (*http.Response, error)
		status  int
		inDoubt bool
	}{
		"after a 503": {always(503, "{}", "Retry-After: 5"), 503, false},
		"after a 500": {always(500, "{}", "Retry-After: 5"), 500, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, w := newWire(t, Config{}, c.answer)
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				begun := time.Now()
				_, err := post(ctx, client, operation(RepeatFreely))
				e := failure(t, err)
				assert.ErrorIs(t, err, context.Canceled)
				assert.NotErrorIs(t, err, ErrUnavailable)
				assert.Equal(t, c.status, e.Status)
				assert.Equal(t, "the call was canceled, while waiting to try again", e.Message)
				if c.inDoubt {
					assert.ErrorIs(t, err, ErrInDoubt)
				}
				assert.Equal(t, time.Second, time.Since(begun))
				assert.Len(t, w.sent, 1)
			})
		})
	}
	c := &call{}
	err := c.interrupted(nil, &Error{kinds: []error{ErrInDoubt}}, context.DeadlineExceeded)
	assert.ErrorIs(t, err, ErrInDoubt)
	assert.ErrorIs(t, err, ErrUnavailable)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

// Requirement F74: a body that cannot be read changes nothing about what is repeated.
func TestRetryWithoutReadableBodies(t *testing.T) {
	for status, want := range map[int]int{400: 1, 401: 1, 403: 1, 500: 3, 503: 3} {
		for _, body := range []string{"", "<html>", "{", `{"a":1,"a":2}`} {
			synctest.Test(t, func(t *testing.T) {
				client, w := newWire(t, Config{}, always(status, body, "Content-Type: text/html"))
				_, err := post(t.Context(), client, operation(RepeatFreely))
				assert.Equal(t, status, failure(t, err).Status)
				assert.Len(t, w.sent, want)
			})
		}
	}
}

func TestReason(t *testing.T) {
	assert.Equal(t, "no answer", reason(nil))
	assert.Equal(t, "Service Unavailable", reason(reply(503, "")))
}
