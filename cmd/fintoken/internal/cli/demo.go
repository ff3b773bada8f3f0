package cli

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/demo"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
)

// newDemo returns the command that gets every token once.
func (a *app) newDemo() *cobra.Command {
	var format, provider string
	var live bool
	cmd := &cobra.Command{
		Use:     "demo",
		Short:   "Get every token once, from a sandbox in this process",
		Example: "  fintoken demo\n  fintoken demo --format jsonl\n  fintoken demo --provider straddle --live",
		Long: `Starts a sandbox of the three providers in this process, gets every token once through the Go packages,
takes one payment at Straddle, and checks each request and each answer against the provider's OpenAPI document. Needs
no account and no network.
Tokens are not printed. The exit code is 1 if a call fails or does not hold against its document.

With --live it gets the tokens from the sandbox host of one provider instead, with the credentials in the environment:

  finapi     FINAPI_CLIENT_ID, FINAPI_CLIENT_SECRET; FINAPI_USERNAME and FINAPI_PASSWORD for a user's tokens;
             FINAPI_API_VERSION, V1 or V2
  finogates  FINOGATES_CLIENT_ID, FINOGATES_CLIENT_SECRET, FINOGATES_USER_ID, FINOGATES_PARENT_ORIGIN;
             FINOGATES_CARD_PROCESSING_ID
  straddle   STRADDLE_API_KEY, STRADDLE_CUSTOMER_ID; STRADDLE_ACCOUNT_ID`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := demo.Options{Live: live, Getenv: a.Getenv, Transport: a.newTransport(place{})}
			if provider != "" {
				o.Providers = []string{provider}
			}
			if err := checkDemo(format, provider, live); err != nil {
				return exit.UsageError(err, "see `fintoken demo --help`")
			}
			return a.demo(cmd, o, format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "table", "output: table, or jsonl for one object a line, which json is as well")
	cmd.Flags().StringVar(&provider, "provider", "", "only this provider: finapi, finogates or straddle")
	cmd.Flags().BoolVar(&live, "live", false, "call the provider's own sandbox host, with credentials from the environment")
	complete(cmd, "format", demoFormats...)
	complete(cmd, "provider", demo.Providers...)
	return cmd
}

// demoFormats are the values of --format.
var demoFormats = []string{"table", "jsonl", "json"}

// checkDemo refuses flags that do not go together.
func checkDemo(format, provider string, live bool) error {
	switch {
	case !slices.Contains(demoFormats, format):
		return errors.New("--format must be one of " + strings.Join(demoFormats, ", "))
	case provider != "" && !slices.Contains(demo.Providers, provider):
		return errors.New("--provider must be one of " + strings.Join(demo.Providers, ", "))
	case live && provider == "":
		return errors.New("--live needs --provider, one of " + strings.Join(demo.Providers, ", "))
	}
	return nil
}

// demo runs the demo and prints its rows; what went wrong goes to stderr.
func (a *app) demo(cmd *cobra.Command, o demo.Options, format string) error {
	defer (&http.Client{Transport: o.Transport}).CloseIdleConnections()
	var rows []demo.Row
	line := demo.PrintJSON(cmd.OutOrStdout())
	err := demo.Run(cmd.Context(), o, func(r demo.Row) {
		rows = append(rows, r)
		if format != "table" {
			line(r)
		}
	})
	if err != nil {
		return exit.ConfigError(err, "`fintoken demo --help` lists what a live run reads")
	}
	if format == "table" {
		if err := demo.PrintTable(cmd.OutOrStdout(), rows); err != nil {
			return err
		}
	}
	for _, r := range rows {
		if !r.OK {
			a.tellFailure(fmt.Errorf("%s %s (%s): %w", r.Provider, r.Operation, r.Variant, r.Err), exit.Failed, exit.Next(r.Err, exit.Call{Harmless: true}))
			err = exit.ErrFailed
		}
	}
	return err
}
