package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cli runs a command line and returns what it printed and its exit code.
func cli(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return out.String(), errs.String(), code
}

func TestDemoJSON(t *testing.T) {
	out, errs, code := cli(t, "demo", "--format", "json")
	assert.Equal(t, exitOK, code)
	assert.Empty(t, errs)

	want := []struct {
		provider, operation, path string
		status                    int
	}{
		{"finapi", "getToken", "/oauth/token", 200},
		{"finapi", "getToken", "/oauth/token", 200},
		{"finapi", "getToken", "/oauth/token", 200},
		{"finapi", "revokeToken", "/oauth/revoke", 200},
		{"finapi", "revokeToken", "/oauth/revoke", 200},
		{"finapi", "revokeToken", "/oauth/revoke", 200},
		{"finapi", "getTokenV2", "/api/v2/oauth/token", 200},
		{"finapi", "getTokenV2", "/api/v2/oauth/token", 200},
		{"finapi", "getTokenV2", "/api/v2/oauth/token", 200},
		{"finapi", "revokeTokenV2", "/api/v2/oauth/revoke", 200},
		{"finapi", "revokeTokenV2", "/api/v2/oauth/revoke", 200},
		{"finogates", "exchangeClientToken", "/v1/platform/auth/token", 200},
		{"finogates", "createEmbedToken", "/v1/platform/embed-tokens", 200},
		{"straddle", "createBridgeToken", "/v1/bridge/initialize", 201},
		{"straddle", "createBridgeToken", "/v1/bridge/initialize", 201},
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	require.Len(t, lines, len(want))
	for i, line := range lines {
		var row map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &row), line)
		assert.ElementsMatch(t, []string{"provider", "operation", "method", "path", "status", "request_id", "expires_in", "spec_checked", "ok"}, keys(row))
		assert.Equal(t, want[i].provider, row["provider"])
		assert.Equal(t, want[i].operation, row["operation"])
		assert.Equal(t, "POST", row["method"])
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
	out, errs, code := cli(t, "demo")
	assert.Equal(t, exitOK, code)
	assert.Empty(t, errs)
	for _, text := range []string{
		"PROVIDER", "OPERATION", "STATUS", "REQUEST ID", "EXPIRES IN", "SPEC CHECK", "TIME",
		"createBridgeToken", "#token=[redacted]&mode=sandbox",
	} {
		assert.Contains(t, out, text)
	}
	assert.NotContains(t, out, "FAILED")
}

func TestDemoOneProvider(t *testing.T) {
	out, _, code := cli(t, "demo", "--provider", "straddle", "--format", "json")
	assert.Equal(t, exitOK, code)
	assert.Equal(t, 2, strings.Count(out, "\n"))
	assert.NotContains(t, out, "finapi")
}

func TestUsageErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"unknown command":     {[]string{"demmo"}, "demmo"},
		"unknown flag":        {[]string{"demo", "--nope"}, "--nope"},
		"unknown format":      {[]string{"demo", "--format", "xml"}, "--format has to be table or json"},
		"unknown provider":    {[]string{"demo", "--provider", "acme"}, `provider "acme" is not known`},
		"live needs provider": {[]string{"demo", "--live"}, "--live needs --provider"},
		"extra argument":      {[]string{"demo", "x"}, "unknown command"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs, code := cli(t, tc.args...)
			assert.Equal(t, exitUsage, code)
			assert.Empty(t, out)
			assert.Contains(t, errs, tc.want)
		})
	}
}

func TestLiveNamesWhatIsMissing(t *testing.T) {
	for provider, want := range map[string]string{
		"finapi":    "FINAPI_CLIENT_ID, FINAPI_CLIENT_SECRET",
		"finogates": "FINOGATES_CLIENT_ID, FINOGATES_CLIENT_SECRET, FINOGATES_USER_ID, FINOGATES_PARENT_ORIGIN",
		"straddle":  "STRADDLE_API_KEY, STRADDLE_CUSTOMER_ID",
	} {
		for name := range strings.SplitSeq(want, ", ") {
			t.Setenv(name, "")
		}
		_, errs, code := cli(t, "demo", "--provider", provider, "--live")
		assert.Equal(t, exitUsage, code)
		assert.Contains(t, errs, "a live run needs "+want+" in the environment")
	}
}

func TestHelpLeadsToTheDemo(t *testing.T) {
	out, _, code := cli(t)
	assert.Equal(t, exitOK, code)
	assert.Contains(t, out, "fintoken demo")
}
