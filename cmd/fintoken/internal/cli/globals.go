package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
)

// globals are the flags that many commands share.
type globals struct {
	environment, baseURL                           string
	format, transform, formatError, transformError string
	timeout                                        time.Duration
	retries                                        int
	debug, dryRun, quiet, redact, unchecked        bool
}

// The environments that --environment takes.
const (
	sandboxEnvironment    = "sandbox"
	productionEnvironment = "production"
)

// mostRetries is how often a call may be sent again; --timeout ends it long before.
const mostRetries = 1000

// addGlobals defines the flags.
func (a *app) addGlobals(flags *pflag.FlagSet) {
	g := &a.flags
	flags.StringVar(&g.environment, "environment", "", "`name` of the environment: sandbox or production (default sandbox)")
	flags.StringVar(&g.baseURL, "base-url", "", "`url` to call instead of the environment's own, or unix:PATH for a sandbox on a Unix socket")
	flags.StringVar(&g.format, "format", output.Auto, "`format` of the answer: "+strings.Join(output.Formats, ", ")+"; raw is the token alone")
	flags.StringVar(&g.transform, "transform", "", "print only what this GJSON `path` finds in the answer")
	flags.StringVar(&g.formatError, "format-error", output.Auto, "`format` of an error: "+strings.Join(output.Formats, ", ")+"; auto is text, raw the provider's own answer unless it may hold a token")
	flags.StringVar(&g.transformError, "transform-error", "", "print only what this GJSON `path` finds in the error")
	flags.DurationVar(&g.timeout, "timeout", 0, "longest time for the whole call, retries included (default 30s)")
	flags.IntVar(&g.retries, "retries", 2, "how often a call is sent again where that does no harm")
	flags.BoolVar(&g.debug, "debug", false, "tell on stderr what is sent and answered, without any secret")
	flags.BoolVar(&g.dryRun, "dry-run", false, "print the request as a curl command and send nothing; secrets are not read")
	flags.BoolVar(&g.unchecked, "unchecked", false, "send also what breaks a rule that is known here; the provider decides")
	flags.BoolVar(&g.quiet, "quiet", false, "no warnings and no progress on stderr")
	flags.BoolVar(&g.redact, "redact", false, "print [redacted] in place of tokens, for a shared screen")
}

// completeGlobals offers the values of the flags that have a list.
func completeGlobals(root *cobra.Command) {
	complete(root, "environment", sandboxEnvironment, productionEnvironment)
	complete(root, "format", output.Formats...)
	complete(root, "format-error", output.Formats...)
}

// complete offers values for a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	if err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic("cli: " + err.Error()) // the flag is defined a line above
	}
}

// Which of the globals a command heeds.
const (
	heeds    = "heeds"
	calling  = "call"  // all of them
	printing = "print" // those about printing

	whole = "whole" // a group all of whose commands heed all of them
)

// heeded lists the globals for each kind of command. An error can come from any command.
var heeded = map[string][]string{
	"":       {"format-error", "transform-error", "quiet"},
	printing: {"format-error", "transform-error", "quiet", "format", "transform", "redact"},
}

// heedsFlag reports whether cmd has a use for the global flag, or, if it only holds others, whether one of them has.
func heedsFlag(cmd *cobra.Command, flag string) bool {
	kind := cmd.Annotations[heeds]
	extra := strings.Fields(cmd.Annotations["also"])
	_, all := cmd.Annotations[whole]
	return all || kind == calling || slices.Contains(heeded[kind], flag) || slices.Contains(extra, flag) ||
		kind == "" && slices.ContainsFunc(cmd.Commands(), func(c *cobra.Command) bool { return heedsFlag(c, flag) })
}

// checkGlobals refuses values that no command takes and flags that this command does not heed.
func (a *app) checkGlobals(cmd *cobra.Command) error {
	g := a.flags
	var wrong error
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) {
		if wrong == nil && f.Changed && cmd.Root().PersistentFlags().Lookup(f.Name) == f && !heedsFlag(cmd, f.Name) {
			wrong = fmt.Errorf("--%s is of no use to `%s`", f.Name, cmd.CommandPath())
		}
	})
	for _, err := range []error{
		wrong,
		empty(cmd),
		output.CheckFormat("format", g.format),
		output.CheckFormat("format-error", g.formatError),
		checkEnvironment("--environment", g.environment),
		refuse(g.timeout < 0, "--timeout must not be negative"),
		refuse(cmd.Flags().Changed("timeout") && g.timeout == 0, "--timeout must not be 0"),
		refuse(g.retries < 0, "--retries must not be negative"),
		refuse(g.retries > mostRetries, fmt.Sprintf("--retries must not be more than %d", mostRetries)),
	} {
		if err != nil {
			return exit.UsageError(err, "see `"+cmd.CommandPath()+" --help`")
		}
	}
	return nil
}

// empty refuses an empty text for a flag, which mostly is a variable that was not set.
func empty(cmd *cobra.Command) error {
	var wrong error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		_, ours := f.Value.(*member)
		if (ours || f.Value.Type() == "string") && f.Value.String() == "" {
			wrong = fmt.Errorf("--%s is empty", f.Name)
		}
	})
	return wrong
}

func refuse(condition bool, text string) error {
	if condition {
		return errors.New(text)
	}
	return nil
}

// checkEnvironment refuses an environment that there is not. Empty is the default.
func checkEnvironment(where, name string) error {
	if name != "" && name != sandboxEnvironment && name != productionEnvironment {
		return fmt.Errorf("%s must be sandbox or production", where)
	}
	return nil
}
