package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/testenv"
)

// errSignal is what ends a context when a signal comes.
var errSignal = fmt.Errorf("interrupt signal received: %w", context.Canceled)

// interrupted executes a command line in this process and interrupts it once it runs, which running waits for. A command
// that heeds no context would hang here: what cuts it off is main.
func (w *world) interrupted(stdin io.Reader, running func(), args ...string) result {
	w.t.Helper()
	ctx, cancel := context.WithCancelCause(w.t.Context())
	defer cancel(nil)
	done := make(chan result, 1)
	go func() { done <- w.runIn(ctx, stdin, false, args...) }()
	running()
	cancel(errSignal)
	select {
	case r := <-done:
		return r
	case <-time.After(hangs):
		require.FailNow(w.t, "it does not end", args)
		return result{}
	}
}

// hanging leads the providers to a server that never answers, and returns what waits for a call to arrive there.
func (w *world) hanging() (arrival func()) {
	arrived, over := make(chan struct{}, 9), make(chan struct{})
	w.server(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-over: // an interrupted program leaves behind what would keep it
		}
	})
	w.t.Cleanup(func() { close(over) })
	return func() { <-arrived }
}

// TestInterrupt: Ctrl-C ends a call that hangs, and tells how to make it again without harm.
func TestInterrupt(t *testing.T) {
	for _, line := range []string{
		"straddle bridge initialize --customer-id " + pageCustomer, "finapi token --cache", "finapi token", "finogates auth token",
		"finogates embed-token create --parent-origin https://a.example --user-id " + pageCustomer,
	} {
		w := newWorld(t)
		r := w.interrupted(strings.NewReader(""), w.hanging(), strings.Fields(line)...)
		assert.Equal(t, 130, r.code, r.stderr)
		assert.Contains(t, r.stderr, "interrupted")
		if strings.HasPrefix(line, "straddle") {
			assert.Contains(t, r.stderr, "--idempotency-key ")
		}
	}
}

// TestInterruptReading: Ctrl-C ends a command that waits for stdin, a pipe that stays open, or a file that is one.
func TestInterruptReading(t *testing.T) {
	testenv.Programs(t, "mkfifo")
	fifo := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, exec.Command("mkfifo", fifo).Run())
	for _, line := range []string{
		"finapi token --client-secret -", "straddle bridge initialize --body -", "straddle bridge initialize --config -", "sandbox add -",
		"sandbox --fixtures -", "finapi token --client-secret-file " + fifo,
	} {
		stdin, writer := io.Pipe()
		running := func() {
			_, err := writer.Write([]byte(" ")) // returns when somebody has read it
			assert.NoError(t, err)
		}
		var file io.Closer = writer
		if strings.HasSuffix(line, fifo) {
			running = func() {
				var err error
				file, err = os.OpenFile(fifo, os.O_WRONLY, 0) // returns when somebody opens the other end
				require.NoError(t, err)
			}
		}
		r := newWorld(t).interrupted(stdin, running, strings.Fields(line)...)
		assert.Equal(t, result{"", "fintoken: interrupted\n", 130}, r, line)
		assert.NoError(t, file.Close())
		assert.NoError(t, writer.Close())
	}
}

// TestInterruptPipe: Ctrl-C ends the programs on both sides of a pipe. That the one before it has gone is not what is told,
// unless nothing else comes for a while.
func TestInterruptPipe(t *testing.T) {
	bubble(t, http.NotFoundHandler(), func(t *testing.T, w *world) {
		for after, want := range map[time.Duration]result{
			49 * time.Millisecond: {"", "fintoken: interrupted\n", 130},
			51 * time.Millisecond: {"", "fintoken: --client-secret: stdin is empty\n", 10},
		} {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(after, func() { cancel(errSignal) })
			r := w.runIn(ctx, strings.NewReader(""), false, "finapi", "token", "--client-secret", "-")
			r.stderr, _, _ = strings.Cut(r.stderr, "  next: ")
			assert.Equal(t, want, r, after)
			<-ctx.Done()
		}
	})
}

// TestInterruptMany: Ctrl-C ends also those commands that make many calls, and what they found is not told.
func TestInterruptMany(t *testing.T) {
	for _, line := range []string{"doctor", "doctor --format json", "demo --live --provider straddle", "demo --live --provider straddle --format json"} {
		w := newWorld(t)
		w.env["STRADDLE_CUSTOMER_ID"] = w.c.Straddle.CustomerID
		arrival := w.hanging()
		if strings.HasPrefix(line, "demo") { // the host is the provider's own
			dialing := make(chan struct{}, 9)
			w.dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
				dialing <- struct{}{}
				<-ctx.Done()
				return nil, context.Cause(ctx)
			}
			arrival = func() { <-dialing }
		}
		r := w.interrupted(strings.NewReader(""), arrival, strings.Fields(line)...)
		assert.Equal(t, result{"", "fintoken: interrupted\n", 130}, r, line)
	}
}
