package rest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// the classes of operations, and how often each is sent when nothing gets better
type sends struct{ unprocessed, freely, byKey, refused, password int }

// every class of operations.
var classes = []Repeat{RepeatUnprocessed, RepeatFreely, RepeatByKey, RepeatRefused, RepeatPassword, RepeatIdempotent}

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
		"409":                {409, nil, sends{1, 1, 1, 1, 1}},
		"415":                {415, nil, sends{1, 1, 1, 1, 1}},
		"422":                {422, nil, sends{1, 1, 1, 1, 1}},
		"423":                {423, nil, sends{1, 1, 1, 1, 1}},
		"429":                {429, nil, sends{3, 3, 3, 3, 1}},
		"500":                {500, nil, sends{1, 3, 3, 1, 1}},
		"501":                {501, nil, sends{1, 1, 1, 1, 1}},
		"502":                {502, nil, sends{1, 3, 3, 1, 1}},
		"503":                {503, nil, sends{1, 3, 3, 1, 1}},
		"504":                {504, nil, sends{1, 3, 3, 1, 1}},
		"null":               {200, nil, sends{1, 1, 1, 1, 1}},
	} {
		for class, want := range map[Repeat]int{
			RepeatUnprocessed: c.want.unprocessed, RepeatFreely: c.want.freely, RepeatByKey: c.want.byKey,
			RepeatRefused: c.want.refused, RepeatPassword: c.want.password, RepeatIdempotent: c.want.freely,
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

// Requirement F59: what leaves a call in doubt. A 503 does not where the call does no harm; a 408, a 429 and what never
// left do nowhere.
func TestInDoubtByClass(t *testing.T) {
	for status, harmless := range map[int]bool{500: true, 502: true, 503: false, 504: true} {
		for _, class := range classes {
			_, err := outcomeOf(t, operation(class), always(status, "{}"))
			assert.Equal(t, harmless || class != RepeatFreely, errors.Is(err, ErrInDoubt), "%d/%d", status, class)
		}
	}
	for _, status := range []int{301, 400, 401, 403, 404, 408, 409, 415, 422, 423, 429, 501} {
		for _, class := range classes {
			_, err := outcomeOf(t, operation(class), always(status, "{}"))
			assert.NotErrorIs(t, err, ErrInDoubt, "%d/%d", status, class)
		}
	}
	for _, class := range classes {
		_, err := outcomeOf(t, operation(class), failing(io.EOF))
		assert.ErrorIs(t, err, ErrInDoubt)
		_, err = outcomeOf(t, operation(class), failing(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}))
		assert.NotErrorIs(t, err, ErrInDoubt)
	}
}

// outcomeOf makes one call of op on the fake clock and returns how often it was sent and its error.
func outcomeOf(t *testing.T, op *Operation, answer func(int, *http.Request) (*http.Response, error), opts ...Option) (sent int, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client, w := newWire(t, Config{}, answer)
		_, err = post(t.Context(), client, op, opts...)
		sent = len(w.sent)
	})
	return sent, err
}

// lostThen is a script whose first attempt gets no response, the further ones the statuses.
func lostThen(statuses ...int) func(int, *http.Request) (*http.Response, error) {
	return func(n int, req *http.Request) (*http.Response, error) {
		if n == 1 {
			return nil, io.EOF
		}
		return inTurn(statuses...)(n-1, req)
	}
}

