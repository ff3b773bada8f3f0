package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"
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
			Example: fmt.Sprintf("  fintoken completion %s", s.name), ValidArgsFunction: cobra.NoFileCompletions,
			RunE: func(cmd *cobra.Command, _ []string) error { return s.gen(cmd.Root(), cmd.OutOrStdout()) },
		})
	}
	return cmd
}
