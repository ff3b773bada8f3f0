package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
)

// start is what `fintoken` alone says first.
const start = `Start here, without an account and without a network:

  fintoken demo                  get every token once from a sandbox in this process
  fintoken sandbox               serve the three providers on this machine; it prints what to type next

Then get a token, from the sandbox or with credentials of your own:

  fintoken straddle bridge initialize --customer-id 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e
  fintoken finogates embed-token create --user-id 3c90c3cc-0d44-4b50-8888-8dd25736052a --parent-origin https://app.example.com
  fintoken finapi token --format raw`

// help prints the help of a command: an example first, then everything else.
func (a *app) help(cmd *cobra.Command, _ []string) {
	w := cmd.OutOrStdout()
	fmt.Fprintln(w, cmd.Short+".")
	if cmd.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", cmd.Example)
	}
	if cmd.Long != "" {
		fmt.Fprintf(w, "\n%s\n", cmd.Long)
	}
	if cmd.IsAdditionalHelpTopicCommand() {
		return // a text, which has no flags
	}
	if cmd.Runnable() {
		fmt.Fprintf(w, "\nUsage:\n  %s\n", usageLine(cmd))
	}
	if len(cmd.Aliases) > 0 {
		fmt.Fprintf(w, "\nAlias: %s\n", strings.Join(cmd.Aliases, ", "))
	}
	helpCommands(w, "Commands", cmd, (*cobra.Command).IsAvailableCommand)
	helpCommands(w, "More to read with `"+cmd.CommandPath()+" help`", cmd, (*cobra.Command).IsAdditionalHelpTopicCommand)
	helpFlags(w, "Flags", ownFlags(cmd))
	helpFlags(w, "Global flags", globalFlags(cmd))
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n`%s <command> --help` tells more about a command.\n", cmd.CommandPath())
	}
}

func usageLine(cmd *cobra.Command) string {
	if cmd.HasSubCommands() && cmd.Annotations[heeds] == "" {
		return cmd.CommandPath() + " <command> [flags]"
	}
	return cmd.UseLine()
}

// helpCommands lists the commands below cmd that are of a kind.
func helpCommands(w io.Writer, title string, cmd *cobra.Command, kind func(*cobra.Command) bool) {
	var lines strings.Builder
	t := tabwriter.NewWriter(&lines, 0, 0, 3, ' ', 0)
	for _, c := range cmd.Commands() {
		if kind(c) {
			fmt.Fprintf(t, "  %s\t%s\n", c.Name(), c.Short)
		}
	}
	_ = t.Flush() // into memory
	if lines.Len() > 0 {
		fmt.Fprintf(w, "\n%s:\n%s", title, lines.String())
	}
}

// ownFlags returns the flags of a command and of the group it is in.
func ownFlags(cmd *cobra.Command) *pflag.FlagSet {
	global := cmd.Root().PersistentFlags()
	return filter(cmd.Flags(), func(f *pflag.Flag) bool { return global.Lookup(f.Name) != f })
}

// globalFlags returns the flags of the whole program that the command heeds.
func globalFlags(cmd *cobra.Command) *pflag.FlagSet {
	return filter(cmd.Root().PersistentFlags(), func(f *pflag.Flag) bool {
		return heedsFlag(cmd, f.Name) && cmd.Flags().Lookup(f.Name) == f
	})
}

func filter(flags *pflag.FlagSet, keep func(*pflag.Flag) bool) *pflag.FlagSet {
	out := pflag.NewFlagSet("", pflag.ContinueOnError)
	flags.VisitAll(func(f *pflag.Flag) {
		if keep(f) {
			out.AddFlag(f)
		}
	})
	return out
}

func helpFlags(w io.Writer, title string, flags *pflag.FlagSet) {
	if flags.HasAvailableFlags() {
		fmt.Fprintf(w, "\n%s:\n%s", title, flags.FlagUsages())
	}
}

// newHelp returns the command that prints the help of another one, or a topic.
func (a *app) newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about a command or a topic",

		ValidArgsFunction: a.completeHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := a.find(cmd.Root(), args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(found, append(rest, args...)[0])
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}

// environmentTopic lists the variables.
func environmentTopic() string {
	var b strings.Builder
	b.WriteString("A flag wins over the environment, a file or stdin over both, and the keyring comes last.\n\n")
	for _, v := range vendors() {
		b.WriteString(v.environment())
	}
	return b.String() + otherVariables
}

const otherVariables = `  FINTOKEN_SANDBOX_URL                              the sandbox that its verbs talk to: a URL or unix:PATH
  FINTOKEN_INSECURE_HOSTS                           hosts, with commas between them, that plain http is accepted to
  FINTOKEN_CA_FILE                                  authorities, in PEM, to trust at addresses that you give
  FINTOKEN_KEYRING                                  off: never ask the keyring of the system
  FINTOKEN_WEBHOOK_SECRET                           the signing secret for webhooks sign and verify
  DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR         where that keyring is
  NO_COLOR, TERM                                    no color, with any value or with TERM=dumb
  XDG_CACHE_HOME                                    where --cache keeps its files
  HTTPS_PROXY, NO_PROXY                             the proxy for https, and the hosts that need none

--environment and --base-url win over the variables of a provider. FINTOKEN_INSECURE_HOSTS has exact hosts, with a port
or without, and never one of a provider; over plain http everybody on the way reads what is sent.

Read by ` + "`fintoken demo --live`" + ` alone:

  STRADDLE_CUSTOMER_ID, STRADDLE_ACCOUNT_ID         what a token is for; the account may be missing
  FINOGATES_USER_ID, FINOGATES_PARENT_ORIGIN        what a token is for, and the page around its iframe
  FINOGATES_CARD_PROCESSING_ID                      may be missing`

// exitTopic lists the exit codes.
func exitTopic() string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 3, ' ', 0)
	for _, m := range exit.Meanings {
		fmt.Fprintf(t, "  %d\t%s\n", m.Code, m.Meaning)
	}
	_ = t.Flush() // into memory
	return "Scripts can depend on these.\n\n" + strings.TrimRight(b.String(), "\n")
}
