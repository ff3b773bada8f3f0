package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// witness notes what it is told.
type witness struct {
	lines []string
	panic bool
}

type depthKey struct{}

func (w *witness) Start(ctx context.Context, e Event) context.Context {
	w.lines = append(w.lines, fmt.Sprintf("+%s %d %s", e.Kind, e.Attempt, e.Reason))
	if w.panic {
		panic("observer")
	}
	depth, _ := ctx.Value(depthKey{}).(int)
	return context.WithValue(ctx, depthKey{}, depth+1)
}

func (w *witness) End(ctx context.Context, e Event) {
	depth, _ := ctx.Value(depthKey{}).(int)
	w.lines = append(w.lines, fmt.Sprintf("-%s %d %d %v depth %d", e.Kind, e.Attempt, e.Status, e.Err != nil, depth))
	if w.panic {
		panic("observer")
	}
}

func TestObserver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o witness
		client, _ := newWire(t, Config{Observer: &o}, func(n int, _ *http.Request) (*http.Response, error) {
			if n == 1 {
				return nil, io.EOF
			}
			return inTurn(429, 503, 200)(n, nil)
		})
		_, err := post(t.Context(), client, operation(RepeatFreely))
		require.NoError(t, err)
		assert.Equal(t, []string{
			"+call 0 ", "+attempt 1 ", "-attempt 1 0 true depth 2", "+wait 1 no answer",
			"+attempt 2 ", "-attempt 2 503 false depth 2", "+wait 2 Service Unavailable",
			"+attempt 3 ", "-attempt 3 200 false depth 2", "-call 3 200 false depth 1",
		}, o.lines)
	})
}

// What goes wrong with an answer after it came belongs to the call.
func TestObserverOfABadAnswer(t *testing.T) {
	var o witness
	client, _ := newWire(t, Config{Observer: &o}, always(200, "{"))
	_, err := post(t.Context(), client, operation(RepeatFreely))
	assert.ErrorIs(t, err, ErrBadResponse)
	assert.Equal(t, []string{"+call 0 ", "+attempt 1 ", "-attempt 1 200 false depth 2", "-call 1 200 true depth 1"}, o.lines)

	o.lines = nil
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, testURL, nil)
	require.NoError(t, err)
	_, err = client.Do(req)
	assert.NoError(t, err)
	assert.Equal(t, []string{"+call 0 ", "+attempt 1 ", "-attempt 1 200 false depth 2", "-call 1 200 false depth 1"}, o.lines)
}

// nilContext is an observer that returns no context.
type nilContext struct{ witness }

func (*nilContext) Start(context.Context, Event) context.Context { return nil }

// panicLog is a log handler that panics.
type panicLog struct{}

func (panicLog) Enabled(context.Context, slog.Level) bool  { return true }
func (panicLog) Handle(context.Context, slog.Record) error { panic("logger") }
func (p panicLog) WithAttrs([]slog.Attr) slog.Handler      { return p }
func (p panicLog) WithGroup(string) slog.Handler           { return p }

func TestObserverPanics(t *testing.T) {
	for _, o := range []Observer{&witness{panic: true}, &nilContext{}} {
		synctest.Test(t, func(t *testing.T) {
			client, _ := newWire(t, Config{Observer: o, Logger: slog.New(panicLog{})}, inTurn(503, 200))
			v, err := post(t.Context(), client, operation(RepeatFreely))
			require.NoError(t, err)
			assert.Equal(t, "ok", v.Value)
		})
	}
}

// Requirements G78, G80 and G83: the log has what is on the list and nothing else.
func TestLogIsAnAllowList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		client, w := newWire(t, Config{Logger: log}, func(n int, _ *http.Request) (*http.Response, error) {
			if n == 1 {
				return nil, errBroken
			}
			return reply(400, `{"message":"canary-body"}`, "X-Request-Id: echo the-api-key", "Set-Cookie: canary-cookie"), nil
		})
		_, err := post(t.Context(), client, operation(RepeatByKey), Header("X-Canary", "canary-header"), IdempotencyKey("canary-key-0"))
		assert.Error(t, err)
		assert.NotContains(t, out.String(), "canary")
		assert.NotContains(t, out.String(), "secret")
		assert.NotContains(t, out.String(), "the-api-key")
		assert.NotContains(t, out.String(), "api.example.com")
		var messages []string
		allowed := []string{"time", "level", "msg", "provider", "operation", "method", "path", "attempt", "duration", "status", "request_id", "reason", "error"}
		for line := range strings.Lines(out.String()) {
			var fields map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &fields))
			for name := range fields {
				assert.Contains(t, allowed, name)
			}
			assert.Equal(t, "/things/{id}", fields["path"])
			assert.Equal(t, "DEBUG", fields["level"])
			messages = append(messages, fields["msg"].(string))
		}
		assert.Equal(t, []string{"fintoken attempt", "fintoken wait", "fintoken attempt", "fintoken call"}, messages)
		assert.Contains(t, out.String(), `"request_id":"echo [redacted]"`)
		assert.Equal(t, "canary-key-0", w.sent[1].Header.Get("Idempotency-Key"), "the request itself is as it was")
	})
}

func TestLogAboveDebug(t *testing.T) {
	var out bytes.Buffer
	client, _ := newWire(t, Config{Logger: slog.New(slog.NewTextHandler(&out, nil))}, always(200, `{"value":"x"}`))
	_, err := post(t.Context(), client, operation(RepeatFreely))
	assert.NoError(t, err)
	assert.Empty(t, out.String())
}

func TestKindWord(t *testing.T) {
	assert.Equal(t, "rate limited", kindWord(held(1)))
	assert.Equal(t, "the call was canceled", kindWord(context.Canceled))
	assert.Equal(t, "call", EventCall.String())
}

// BenchmarkHooksOff is the price of the places where observers could be told: a wait is not counted.
func BenchmarkHooksOff(b *testing.B) {
	w := &watcher{}
	next := func(*call, *http.Request) (*http.Response, error) { return nil, nil }
	do := observe(next, w)
	c := &call{}
	req := &http.Request{}
	b.ReportAllocs()
	for b.Loop() {
		if !w.off() {
			b.Fatal("on")
		}
		_, _ = do(c, req)
	}
}

// Hooks that are off cost nothing to speak of.
func TestHooksOffAllocateNothing(t *testing.T) {
	w := &watcher{}
	do := observe(func(*call, *http.Request) (*http.Response, error) { return nil, nil }, w)
	c, req := &call{}, &http.Request{}
	assert.Zero(t, testing.AllocsPerRun(1000, func() { _, _ = do(c, req) }))
	assert.True(t, w.off())
}
