// Command busy runs another program while the machine has other work to do: as many threads as it is told spin beside it.
// They are its own threads, so they end with it, however that happens. It exits as the program does, and tells what it
// took.
//
//	go -C tools run ./busy [-n 8] program [argument]...
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	n := flag.Int("n", 8, "how many threads spin")
	flag.Parse()
	if *n < 0 || flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Stdout, *n, flag.Arg(0), flag.Args()[1:]...)
	stop()
	os.Exit(code)
}

// run runs a program beside n threads that spin and returns its exit code; 1 if it has none. When ctx ends, the program is
// interrupted.
func run(ctx context.Context, stdout io.Writer, n int, name string, args ...string) int {
	cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // what it is for
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	spin(n, func() {
		begun := time.Now()
		if err := cmd.Run(); err != nil {
			fmt.Fprintf(os.Stderr, "busy: %s: %v\n", name, err)
		}
		if p := cmd.ProcessState; p != nil {
			fmt.Fprintf(os.Stderr, "busy: %s beside %d threads that spin, %s of CPU\n",
				time.Since(begun).Round(time.Second), n, (p.UserTime() + p.SystemTime()).Round(time.Second))
		}
	})
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() < 0 { // not started, or killed
		return 1
	}
	return cmd.ProcessState.ExitCode()
}

// spin calls f while n threads spin. They do so from before f begins until it returns.
func spin(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n + 1)) // a thread for each, and one for f
	var over atomic.Bool
	var begun, ended sync.WaitGroup
	begun.Add(n)
	for range n {
		ended.Go(func() {
			begun.Done()
			for !over.Load() { // the work
			}
		})
	}
	begun.Wait()
	f()
	over.Store(true)
	ended.Wait()
}
