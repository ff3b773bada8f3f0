package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// start starts the program and returns it with its stdout.
func (w *world) start(args ...string) (*exec.Cmd, *bufio.Reader) {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), binary, args...)
	cmd.Env = w.environ()
	out, err := cmd.StdoutPipe()
	require.NoError(w.t, err)
	require.NoError(w.t, cmd.Start())
	return cmd, bufio.NewReader(out)
}

// serve starts the program, ends it as soon as it says something, and returns all that it said.
func (w *world) serve(args ...string) result {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), binary, args...)
	cmd.Env = w.environ()
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	require.NoError(w.t, err)
	require.NoError(w.t, cmd.Start())
	first := make([]byte, 1)
	_, err = io.ReadFull(out, first)
	require.NoError(w.t, err)
	require.NoError(w.t, cmd.Process.Signal(syscall.SIGTERM))
	rest, err := io.ReadAll(out)
	require.NoError(w.t, err)
	_ = cmd.Wait() // the code tells
	return result{string(first) + string(rest), errs.String(), cmd.ProcessState.ExitCode()}
}

// TestSandboxServes: one line of JSON tells everything, the commands work with it, SIGTERM ends it within a second.
func TestSandboxServes(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		w := newWorld(t)
		cmd, out := w.start("sandbox", "--format", "json", "--refresh-token-rotation", "on", "--seed", "7")
		line, err := out.ReadString('\n')
		require.NoError(t, err)
		var r map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &r), line)
		assert.ElementsMatch(t, []string{"finapi", "finogates", "straddle", "admin_url"}, keys(r))
		for provider, want := range map[string][]string{
			"finapi":    {"base_url", "client_id", "client_secret", "v2_client_id", "v2_client_secret", "username", "password"},
			"finogates": {"base_url", "client_id", "client_secret", "user_id", "card_processing_id"},
			"straddle":  {"base_url", "api_key", "customer_id", "account_id"},
		} {
			of := r[provider].(map[string]any)
			assert.ElementsMatch(t, want, keys(of))
			for name, value := range of {
				w.env[strings.ToUpper(provider+"_"+name)] = value.(string)
			}
		}
		w.env["XDG_CACHE_HOME"] = t.TempDir()
		for _, line := range []string{
			"straddle bridge initialize --customer-id " + w.env["STRADDLE_CUSTOMER_ID"], "finapi token --grant-type password",
			"finogates embed-token create --parent-origin https://a.example --user-id " + w.env["FINOGATES_USER_ID"],
		} {
			got := w.run("", strings.Fields(line)...)
			assert.Equal(t, 0, got.code, got.stderr)
		}

		// A client that holds a connection and never finishes its request is no reason to stay.
		host := strings.TrimPrefix(strings.TrimSuffix(w.env["STRADDLE_BASE_URL"], "/straddle"), "http://")
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host+"/straddle/v1/bridge/initialize", io.MultiReader(strings.NewReader("{"), &never{t}))
		require.NoError(t, err)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if resp, err := http.DefaultTransport.RoundTrip(request); err == nil {
				_ = resp.Body.Close()
			}
		}()
		time.Sleep(100 * time.Millisecond)

		begun := time.Now()
		require.NoError(t, cmd.Process.Signal(signal))
		_, _ = io.Copy(io.Discard, out)
		assert.NoError(t, cmd.Wait())
		assert.Less(t, time.Since(begun), time.Second)
		<-ended
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	}
}

// never is a body that does not come.
type never struct{ t *testing.T }

func (n *never) Read([]byte) (int, error) {
	select {
	case <-n.t.Context().Done():
	case <-time.After(2 * time.Second):
	}
	return 0, io.ErrUnexpectedEOF
}

// TestSandboxTable: without a format it prints what a person needs, and the exports in it work.
func TestSandboxTable(t *testing.T) {
	w := newWorld(t)
	cmd, out := w.start("sandbox")
	var text strings.Builder
	for !strings.Contains(text.String(), "Ctrl-C ends the sandbox.") {
		line, err := out.ReadString('\n')
		require.NoError(t, err, text.String())
		text.WriteString(line)
	}
	assert.Contains(t, text.String(), "export STRADDLE_API_KEY=")
	var customer string
	for line := range strings.Lines(text.String()) {
		if export, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			name, value, _ := strings.Cut(export, "=")
			w.env[name] = value
		}
		if _, id, ok := strings.Cut(strings.TrimSpace(line), "--customer-id "); ok {
			customer = id
		}
	}
	r := w.run("", "straddle", "bridge", "initialize", "--customer-id", customer)
	assert.Equal(t, 0, r.code, r.stderr)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	_, _ = io.Copy(io.Discard, out)
	assert.NoError(t, cmd.Wait())
}

