package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const pageCustomer = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

// server points the providers of a world at a server of the test's own.
func (w *world) server(handler http.HandlerFunc) *httptest.Server {
	s := httptest.NewServer(w.ordered(handler))
	w.t.Cleanup(s.Close)
	w.everywhere(s.URL)
	return s
}

// ordered lets a handler share variables with its test: the test waits for the program, and the program for the handler,
// which only the race detector cannot know.
func (w *world) ordered(handler http.HandlerFunc) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		w.order()
		defer w.order()
		handler(rw, r)
	}
}

// initialize is the command of the documented page, for the customer of the sandbox.
func (w *world) initialize(more ...string) result {
	w.t.Helper()
	return w.run("", append([]string{"straddle", "bridge", "initialize", "--customer-id", w.c.Straddle.CustomerID}, more...)...)
}

// TestExitCodes makes every exit code happen that comes from an answer.
func TestExitCodes(t *testing.T) {
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
		}
	}
	hang := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	straddle := []string{"straddle", "bridge", "initialize", "--customer-id", pageCustomer}
	finapi := []string{"finapi", "token"}
	password := []string{"finapi", "token", "--grant-type", "password"}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		args    []string
		code    int
		text    string
	}{
		"404":                    {status(404), straddle, 3, "check the ids"},
		"401":                    {status(401), straddle, 4, "check the credential"},
		"403":                    {status(403), straddle, 4, "not allowed"},
		"423":                    {status(423), password, 4, "locked"},
		"400":                    {status(400), straddle, 5, "correct what the provider names"},
		"409":                    {status(409), straddle, 5, "another --idempotency-key"},
		"500":                    {status(500), finapi, 5, "the provider has a problem"},
		"redirect":               {status(302, "Location", "https://example.com/"), straddle, 5, "redirects are not followed"},
		"nonsense":               {status(200), straddle, 5, "check --base-url"},
		"password refused":       {status(400), password, 4, "too many wrong ones lock the user"},
		"refresh token refused":  {status(400), []string{"finapi", "token", "--grant-type", "refresh_token", "--refresh-token", "x"}, 4, "is not alive"},
		"429":                    {status(429, "Retry-After", "77"), straddle, 7, "wait 1m17s, then run the command again"},
		"429 without a time":     {status(429), straddle, 7, "wait a little"},
		"time-out, harmless":     {hang, finapi, 6, "no answer in time"},
		"time-out, under a key":  {hang, with(straddle, "--idempotency-key", "key-of-mine"), 8, "run it again with --idempotency-key key-of-mine"},
		"time-out, own key":      {hang, straddle, 8, "run it again with --idempotency-key "},
		"time-out of a password": {hang, password, 8, "may have been carried out"},
		"time-out of the bearer": {hang, []string{"finogates", "embed-token", "create", "--user-id", pageCustomer, "--parent-origin", "https://a.example"}, 6, ""},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, c.handler, func(t *testing.T, w *world) {
				r := w.run("", with(c.args, "--retries", "0")...)
				assert.Equal(t, c.code, r.code, r.stderr)
				assert.Contains(t, r.stderr, c.text)
				assert.Empty(t, r.stdout)
			})
		})
	}
}

// TestPrecedence: a file or stdin wins over a flag, that over the environment.
func TestPrecedence(t *testing.T) {
	w := newWorld(t)
	var got string
	w.server(func(rw http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(rw, `{"data":{"bridge_token":"t"},"meta":{},"response_type":"object"}`)
	})
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte("from-file\r\n"), 0o600))
	w.env["STRADDLE_API_KEY"] = "from-environment"
	for _, c := range []struct {
		want, stdin string
		args        []string
	}{
		{"from-environment", "", nil},
		{"from-flag", "", []string{"--api-key", "from-flag"}},
		{"from-stdin", "from-stdin\n", []string{"--api-key", "-"}},
		{"from-file", "", []string{"--api-key", "from-flag", "--api-key-file", file}},
		{"from-stdin", "from-stdin", []string{"--api-key", "from-flag", "--api-key-file", "-"}},
	} {
		r := w.run(c.stdin, append([]string{"straddle", "bridge", "initialize", "--customer-id", pageCustomer}, c.args...)...)
		assert.Equal(t, 0, r.code, r.stderr)
		assert.Equal(t, "Bearer "+c.want, got)
		assert.Empty(t, r.stderr, "warnings are for terminals")
	}
}

// TestEnvironmentFlagWins: --environment is louder than a base URL of the environment.
func TestEnvironmentFlagWins(t *testing.T) {
	w := newWorld(t)
	for args, want := range map[string]string{
		"":                         w.s.Straddle(),
		"--environment sandbox":    "https://sandbox.straddle.com",
		"--environment production": "https://production.straddle.com",
		"--environment production --base-url https://proxy.example.com/x": "https://proxy.example.com/x",
	} {
		r := w.initialize(append(strings.Fields(args), "--dry-run")...)
		assert.Equal(t, 0, r.code, r.stderr)
		assert.Contains(t, r.stdout, "--url '"+want+"/v1/bridge/initialize'")
	}
	r := w.initialize("--environment", "production", "--config.sandbox-outcome", "active", "--dry-run")
	assert.Equal(t, 2, r.code)
	assert.Contains(t, r.stderr, "is for the sandbox only")
}

