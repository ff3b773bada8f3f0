package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
)

// groupArgs refuses what is no command of a group and names the nearest one.
func groupArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return unknownCommand(cmd, args[0])
}

func unknownCommand(cmd *cobra.Command, name string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(append(names, c.Name()), c.Aliases...)
		}
	}
	next := "see `" + cmd.CommandPath() + " --help`"
	if near := nearest(name, names); near != "" {
		next = "did you mean `" + cmd.CommandPath() + " " + near + "`?"
	}
	return exit.UsageError(fmt.Errorf("unknown command %q for %q", name, cmd.CommandPath()), next)
}

// noArgs refuses arguments of a command that takes none.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasSubCommands() {
		return unknownCommand(cmd, args[0])
	}
	return exit.UsageError(fmt.Errorf("%q takes no argument; there is %q", cmd.CommandPath(), args[0]), "see `"+cmd.CommandPath()+" --help`")
}

// oneArg refuses any number of arguments but one.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return exit.UsageError(fmt.Errorf("%q takes one argument, %s", cmd.CommandPath(), what), "see `"+cmd.CommandPath()+" --help`")
	}
}

// flagError explains a flag that could not be read. A group meets the flags of its commands when the command's name is
// misspelled: then that is the error.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	a.readErrorFlags()
	if cmd.HasSubCommands() {
		_, rest, _ := cmd.Root().Find(a.args)
		for i, arg := range rest {
			if !strings.HasPrefix(arg, "-") {
				return unknownCommand(cmd, arg)
			}
			if i == 0 && cmd.Annotations[heeds] != "" {
				break // a group that does something itself has flags of its own, and their values look like commands
			}
		}
	}
	next := "see `" + cmd.CommandPath() + " --help`"
	if name, ok := strings.CutPrefix(err.Error(), "unknown flag: --"); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				names = append(names, f.Name)
			}
		})
		if near := nearest(name, names); near != "" {
			next = "did you mean --" + near + "?"
		}
	}
	return exit.UsageError(plain(err), next)
}

// kinds says what a flag of a type takes.
var kinds = map[string]string{
	"bool": "true or false", "int": "a whole number", "int64": "a whole number", "float64": "a number",
	"duration": "a duration such as 90s, 15m or 1h30m",
}

// plain says of a value that cannot be read what it has to be, and leaves the words of Go's own parsers out.
func plain(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	kind, ok := kinds[invalid.GetFlag().Value.Type()]
	if !ok {
		return err
	}
	return fmt.Errorf("--%s has to be %s, not %q", invalid.GetFlag().Name, kind, invalid.GetValue())
}

// readErrorFlags reads how to print errors from the whole command line: a flag that could not be read may stand before
// these.
func (a *app) readErrorFlags() {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.ParseErrorsAllowlist.UnknownFlags = true
	f.SetOutput(io.Discard)
	f.StringVar(&a.flags.formatError, "format-error", a.flags.formatError, "")
	f.StringVar(&a.flags.transformError, "transform-error", a.flags.transformError, "")
	_ = f.Parse(a.args) // what is wrong is known already
}

// nearest returns the name that word was most likely meant to be, or "".
func nearest(word string, names []string) string {
	best, least := "", 3
	for _, name := range names {
		if d := distance(word, name); d < least && d < len(name) {
			best, least = name, d
		}
	}
	if best != "" || len(word) < 2 {
		return best
	}
	for _, name := range names {
		if strings.HasPrefix(name, word) {
			return name
		}
	}
	return ""
}

// distance returns how many letters have to be added, removed or changed to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = slices.Min([]int{row[j+1] + 1, next[j] + 1, row[j] + cost})
		}
		row = next
	}
	return row[len(b)]
}
