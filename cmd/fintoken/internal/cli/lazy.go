package cli

import (
	"github.com/spf13/cobra"
)

// Most commands are made from tables. What is below a provider, and the flags of a command, are made when somebody asks for
// them, so that a program that starts pays for the one command that it runs.

// later has fill complete cmd when it is asked for.
func (a *app) later(cmd *cobra.Command, fill func()) *cobra.Command {
	a.unfilled[cmd] = fill
	return cmd
}

// filled completes cmd, and reports whether that was still to do.
func (a *app) filled(cmd *cobra.Command) bool {
	fill, ok := a.unfilled[cmd]
	delete(a.unfilled, cmd)
	if ok {
		fill()
	}
	return ok
}

// find returns the command that args name, completed, and what stands behind its name.
func (a *app) find(root *cobra.Command, args []string) (*cobra.Command, []string, error) {
	for {
		cmd, rest, err := root.Find(args)
		if !a.filled(cmd) {
			return cmd, rest, err
		}
	}
}

// commands returns the commands below cmd, completed.
func (a *app) commands(cmd *cobra.Command) []*cobra.Command {
	a.filled(cmd)
	all := cmd.Commands()
	for _, c := range all {
		a.filled(c)
	}
	return all
}
