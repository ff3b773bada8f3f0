package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/testenv"
)

// hangs is when a program is taken for one that hangs. No test measures how long one takes.
const hangs = 2 * time.Minute

// testVersion is the version of the program in tests, in this process and as one of its own.
const testVersion = "v0.0.0-test"

// built is the folder of the program, if a test asked for it.
var built string

// build builds the program once. It has no -trimpath, so that it shares the packages that `go vet` and `go build` compile.
var build = sync.OnceValues(func() (string, error) {
	var err error
	if built, err = os.MkdirTemp("", "fintoken-test-"); err != nil {
		return "", err
	}
	path := filepath.Join(built, "fintoken")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w -X main.version="+testVersion, "-o", path, ".").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return path, err
})

// program returns the path of the program.
func program(t *testing.T) string {
	t.Helper()
	path, err := build()
	require.NoError(t, err)
	return path
}

// command returns a command line that is run as a process of its own, and killed if it hangs.
func (w *world) command(args ...string) *exec.Cmd {
	w.t.Helper()
	return w.other(program(w.t), args...)
}

// other returns the same of another program, which finds ours in its path.
func (w *world) other(name string, args ...string) *exec.Cmd {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), hangs)
	w.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = []string{
		"PATH=" + filepath.Dir(program(w.t)) + string(os.PathListSeparator) + os.Getenv("PATH"),
		"HOME=" + w.env["XDG_CACHE_HOME"],
	}
	for name, value := range w.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// process executes a command line in a process of its own: for what this one cannot show, such as the variables that
// Go itself reads, locks between processes, signals and exit codes.
func (w *world) process(stdin string, args ...string) result {
	w.t.Helper()
	cmd := w.command(args...)
	cmd.Stdin = strings.NewReader(stdin)
	return w.end(cmd, func() {})
}

// end starts a command, does something while it runs, and returns what it leaves behind.
func (w *world) end(cmd *exec.Cmd, meanwhile func()) result {
	w.t.Helper()
	w.order()
	defer w.order()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(w.t, cmd.Start())
	meanwhile()
	_ = cmd.Wait() // the code tells
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// start starts the program and returns it with its stdout.
func (w *world) start(args ...string) (*exec.Cmd, *bufio.Reader) {
	w.t.Helper()
	cmd := w.command(args...)
	out, err := cmd.StdoutPipe()
	require.NoError(w.t, err)
	require.NoError(w.t, cmd.Start())
	return cmd, bufio.NewReader(out)
}

// TestProcess: as a process the program does what it does here, with stdin, files and the environment, in every way in
// which it can end. TestSignals has the way that is missing.
func TestProcess(t *testing.T) {
	const bridge = "straddle bridge initialize --retries 0 --customer-id "
	codes := map[int]bool{}
	for name, c := range map[string]struct {
		stdin, line string
		prepare     string // a line that is run before
		code        int
	}{
		"help":             {line: "help exit-codes"},
		"nothing":          {line: ""},
		"an answer":        {line: "finapi token --grant-type password"},
		"stdin":            {stdin: "customer_id: CUSTOMER\n", line: "straddle bridge initialize --body -"},
		"a secret":         {stdin: "API_KEY\n", line: bridge + "CUSTOMER --api-key -"},
		"a file":           {line: "spec validate ../../specs/bundle/straddle.yaml"},
		"a wrong file":     {line: "spec validate ../../tools/oapi-codegen/straddle.yaml", code: 1},
		"a wrong flag":     {line: "finapi token --user jane", code: 2},
		"no such thing":    {line: "sandbox faults remove nope", code: 3},
		"a wrong secret":   {line: "finapi token --client-secret wrong-secret", code: 4},
		"refused":          {line: bridge + "5f0c2a9e-1b7d-4c83-9f26-0d8e7a4b6c15", code: 5},
		"nobody there":     {line: "finapi token --base-url http://127.0.0.1:1 --retries 0", code: 6},
		"too many":         {line: bridge + "CUSTOMER", prepare: "sandbox faults add --provider straddle --status 429", code: 7},
		"in doubt":         {line: bridge + "CUSTOMER", prepare: "sandbox faults add --provider straddle --kind reset_after", code: 8},
		"a missing secret": {line: "finapi revoke", code: 10},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			fill := strings.NewReplacer("CUSTOMER", w.c.Straddle.CustomerID, "API_KEY", w.c.Straddle.APIKey)
			if c.prepare != "" {
				require.Zero(t, w.run("", strings.Fields(c.prepare)...).code)
			}
			args := strings.Fields(fill.Replace(c.line))
			here, there := w.run(fill.Replace(c.stdin), args...), w.process(fill.Replace(c.stdin), args...)
			assert.Equal(t, c.code, there.code, there.stderr)
			assert.Equal(t, here.code, there.code)
			assert.Equal(t, w.normal(here.stdout), w.normal(there.stdout))
			assert.Equal(t, w.normal(here.stderr), w.normal(there.stderr))
		})
		codes[c.code] = true
	}
	assert.Len(t, codes, 10, "every exit code but that of an interruption")
}

// TestDeviceFull: what the system says of a full disk is told.
func TestDeviceFull(t *testing.T) {
	testenv.File(t, "/dev/full", "a device without room")
	device, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer device.Close()
	cmd := newWorld(t).command("help")
	var errs strings.Builder
	cmd.Stdout, cmd.Stderr = device, &errs
	require.Error(t, cmd.Run())
	assert.Equal(t, 1, cmd.ProcessState.ExitCode())
	assert.Contains(t, errs.String(), "no space left on device")
}
