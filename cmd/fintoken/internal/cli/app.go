// Package cli is the command line: its commands, their flags, and what they print. Data goes to stdout, everything else
// to stderr. It will never ask a question, print a secret anywhere but on stdout, or hand one to another program.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// System is what the program has of its surroundings.
type System struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// These tell which of them is a terminal.
	StdinTerminal, StdoutTerminal, StderrTerminal bool
	Getenv                                        func(string) string
	// Dial connects to a host; nil is the network of the system.
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
	Version string
}

// app is one run of the program.
type app struct {
	System

	args    []string
	flags   globals
	stdin   *input.Stdin
	secrets []secret.String   // found or issued: masked wherever an error shows the provider's words
	origins map[string]string // of the secrets, by their flags
	out     *written
	answers *wire.Recorder
	trust   *trust // nil until it is read
	info    rest.Info
	call    exit.Call

	unfilled map[*cobra.Command]func() // see later
}

// Run executes a command line, without the name of the program, and returns the exit code.
func Run(ctx context.Context, args []string, system System) int {
	a := &app{origins: map[string]string{}, unfilled: map[*cobra.Command]func(){}, System: system, args: args, out: &written{to: system.Stdout}}
	a.stdin = &input.Stdin{Reader: &stdin{app: a, ctx: ctx}, Terminal: system.StdinTerminal}
	root := a.newRoot()
	a.prepareCompletion(root, args)
	root.SetArgs(args)
	root.SetIn(system.Stdin)
	root.SetOut(a.out)
	root.SetErr(system.Stderr)
	err := a.checkTopic(root)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	return a.report(a.unprinted(err))
}

// written remembers that something could not be written: not everything that prints can say so itself.
type written struct {
	to  io.Writer
	err error
}

// Write writes.
func (w *written) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	if err != nil && w.err == nil {
		w.err = err
	}
	return n, err
}

// unprinted returns the error of an output that could not be written, if there is one and nothing else ended the run.
func (a *app) unprinted(err error) error {
	if a.out.err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, wire.ErrDryRun) { // nothing was sent that could be lost
		a.call, a.info = exit.Call{}, rest.Info{}
	}
	return &exit.PrintError{Err: fmt.Errorf("the output could not be written: %w", a.out.err), How: "with another place for the output"}
}

// newRoot returns the command tree.
func (a *app) newRoot() *cobra.Command {
	root := group("fintoken", "Short-lived tokens of finAPI, Finogates and Straddle", "")
	root.Long = start
	root.Version = a.Version
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetFlagErrorFunc(a.flagError)
	root.SetHelpFunc(a.help)
	root.SetUsageFunc(func(*cobra.Command) error { return nil })
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return a.checkGlobals(cmd) }
	a.addGlobals(root.PersistentFlags())
	completeGlobals(root)
	for _, v := range vendors() {
		root.AddCommand(v.commands(a))
	}
	root.AddCommand(
		a.newSandbox(), a.newWebhooks(), a.newDemo(),
		a.newAPI(), a.newDoctor(), a.newSpec(), a.newKeyring(), a.newCompletion(), a.newMan(),
		topic("environment", "The variables of the environment that are read", environmentTopic()),
		topic("exit-codes", "What the exit codes mean", exitTopic()),
	)
	root.SetHelpCommand(a.newHelp())
	return root
}

// group returns a command that only holds others. Without an argument it prints its help.
func group(use, short, example string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example,
		SilenceErrors: true, SilenceUsage: true,
		Args: groupArgs, // without it an unknown command would print help and succeed
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(commands...)
	return cmd
}

// topic returns a text that `fintoken help` shows.
func topic(name, short, long string) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, Long: long, Args: cobra.NoArgs}
}
