package main

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDemoJSON(t *testing.T) {
	r := newWorld(t).run("", "demo", "--format", "json")
	assert.Equal(t, 0, r.code)
	assert.Empty(t, r.stderr)

	want := []struct {
		provider, operation, method, path string
		status                            int
	}{
		{"finapi", "getToken", "POST", "/oauth/token", 200},
		{"finapi", "getToken", "POST", "/oauth/token", 200},
		{"finapi", "getToken", "POST", "/oauth/token", 200},
		{"finapi", "revokeToken", "POST", "/oauth/revoke", 200},
		{"finapi", "revokeToken", "POST", "/oauth/revoke", 200},
		{"finapi", "revokeToken", "POST", "/oauth/revoke", 200},
		{"finapi", "getTokenV2", "POST", "/api/v2/oauth/token", 200},
		{"finapi", "getTokenV2", "POST", "/api/v2/oauth/token", 200},
		{"finapi", "getTokenV2", "POST", "/api/v2/oauth/token", 200},
		{"finapi", "revokeTokenV2", "POST", "/api/v2/oauth/revoke", 200},
		{"finapi", "revokeTokenV2", "POST", "/api/v2/oauth/revoke", 200},
		{"finogates", "exchangeClientToken", "POST", "/v1/platform/auth/token", 200},
		{"finogates", "createEmbedToken", "POST", "/v1/platform/embed-tokens", 200},
		{"straddle", "createBridgeToken", "POST", "/v1/bridge/initialize", 201},
		{"straddle", "createBridgeToken", "POST", "/v1/bridge/initialize", 201},
		{"straddle", "createCustomer", "POST", "/v1/customers", 201},
		{"straddle", "createBankAccountPaykey", "POST", "/v1/bridge/bank_account", 201},
		{"straddle", "createCharge", "POST", "/v1/charges", 201},
		{"straddle", "getCharge", "GET", "/v1/charges/{id}", 200},
	}
	lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
	require.Len(t, lines, len(want))
	for i, line := range lines {
		var row map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &row), line)
		assert.ElementsMatch(t, []string{"provider", "operation", "method", "path", "status", "request_id", "expires_in", "spec_checked", "ok"}, keys(row))
		assert.Equal(t, want[i].provider, row["provider"])
		assert.Equal(t, want[i].operation, row["operation"])
		assert.Equal(t, want[i].method, row["method"])
		assert.Equal(t, want[i].path, row["path"])
		assert.InDelta(t, want[i].status, row["status"], 0)
		assert.Equal(t, true, row["spec_checked"], line)
		assert.Equal(t, true, row["ok"], line)
	}
}

func keys(m map[string]any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

func TestDemoTable(t *testing.T) {
	r := newWorld(t).run("", "demo")
	assert.Equal(t, 0, r.code)
	assert.Empty(t, r.stderr)
	for _, text := range []string{
		"PROVIDER", "OPERATION", "STATUS", "REQUEST ID", "EXPIRES IN", "SPEC CHECK", "TIME",
		"createBridgeToken", "#token=[redacted]&mode=sandbox",
	} {
		assert.Contains(t, r.stdout, text)
	}
	assert.NotContains(t, r.stdout, "FAILED")
}

func TestDemoOneProvider(t *testing.T) {
	r := newWorld(t).run("", "demo", "--provider", "straddle", "--format", "json")
	assert.Equal(t, 0, r.code)
	assert.Equal(t, 6, strings.Count(r.stdout, "\n"))
	assert.NotContains(t, r.stdout, "finapi")
}

// TestDemoLive: with credentials in the environment the demo calls a provider's own sandbox host.
func TestDemoLive(t *testing.T) {
	for provider, c := range map[string]struct {
		host string
		rows int
		env  func(w *world) map[string]string
	}{
		"finapi": {"sandbox.finapi.io", 5, func(*world) map[string]string { return nil }},
		"finogates": {"api-sandbox.finogates.com", 2, func(w *world) map[string]string {
			return map[string]string{"FINOGATES_USER_ID": w.c.Finogates.UserID, "FINOGATES_PARENT_ORIGIN": "https://app.example.com"}
		}},
		"straddle": {"sandbox.straddle.com", 2, func(w *world) map[string]string {
			return map[string]string{"STRADDLE_CUSTOMER_ID": w.c.Straddle.CustomerID, "STRADDLE_ACCOUNT_ID": w.c.Straddle.AccountID}
		}},
	} {
		t.Run(provider, func(t *testing.T) {
			w := newWorld(t)
			w.proxy(c.host, "/"+provider)
			maps.Copy(w.env, c.env(w))
			r := w.process("", "demo", "--live", "--provider", provider, "--format", "json")
			assert.Equal(t, 0, r.code, r.stdout)
			assert.Empty(t, r.stderr)
			assert.Equal(t, c.rows, strings.Count(r.stdout, `"spec_checked":true,"ok":true}`), r.stdout)
			assert.NotEmpty(t, w.s.Sandbox().Calls())
		})
	}
}

func TestDemoLiveNamesWhatIsMissing(t *testing.T) {
	for provider, want := range map[string]string{
		"finapi":    "FINAPI_CLIENT_ID, FINAPI_CLIENT_SECRET",
		"finogates": "FINOGATES_CLIENT_ID, FINOGATES_CLIENT_SECRET, FINOGATES_USER_ID, FINOGATES_PARENT_ORIGIN",
		"straddle":  "STRADDLE_API_KEY, STRADDLE_CUSTOMER_ID",
	} {
		w := newWorld(t)
		for name := range strings.SplitSeq(want, ", ") {
			delete(w.env, name)
		}
		r := w.run("", "demo", "--provider", provider, "--live")
		assert.Equal(t, 10, r.code)
		assert.Contains(t, r.stderr, "a live run needs "+want+" in the environment")
	}
}
