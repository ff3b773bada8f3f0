package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// bodies hands out bodies and counts how often each was closed.
type bodies struct {
	mu     sync.Mutex
	closed []int
}

// countedBody is one of bodies.
type countedBody struct {
	io.Reader
	of *bodies
	n  int
}

func (b *bodies) open() (io.ReadCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = append(b.closed, 0)
	return &countedBody{strings.NewReader(`{"a":1}`), b, len(b.closed) - 1}, nil
}

func (c *countedBody) Close() error {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.of.closed[c.n]++
	return nil
}

// request returns a request with one of the bodies.
func (b *bodies) request(ctx context.Context, t *testing.T) *http.Request {
	t.Helper()
	first, err := b.open()
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, testURL, first)
	require.NoError(t, err)
	req.Header.Set("Idempotency-Key", "order-2026-0042")
	req.GetBody = b.open
	return req
}

// requireClosed expects that many bodies, each closed once.
func (b *bodies) requireClosed(t *testing.T, opened int) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Len(t, b.closed, opened)
	for n, times := range b.closed {
		assert.Equal(t, 1, times, "body %d", n)
	}
}

// careless is a transport that neither reads nor closes a body.
type careless struct {
	sent   int
	answer func(int, *http.Request) (*http.Response, error)
}

func (c *careless) RoundTrip(req *http.Request) (*http.Response, error) {
	c.sent++
	return c.answer(c.sent, req)
}

// Requirement F75: every body of a call is closed, once: the first and those of the other attempts, whether they were sent
// or not, and whatever the transport does.
func TestBodiesAreClosed(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(int, *http.Request) (*http.Response, error)
		tokens []string
		cfg    Config
		opts   []Option
		opened int
	}{
		"at once":                 {answer: inTurn(200), opened: 1},
		"refused here":            {opts: []Option{Retries(-1)}, opened: 1},
		"refused there":           {answer: inTurn(400), opened: 1},
		"retried":                 {answer: inTurn(500, 429, 200), opened: 3},
		"retried to no end":       {answer: inTurn(500), opened: 3},
		"no response":             {answer: failing(io.EOF), opened: 3},
		"another token":           {answer: inTurn(401, 200), tokens: []string{"one", "two"}, opened: 2},
		"the same token":          {answer: inTurn(401), opened: 2},
		"held back":               {answer: inTurn(500), cfg: Config{BreakAfter: 1}, opened: 2},
		"a wait that is too long": {answer: always(500, "{}", "Retry-After: 20"), opened: 1},
		"ended while it waits":    {answer: always(500, "{}", "Retry-After: 2"), opened: 2},
	} {
		for kind, transport := range map[string]http.RoundTripper{"careful": &wire{answer: c.answer}, "careless": &careless{answer: c.answer}} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c.cfg.HTTPClient = &http.Client{Transport: transport}
					client, err := New(testURL, Bearer(source(t, append(c.tokens, "one")[0:max(len(c.tokens), 1)]...)), c.cfg)
					require.NoError(t, err)
					ctx, cancel := context.WithCancel(WithOptions(t.Context(), c.opts...))
					time.AfterFunc(1900*time.Millisecond, cancel)
					var b bodies
					_, _ = client.Do(b.request(ctx, t))
					b.requireClosed(t, c.opened)
				})
			})
		}
	}
}

// Nor does one stay open that the budget does not pay for, nor one of a call that panics.
func TestBodiesAreClosedAtTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := &careless{answer: inTurn(500)}
		client, err := New(testURL, nil, Config{HTTPClient: &http.Client{Transport: transport}})
		require.NoError(t, err)
		opened := 0
		for range 20 {
			var b bodies
			sent := transport.sent
			_, _ = client.Do(b.request(t.Context(), t))
			opened = len(b.closed) - (transport.sent - sent)
			b.requireClosed(t, len(b.closed))
		}
		assert.Equal(t, 1, opened, "one more than were sent")
	})
	transport := &careless{answer: func(int, *http.Request) (*http.Response, error) { panic("a transport of the caller's") }}
	client, err := New(testURL, nil, Config{HTTPClient: &http.Client{Transport: transport}})
	require.NoError(t, err)
	var b bodies
	assert.Panics(t, func() { _, _ = client.Do(b.request(t.Context(), t)) })
	b.requireClosed(t, 1)
}

// A body that cannot be had again is not replaced, and the call ends with what it came to.
func TestRewind(t *testing.T) {
	for name, getBody := range map[string]func() (io.ReadCloser, error){
		"none":    nil,
		"fails":   func() (io.ReadCloser, error) { return http.NoBody, errBroken },
		"panics":  func() (io.ReadCloser, error) { panic(errBroken) },
		"no body": func() (io.ReadCloser, error) { return nil, nil },
	} {
		t.Run(name, func(t *testing.T) {
			client, w := newWire(t, Config{}, inTurn(500, 200))
			var b bodies
			req := b.request(t.Context(), t)
			req.GetBody = getBody
			resp, err := client.Do(req)
			require.NoError(t, err)
			assert.Equal(t, 500, resp.StatusCode)
			assert.Len(t, w.sent, 1)
			b.requireClosed(t, 1)
		})
	}
	for _, empty := range []io.ReadCloser{nil, http.NoBody} {
		req := &http.Request{Body: empty}
		assert.True(t, rewind(req))
		assert.Equal(t, empty, req.Body)
	}
}

// What net/http knows to be in memory stays what it is.
func TestOwn(t *testing.T) {
	for _, rc := range []io.ReadCloser{nil, http.NoBody, io.NopCloser(strings.NewReader("x")), io.NopCloser(io.LimitReader(nil, 1))} {
		assert.Equal(t, rc, own(rc))
	}
	boom := errors.New("boom")
	owned := own(closeFunc(func() error { return boom }))
	assert.Equal(t, boom, owned.Close())
	assert.Equal(t, boom, owned.Close())
}

// closeFunc is a body that is closed by a function.
type closeFunc func() error

func (closeFunc) Read([]byte) (int, error) { return 0, io.EOF }
func (f closeFunc) Close() error           { return f() }
