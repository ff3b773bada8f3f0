package rest

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// Requirement F71: a 429 holds back every caller of the credential, not only the one that saw it.
func TestPauseHoldsAll(t *testing.T) {
	for name, c := range map[string]struct {
		field string
		wait  time.Duration
	}{"seconds": {"Retry-After: 4", 4 * time.Second}, "bare": {"X-A: b", barePause}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var times []time.Time
				client, _ := newWire(t, Config{}, func(int, *http.Request) (*http.Response, error) { return nil, nil })
				client.do = chainOf(Config{}, func(*call, *http.Request) (*http.Response, error) {
					mu.Lock()
					defer mu.Unlock()
					times = append(times, time.Now())
					if len(times) == 1 {
						return buffer(reply(429, "{}", c.field)), nil
					}
					return buffer(reply(200, `{"value":"x"}`)), nil
				})
				begun := time.Now()
				_, err := post(t.Context(), client, operation(RepeatFreely), Retries(0))
				assert.ErrorIs(t, err, ErrRateLimited)
				var wg sync.WaitGroup
				for range 20 {
					wg.Go(func() {
						_, err := post(t.Context(), client, operation(RepeatFreely))
						assert.NoError(t, err)
					})
				}
				wg.Wait()
				require.Len(t, times, 21)
				for _, at := range times[1:] {
					assert.GreaterOrEqual(t, at.Sub(begun), c.wait)
					assert.LessOrEqual(t, at.Sub(begun), c.wait+c.wait/10+1)
				}
			})
		})
	}
}

// chainOf returns options and pause over last.
func chainOf(cfg Config, last handler) handler {
	cfg, _ = cfg.withDefaults()
	base, _ := ParseBaseURL("", testURL)
	return options(pause(last, cfg, &watcher{}), web.OriginOf(base), cfg)
}

func buffer(resp *http.Response) *http.Response {
	body, _ := readBody(resp, DefaultMaxBody)
	resp.Body = newBuffered(body, nil, &call{})
	return resp
}

// A call that cannot wait that long fails at once and is told how long; after a minute one is risked.
func TestPauseTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w := newWire(t, Config{}, always(429, "{}", "Retry-After: 86400"))
		_, err := post(t.Context(), client, operation(RepeatFreely))
		assert.Equal(t, 24*time.Hour, failure(t, err).RetryAfter)
		_, err = post(t.Context(), client, operation(RepeatFreely))
		e := failure(t, err)
		assert.ErrorIs(t, err, ErrRateLimited)
		assert.Equal(t, time.Minute, e.RetryAfter)
		assert.Zero(t, e.Attempts)
		assert.Len(t, w.sent, 1)
		time.Sleep(longestPause)
		_, err = post(t.Context(), client, operation(RepeatFreely))
		assert.ErrorIs(t, err, ErrRateLimited)
		assert.Len(t, w.sent, 2)
	})
}

// A pause that is just allowed is kept, and the spread of those who wait stays within what is allowed.
func TestPauseWithinLimits(t *testing.T) {
	for name, c := range map[string]struct {
		pause string
		opts  []Option
		most  time.Duration
	}{
		"at the cap":       {"10", nil, 10 * time.Second},
		"near the cap":     {"9", nil, 9*time.Second + 900*time.Millisecond},
		"near the end":     {"4", []Option{Timeout(4*time.Second + 2)}, 4*time.Second + 1},
		"just to the end":  {"4", []Option{Timeout(4*time.Second + 1)}, 4 * time.Second},
		"with time enough": {"4", nil, 4*time.Second + 400*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sent atomic.Int32
				client, err := New(testURL, nil, Config{HTTPClient: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
					if sent.Add(1) == 1 {
						return reply(429, "{}", "Retry-After: "+c.pause), nil
					}
					return reply(200, `{"value":"x"}`), nil
				})}})
				require.NoError(t, err)
				_, _ = post(t.Context(), client, operation(RepeatFreely), Retries(0))
				begun := time.Now()
				var wg sync.WaitGroup
				for range 50 {
					wg.Go(func() {
						_, err := post(t.Context(), client, operation(RepeatFreely), c.opts...)
						assert.NoError(t, err)
						assert.LessOrEqual(t, time.Since(begun), c.most)
					})
				}
				wg.Wait()
				assert.EqualValues(t, 51, sent.Load())
			})
		})
	}
}

// A 429 that asks for less does not shorten what another one has asked for, and one that asks for more makes it longer.
func TestPauseOnlyGrows(t *testing.T) {
	for name, waits := range map[string][2]string{"shorter": {"8", "1"}, "longer": {"1", "8"}, "the same": {"8", "8"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				var sent atomic.Int32
				var last time.Duration
				cfg := Config{HTTPClient: &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
					n := int(sent.Add(1))
					if n > 2 {
						last = time.Since(begun)
						return reply(200, `{"value":"x"}`), nil
					}
					time.Sleep(time.Duration(n) * 100 * time.Millisecond) // both are under way before either knows
					return reply(429, "{}", "Retry-After: "+waits[n-1]), nil
				})}}
				client, err := New(testURL, nil, cfg)
				require.NoError(t, err)
				var wg sync.WaitGroup
				for range 2 {
					wg.Go(func() { _, _ = post(t.Context(), client, operation(RepeatFreely), Retries(0)) })
				}
				wg.Wait()
				_, err = post(t.Context(), client, operation(RepeatFreely))
				require.NoError(t, err)
				assert.GreaterOrEqual(t, last, 8*time.Second)
				assert.LessOrEqual(t, last, 9*time.Second+200*time.Millisecond)
			})
		})
	}
}

func TestPauseEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w := newWire(t, Config{}, always(429, "{}", "Retry-After: 5"))
		_, err := post(t.Context(), client, operation(RepeatFreely), Retries(0))
		assert.ErrorIs(t, err, ErrRateLimited)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err = post(ctx, client, operation(RepeatFreely))
		assert.ErrorIs(t, err, context.Canceled)
		assert.NotErrorIs(t, err, ErrInDoubt)
		for _, timeout := range []time.Duration{time.Second, 4 * time.Second} { // the pause is over then
			begun := time.Now()
			_, err = post(t.Context(), client, operation(RepeatFreely), Timeout(timeout))
			assert.ErrorIs(t, err, ErrRateLimited, "there is no time to wait")
			assert.Equal(t, 4*time.Second, failure(t, err).RetryAfter)
			assert.Zero(t, time.Since(begun))
		}
		assert.Len(t, w.sent, 1)
	})
}
