package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// interrupted is what a command leaves behind that was interrupted, and how long it took to end.
func (w *world) interrupted(cmd *exec.Cmd, running func()) (r result, took time.Duration) {
	w.t.Helper()
	cmd.Env = w.environ()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(w.t, cmd.Start())
	running()
	begun := time.Now()
	require.NoError(w.t, cmd.Process.Signal(os.Interrupt))
	_ = cmd.Wait() // the code tells
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}, time.Since(begun)
}

// atOnce is how long an interrupted command may take. What heeds no context is cut off after a second.
const atOnce = 500 * time.Millisecond

// TestInterruptReading: Ctrl-C ends a command at once that waits for stdin, a pipe that stays open, or a file that is one.
func TestInterruptReading(t *testing.T) {
	needs(t, "mkfifo")
	w := newWorld(t)
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, exec.Command("mkfifo", fifo).Run())
	for _, line := range []string{
		"finapi token --client-secret -", "straddle bridge initialize --body -", "straddle bridge initialize --config -", "sandbox add -",
		"sandbox --fixtures -", "finapi token --client-secret-file " + fifo,
	} {
		cmd := exec.CommandContext(t.Context(), binary, strings.Fields(line)...)
		stdin, err := cmd.StdinPipe()
		require.NoError(t, err)
		var text []byte // more than the pipe holds: when it is written, somebody reads
		if !strings.HasSuffix(line, fifo) {
			text = bytes.Repeat([]byte(" "), 1<<20)
		}
		r, took := w.interrupted(cmd, func() {
			_, err := stdin.Write(text)
			assert.NoError(t, err)
			if text == nil {
				f, err := os.OpenFile(fifo, os.O_WRONLY, 0) // returns when somebody reads
				require.NoError(t, err)
				t.Cleanup(func() { _ = f.Close() })
			}
		})
		assert.Equal(t, result{"", "fintoken: interrupted\n", 130}, r, line)
		assert.Less(t, took, atOnce, line)
	}
}

// TestInterruptPipe: Ctrl-C ends the programs on both sides of a pipe. That the one before it has gone is not what is told.
func TestInterruptPipe(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		cmd := exec.CommandContext(t.Context(), binary, "finapi", "token", "--client-secret", "-", "--debug")
		cmd.Env = w.environ()
		stdin, err := cmd.StdinPipe()
		require.NoError(t, err)
		stderr, err := cmd.StderrPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewReader(stderr)
		_, err = lines.ReadString('\n') // it runs
		require.NoError(t, err)
		require.NoError(t, stdin.Close())
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		errs, err := io.ReadAll(lines)
		require.NoError(t, err)
		_ = cmd.Wait() // the code tells
		assert.Equal(t, 130, cmd.ProcessState.ExitCode(), string(errs))
		assert.Equal(t, "fintoken: interrupted\n", string(errs))
	}
}

// TestInterruptMany: Ctrl-C ends also those commands at once that make many calls, and what they found is not told.
func TestInterruptMany(t *testing.T) {
	w := newWorld(t)
	w.env["STRADDLE_CUSTOMER_ID"] = w.c.Straddle.CustomerID
	for _, line := range []string{"doctor", "doctor --format json", "demo --live --provider straddle", "demo --live --provider straddle --format json"} {
		arrived := make(chan struct{}, 9)
		hang := w.server(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			arrived <- struct{}{}
			<-r.Context().Done()
		})
		w.env["HTTPS_PROXY"] = hang.URL // a CONNECT hangs as well
		r, took := w.interrupted(exec.CommandContext(t.Context(), binary, strings.Fields(line)...), func() { <-arrived })
		assert.Equal(t, result{"", "fintoken: interrupted\n", 130}, r, line)
		assert.Less(t, took, atOnce, line)
	}
}