// Requirement F63: under the caller's key a 409 may mean that an earlier call still runs, and after an attempt in doubt
// that this one does. Under a key of ours that nobody can have used it is a refusal.
func TestRetryOfAConflict(t *testing.T) {
	mine := IdempotencyKey("order-2026-0042")
	for name, c := range map[string]struct {
		opts   []Option
		answer func(int, *http.Request) (*http.Response, error)
		sent   int
		good   bool
	}{
		"a key of ours":                  {nil, inTurn(409, 200), 1, false},
		"the caller's key":               {[]Option{mine}, inTurn(409, 200), 2, true},
		"the caller's key, and it stays": {[]Option{mine}, inTurn(409), 3, false},
		"after a lost response":          {nil, lostThen(409, 200), 3, true},
		"after a 500":                    {nil, inTurn(500, 409, 200), 3, true},
		"after a 503":                    {nil, inTurn(503, 409, 200), 3, true},
		"after a 429":                    {nil, inTurn(429, 409, 200), 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			sent, err := outcomeOf(t, operation(RepeatByKey), c.answer, c.opts...)
			assert.Equal(t, c.sent, sent)
			if c.good {
				assert.NoError(t, err)
			} else {
				assert.ErrorIs(t, err, ErrConflict)
				assert.NotErrorIs(t, err, ErrInDoubt)
			}
		})
	}
	for _, class := range []Repeat{RepeatFreely, RepeatIdempotent} {
		sent, _ := outcomeOf(t, operation(class), inTurn(409))
		assert.Equal(t, 1, sent)
	}
}

// What the last attempt came to tells nothing of an attempt in doubt before it, unless the call does no harm and the
// response is a success or, where an earlier attempt cannot be the reason, is about the request itself.
func TestDoubtStays(t *testing.T) {
	for status, tells := range map[int]bool{
		200: true, 400: true, 415: true, 422: true,
		302: false, 401: false, 403: false, 404: false, 408: false, 409: false, 423: false, 429: false, 501: false, 503: false,
	} {
		for _, class := range []Repeat{RepeatUnprocessed, RepeatFreely, RepeatByKey, RepeatRefused, RepeatIdempotent} {
			script := func(n int, _ *http.Request) (*http.Response, error) {
				if n == 1 {
					return nil, io.EOF
				}
				return reply(status, "null"), nil
			}
			sent, err := outcomeOf(t, operation(class), script, RepeatInDoubt())
			assert.GreaterOrEqual(t, sent, 2)
			assert.Equal(t, status, failure(t, err).Status)
			doubt := !tells || class == RepeatUnprocessed || class == RepeatRefused || class == RepeatIdempotent && status != 200
			assert.Equal(t, doubt, errors.Is(err, ErrInDoubt), "%d/%d", status, class)
		}
	}
}

// The doubt of an attempt outlives the client: Decode of a raw response tells of it, and of what the request was.
func TestDoubtReachesDecode(t *testing.T) {
	for name, c := range map[string]struct {
		method, key string
		answer      func(int, *http.Request) (*http.Response, error)
		doubt       bool
	}{
		"by key, lost, then 429": {http.MethodPost, "0123456789", lostThen(429), true},
		"by key, 429":            {http.MethodPost, "0123456789", inTurn(429), false},
		"503 of a POST":          {http.MethodPost, "", inTurn(503), true},
		"503 of a GET":           {http.MethodGet, "", inTurn(503), false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, _ := newWire(t, Config{}, c.answer)
				req, err := http.NewRequestWithContext(t.Context(), c.method, testURL, nil)
				require.NoError(t, err)
				if c.key != "" {
					req.Header.Set("Idempotency-Key", c.key)
				}
				resp, err := client.Do(req)
				_, err = Decode[thing](&Operation{API: testAPI}, resp, err)
				assert.Equal(t, c.doubt, errors.Is(err, ErrInDoubt))
			})
		})
	}
}

