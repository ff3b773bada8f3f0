package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRedact: no token is printed, in no format and by no path (Requirement F79).
func TestRedact(t *testing.T) {
	w := newWorld(t)
	token := strings.TrimSpace(w.run("", "finapi", "token", "--grant-type", "password", "--format", "raw").stdout)
	require.NotEmpty(t, token)
	for _, args := range []string{
		"--format json", "--format jsonl", "--format yaml", "--format pretty", "--format raw",
		"--transform access_token", "--transform access_token --format raw", "--transform {access_token,refresh_token}", "--transform @this",
	} {
		r := w.run("", append(strings.Fields("finapi token --grant-type password --redact"), strings.Fields(args)...)...)
		assert.Equal(t, 0, r.code, r.stderr)
		assert.NotContains(t, r.stdout, token, args)
		assert.NotContains(t, r.stdout, "sandbox_rt_", args)
		assert.Contains(t, r.stdout, "[redacted]", args)
	}
	r := w.run("", "finogates", "embed-token", "create", "--user-id", w.c.Finogates.UserID, "--parent-origin", "https://app.example.com", "--iframe", "--redact")
	assert.Contains(t, r.stdout, "#token=%5Bredacted%5D&amp;mode=sandbox")
}

// TestDebug: --debug tells where and how it went, and no secret or token (Requirement F78).
func TestDebug(t *testing.T) {
	w := newWorld(t)
	for _, line := range []string{
		"finapi token --grant-type password --debug", "finapi revoke --token a-token-to-revoke --debug", "finogates auth token --debug",
		"finogates embed-token create --user-id " + w.c.Finogates.UserID + " --parent-origin https://app.example.com --debug",
		"straddle bridge initialize --customer-id " + w.c.Straddle.CustomerID + " --debug --api-key " + w.c.Straddle.APIKey,
	} {
		r := w.run("", strings.Fields(line)...)
		assert.Equal(t, 0, r.code, r.stderr)
		assert.Contains(t, r.stderr, "level=DEBUG")
		assert.Contains(t, r.stderr, "status=20")
		for _, secret := range append(w.secrets(), "a-token-to-revoke", "sandbox_at_", "sandbox_rt_", "sandbox_et_", "eyJ") {
			assert.NotContains(t, r.stderr, secret, line)
		}
	}
}

// TestEchoedSecret: a provider that puts our secret into its error does not get it printed (Requirement F77).
func TestEchoedSecret(t *testing.T) {
	w := newWorld(t)
	w.server(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(rw).Encode(map[string]any{"errors": []any{map[string]string{"message": string(body), "code": "X"}}})
	})
	for _, format := range []string{"auto", "json", "jsonl", "yaml", "pretty", "raw"} {
		r := w.run("", "finapi", "token", "--grant-type", "password", "--format-error", format)
		assert.NotZero(t, r.code)
		assert.Contains(t, r.stderr, "client_id=", format)
		assert.Contains(t, strings.ReplaceAll(r.stderr, "%5B", "["), "[redacted", format)
		for _, secret := range w.secrets() {
			assert.NotContains(t, r.stderr, secret, format)
		}
	}
}

// TestCache: with --cache a second run sends nothing, and only the client's secret opens the file.
func TestCache(t *testing.T) {
	w := newWorld(t)
	token := func(args ...string) map[string]any {
		t.Helper()
		r := w.run("", append([]string{"finapi", "token", "--cache"}, args...)...)
		require.Equal(t, 0, r.code, r.stderr)
		var out map[string]any
		require.NoError(t, json.Unmarshal([]byte(r.stdout), &out))
		return out
	}
	user := []string{"--grant-type", "password"}
	first, firstUser := token(), token(user...)
	assert.NotEqual(t, first["access_token"], firstUser["access_token"])
	assert.NotEmpty(t, firstUser["refresh_token"])
	calls := len(w.s.Sandbox().Calls())
	assert.Equal(t, first["access_token"], token()["access_token"])
	assert.Equal(t, firstUser["access_token"], token(user...)["access_token"])
	assert.Len(t, w.s.Sandbox().Calls(), calls, "nothing was sent")

	files := 0
	require.NoError(t, filepath.WalkDir(w.env["XDG_CACHE_HOME"], func(path string, d os.DirEntry, err error) error {
		require.NoError(t, err)
		if d.IsDir() {
			return nil
		}
		files++
		info, err := d.Info()
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), path)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, secret := range append(w.secrets(), first["access_token"].(string), firstUser["refresh_token"].(string), w.c.FinAPI.Username) {
			assert.NotContains(t, string(text)+path, secret)
		}
		return nil
	}))
	assert.GreaterOrEqual(t, files, 2)

	// Another password is another name: it asks the provider, which refuses it.
	r := w.run("wrong", "finapi", "token", "--cache", "--grant-type", "password", "--password", "-")
	assert.Equal(t, 4, r.code, r.stderr)

	// A token that was taken back leaves the cache.
	r = w.run(first["access_token"].(string), "finapi", "revoke", "--token", "-")
	assert.Equal(t, 0, r.code, r.stderr)
	assert.NotEqual(t, first["access_token"], token()["access_token"])
}

// TestCacheDamaged: a cache that cannot be read is an error of configuration and says how to start over.
func TestCacheDamaged(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, 0, w.run("", "finapi", "token", "--cache").code)
	dirs, err := filepath.Glob(filepath.Join(w.env["XDG_CACHE_HOME"], "fintoken", "finapi-*"))
	require.NoError(t, err)
	require.Len(t, dirs, 1)
	require.NoError(t, os.Chmod(dirs[0], 0o755))
	r := w.run("", "finapi", "token", "--cache")
	assert.Equal(t, 10, r.code, r.stderr)
	assert.Contains(t, r.stderr, "remove ")
}

// TestDryRunWithoutSecrets: a dry run needs no secret, reads none, and sends nothing.
func TestDryRunWithoutSecrets(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"FINAPI_CLIENT_SECRET", "FINAPI_PASSWORD", "FINOGATES_CLIENT_SECRET", "STRADDLE_API_KEY"} {
		delete(w.env, name)
	}
	for _, line := range []string{
		"finapi token", "finapi token --grant-type password --cache", "finapi token --grant-type refresh_token", "finapi revoke",
		"finogates auth token", "finogates embed-token create --user-id " + pageCustomer + " --parent-origin https://a.example",
		"straddle bridge initialize --customer-id " + pageCustomer + " --api-key secret-on-the-line",
	} {
		r := w.run("secret on stdin", append(strings.Fields(line), "--dry-run")...)
		assert.Equal(t, 0, r.code, r.stderr)
		assert.Contains(t, r.stdout, "curl --request POST")
		assert.NotContains(t, r.stdout, "secret-on-the-line")
	}
	assert.Empty(t, w.s.Sandbox().Calls())
}

// TestRetries: --retries says how often, and a wait is for terminals to see.
func TestRetries(t *testing.T) {
	w := newWorld(t)
	sent := 0
	w.server(func(rw http.ResponseWriter, _ *http.Request) {
		sent++
		rw.WriteHeader(http.StatusServiceUnavailable)
	})
	for _, n := range []int{0, 1} {
		sent = 0
		r := w.run("", "finapi", "token", "--retries", strconv.Itoa(n))
		assert.Equal(t, 5, r.code, r.stderr)
		assert.Equal(t, n+1, sent)
	}
}
