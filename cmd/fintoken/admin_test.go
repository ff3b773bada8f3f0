package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

// TestSandboxVerbs steers a running sandbox: every verb, and what becomes of it.
func TestSandboxVerbs(t *testing.T) {
	w := newWorld(t)
	verb := func(line string, more ...string) string {
		t.Helper()
		r := w.run("", append(append([]string{"sandbox"}, strings.Fields(line)...), more...)...)
		require.Equal(t, 0, r.code, r.stderr)
		assert.Empty(t, r.stderr)
		return r.stdout
	}
	raw := func(line, path string) string {
		t.Helper()
		return strings.TrimSpace(verb(line, "--transform", path, "--format", "raw"))
	}

	assert.Equal(t, w.c.Straddle.APIKey, raw("credentials", "straddle.api_key"))
	assert.NotContains(t, verb("credentials", "--redact"), w.c.Straddle.APIKey)
	assert.NotContains(t, verb("state"), w.c.Straddle.APIKey)

	// A rule for the next call, with flags; two more, with text.
	raw("faults add --provider straddle --status 429 --retry-after 99 --times 1", "id")
	assert.Equal(t, "1", raw("faults", "faults.#"))
	assert.Equal(t, 7, w.initialize().code)
	assert.Equal(t, 0, w.initialize().code)
	verb("faults clear")
	id := raw("faults add --provider finapi --operation getToken --kind reset_before --nth 9 --probability 0.5 --delay 1ms", "id")
	assert.Empty(t, verb("faults remove "+id))
	verb("faults add", `{provider: "*", kind: error, status: 500, times: 1}`)
	assert.Equal(t, 5, w.run("", "finapi", "token", "--retries", "0").code)
	r := w.run("", "sandbox", "faults", "remove", "nope")
	assert.Equal(t, 3, r.code, r.stderr)
	r = w.run("", "sandbox", "faults", "add", "--provider", "nobody", "--status", "500")
	assert.Equal(t, 5, r.code, r.stderr)
	assert.Contains(t, r.stderr, "provider: must be "+strings.Join(sandbox.Providers(), ", ")+" or *")

	// The clock.
	verb("clock freeze")
	assert.Equal(t, "true", raw("clock", "frozen"))
	before := raw("clock", "now")
	assert.NotEqual(t, before, raw("clock advance 1h", "now"))
	assert.Equal(t, "2090-01-01T00:00:00Z", raw("clock set 2090-01-01T00:00:00Z", "now"))
	assert.Equal(t, 5, w.run("", "sandbox", "clock", "set", "2001-01-01T00:00:00Z").code, "not back")
	verb("clock run")
	verb("clock real")
	assert.Equal(t, "false", raw("clock", "frozen"))

	// The journal.
	assert.Equal(t, "0", raw("journal --provider finogates", "calls.#"))
	w.run("", "finogates", "auth", "token")
	assert.Equal(t, "exchangeClientToken", raw("journal --provider finogates --count 1 --wait 1s", "calls.0.operation"))
	assert.Equal(t, "0", raw("journal --provider finogates --refused", "calls.#"))
	assert.Equal(t, "1", raw("journal --operation exchangeClientToken --status 200 --after 0", "calls.#"))
	r = w.run("", "sandbox", "journal", "--request-id", "nope", "--count", "1", "--wait", "10ms", "--retries", "0")
	assert.NotZero(t, r.code)

	// Fixtures make a customer known; a snapshot keeps it, a reset forgets it.
	page := func() int {
		return w.run("", "straddle", "bridge", "initialize", "--customer-id", unknownCustomer).code
	}
	assert.Equal(t, 5, page())
	verb("add", "{straddle: {customers: [{customer_id: "+unknownCustomer+"}]}}")
	assert.Equal(t, 0, page())
	snapshot := verb("snapshot")
	var doc map[string]any
	require.NoError(t, json.Unmarshal([]byte(snapshot), &doc))
	verb("reset")
	assert.Equal(t, 5, page())
	r = w.run(snapshot, "sandbox", "restore", "-")
	assert.Equal(t, 0, r.code, r.stderr)
	assert.Equal(t, 0, page())
	seeded := raw("reset --seed 7", "straddle.api_key")
	assert.Equal(t, seeded, raw("reset --seed 7", "straddle.api_key"))

	w.env["FINTOKEN_SANDBOX_URL"] = ""
	r = w.run("", "sandbox", "state")
	assert.Equal(t, 10, r.code)
	assert.Contains(t, r.stderr, "no sandbox is named")
	w.env["FINTOKEN_SANDBOX_URL"] = "http://example.com"
	assert.Equal(t, 10, w.run("", "sandbox", "state").code)
	assert.Equal(t, 6, w.run("", "sandbox", "state", "--base-url", "http://127.0.0.1:1", "--retries", "0").code)
	assert.Contains(t, w.run("", "sandbox", "faults", "clear", "--base-url", "http://127.0.0.1:1", "--dry-run").stdout, "curl --request DELETE")
}
