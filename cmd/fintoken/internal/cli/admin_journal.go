package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/demo"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/gen/sandboxadmin"
)

// newJournal returns the verb that reads what was called.
func (a *app) newJournal() *cobra.Command {
	var provider, operation, requestID string
	var status, count, limit int
	var after int64
	var wait time.Duration
	var refused bool
	cmd := verb("journal", "Print what was called, or wait for calls",
		"  fintoken sandbox journal --transform calls\n  fintoken sandbox journal --provider straddle --refused\n  fintoken sandbox journal --operation getToken --count 1 --wait 20s", noArgs,
		func(cmd *cobra.Command, _ []string) error {
			given := cmd.Flags().Changed
			if err := checkJournal(provider, given, count, limit, wait); err != nil {
				return exit.UsageError(err, "see `"+cmd.CommandPath()+" --help`")
			}
			if given("count") && !given("retries") {
				a.flags.retries = 0 // what did not come in time is not waited for again
			}
			p := &sandboxadmin.ListCallsParams{
				Provider: when(given("provider"), provider), Operation: when(given("operation"), operation), Status: when(given("status"), status),
				RequestID: when(given("request-id"), requestID), Refused: when(given("refused"), refused), After: when(given("after"), after),
				Count: when(given("count"), count), Timeout: when(given("wait"), wait.String()), Limit: when(given("limit"), limit),
			}
			return a.admin(cmd, "listCalls", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
				return api.ListCalls(ctx, p)
			})
		})
	f := cmd.Flags()
	f.StringVar(&provider, "provider", "", "only this provider")
	f.StringVar(&operation, "operation", "", "only this operation")
	f.IntVar(&status, "status", 0, "only this status")
	f.StringVar(&requestID, "request-id", "", "only the call with this request `id`")
	f.BoolVar(&refused, "refused", false, "only calls that were refused")
	f.Int64Var(&after, "after", 0, "only calls with a higher seq")
	f.IntVar(&limit, "limit", 0, "print so many calls at most (default 1000); --after has the next")
	f.IntVar(&count, "count", 0, "wait for so many calls")
	f.DurationVar(&wait, "wait", 0, "how long to wait for them, at most 25s (default 10s)")
	complete(cmd, "provider", demo.Providers...)
	offer(cmd, "operation", completeOperations)
	return cmd
}

// mostCalls and longestWait are how many calls a sandbox waits for, and how long, at most; mostLines is how many it returns.
const (
	mostCalls   = 10000
	longestWait = 25 * time.Second
	mostLines   = 1000
)

// checkJournal refuses what would find nothing, or be refused under a name that is not the flag's.
func checkJournal(provider string, given func(string) bool, count, limit int, wait time.Duration) error {
	switch {
	case provider != "" && !slices.Contains(demo.Providers, provider):
		return errors.New("--provider must be one of " + strings.Join(demo.Providers, ", "))
	case given("wait") && !given("count"):
		return errors.New("--wait goes with --count, the number of calls to wait for")
	case given("count") && (count < 1 || count > mostCalls):
		return fmt.Errorf("--count must be between 1 and %d", mostCalls)
	case given("limit") && (limit < 1 || limit > mostLines):
		return fmt.Errorf("--limit must be between 1 and %d", mostLines)
	case wait < 0 || wait > longestWait:
		return fmt.Errorf("--wait must be between 0 and %s", longestWait)
	}
	return nil
}

// when returns v if it was given.
func when[T any](given bool, v T) *T {
	if !given {
		return nil
	}
	return &v
}
