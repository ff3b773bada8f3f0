package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// describe returns the text of an error, in the words of the command line.
func describe(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	var e *rest.Error
	if errors.As(err, &e) {
		return strings.Replace(err.Error(), e.Error(), worded(e).Error(), 1)
	}
	return err.Error()
}

// worded returns e with the words of the command line in place of those of the Go packages.
func worded(e *rest.Error) *rest.Error {
	out := *e
	if flag, ok := exit.Flags[e.Field]; ok {
		out.Field = flag
	}
	out.Message = goWords.Replace(e.Message)
	switch {
	case errors.Is(e, exit.ErrProxy):
		out.Message = exit.ErrProxy.Error()
	case errors.Is(e, rest.ErrVersionMismatch):
		out.Message = strings.NewReplacer("set it to finapi.V", "use --api-version V").Replace(e.Message)
	}
	return &out
}

// goWords are the words of the Go packages that errors use, and those of the command line.
var goWords = strings.NewReplacer("rest.Unchecked", "--unchecked", "set Config.RevokeInQuery", "use --in-query",
	"hosts and InsecureHosts only", "hosts and "+insecureVariable+" only")

// made names the flag, or the variable, of what a constructor refuses.
func (a *app) made(cmd *cobra.Command, err error) error {
	const next = "`fintoken doctor` shows what is set"
	var e *rest.Error
	flags := fieldFlags()
	if !errors.As(err, &e) || flags[e.Field] == "" {
		return exit.ConfigError(err, next)
	}
	flag, says := flags[e.Field], " "+worded(e).Message
	named := cmd.Flags().Changed(flag)
	switch {
	case named && flag == "base-url":
		return exit.UsageError(errors.New("--base-url"+says), addressNext)
	case named && flag == "in-query":
		return exit.UsageError(errors.New("--in-query"+says), "see `fintoken finapi revoke --help`")
	case named || cmd.Flags().Changed(flag+"-file"):
		return exit.ConfigError(errors.New("--"+flag+says), next)
	}
	where := variableOf(cmd, flag)
	if a.origins[flag] == secrets.FromKeyring {
		where = "the " + flag + " in the keyring"
	}
	return exit.ConfigError(errors.New(where+says), next)
}

// variableOf returns the variable that a flag of a command has.
func variableOf(cmd *cobra.Command, flag string) string {
	provider := strings.Fields(cmd.CommandPath())[1]
	if provider == "api" {
		provider = cmd.Flags().Lookup("provider").Value.String()
	}
	if provider == "sandbox" || provider == "webhooks" {
		return "FINTOKEN_SANDBOX_URL"
	}
	return strings.ToUpper(provider + "_" + strings.ReplaceAll(flag, "-", "_"))
}
