package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/cli"
	"github.com/fintoken/fintoken-go/internal/testenv"
	"github.com/fintoken/fintoken-go/sandbox"
)

// TestWebhooksListen: events go to the URL while the command runs, each of them is a line, and then the endpoint is gone.
func TestWebhooksListen(t *testing.T) {
	w := newWorld(t)
	at := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if !strings.Contains(string(body), `"data":{"mine":1}`) {
			rw.WriteHeader(http.StatusTeapot)
		}
	}))
	defer at.Close()
	ctx, cancel := context.WithCancelCause(t.Context())
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- cli.Run(ctx, []string{"webhooks", "listen", "--forward-to", at.URL, "--event", "charge.event.v1"}, w.system(strings.NewReader(""), in, io.Discard))
		_ = in.Close()
	}()
	lines := bufio.NewScanner(out)
	next := func() (row map[string]any) {
		require.True(t, lines.Scan())
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		return row
	}
	assert.Equal(t, "webhook-1", next()["id"])
	box := w.s.Sandbox()
	for _, e := range [][2]string{{"payout.event.v1", ""}, {"charge.event.v1", ""}, {"charge.event.v1", `{"mine":1}`}} {
		r := w.run("", with(strings.Fields("webhooks send "+e[0]), map[bool][]string{true: {"--data", e[1]}}[e[1] != ""]...)...)
		require.Equal(t, 0, r.code, r.stderr)
	}
	first, second := next(), next()
	assert.Equal(t, "charge.event.v1 pending 418", fmt.Sprint(first["type"], " ", first["state"], " ", first["status"]))
	assert.Equal(t, "charge.event.v1 delivered 200", fmt.Sprint(second["type"], " ", second["state"], " ", second["status"]))
	assert.Len(t, box.Webhooks(), 1)
	cancel(errSignal)
	assert.Equal(t, 0, <-code)
	assert.Empty(t, box.Webhooks())
}

// TestSandboxWebhooks: where the sandbox sends events from its start, for one provider or for all that have webhooks.
func TestSandboxWebhooks(t *testing.T) {
	w := newWorld(t)
	s := w.open("Ctrl-C ends", "--webhook-url", "straddle=http://127.0.0.1:1/a", "--webhook-url", "http://App/b?c=d", "--webhook-host", "app")
	w.exports(s)
	response, err := http.Get(w.env["FINTOKEN_SANDBOX_URL"] + "/_sandbox/v1/webhooks")
	require.NoError(t, err)
	var read struct{ Webhooks []sandbox.Webhook }
	require.NoError(t, json.NewDecoder(response.Body).Decode(&read))
	require.NoError(t, response.Body.Close())
	assert.Equal(t, []sandbox.Webhook{
		{ID: "webhook-1", Provider: "straddle", URL: "http://127.0.0.1:1/a"}, {ID: "webhook-2", Provider: "straddle", URL: "http://App/b?c=d"},
	}, read.Webhooks)
	assert.Equal(t, 0, s.end().code)

	for says, args := range map[string][]string{
		"--webhook-url must be at a loopback host":                      {"--webhook-url", "http://app/b"},
		"--webhook-url must be an absolute URL":                         {"--webhook-url", "acme=http://localhost"},
		"--webhook-url provider: must be straddle":                      {"--webhook-url", "finapi=http://localhost"},
		"--webhook-host must have names or addresses of hosts, without": {"--webhook-host", "app:80"},
	} {
		r := w.run("", with([]string{"sandbox"}, args...)...)
		assert.Equal(t, 2, r.code)
		assert.Contains(t, r.stderr, says)
	}
}

// TestWebhooksListenStopsWithItsReader: that nobody reads any more ends it, and the endpoint is removed.
func TestWebhooksListenStopsWithItsReader(t *testing.T) {
	testenv.Programs(t, "bash")
	w := newWorld(t)
	listening := make(chan error, 1)
	go func() {
		_, err := w.shell("bash", "--norc", "-euo", "pipefail", "-c", "fintoken webhooks listen --forward-to http://127.0.0.1:1/ | head -n 1")
		listening <- err
	}()
	box := w.s.Sandbox()
	for {
		_, err := box.SendEvent("straddle", "charge.event.v1", nil) // until one is on its way, and its line is one too many
		require.NoError(t, err)
		select {
		case err := <-listening:
			require.NoError(t, err)
			assert.Empty(t, box.Webhooks())
			return
		default:
			runtime.Gosched()
		}
	}
}
