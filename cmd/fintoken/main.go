// Command fintoken gets the short-lived tokens behind embedded finance from a terminal or a script.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/cli"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
)

// version is set by the linker in a release; else the build tells.
var version string

// grace is how long an interrupted command may take to say what it leaves behind.
const grace = time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // a second signal ends the program as it is
		time.AfterFunc(grace, func() {
			fmt.Fprintln(os.Stderr, "fintoken: interrupted")
			os.Exit(exit.Interrupted)
		})
	})
	code := cli.Run(ctx, os.Args[1:], cli.System{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		StdinTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		StdoutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		StderrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Getenv:         os.Getenv,
		Version:        versionOf(),
	})
	os.Exit(code)
}

// versionOf returns the version of the program, such as "v1.2.3".
func versionOf() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
