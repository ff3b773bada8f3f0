package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWords: an error speaks of flags and variables, not of the fields of the Go packages, in every format.
func TestWords(t *testing.T) {
	w := newWorld(t)
	initialize := "straddle bridge initialize --customer-id " + pageCustomer
	for line, want := range map[string]string{
		initialize + " --straddle-account-id \u00e9":                                                          "--straddle-account-id",
		"straddle bridge initialize --customer-id 00000000-0000-0000-0000-000000000000":                       "which --unchecked lifts",
		initialize + " --correlation-id=\x7f":                                                                 "--correlation-id",
		initialize + " --idempotency-key x":                                                                   "--idempotency-key",
		initialize + " --api-key=é":                                                                           "--api-key must be",
		"finogates auth token --client-id=x":                                                                  "--client-id must have",
		"finogates auth token --client-secret=x":                                                              "--client-secret must have",
		"finapi token --client-id " + w.c.FinAPI.V2ClientID + " --client-secret " + w.c.FinAPI.V2ClientSecret: "bound to another version of the API, use --api-version V2 (",
	} {
		for _, format := range []string{"auto", "jsonl"} {
			r := w.run("", append(strings.Fields(line), "--format-error", format)...)
			assert.Contains(t, r.stderr, want)
			for _, name := range []string{"AccountID", "CorrelationID", "IdempotencyKey", "RequestID", "APIKey", "ClientID", "ClientSecret", "Config", "finapi.V", "rest."} {
				assert.NotContains(t, r.stderr, name, line)
			}
		}
	}
}

// TestProxyRefuses: it is the proxy that must be looked at, and not the provider.
func TestProxyRefuses(t *testing.T) {
	w := newWorld(t)
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusForbidden) }))
	defer proxy.Close()
	w.env["HTTPS_PROXY"] = proxy.URL
	delete(w.env, "STRADDLE_BASE_URL")
	r := w.process("", "straddle", "bridge", "initialize", "--customer-id", pageCustomer, "--retries", "0")
	assert.Equal(t, 6, r.code, r.stderr)
	assert.Contains(t, r.stderr, "the proxy refuses the connection")
	assert.Contains(t, r.stderr, "next: check HTTPS_PROXY")
}

// TestSpecValidateReads: a document comes from a file or from stdin, and has an end.
func TestSpecValidateReads(t *testing.T) {
	w := newWorld(t)
	file, err := os.ReadFile("../../specs/bundle/straddle.yaml")
	require.NoError(t, err)
	r := w.run(string(file), "spec", "validate", "-")
	assert.Equal(t, result{"-: valid\n", "", 0}, r)
	r = w.run("", "spec", "validate", "/dev/zero")
	assert.Equal(t, 2, r.code, r.stderr)
	assert.Contains(t, r.stderr, "more than")
}
