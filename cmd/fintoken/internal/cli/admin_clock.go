package cli

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/gen/sandboxadmin"
)

// newClock returns the verbs of the clock.
func (a *app) newClock() *cobra.Command {
	cmd := a.simple("clock", "Print the clock, or change how it goes", "getClock", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
		return api.GetClock(ctx)
	})
	cmd.Example = "  fintoken sandbox clock\n  fintoken sandbox clock advance 1h\n  fintoken sandbox clock freeze"
	for _, m := range []struct {
		name, short string
		mode        sandboxadmin.ClockChangeMode
	}{
		{"freeze", "Stop the clock", sandboxadmin.ClockChangeModeFreeze},
		{"run", "Let a clock that was stopped go on", sandboxadmin.ClockChangeModeRun},
		{"real", "Bring the clock back to the real time", sandboxadmin.ClockChangeModeReal},
	} {
		cmd.AddCommand(a.setClock(m.name, m.short, "", noArgs, func(string) (sandboxadmin.ClockChange, error) {
			return sandboxadmin.ClockChange{Mode: m.mode}, nil
		}))
	}
	cmd.AddCommand(
		a.setClock("advance DURATION", "Move the clock forward", "1h", oneArg("a duration, such as 1h"), func(arg string) (sandboxadmin.ClockChange, error) {
			_, err := time.ParseDuration(arg)
			if err != nil {
				err = fmt.Errorf("%q is not a duration such as 90s, 15m or 24h", arg)
			}
			return sandboxadmin.ClockChange{Advance: arg}, exit.UsageError(err, "see `fintoken sandbox clock advance --help`")
		}),
		a.setClock("set TIME", "Move the clock forward to a time", "2030-01-01T00:00:00Z", oneArg("a time, such as 2030-01-01T00:00:00Z"), func(arg string) (sandboxadmin.ClockChange, error) {
			t, err := time.Parse(time.RFC3339, arg)
			if err != nil {
				err = fmt.Errorf("%q is not a time such as 2030-01-01T00:00:00Z", arg)
			}
			return sandboxadmin.ClockChange{Now: &t}, exit.UsageError(err, "see `fintoken sandbox clock set --help`")
		}),
	)
	return cmd
}

// setClock returns a verb that changes the clock.
func (a *app) setClock(use, short, example string, args cobra.PositionalArgs, change func(string) (sandboxadmin.ClockChange, error)) *cobra.Command {
	cmd := verb(use, short, "", args, func(cmd *cobra.Command, args []string) error {
		body, err := change(append(args, "")[0])
		if err != nil {
			return err
		}
		return a.admin(cmd, "setClock", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
			return api.SetClock(ctx, body)
		})
	})
	cmd.Example = "  fintoken sandbox clock " + cmd.Name() + map[bool]string{true: " " + example}[example != ""]
	return cmd
}
