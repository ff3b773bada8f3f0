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
