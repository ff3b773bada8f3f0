package cli

import (
	"context"
	"errors"
	"net/http"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/gen/sandboxadmin"
	"github.com/fintoken/fintoken-go/sandbox"
)

// newFaults returns the verbs of the rules for what goes wrong.
func (a *app) newFaults() *cobra.Command {
	const example = "  fintoken sandbox faults add --provider straddle --status 503 --retry-after 2 --times 1\n  fintoken sandbox faults\n  fintoken sandbox faults clear"
	cmd := a.simple("faults", "List the rules for what goes wrong, or change them", "listFaults", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
		return api.ListFaults(ctx)
	})
	cmd.Example = example
	remove := verb("remove ID", "Remove a rule", "  fintoken sandbox faults remove 00000000-0000-4000-8000-000000000001", oneArg("the id of a rule"),
		func(cmd *cobra.Command, args []string) error {
			return a.admin(cmd, "removeFault", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
				return api.RemoveFault(ctx, args[0])
			})
		})
	clearAll := a.simple("clear", "Remove every rule", "clearFaults", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
		return api.ClearFaults(ctx)
	})
	clearAll.Example = "  fintoken sandbox faults clear"
	cmd.AddCommand(a.newFault(), remove, clearAll)
	return cmd
}

// newFault returns the verb that adds a rule.
func (a *app) newFault() *cobra.Command {
	cmd := verb("add [RULE]", "Add a rule: flags, or JSON or YAML, @file, or - for stdin",
		`  fintoken sandbox faults add --provider straddle --status 503 --retry-after 2 --times 1
  fintoken sandbox faults add --provider finapi --operation getToken --kind reset_before --nth 2
  fintoken sandbox faults add '{provider: "*", probability: 0.33, delay: {median: 80ms, sigma: 0.5}}'`,
		func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return oneArg("a rule")(cmd, args)
			}
			return nil
		}, a.addFault)
	f := cmd.Flags()
	f.String("provider", "", "the provider, or * for all")
	f.String("operation", "", "only this operation")
	f.String("event", "", "only this type of event, with a kind that begins with webhook")
	f.String("kind", "", "what goes wrong, such as reset_before, truncate, html, redirect, disconnect; with a --status it is error")
	f.Int("status", 0, "the status of an error or a redirect")
	f.String("retry-after", "", "the header Retry-After of an error")
	f.Int("nth", 0, "only the nth call")
	f.Int("times", 0, "how often; 0 for always")
	f.Float64("probability", 0, "how likely, from 0 to 1")
	f.Duration("delay", 0, "answer after this `duration`; with webhook_late, by the clock of the sandbox")
	f.String("delay-phase", "", "wait before the call is processed, or after that (default after)")
	complete(cmd, "provider", sandbox.Providers()...)
	offer(cmd, "operation", completeOperations)
	var kinds []string
	for _, k := range []sandboxadmin.FaultKind{
		sandboxadmin.FaultKindError, sandboxadmin.FaultKindDisconnect, sandboxadmin.FaultKindDuplicateHeader, sandboxadmin.FaultKindEmpty,
		sandboxadmin.FaultKindGarbage, sandboxadmin.FaultKindGzipBomb, sandboxadmin.FaultKindHTML, sandboxadmin.FaultKindHugeBody,
		sandboxadmin.FaultKindNone, sandboxadmin.FaultKindRedirect, sandboxadmin.FaultKindResetAfter, sandboxadmin.FaultKindResetBefore,
		sandboxadmin.FaultKindResetInBody, sandboxadmin.FaultKindTruncate, sandboxadmin.FaultKindWebhookHuge, sandboxadmin.FaultKindWebhookLate,
		sandboxadmin.FaultKindWebhookOldTimestamp, sandboxadmin.FaultKindWebhookOutOfOrder, sandboxadmin.FaultKindWebhookTwice,
		sandboxadmin.FaultKindWebhookWrongSignature, sandboxadmin.FaultKindWrongLength,
	} {
		kinds = append(kinds, string(k))
	}
	complete(cmd, "kind", kinds...)
	complete(cmd, "delay-phase", string(sandboxadmin.DelayPhaseBefore), string(sandboxadmin.DelayPhaseAfter))
	return cmd
}

// addFault adds the rule that the argument and the flags describe.
func (a *app) addFault(cmd *cobra.Command, args []string) error {
	object := map[string]any{}
	if len(args) == 1 {
		var err error
		if object, err = a.object(cmd, "RULE", args[0]); err != nil {
			return err
		}
	}
	if p, _ := cmd.Flags().GetFloat64("probability"); !(p >= 0 && p <= 1) { // NaN is neither
		return exit.UsageError(errors.New("--probability must be from 0 to 1"), "see `fintoken sandbox faults add --help`")
	}
	members := map[string][]string{
		"provider": {"provider"}, "operation": {"operation"}, "event": {"event"}, "kind": {"kind"}, "status": {"status"}, "retry-after": {"retry_after"},
		"nth": {"nth"}, "times": {"times"}, "probability": {"probability"}, "delay": {"delay", "fixed"},
		"delay-phase": {"delay", "phase"},
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if path := members[f.Name]; path != nil {
			input.Set(object, valueOf(cmd, f), path...)
		}
	})
	if object["kind"] == nil && object["status"] != nil {
		object["kind"] = string(sandboxadmin.FaultKindError)
	}
	var body sandboxadmin.Fault
	if err := decode(cmd, object, &body); err != nil {
		return err
	}
	if body.Kind == "" && body.Delay == nil && body.Drip == 0 {
		return exit.UsageError(errors.New("the rule does not say what goes wrong: it needs a --kind, a --status or a --delay"),
			"see `fintoken sandbox faults add --help`")
	}
	return a.admin(cmd, "addFault", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
		return api.AddFault(ctx, body)
	})
}

// valueOf returns the value of a flag in its own type.
func valueOf(cmd *cobra.Command, f *pflag.Flag) any {
	switch f.Value.Type() {
	case "int":
		n, _ := cmd.Flags().GetInt(f.Name)
		return n
	case "float64":
		x, _ := cmd.Flags().GetFloat64(f.Name)
		return x
	}
	return f.Value.String()
}
