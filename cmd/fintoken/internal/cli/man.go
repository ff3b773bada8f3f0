package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
)

// newMan returns the command that writes the manual pages.
func (a *app) newMan() *cobra.Command {
	const next = "name a directory that can be made and written to"
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the manual pages, one a command, into a directory",
		Example: "  fintoken man ~/.local/share/man/man1",
		Args:    oneArg("a directory"),

		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // manual pages are for everyone
				return exit.ConfigError(err, next)
			}
			return exit.ConfigError(a.writePages(cmd.Root(), args[0]), next)
		},
	}
}

// writePages writes the page of cmd and of all commands below it.
func (a *app) writePages(cmd *cobra.Command, dir string) error {
	if cmd.Hidden || cmd.Name() == "help" {
		return nil
	}
	below := a.commands(cmd)
	cmd.InitDefaultHelpFlag()
	name := filepath.Join(dir, pageName(cmd)+".1")
	if err := os.WriteFile(name, []byte(page(cmd, a.Version)), 0o644); err != nil { //nolint:gosec // see above
		return err
	}
	for _, c := range below {
		if err := a.writePages(c, dir); err != nil {
			return err
		}
	}
	return nil
}

func pageName(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

// page returns the manual page of a command in the man macros of roff.
func page(cmd *cobra.Command, version string) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %q 1 \"\" %q \"fintoken\"\n", strings.ToUpper(pageName(cmd)), "fintoken "+version)
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(pageName(cmd)), roff(cmd.Short))
	if cmd.Runnable() {
		fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", roff(usageLine(cmd)))
	}
	if len(cmd.Aliases) > 0 {
		fmt.Fprintf(&b, ".SH ALIAS\n.B %s\n", roff(strings.Join(cmd.Aliases, ", ")))
	}
	if cmd.Example != "" {
		b.WriteString(".SH EXAMPLES\n" + verbatim(cmd.Example))
	}
	if cmd.Long != "" {
		b.WriteString(".SH DESCRIPTION\n" + verbatim(cmd.Long))
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" {
			names = append(names, fmt.Sprintf(".TP\n.BR %s (1)\n%s\n", roff(pageName(c)), roff(c.Short)))
		}
	}
	if len(names) > 0 {
		b.WriteString(".SH COMMANDS\n" + strings.Join(names, ""))
	}
	flagPage(&b, "OPTIONS", ownFlags(cmd))
	flagPage(&b, "GLOBAL OPTIONS", globalFlags(cmd))
	if cmd.Runnable() {
		b.WriteString(".SH EXIT STATUS\n")
		for _, m := range exit.Meanings {
			fmt.Fprintf(&b, ".TP\n.B %d\n%s\n", m.Code, roff(m.Meaning))
		}
	}
	return b.String()
}

// zeros are the defaults that go without saying.
var zeros = []string{"", "0", "0s", "false", "[]"}

func flagPage(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", title)
	flags.VisitAll(func(f *pflag.Flag) {
		kind, text := pflag.UnquoteUsage(f)
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		if !slices.Contains(zeros, f.DefValue) {
			text += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(b, ".TP\n.B %s\n%s\n", roff(strings.TrimSpace(name+" "+kind)), roff(text))
	})
}

// verbatim returns lines as they stand.
func verbatim(text string) string { return ".nf\n" + roff(text) + "\n.fi\n" }

// ascii spells what roff would take for a command, or print as another sign: examples are there to be copied.
var ascii = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`)

// roff escapes what roff would take for a command.
func roff(text string) string {
	lines := strings.Split(ascii.Replace(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
