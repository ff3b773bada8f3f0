package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

// endpoint is a handler with what it has logged and what it has handed out.
type endpoint struct {
	http.Handler

	log    bytes.Buffer
	events []note
	next   func(context.Context) error // what comes of the next events; nil is a success
}

func newEndpoint(opts ...webhook.Option) *endpoint {
	e := &endpoint{}
	e.Handler = webhook.Handler(scheme(secret.New(key)), func(ctx context.Context, n note) error {
		e.events = append(e.events, n)
		if e.next != nil {
			return e.next(ctx)
		}
		return nil
	}, append(opts, webhook.Log(slog.New(slog.NewTextHandler(&e.log, nil))))...)
	return e
}

// send sends a signed event and returns the status of the answer, which must have nothing else in it.
func (e *endpoint) send(t *testing.T, id string) int {
	t.Helper()
	return e.post(t, resigned(t, id, time.Now(), body), body)
}

func (e *endpoint) post(t *testing.T, h http.Header, body string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hook", strings.NewReader(body))
	r.Header = h
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	assert.Empty(t, w.Body.String())
	assert.Empty(t, w.Header())
	for _, text := range []string{key, signature, "paid", "whsec"} {
		assert.NotContains(t, e.log.String(), text)
	}
	return w.Code
}

func TestHandlerHandsEachEventOutOnce(t *testing.T) {
	t.Parallel()
	e := newEndpoint()
	for _, id := range []string{"a", "b", "a", "a", "b"} {
		assert.Equal(t, http.StatusOK, e.send(t, id))
	}
	assert.Equal(t, []note{{"a", "charge.event.v1"}, {"b", "charge.event.v1"}}, e.events)
	assert.Empty(t, e.log.String())
}

func TestHandlerAsksForWhatFailed(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]func(context.Context) error{
		"an error":              func(context.Context) error { return errors.New("the database is away") },
		"a panic":               func(context.Context) error { panic("with " + key) },
		"a panic of net/http":   func(context.Context) error { panic(http.ErrAbortHandler) },
		"a panic with an error": func(context.Context) error { panic(errors.New(key)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEndpoint()
			e.next = next
			assert.Equal(t, http.StatusInternalServerError, e.send(t, "a"))
			assert.Contains(t, e.log.String(), "webhook not handled")
			assert.Contains(t, e.log.String(), map[string]string{
				"an error": "the database is away", "a panic": "panicked with a value of type string", "a panic of net/http": "net/http: abort Handler",
				"a panic with an error": "panicked with a value of type *errors.errorString",
			}[name])
			e.next = nil
			assert.Equal(t, http.StatusOK, e.send(t, "a"))
			assert.Equal(t, http.StatusOK, e.send(t, "a"))
			assert.Len(t, e.events, 2)
		})
	}
}

func TestHandlerRefuses(t *testing.T) {
	t.Parallel()
	e := newEndpoint(webhook.MaxBody(1000), webhook.Tolerance(time.Minute))
	assert.Equal(t, http.StatusUnauthorized, e.post(t, headers(), body))
	assert.Contains(t, e.log.String(), "level=WARN")
	assert.Contains(t, e.log.String(), "too old")
	assert.Equal(t, http.StatusUnauthorized, e.post(t, http.Header{}, body))
	assert.Equal(t, http.StatusBadRequest, e.post(t, resigned(t, id, time.Now(), "{}x"), "{}x"))
	big := strings.Repeat(" ", 1001)
	assert.Equal(t, http.StatusBadRequest, e.post(t, resigned(t, id, time.Now(), big), big))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/hook", nil)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	assert.Equal(t, http.StatusBadRequest, w.Code)
	assert.Empty(t, e.events)
	assert.Equal(t, 5, strings.Count(e.log.String(), "webhook refused"))
}

// A fault of ours is said at each request, and never to the sender.
//
//nolint:paralleltest // the logger is the program's
func TestHandlerWithBadOptions(t *testing.T) {
	e := newEndpoint(webhook.Lease(-1))
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(old) })
	broken := &endpoint{Handler: webhook.Handler(scheme(), func(context.Context, note) error { return nil })}
	assert.Equal(t, http.StatusInternalServerError, broken.post(t, headers(), body))
	assert.Contains(t, log.String(), "a secret is required")
	wrong := &endpoint{Handler: webhook.Handler(scheme(secret.New(key)), func(context.Context, note) error { return nil }, webhook.Lease(-1))}
	assert.Equal(t, http.StatusInternalServerError, wrong.post(t, headers(), body))
	assert.Contains(t, log.String(), "Lease must be positive")
	assert.Equal(t, http.StatusInternalServerError, e.send(t, "a"))
	assert.Empty(t, e.events)
}

// claims says what a test wants.
type claims struct {
	state                   webhook.State
	claim, confirm, release error
	calls                   []string
	alive                   []bool // whether the context was
}

