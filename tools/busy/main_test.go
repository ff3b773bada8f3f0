package main

import (
	"context"
	"io"
	"runtime"
	"strings"
	"testing"
)

// The program's exit code is that of what it runs.
func TestRun(t *testing.T) {
	for line, want := range map[string]int{"exit 0": 0, "exit 7": 7, "kill -9 $$": 1} {
		if got := run(t.Context(), io.Discard, 2, "sh", "-c", line); got != want {
			t.Errorf("%s: %d, want %d", line, got, want)
		}
	}
	if got := run(t.Context(), io.Discard, 2, "no-such-program"); got != 1 {
		t.Errorf("no such program: %d", got)
	}
}

// When the context ends, the program gets the chance to end well.
func TestRunIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ready := writer(func(p []byte) (int, error) { cancel(); return len(p), nil })
	if got := run(ctx, ready, 1, "sh", "-c", "trap 'exit 3' INT; echo ready; while :; do sleep 0.01; done"); got != 3 {
		t.Errorf("%d, want 3", got)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// While f runs, all threads are there; afterwards none is left.
func TestSpin(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	spin(3, func() {
		if got := spinning(); got != 3 {
			t.Errorf("%d goroutines spin, want 3", got)
		}
		if got := runtime.GOMAXPROCS(0); got != 4 {
			t.Errorf("%d threads at once, want 4", got)
		}
	})
	if got := runtime.GOMAXPROCS(0); got != procs {
		t.Errorf("%d threads at once, want %d", got, procs)
	}
	if got := spinning(); got != 0 {
		t.Errorf("%d goroutines spin, want none", got)
	}
}

// spinning counts the goroutines that spin started and that still spin. Others come and end as they like.
func spinning() int {
	stacks := make([]byte, 1<<20)
	return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), ".spin.func1(")
}
