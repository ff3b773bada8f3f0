package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/cli"
	"github.com/fintoken/fintoken-go/sandbox"
)

// serve executes a command line in this process, ends it as soon as it says something, and returns all that it said.
func (w *world) serve(args ...string) result {
	w.t.Helper()
	ctx, cancel := context.WithCancelCause(w.t.Context())
	defer cancel(nil)
	var out, errs bytes.Buffer
	said := writer(func(p []byte) (int, error) {
		cancel(errSignal)
		return out.Write(p)
	})
	code := cli.Run(ctx, args, w.system(strings.NewReader(""), said, &errs))
	return result{out.String(), errs.String(), code}
}

// writer is a function that is written to.
type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// ended ends a sandbox, which must end well.
func ended(t *testing.T, server *exec.Cmd, out io.Reader, signal os.Signal) {
	t.Helper()
	require.NoError(t, server.Process.Signal(signal))
	_, _ = io.Copy(io.Discard, out)
	assert.NoError(t, server.Wait())
}

// TestSandboxServes: one line of JSON tells everything, the commands work with it, and SIGTERM and Ctrl-C end it.
func TestSandboxServes(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		w := newWorld(t)
		cmd, out := w.start("sandbox", "--format", "json", "--refresh-token-rotation", "on", "--seed", "7")
		line, err := out.ReadString('\n')
		require.NoError(t, err)
		var r map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &r), line)
		assert.ElementsMatch(t, append(sandbox.Providers(), "admin_url"), keys(r))
		for provider, want := range map[string][]string{
			"finapi":    {"base_url", "client_id", "client_secret", "v2_client_id", "v2_client_secret", "username", "password"},
			"finogates": {"base_url", "client_id", "client_secret", "user_id", "card_processing_id"},
			"straddle":  {"base_url", "api_key", "customer_id", "account_id", "webhook_secret"},
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
		conn, err := net.Dial("tcp", strings.TrimPrefix(strings.TrimSuffix(w.env["STRADDLE_BASE_URL"], "/straddle"), "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(conn, "POST /straddle/v1/bridge/initialize HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n")
		require.NoError(t, err)
		answer, err := bufio.NewReader(conn).ReadString('\n')
		require.NoError(t, err)
		require.Contains(t, answer, " 100 ", "the body is waited for")
		ended(t, cmd, out, signal)
		require.NoError(t, conn.Close())
	}
}

// TestSandboxTable: without a format it prints what a person needs, and the exports in it work.
func TestSandboxTable(t *testing.T) {
	w := newWorld(t)
	cmd, out := w.start("sandbox")
	text := w.export(out)
	assert.Contains(t, text, "export STRADDLE_API_KEY=")
	_, customer, _ := strings.Cut(text, "--customer-id ")
	customer, _, _ = strings.Cut(customer, "\n")
	r := w.run("", "straddle", "bridge", "initialize", "--customer-id", customer)
	assert.Equal(t, 0, r.code, r.stderr)
	ended(t, cmd, out, syscall.SIGTERM)
}

// export reads what a sandbox prints for people, takes over the variables that it exports, and returns the text.
func (w *world) export(out *bufio.Reader) string {
	w.t.Helper()
	var text strings.Builder
	for !strings.Contains(text.String(), "Ctrl-C ends the sandbox.") {
		line, err := out.ReadString('\n')
		require.NoError(w.t, err, text.String())
		text.WriteString(line)
		if export, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			name, value, _ := strings.Cut(export, "=")
			w.env[name] = value
		}
	}
	return text.String()
}

// TestSignals: Ctrl-C and SIGTERM end a program that waits, as interrupted.
func TestSignals(t *testing.T) {
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		w := newWorld(t)
		arrival := w.hanging()
		cmd := w.command("straddle", "bridge", "initialize", "--customer-id", pageCustomer)
		r := w.end(cmd, func() {
			arrival()
			assert.NoError(t, cmd.Process.Signal(signal))
		})
		assert.Equal(t, 130, r.code, r.stderr)
		assert.Contains(t, r.stderr, "interrupted")
		assert.Contains(t, r.stderr, "--idempotency-key ")

		cmd = w.command("finapi", "token", "--client-secret", "-")
		stdin, err := cmd.StdinPipe()
		require.NoError(t, err)
		r = w.end(cmd, func() {
			_, err := stdin.Write(bytes.Repeat([]byte(" "), 1<<20)) // more than the pipe holds: when it is written, somebody reads
			assert.NoError(t, err)
			assert.NoError(t, cmd.Process.Signal(signal))
		})
		assert.Equal(t, result{"", "fintoken: interrupted\n", 130}, r)
	}
}

// TestSignalCutsOff: what heeds no context, such as a pipe that nobody reads, does not keep the program.
func TestSignalCutsOff(t *testing.T) {
	w := newWorld(t)
	customers := make([]sandbox.StraddleCustomer, 2000) // more than the pipe holds
	for i := range customers {
		customers[i].CustomerID = fmt.Sprintf("00000000-0000-4000-8000-%012d", 1000+i)
	}
	require.NoError(t, w.s.Sandbox().Add(sandbox.Fixtures{Straddle: sandbox.StraddleFixtures{Customers: customers}}))
	cmd := w.command("sandbox", "snapshot")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = io.ReadFull(out, make([]byte, 1))
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	assert.Error(t, cmd.Wait())
	assert.Equal(t, 130, cmd.ProcessState.ExitCode())
	assert.Equal(t, "fintoken: interrupted\n", errs.String())
}

// TestInterruptKeyring: Ctrl-C also ends a command that waits for a keyring which does not answer, and so does time.
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
		cmd := w.command(strings.Fields(line)...)
		r := w.end(cmd, func() {
			conn, err := bus.Accept()
			require.NoError(t, err)
			t.Cleanup(func() { _ = conn.Close() })
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
		})
		assert.Equal(t, result{"", "fintoken: interrupted\n", 130}, r, line)
	}
	r := w.process("", "straddle", "bridge", "initialize", "--customer-id", pageCustomer)
	assert.Equal(t, 10, r.code)
	assert.Contains(t, r.stderr, "and in the keyring: no answer in time")
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
