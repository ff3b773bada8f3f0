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

// unknownCommand names the word only where it is nearly a command. Any other may be a secret whose flag was forgotten.
func unknownCommand(cmd *cobra.Command, name string) error {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(append(names, c.Name()), c.Aliases...)
		}
	}
	if near := nearest(name, names); near != "" {
		return exit.UsageError(fmt.Errorf("unknown command %q for %q", name, cmd.CommandPath()), "did you mean `"+cmd.CommandPath()+" "+near+"`?")
	}
	if name == "version" && !cmd.HasParent() {
		return exit.UsageError(errors.New("there is no command version"), "did you mean `fintoken --version`?")
	}
	return exit.UsageError(fmt.Errorf("unknown command for %q", cmd.CommandPath()), "see `"+cmd.CommandPath()+" --help`")
}

// noArgs refuses arguments of a command that takes none. It does not repeat them: one may be a secret.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.HasSubCommands() {
		return unknownCommand(cmd, args[0])
	}
	return exit.UsageError(fmt.Errorf("%q takes no argument, and there is one", cmd.CommandPath()), "see `"+cmd.CommandPath()+" --help`")
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

// nArgs refuses another number of arguments than those that names has.
func nArgs(cmd *cobra.Command, args, names []string) error {
	if len(args) == len(names) {
		return nil
	}
	takes := "takes one argument, " + names[0]
	if len(names) > 1 {
		takes = fmt.Sprintf("takes %d arguments, %s", len(names), strings.Join(names, " and "))
	}
	return exit.UsageError(fmt.Errorf("%q %s", cmd.CommandPath(), takes), "see `"+cmd.CommandPath()+" --help`")
}

// flagError explains a flag that could not be read. A group meets the flags of its commands when the command's name is
// misspelled or missing: then that is the error.
func (a *app) flagError(cmd *cobra.Command, err error) error {
	a.readErrorFlags()
	_, rest, _ := cmd.Root().Find(a.args)
	word := a.stray(cmd, rest)
	if cmd.HasSubCommands() && word != "" && !isCommand(cmd, word) {
		return unknownCommand(cmd, word)
	}
	next := "see `" + cmd.CommandPath() + " --help`"
	if name, ok := strings.CutPrefix(err.Error(), "unknown flag: --"); ok {
		next = a.whereFlag(cmd, name, next)
	}
	return exit.UsageError(plain(err), next)
}

// whereFlag says what was meant by an unknown flag: that of a command below, or one that is nearly called so.
func (a *app) whereFlag(cmd *cobra.Command, name, otherwise string) string {
	switch owners := a.below(cmd, name); len(owners) {
	case 0:
	case 1:
		return "--" + name + " is a flag of `" + owners[0].CommandPath() + "` and goes behind that"
	default:
		return "--" + name + " is a flag of commands such as `" + owners[0].CommandPath() + "` and goes behind one of them"
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if near := nearest(name, names); near != "" {
		return "did you mean --" + near + "?"
	}
	return otherwise
}

// below returns the commands below cmd that have a flag of their own of that name.
func (a *app) below(cmd *cobra.Command, name string) []*cobra.Command {
	var out []*cobra.Command
	for _, c := range a.commands(cmd) {
		if c.LocalNonPersistentFlags().Lookup(name) != nil {
			out = append(out, c)
		}
		out = append(out, a.below(c, name)...)
	}
	return out
}

// stray returns the first word behind cmd that is no flag and, as far as the flags are known, no value of one.
func (a *app) stray(cmd *cobra.Command, words []string) string {
	for i := 0; i < len(words); i++ {
		name, isFlag := strings.CutPrefix(words[i], "--")
		switch {
		case words[i] == "--":
			return strings.Join(words[i+1:min(i+2, len(words))], "")
		case isFlag && !strings.Contains(name, "=") && a.takesValue(cmd, name):
			i++
		case !strings.HasPrefix(words[i], "-"):
			return words[i]
		}
	}
	return ""
}

// takesValue reports whether a flag of cmd, or of a command below it, is followed by its value; an unknown flag is taken
// for one that is.
func (a *app) takesValue(cmd *cobra.Command, name string) bool {
	for _, flags := range []*pflag.FlagSet{cmd.Flags(), cmd.InheritedFlags()} {
		if f := flags.Lookup(name); f != nil {
			return f.NoOptDefVal == ""
		}
	}
	for _, c := range a.below(cmd, name) {
		return c.Flags().Lookup(name).NoOptDefVal == ""
	}
	return true
}

// isCommand reports whether cmd has a command of that name.
func isCommand(cmd *cobra.Command, name string) bool {
	return slices.ContainsFunc(cmd.Commands(), func(c *cobra.Command) bool { return c.Name() == name || c.HasAlias(name) })
}

// checkTopic refuses an argument behind a text, which cobra would print all the same.
func (a *app) checkTopic(root *cobra.Command) error {
	cmd, rest, _ := a.find(root, a.args) // what is unknown cobra finds as well
	if !cmd.IsAdditionalHelpTopicCommand() || a.stray(cmd, rest) == "" {
		return nil
	}
	a.readErrorFlags()
	return noArgs(cmd, rest)
}

// kinds says what a flag of a type takes.
var kinds = map[string]string{
	"bool": "true or false", "int": "a whole number", "int64": "a whole number", "float64": "a number",
	"integer": "a whole number", "number": "a number",
	"duration": "a duration such as 90s, 15m or 1h30m",
}

// plain says of a value that cannot be read what it must be, and leaves the words of Go's own parsers out.
func plain(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return bare(err)
	}
	kind, ok := kinds[invalid.GetFlag().Value.Type()]
	if !ok {
		return err
	}
	return fmt.Errorf("--%s must be %s, not %q", invalid.GetFlag().Name, kind, invalid.GetValue())
}

// bare keeps what begins with a dash and is no flag out of the error: it may be a secret.
func bare(err error) error {
	var unknown *pflag.NotExistError
	var broken *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &broken), errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return errors.New("an argument begins with a dash and is no flag; flags have two dashes and a name")
	}
	return err
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

// distance returns how many letters must be added, removed or changed to make b of a (Levenshtein).
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
