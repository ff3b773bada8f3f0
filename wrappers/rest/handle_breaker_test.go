package rest

import (
	"context"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Requirement F72: an open breaker lets exactly one probe through.
func TestBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, _ := Config{BreakAfter: 3}.withDefaults()
		var sent atomic.Int32
		status := http.StatusServiceUnavailable
		do := breaker(func(_ *call, req *http.Request) (*http.Response, error) {
			sent.Add(1)
			time.Sleep(time.Second)
			if req.Context().Err() != nil {
				return nil, req.Context().Err()
			}
			return reply(status, "{}"), nil
		}, cfg)
		send := func(ctx context.Context) error {
			req, _ := http.NewRequestWithContext(ctx, http.MethodGet, testURL, nil)
			_, err := do(&call{}, req)
			return err
		}
		all := func() (refused int32) {
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					if send(t.Context()) != nil {
						atomic.AddInt32(&refused, 1)
					}
				})
			}
			wg.Wait()
			return refused
		}
		for range 3 {
			assert.NoError(t, send(t.Context()))
		}
		err := send(t.Context())
		assert.ErrorIs(t, err, ErrUnavailable)
		assert.Equal(t, BreakTime, failure(t, err).RetryAfter)
		assert.EqualValues(t, 3, sent.Load())

		time.Sleep(BreakTime)
		assert.EqualValues(t, 49, all(), "one probe, which fails")
		assert.EqualValues(t, 4, sent.Load())
		assert.EqualValues(t, 50, all(), "open again")

		time.Sleep(BreakTime)
		canceled, cancel := context.WithCancel(t.Context())
		cancel()
		assert.ErrorIs(t, send(canceled), context.Canceled, "a probe that its caller ends tells nothing")
		status = http.StatusOK
		assert.EqualValues(t, 49, all(), "one probe, which succeeds")
		assert.EqualValues(t, 0, all(), "closed")
	})
}

// What its caller ends tells nothing of the provider: it neither opens the breaker nor lets another probe through.
func TestBreakerIgnoresItsCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent, status atomic.Int32
		client, err := New(testURL, nil, Config{BreakAfter: 1, HTTPClient: &http.Client{
			Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
				sent.Add(1)
				if s := int(status.Load()); s != 0 {
					return reply(s, `{"value":"x"}`), nil
				}
				<-req.Context().Done()
				return nil, req.Context().Err()
			}),
		}})
		require.NoError(t, err)
		end := func(after time.Duration) { // a call that its caller ends
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(after, cancel)
			_, _ = post(ctx, client, operation(RepeatUnprocessed), Timeout(time.Minute))
		}
		end(time.Second)
		assert.EqualValues(t, 1, sent.Load())
		go end(8 * time.Second) // begun while all is well
		synctest.Wait()
		status.Store(500)
		_, err = post(t.Context(), client, operation(RepeatUnprocessed))
		assert.Equal(t, 500, failure(t, err).Status, "it is closed")
		status.Store(0)
		time.Sleep(BreakTime)
		go end(10 * time.Second) // the probe
		time.Sleep(4 * time.Second)
		assert.EqualValues(t, 4, sent.Load())
		_, err = post(t.Context(), client, operation(RepeatUnprocessed))
		assert.ErrorContains(t, err, "not sent: the provider failed too often", "the probe is under way")
		assert.Equal(t, time.Second, failure(t, err).RetryAfter)
		time.Sleep(10 * time.Second)
		status.Store(200)
		_, err = post(t.Context(), client, operation(RepeatUnprocessed))
		assert.NoError(t, err, "a probe that tells nothing leaves room for another one")
	})
}

func TestBreakerInTheChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w := newWire(t, Config{BreakAfter: 2}, failing(io.EOF))
		_, err := post(t.Context(), client, operation(RepeatFreely))
		assert.ErrorIs(t, err, ErrInDoubt, "the last attempt that was sent counts")
		assert.Len(t, w.sent, 2)
		_, err = post(t.Context(), client, operation(RepeatFreely))
		assert.ErrorContains(t, err, "not sent: the provider failed too often in a row")
		assert.Len(t, w.sent, 2)
	})
	synctest.Test(t, func(t *testing.T) {
		client, w := newWire(t, Config{}, failing(io.EOF))
		for range 30 {
			_, _ = post(t.Context(), client, operation(RepeatUnprocessed))
		}
		assert.Len(t, w.sent, 30, "off unless it is asked for")
	})
}

// What a pause keeps back was not sent, and tells nothing of the provider.
func TestBreakerIgnoresWhatIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w := newWire(t, Config{BreakAfter: 1}, always(429, `{}`, "Retry-After: 3600"))
		for range 3 {
			_, err := post(t.Context(), client, operation(RepeatFreely))
			require.ErrorIs(t, err, ErrRateLimited)
			assert.NotContains(t, err.Error(), "failed too often")
		}
		assert.Len(t, w.sent, 1)
	})
}
