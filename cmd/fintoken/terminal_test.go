package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/cli"
)

// TestAtTerminal: colors, warnings and notes are for terminals, and can be switched off.
func TestAtTerminal(t *testing.T) {
	w := newWorld(t)
	line := []string{"straddle", "bridge", "initialize", "--customer-id", w.c.Straddle.CustomerID, "--api-key", w.c.Straddle.APIKey}
	r := w.atTerminal(line...)
	assert.Equal(t, 0, r.code)
	assert.Contains(t, r.stdout, "\x1b[36m\"data\"\x1b[0m: {")
	assert.Contains(t, r.stderr, "warning: --api-key can be seen by other programs")
	assert.NotContains(t, r.stderr, w.c.Straddle.APIKey)
	assert.Empty(t, w.atTerminal(append(line, "--quiet")...).stderr)
	assert.NotContains(t, w.atTerminal(append(line, "--format", "json")...).stdout, "\x1b")
	r = w.atTerminal("finapi", "token", "--client-secret", "wrong secret", "--format-error", "pretty")
	assert.Contains(t, r.stderr, "\x1b[36m")
	w.env["NO_COLOR"] = "1"
	assert.NotContains(t, w.atTerminal(line...).stdout, "\x1b")

	r = w.atTerminal("finapi", "token", "--client-secret", "-")
	assert.Equal(t, 2, r.code)
	assert.Contains(t, r.stderr, "stdin is a terminal, which would show the secret")
	assert.Contains(t, r.stderr, "next: for example: --client-secret - < file")
	r = w.atTerminal("straddle", "bridge", "initialize", "--body", "-")
	assert.Contains(t, r.stderr, "fintoken: reading from the terminal; Ctrl-D on a line of its own ends the text\n")
	assert.NotContains(t, w.atTerminal("straddle", "bridge", "initialize", "--body", "-", "--quiet").stderr, "reading")
	w.env["FINAPI_TOKEN"] = "x"
	assert.Contains(t, w.atTerminal("finapi", "revoke").stderr, "fintoken: revoked (request id ")

	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte(w.c.Straddle.APIKey), 0o644))
	r = w.atTerminal(append(line[:5:5], "--api-key-file", file)...)
	assert.Equal(t, 0, r.code)
	assert.Contains(t, r.stderr, "can be read by others (mode 0644)")
}

// token answers like finAPI.
func token(rw http.ResponseWriter) {
	rw.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(rw, `{"access_token":"t","token_type":"bearer","expires_in":1,"scope":"all"}`)
}

// TestWaits: a wait of more than a second says why and how long.
func TestWaits(t *testing.T) {
	sent := 0
	handler := func(rw http.ResponseWriter, _ *http.Request) {
		if sent++; sent > 1 {
			token(rw)
			return
		}
		rw.Header().Set("Retry-After", "2")
		rw.WriteHeader(http.StatusTooManyRequests)
	}
	bubble(t, http.HandlerFunc(handler), func(t *testing.T, w *world) {
		begun := time.Now()
		r := w.atTerminal("finapi", "token", "--format", "raw")
		assert.Equal(t, "t\n", r.stdout)
		assert.InDelta(t, 2, time.Since(begun).Seconds(), 0.2, "and a little, so that not everybody comes back at once")
		assert.Regexp(t, `^fintoken: waiting 2(\.\d)?s before trying again: .+\n$`, r.stderr)

		ctx, cancel := context.WithCancelCause(t.Context())
		sent, begun = 0, time.Now()
		time.AfterFunc(time.Second, func() { cancel(errSignal) })
		r = w.runIn(ctx, nil, true, "finapi", "token")
		assert.Equal(t, 130, r.code)
		assert.Equal(t, time.Second, time.Since(begun), "Ctrl-C ends a wait")
	})
}

// TestSlowAnswers: an answer that takes more than a second is told what it is waited for, once, and only to a person.
func TestSlowAnswers(t *testing.T) {
	handler := func(rw http.ResponseWriter, _ *http.Request) {
		time.Sleep(1001 * time.Millisecond)
		token(rw)
	}
	bubble(t, http.HandlerFunc(handler), func(t *testing.T, w *world) {
		line := []string{"finapi", "token", "--format", "raw"}
		r := w.atTerminal(line...)
		assert.Equal(t, result{"t\n", "fintoken: waiting for the answer of finapi, at most 10s\n", 0}, r)
		assert.Empty(t, w.atTerminal(with(line, "--quiet")...).stderr)
		assert.Empty(t, w.run("", line...).stderr)
		assert.Contains(t, w.atTerminal("doctor").stderr, "fintoken: waiting for the hosts and the keyring, at most 5s\n")
	})
	bubble(t, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		time.Sleep(999 * time.Millisecond)
		token(rw)
	}), func(t *testing.T, w *world) {
		assert.Empty(t, w.atTerminal("finapi", "token").stderr)
	})
}

