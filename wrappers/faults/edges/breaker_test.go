package edges

import (
	"io"
	"math"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// A call that its own 429 held back tells of that 429, not of another call.
func TestBareRateLimitKeepsItsStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := over(t, rest.Config{MaxRetryWait: 100 * time.Millisecond}, always(429, "application/json", `{"error":"too many"}`))
		_, err := post[thing](t.Context(), c, op(rest.RepeatFreely))
		e := asErr(t, err)
		assert.Equal(t, 429, e.Status)
		assert.NotContains(t, e.Message, "another call")
	})
}

// A call whose own failure opened the breaker keeps the status and the doubt of that failure.
func TestBreakerKeepsStatusAndDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := over(t, rest.Config{BreakAfter: 1}, always(500, "application/json", `{}`))
		_, err := post[thing](t.Context(), c, op(rest.RepeatByKey))
		assert.Equal(t, 500, asErr(t, err).Status)
		assert.ErrorIs(t, err, rest.ErrInDoubt, "the 500 leaves open whether it was carried out")
	})
}

// Calls that a pause held back are no failures of the provider: the breaker stays closed.
func TestBreakerIsNotTrippedByAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := over(t, rest.Config{BreakAfter: 3}, always(429, "application/json", `{}`, "Retry-After", "30"))
		for i := range 6 {
			_, err := post[thing](t.Context(), c, op(rest.RepeatFreely))
			assert.ErrorIs(t, err, rest.ErrRateLimited, "call %d: the provider answered and did not fail", i)
		}
	})
}

// Requirement F72: a probe that panics does not keep the breaker open for good.
func TestBreakerSurvivesAPanickingProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		c := over(t, rest.Config{BreakAfter: 1}, func(*http.Request) (*http.Response, error) {
			switch n.Add(1) {
			case 1:
				return reply(500, "application/json", `{}`), nil
			case 2:
				panic("a transport of the caller's")
			}
			return reply(200, "application/json", `{"value":"x"}`), nil
		})
		_, err := post[thing](t.Context(), c, op(rest.RepeatUnprocessed))
		require.Error(t, err)
		time.Sleep(rest.BreakTime + 50*time.Millisecond) // of the fake clock
		assert.Panics(t, func() { _, _ = post[thing](t.Context(), c, op(rest.RepeatUnprocessed)) })
		time.Sleep(rest.BreakTime + 1100*time.Millisecond)
		_, err = post[thing](t.Context(), c, op(rest.RepeatUnprocessed))
		assert.NoError(t, err, "the breaker is open for good")
	})
}

// In doubt once, in doubt for good: a later attempt that was refused says nothing of the first.
func TestDoubtOfAnEarlierAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		c := over(t, rest.Config{MaxRetryWait: time.Millisecond}, func(*http.Request) (*http.Response, error) {
			if n.Add(1) == 1 {
				return nil, io.ErrUnexpectedEOF // it was sent, no answer came
			}
			return reply(503, "application/json", `{}`), nil
		})
		_, err := post[thing](t.Context(), c, op(rest.RepeatRefused), rest.RepeatInDoubt())
		assert.ErrorIs(t, err, rest.ErrInDoubt, "the first attempt may have spent the refresh token")
	})
}

// Any number of retries may be asked for: nothing overflows.
func TestRetriesOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		c := over(t, rest.Config{}, func(*http.Request) (*http.Response, error) {
			n.Add(1)
			return reply(503, "application/json", `{}`, "Retry-After", "0"), nil
		})
		_, _ = post[thing](t.Context(), c, op(rest.RepeatFreely), rest.Retries(math.MaxInt))
		assert.Greater(t, n.Load(), int32(1))
	})
}