// TestInterrupt: Ctrl-C ends a call that hangs at once, with 130.
func TestInterrupt(t *testing.T) {
	w := newWorld(t)
	arrived := make(chan struct{}, 9)
	w.server(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-r.Context().Done()
	})
	for _, line := range []string{
		"straddle bridge initialize --customer-id " + pageCustomer, "finapi token --cache", "finapi token", "finogates auth token",
		"finogates embed-token create --parent-origin https://a.example --user-id " + pageCustomer,
	} {
		cmd := exec.CommandContext(t.Context(), binary, strings.Fields(line)...)
		cmd.Env = w.environ()
		var errs strings.Builder
		cmd.Stderr = &errs
		require.NoError(t, cmd.Start())
		<-arrived
		begun := time.Now()
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		assert.Error(t, cmd.Wait())
		assert.Equal(t, 130, cmd.ProcessState.ExitCode(), errs.String())
		assert.Less(t, time.Since(begun), 500*time.Millisecond)
		assert.Contains(t, errs.String(), "interrupted")
		if strings.HasPrefix(line, "straddle") {
			assert.Contains(t, errs.String(), "--idempotency-key ")
		}
	}
}

// TestInterruptKeyring: Ctrl-C also ends a command that waits for a keyring which does not answer.
func TestInterruptKeyring(t *testing.T) {
	w := newWorld(t)
	path := filepath.Join(t.TempDir(), "bus")
	bus, err := net.Listen("unix", path)
	require.NoError(t, err)
	defer bus.Close()
	delete(w.env, "FINTOKEN_KEYRING")
	delete(w.env, "STRADDLE_API_KEY")
	w.env["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + path
	for _, line := range []string{"straddle bridge initialize --customer-id " + pageCustomer, "keyring delete straddle/sandbox/api-key"} {
		cmd := exec.CommandContext(t.Context(), binary, strings.Fields(line)...)
		cmd.Env = w.environ()
		var errs strings.Builder
		cmd.Stderr = &errs
		require.NoError(t, cmd.Start())
		conn, err := bus.Accept()
		require.NoError(t, err)
		begun := time.Now()
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		assert.Error(t, cmd.Wait())
		assert.NoError(t, conn.Close())
		assert.Equal(t, 130, cmd.ProcessState.ExitCode(), line)
		assert.Equal(t, "fintoken: interrupted\n", errs.String())
		assert.Less(t, time.Since(begun), 500*time.Millisecond)
	}
	begun := time.Now()
	r := w.runThere("", "straddle", "bridge", "initialize", "--customer-id", pageCustomer)
	assert.Equal(t, 10, r.code)
	assert.Contains(t, r.stderr, "and in the keyring: no answer in time")
	assert.Less(t, time.Since(begun), 5*time.Second)
}

// TestNoChildProcess: the program starts no other one, so no secret can get onto a command line.
func TestNoChildProcess(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", `{{if not .Standard}}{{.ImportPath}} {{join .Imports " "}}{{end}}`, ".").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
		if strings.HasPrefix(path, "github.com/fintoken/") {
			assert.NotContains(t, strings.Fields(imports), "os/exec", path)
		}
	}
}

// TestLibraryLinksNoCLI: who imports a wrapper, the generated clients or the sandbox gets none of the program's own
// dependencies.
func TestLibraryLinksNoCLI(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./wrappers/...", "./gen/...", "./specs/...", "./sandbox/...")
	cmd.Dir = filepath.Join("..", "..")
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "github.com/fintoken/fintoken-go/wrappers/rest\n")
	for _, module := range []string{"spf13/cobra", "spf13/pflag", "tidwall/gjson", "zalando/go-keyring", "godbus/dbus", "golang.org/x/term"} {
		assert.NotContains(t, string(out), module)
	}
}