// TestInterruptInProcess: a context that ends is an interruption.
func TestInterruptInProcess(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	assert.Equal(t, 130, cli.Run(ctx, []string{"finapi", "token"}, w.system(nil, &out, &errs)))
	assert.Equal(t, 130, cli.Run(ctx, []string{"finapi", "token", "--cache"}, w.system(nil, &out, &errs)))
	assert.Contains(t, errs.String(), "interrupted")
	errs.Reset()
	assert.Equal(t, 0, cli.Run(ctx, []string{"sandbox"}, w.system(nil, &out, &errs)))
	assert.Equal(t, 0, cli.Run(ctx, []string{"sandbox", "--format", "json", "--seed", "1", "--own-ports", "--refresh-token-rotation", "on", "--refresh-token-grace", "1s", "--login-attempts", "2", "--allow-remote", "--allow-remote-admin", "--fixtures", "{straddle: {customers: [{customer_id: " + unknownCustomer + "}]}}"}, w.system(nil, &out, &errs)))
	assert.Empty(t, errs.String())
	assert.Contains(t, out.String(), `"admin_url":"http://127.0.0.1:`)
	assert.Regexp(t, `"straddle":{"base_url":"http://127\.0\.0\.1:\d+",`, out.String(), "a port of its own")

	out.Reset()
	assert.Equal(t, 0, cli.Run(ctx, []string{"sandbox", "--redact", "--seed", "7"}, w.system(nil, &out, &errs)))
	assert.Contains(t, out.String(), "export STRADDLE_API_KEY='[redacted]'\n")
	assert.NotRegexp(t, `sandbox-[a-z2-7]{20}|(sk_test|fg_test_sk)_`, out.String())

	socket := filepath.Join(t.TempDir(), "s")
	out.Reset()
	assert.Equal(t, 0, cli.Run(ctx, []string{"sandbox", "--listen", "unix:" + socket}, w.system(nil, &out, &errs)))
	assert.Contains(t, out.String(), "export FINTOKEN_SANDBOX_URL=unix:"+socket)
	address := strings.TrimPrefix(w.s.URL(), "http://")
	assert.Equal(t, 10, cli.Run(ctx, []string{"sandbox", "--listen", address}, w.system(nil, &out, &errs)))
	assert.Contains(t, errs.String(), "address already in use")
}

// TestSpec shows and validates documents.
func TestSpec(t *testing.T) {
	w := newWorld(t)
	file, err := os.ReadFile(filepath.Join("..", "..", "specs", "bundle", "straddle.yaml"))
	require.NoError(t, err)
	for _, name := range []string{"straddle", "straddle.yaml"} {
		assert.Equal(t, string(file), w.run("", "spec", "show", name).stdout)
	}
	r := w.run("", "spec", "show", "straddle", "--format", "json")
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &doc))
	assert.Equal(t, "3.0.3", doc["openapi"])
	assert.Equal(t, "1.0.0\n", w.run("", "spec", "show", "straddle", "--transform", "info.version", "--format", "raw").stdout)

	r = w.run("", "spec", "validate", filepath.Join("..", "..", "specs", "bundle", "straddle.yaml"))
	assert.Equal(t, 0, r.code, r.stdout)
	assert.Contains(t, r.stdout, "straddle.yaml: valid")
	for name, text := range map[string]string{
		"no document":   "a: 1",
		"no yaml":       "{",
		"bad example":   strings.ReplaceAll(string(file), "customer_id: '182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e'", "customer_id: 7"),
		"no operations": "openapi: 3.0.3",
	} {
		bad := filepath.Join(t.TempDir(), "bad.yaml")
		require.NoError(t, os.WriteFile(bad, []byte(text), 0o600))
		r = w.run("", "spec", "validate", bad)
		assert.Equal(t, 1, r.code, name)
		assert.Contains(t, r.stdout, "not valid: ", name)
		assert.Equal(t, "false\n", w.run("", "spec", "validate", bad, "--transform", "valid", "--format", "json").stdout)
	}
}

// TestMan writes a page for every command.
func TestMan(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(t.TempDir(), "man1")
	r := w.run("", "man", dir)
	require.Equal(t, 0, r.code, r.stderr)
	pages, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(pages), 25)
	text, err := os.ReadFile(filepath.Join(dir, "fintoken-straddle-bridge-initialize.1"))
	require.NoError(t, err)
	for _, want := range []string{".TH \"FINTOKEN-STRADDLE-BRIDGE-INITIALIZE\" 1", ".SH EXAMPLES", `\-\-customer\-id`, ".SH EXIT STATUS", `\-\-format`} {
		assert.Contains(t, string(text), want)
	}
	assert.Contains(t, string(text), ".SH ALIAS\n.B create\\-token\n")
	r = w.run("", "man", filepath.Join(dir, "fintoken.1"))
	assert.Equal(t, 10, r.code)
}