func (c *claims) note(ctx context.Context, what string) {
	c.calls, c.alive = append(c.calls, what), append(c.alive, ctx.Err() == nil)
}

func (c *claims) Claim(ctx context.Context, id, _ string, lease time.Duration) (webhook.State, error) {
	c.note(ctx, "claim "+id+" "+lease.String())
	return c.state, c.claim
}

func (c *claims) Confirm(ctx context.Context, id, _ string) error {
	c.note(ctx, "confirm "+id)
	return c.confirm
}

func (c *claims) Release(ctx context.Context, id, _ string) error {
	c.note(ctx, "release "+id)
	return c.release
}

func TestHandlerClaims(t *testing.T) {
	t.Parallel()
	away := errors.New("the store is away")
	for name, c := range map[string]struct {
		claims claims
		fails  bool
		id     string
		status int
		calls  []string
		events int
		log    string
	}{
		"a new event":                   {id: "a", status: 200, calls: []string{"claim lab a 1m0s", "confirm lab a"}, events: 1},
		"one that was handled":          {id: "a", claims: claims{state: webhook.Done}, status: 200, calls: []string{"claim lab a 1m0s"}},
		"one that is being handled":     {id: "a", claims: claims{state: webhook.Busy}, status: 503, calls: []string{"claim lab a 1m0s"}},
		"one that cannot be claimed":    {id: "a", claims: claims{claim: away}, status: 500, calls: []string{"claim lab a 1m0s"}, log: "cannot be claimed: the store is away"},
		"one that fails":                {id: "a", fails: true, status: 500, calls: []string{"claim lab a 1m0s", "release lab a"}, events: 1, log: "it failed"},
		"one that cannot be given back": {id: "a", fails: true, claims: claims{release: away}, status: 500, calls: []string{"claim lab a 1m0s", "release lab a"}, events: 1, log: "the store is away"},
		"one that cannot be noted":      {id: "a", claims: claims{confirm: away}, status: 200, calls: []string{"claim lab a 1m0s", "confirm lab a"}, events: 1, log: "handled, but not noted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEndpoint(webhook.Deduplicate(&c.claims))
			if c.fails {
				e.next = func(context.Context) error { return errors.New("it failed") }
			}
			assert.Equal(t, c.status, e.send(t, c.id))
			assert.Equal(t, c.calls, c.claims.calls)
			assert.Len(t, e.events, c.events)
			assert.Contains(t, e.log.String(), c.log)
			assert.Equal(t, c.log == "", e.log.Len() == 0, e.log.String())
		})
	}
}

// What became of an event is noted even where the sender has hung up meanwhile.
func TestHandlerNotesAfterTheSenderHasGone(t *testing.T) {
	t.Parallel()
	for _, fails := range []error{nil, errors.New("it failed")} {
		c := &claims{}
		ctx, hangUp := context.WithCancel(t.Context())
		h := webhook.Handler(scheme(secret.New(key)), func(ctx context.Context, _ note) error {
			hangUp()
			require.Error(t, ctx.Err())
			return fails
		}, webhook.Deduplicate(c), webhook.Lease(time.Hour), webhook.Log(slog.New(slog.DiscardHandler)))
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(body))
		r.Header = resigned(t, "a", time.Now(), body)
		h.ServeHTTP(httptest.NewRecorder(), r)
		assert.Equal(t, "claim lab a 1h0m0s", c.calls[0])
		assert.Equal(t, []bool{true, true}, c.alive)
	}
}

// An event without an id is handed out each time.
func TestHandlerWithoutIDs(t *testing.T) {
	t.Parallel()
	s := scheme(secret.New(key))
	s.ID = func(note) string { return "" }
	handed, fails := 0, false
	h := webhook.Handler(s, func(context.Context, note) error {
		if handed++; fails {
			return errors.New("no")
		}
		return nil
	}, webhook.Log(slog.New(slog.DiscardHandler)))
	for _, want := range []int{200, 200, 500} {
		fails = want == 500
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header = resigned(t, "a", time.Now(), body)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		assert.Equal(t, want, w.Code)
	}
	assert.Equal(t, 3, handed)
}

// Of many requests with one event at the same time, one is handed out; the others are told to come again, or that it is
// done.
func TestHandlerAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		statuses := map[int]int{}
		handed := 0
		h := webhook.Handler(scheme(secret.New(key)), func(context.Context, note) error {
			mu.Lock()
			handed++
			mu.Unlock()
			time.Sleep(time.Second)
			return nil
		})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
				r.Header = resigned(t, "a", time.Now(), body)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				mu.Lock()
				statuses[w.Code]++
				mu.Unlock()
			})
		}
		wg.Wait()
		assert.Equal(t, map[int]int{200: 1, 503: 49}, statuses)
		assert.Equal(t, 1, handed)
	})
}