// TestBodies: a body comes from a text, a file or stdin, as JSON or YAML, and flags win over its members.
func TestBodies(t *testing.T) {
	w := newWorld(t)
	var got map[string]any
	var header http.Header
	w.server(func(rw http.ResponseWriter, r *http.Request) {
		got, header = nil, r.Header
		_ = json.NewDecoder(r.Body).Decode(&got)
		rw.WriteHeader(http.StatusTeapot)
	})
	file := filepath.Join(t.TempDir(), "body.yaml")
	require.NoError(t, os.WriteFile(file, []byte("customer_id: "+pageCustomer+"\nexternal_id: from-file\nconfig:\n  sandbox_outcome: review\n"), 0o600))
	config := func(method, outcome string) map[string]any {
		out := map[string]any{}
		for name, value := range map[string]string{"processing_method": method, "sandbox_outcome": outcome} {
			if value != "" {
				out[name] = value
			}
		}
		return out
	}
	for _, c := range []struct {
		stdin string
		args  []string
		want  map[string]any
	}{
		{"", []string{"--body", "@" + file}, map[string]any{"customer_id": pageCustomer, "external_id": "from-file", "config": config("", "review")}},
		{"", []string{"--body", "@" + file, "--external-id", "from-flag", "--config.processing-method", "skip"}, map[string]any{"customer_id": pageCustomer, "external_id": "from-flag", "config": config("skip", "review")}},
		{"", []string{"--body", "@" + file, "--config", "{processing_method: inline}"}, map[string]any{"customer_id": pageCustomer, "external_id": "from-file", "config": config("inline", "")}},
		{`{"customer_id":"` + pageCustomer + `"}`, []string{"--body", "-", "--config", `{"sandbox_outcome":"active"}`}, map[string]any{"customer_id": pageCustomer, "config": config("", "active")}},
		{"sandbox_outcome: rejected", []string{"--customer-id", pageCustomer, "--config", "-", "--config-processing-method", "background"}, map[string]any{"customer_id": pageCustomer, "config": config("background", "rejected")}},
		{"", []string{"--customer-id", pageCustomer, "--config-sandbox-outcome", "standard"}, map[string]any{"customer_id": pageCustomer, "config": config("", "standard")}},
	} {
		w.run(c.stdin, append([]string{"straddle", "bridge", "create-token"}, c.args...)...)
		assert.Equal(t, c.want, got, c.args)
	}
	w.run("", "straddle", "bridge", "initialize", "--customer-id", pageCustomer, "--correlation-id", "corr", "--idempotency-key", "key-of-mine",
		"--request-id", "req", "--straddle-account-id", pageCustomer)
	for name, want := range map[string]string{
		"Correlation-Id": "corr", "Idempotency-Key": "key-of-mine", "Request-Id": "req", "Straddle-Account-Id": pageCustomer,
		"User-Agent": "fintoken-cli/v0.0.0-test fintoken-go",
	} {
		assert.Equal(t, want, header.Get(name), name)
	}
}

// TestTransform: what a GJSON path finds is printed in every format, and the bare text with raw.
func TestTransform(t *testing.T) {
	w := newWorld(t)
	for format, want := range map[string]string{
		"json": "\"object\"\n", "jsonl": "\"object\"\n", "yaml": "object\n", "pretty": "\"object\"\n", "raw": "object\n",
	} {
		assert.Equal(t, want, w.initialize("--transform", "response_type", "--format", format).stdout)
	}
	token := w.initialize("--idempotency-key", "the-same-key").stdout
	raw := w.initialize("--idempotency-key", "the-same-key", "--format", "raw").stdout
	assert.Contains(t, token, strings.TrimSpace(raw))
	assert.Equal(t, raw, w.initialize("--idempotency-key", "the-same-key", "--transform", "data.bridge_token", "--format", "raw").stdout)

	r := w.run("", "straddle", "bridge", "initialize", "--customer-id", unknownCustomer, "--transform-error", "error.request_id", "--format-error", "raw")
	assert.Equal(t, 5, r.code)
	assert.Len(t, strings.TrimSpace(r.stderr), 36)
	r = w.run("", "straddle", "bridge", "initialize", "--customer-id", unknownCustomer, "--transform-error", "no.such")
	assert.Contains(t, r.stderr, "finds nothing")
	assert.Contains(t, r.stderr, "validation_error", "the error itself is not lost")
}

// TestStrictness: what no document forbids passes with a note, --strict refuses it, and --unchecked sends what is wrong.
func TestStrictness(t *testing.T) {
	w := newWorld(t)
	r := w.initialize("--idempotency-key", "short", "--unchecked", "--format-error", "jsonl")
	assert.Equal(t, 5, r.code, r.stderr)
	assert.Contains(t, r.stderr, `"status":400`, "the provider has decided")

	for _, strict := range []bool{false, true} {
		status, notes := http.StatusOK, "not in the document: header X-Own"
		args := []string{"sandbox", "--format", "json"}
		if strict {
			args, status, notes = append(args, "--strict"), http.StatusBadRequest, ""
		}
		cmd, out := w.start(args...)
		var at struct {
			Admin  string `json:"admin"`
			FinAPI struct {
				BaseURL  string `json:"base_url"`
				ClientID string `json:"client_id"`
				Secret   string `json:"client_secret"`
			} `json:"finapi"`
		}
		require.NoError(t, json.NewDecoder(out).Decode(&at))
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {at.FinAPI.ClientID}, "client_secret": {at.FinAPI.Secret}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, at.FinAPI.BaseURL+"/oauth/token", strings.NewReader(form.Encode()))
		require.NoError(t, err)
		request.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "X-Own": {"1"}}
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, status, response.StatusCode)
		journal := w.run("", "sandbox", "journal", "--base-url", strings.TrimSuffix(at.FinAPI.BaseURL, "/finapi"), "--transform", "calls.0.notes", "--format", "raw")
		assert.Equal(t, notes, strings.Trim(strings.TrimSpace(journal.stdout), `"`), journal.stderr)
		ended(t, cmd, out, os.Interrupt)
	}
}