// Requirement F67: there is one count of attempts, whoever asks for another one.
func TestAttemptsAreCountedOnce(t *testing.T) {
	for name, c := range map[string]struct {
		max     int
		opts    []Option
		class   Repeat
		answers []int
		sent    int
		status  int
	}{
		"a 401 is the last":          {3, nil, RepeatFreely, []int{503, 503, 401, 200}, 3, 401},
		"a 401 in between":           {3, nil, RepeatFreely, []int{503, 401, 503, 200}, 3, 503},
		"a 401 first":                {3, nil, RepeatFreely, []int{401, 503, 503, 200}, 3, 503},
		"the second of two":          {2, nil, RepeatFreely, []int{401, 503, 200}, 2, 503},
		"a 401 as the second of two": {2, nil, RepeatFreely, []int{503, 401, 200}, 2, 401},
		"one, after a 401":           {1, nil, RepeatFreely, []int{401, 503, 200}, 2, 503},
		"one, and no 401":            {1, nil, RepeatFreely, []int{503, 200}, 1, 503},
		"no retries, after a 401":    {3, []Option{Retries(0)}, RepeatFreely, []int{401, 503, 200}, 2, 503},
		"two retries":                {1, []Option{Retries(2)}, RepeatFreely, []int{503, 503, 401, 200}, 3, 401},
		"a refresh token":            {3, nil, RepeatRefused, []int{401, 200}, 2, 200},
		"a password":                 {3, nil, RepeatPassword, []int{401, 200}, 1, 401},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &wire{t: t, answer: inTurn(c.answers...)}
				client, err := New(testURL, Bearer(source(t, "one", "two")), Config{HTTPClient: &http.Client{Transport: w}, MaxAttempts: c.max})
				require.NoError(t, err)
				var info Info
				_, err = post(t.Context(), client, operation(c.class), append(c.opts, Capture(&info))...)
				assert.Len(t, w.sent, c.sent)
				assert.Equal(t, c.sent, info.Attempts)
				assert.Equal(t, c.status, info.Status)
				assert.Equal(t, c.status == 200, err == nil)
			})
		})
	}
}

// The policy widens what may be sent again, but never for a password.
func TestRetryInDoubt(t *testing.T) {
	for class, want := range map[Repeat]int{RepeatUnprocessed: 3, RepeatRefused: 3, RepeatPassword: 1} {
		for _, perCall := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				var opts []Option
				if perCall && class != RepeatPassword {
					opts = append(opts, RepeatInDoubt())
				}
				for _, answer := range []func(int, *http.Request) (*http.Response, error){failing(io.EOF), inTurn(500), inTurn(503)} {
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
		{"up to the deadline", "5", 5 * time.Second, 1, 0, 5 * time.Second},
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
				_, err := post(t.Context(), client, operation(RepeatFreely), opts...)
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
		"after a 429": {always(429, "{}", "Retry-After: 5"), 429, false},
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
				assert.Equal(t, "the call was canceled, while waiting for its next attempt", e.Message)
				assert.Equal(t, c.inDoubt, errors.Is(err, ErrInDoubt))
				assert.Equal(t, 5*time.Second, e.RetryAfter)
				assert.Equal(t, time.Second, time.Since(begun))
				assert.Len(t, w.sent, 1)
			})
		})
	}
	c := &call{}
	err := c.interrupted(nil, &Error{kinds: []error{ErrInDoubt}}, context.DeadlineExceeded)
	assert.ErrorIs(t, err, ErrInDoubt)
	assert.ErrorIs(t, c.interrupted(reply(200, ""), &Error{kinds: []error{ErrInDoubt}}, context.Canceled), ErrInDoubt)
	assert.ErrorIs(t, err, ErrUnavailable)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

// A retry that is held back until the context ends tells of that end, not of the attempt before.
func TestRetryEndsWhileHeldBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hold atomic.Bool
		client, w := newWire(t, Config{}, func(int, *http.Request) (*http.Response, error) {
			if hold.Load() {
				return reply(429, "{}", "Retry-After: 8"), nil
			}
			return reply(500, "{}", "Retry-After: 1"), nil
		})
		time.AfterFunc(time.Second/2, func() { // another call is told to wait, meanwhile
			hold.Store(true)
			_, _ = post(t.Context(), client, operation(RepeatFreely), Retries(0))
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(2*time.Second, cancel)
		_, err := post(ctx, client, operation(RepeatFreely))
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, ErrInDoubt, "of the attempt before")
		assert.Len(t, w.sent, 2)
	})
}

// Requirement F74: a body that cannot be read changes nothing about what is sent again.
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
	assert.Equal(t, "no answer", reason(nil, io.EOF))
	assert.Equal(t, "no answer", reason(reply(200, ""), io.EOF), "it broke off")
	assert.Equal(t, "Service Unavailable", reason(reply(503, ""), nil))
}
