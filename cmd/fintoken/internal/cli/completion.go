package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/specs"
)

// newCompletion returns the commands that print scripts for shells.
func (a *app) newCompletion() *cobra.Command {
	const example = `  source <(fintoken completion bash)                                   # bash, this session
  fintoken completion zsh > "${fpath[1]}/_fintoken"                     # zsh
  fintoken completion fish > ~/.config/fish/completions/fintoken.fish   # fish
  fintoken completion powershell | Out-String | Invoke-Expression       # PowerShell, this session`
	cmd := group("completion", "Print the completion script of a shell", example)
	for _, s := range []struct {
		name string
		gen  func(root *cobra.Command, w io.Writer) error
	}{
		{"bash", func(root *cobra.Command, w io.Writer) error { return root.GenBashCompletionV2(w, true) }},
		{"zsh", func(root *cobra.Command, w io.Writer) error { return root.GenZshCompletion(w) }},
		{"fish", func(root *cobra.Command, w io.Writer) error { return root.GenFishCompletion(w, true) }},
		{"powershell", func(root *cobra.Command, w io.Writer) error { return root.GenPowerShellCompletionWithDesc(w) }},
	} {
		cmd.AddCommand(&cobra.Command{
			Use: s.name, Short: "Print the script for " + s.name, Args: noArgs,
			Example: fmt.Sprintf("  fintoken completion %s", s.name),
			RunE:    func(cmd *cobra.Command, _ []string) error { return s.gen(cmd.Root(), cmd.OutOrStdout()) },
		})
	}
	return cmd
}

// prepareCompletion readies the commands for a shell that asks what may come next. Files are offered only where one is
// meant, and flags only where they are heeded.
func (a *app) prepareCompletion(root *cobra.Command, args []string) {
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	asking := []string{cobra.ShellCompRequestCmd, cobra.ShellCompNoDescRequestCmd}
	if len(args) < 2 || !slices.Contains(asking, args[0]) {
		return
	}
	cmd, _, err := a.find(root, args[1:len(args)-1])
	if err != nil {
		return
	}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) { f.Hidden = f.Hidden || !heedsFlag(cmd, f.Name) })
	for _, flags := range []*pflag.FlagSet{cmd.InheritedFlags(), cmd.NonInheritedFlags()} {
		flags.VisitAll(func(f *pflag.Flag) {
			_, f.Usage = pflag.UnquoteUsage(f) // quotes are for the help
			if strings.HasSuffix(f.Name, "-file") {
				offer(cmd, f.Name, completeFiles)
			}
		})
	}
}

// offer sets what is offered for a flag, unless that is known.
func offer(cmd *cobra.Command, flag string, values cobra.CompletionFunc) {
	if _, known := cmd.GetFlagCompletionFunc(flag); known {
		return
	}
	if err := cmd.RegisterFlagCompletionFunc(flag, values); err != nil {
		panic("cli: " + err.Error()) // the flag is there
	}
}

// completeFiles offers files.
func completeFiles(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// completeDirs offers directories for the one argument of a command.
func completeDirs(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeHelp offers the commands and the topics that help knows.
func (a *app) completeHelp(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	found, rest, err := a.find(cmd.Root(), args)
	if err != nil || len(rest) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	for _, c := range found.Commands() {
		if c.IsAvailableCommand() || c.IsAdditionalHelpTopicCommand() {
			names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeOperations offers the operations of the providers, or of the one that --provider names.
func completeOperations(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	provider, _ := cmd.Flags().GetString("provider")
	var names []cobra.Completion
	for _, d := range specs.All() {
		if strings.HasPrefix(d.Name(), strings.Trim(provider, "*")) {
			names = append(names, operationsOf(d)...)
		}
	}
	slices.Sort(names)
	return names, cobra.ShellCompDirectiveNoFileComp
}

// operationsOf lists the names of a document's operations.
func operationsOf(d specs.Document) (names []string) {
	for _, op := range d.Operations() {
		names = append(names, op.ID)
	}
	return names
}
