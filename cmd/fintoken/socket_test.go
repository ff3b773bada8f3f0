package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/testenv"
)

// TestSandboxOnASocket: what a sandbox on a Unix socket prints, pasted into another shell, makes every command reach it:
// the verbs, the providers' commands, the doctor, and the curl of a dry run.
func TestSandboxOnASocket(t *testing.T) {
	testenv.Programs(t, "sh", "curl")
	dir := filepath.Join(t.TempDir(), "it's a") // in need of quotes
	require.NoError(t, os.Mkdir(dir, 0o700))
	socket := filepath.Join(dir, "s")
	w := newWorld(t)
	cmd, out := w.start("sandbox", "--listen", "unix:"+socket)
	var text strings.Builder
	for !strings.Contains(text.String(), "Ctrl-C ends the sandbox.") {
		line, err := out.ReadString('\n')
		require.NoError(t, err, text.String())
		text.WriteString(line)
	}
	info, err := os.Stat(socket)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it is its owner's alone")
	assert.Contains(t, text.String(), "The host localhost stands for the socket "+socket)
	assert.NotContains(t, text.String(), "curl")
	var exports []string
	for line := range strings.Lines(text.String()) {
		if export := strings.TrimSpace(line); strings.HasPrefix(export, "export ") {
			exports = append(exports, export)
			name, _, _ := strings.Cut(strings.TrimPrefix(export, "export "), "=")
			delete(w.env, name)
		}
	}
	require.Contains(t, strings.Join(exports, "\n"), "export FINTOKEN_SANDBOX_URL='unix:")
	run := func(line string) string {
		t.Helper()
		printed, err := w.shell("sh", "-euc", strings.Join(append(exports, line), "\n"))
		assert.NoError(t, err, printed)
		return printed
	}
	assert.Contains(t, run("fintoken sandbox clock freeze"), `"frozen": true`)
	customer := strings.TrimSpace(run("fintoken sandbox credentials --transform straddle.customer_id --format raw"))
	assert.Contains(t, run("fintoken straddle bridge initialize --customer-id "+customer), "bridge_token")
	assert.Contains(t, run("fintoken finapi token --grant-type password"), "refresh_token")
	assert.Contains(t, run("fintoken finogates auth token"), "access_token")
	assert.Contains(t, run("fintoken doctor"), "unix:"+socket)
	assert.NotContains(t, run("fintoken doctor"), "FAILED")
	assert.Contains(t, run("fintoken finapi token --dry-run | sh"), "access_token")
	assert.Contains(t, run("fintoken sandbox state --dry-run | sh"), `"customers"`)
	assert.Equal(t, "2\n", run("fintoken sandbox journal --operation getToken --transform calls.# --format raw"), "ours, and that of curl")
	assert.Contains(t, run("cd '"+strings.ReplaceAll(dir, "'", `'\''`)+"'; fintoken sandbox clock --base-url unix:s"), "frozen")
	assert.Contains(t, run(`fintoken sandbox clock --base-url "unix://`+socket+`"`), "frozen")

	ended(t, cmd, out, syscall.SIGTERM)
	r := w.run("", "sandbox", "clock", "--base-url", "unix:"+socket, "--retries", "0")
	assert.Equal(t, 6, r.code)
	assert.Contains(t, r.stderr, "start `fintoken sandbox`")
	w.env["FINTOKEN_SANDBOX_URL"] = "unix:"
	assert.Equal(t, 10, w.run("", "sandbox", "clock").code)
}

// TestSandboxAdminURL: the URL of the API, from the JSON that a sandbox prints, names the sandbox as well.
func TestSandboxAdminURL(t *testing.T) {
	w := newWorld(t)
	r := w.run("", "sandbox", "clock", "--base-url", w.s.Admin())
	assert.Equal(t, 0, r.code, r.stderr)
}
