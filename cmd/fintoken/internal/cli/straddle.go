package cli

import (
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// newStraddle returns the commands of Straddle.
func (a *app) newStraddle() *cobra.Command {
	cmd := group("straddle", "Session tokens for Straddle's Bridge widget",
		"  fintoken straddle bridge initialize --customer-id 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e")
	key := secrets.Add(cmd.PersistentFlags(), secrets.Spec{
		Provider: "straddle", Name: "api-key", Env: "STRADDLE_API_KEY", What: "the API key", Keyring: true,
	})
	cmd.AddCommand(group("bridge", "Session tokens for the Bridge widget",
		"  fintoken straddle bridge initialize --customer-id 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", a.newBridgeInitialize(key)))
	return cmd
}

// bridgeMembers are the members of the body that have a flag.
var bridgeMembers = map[string][]string{
	"customer-id": {"customer_id"},
	"external-id": {"external_id"},
}

// configMembers are those of its config.
var configMembers = map[string][]string{
	"config.processing-method": {"config", "processing_method"},
	"config.sandbox-outcome":   {"config", "sandbox_outcome"},
}

// newBridgeInitialize returns the command of the documented page.
func (a *app) newBridgeInitialize(key *secrets.Flag) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "initialize",
		Aliases: []string{"create-token"},
		Short:   "Create a session token for the Bridge widget, for one customer that exists already",
		Example: `  fintoken straddle bridge initialize --customer-id 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e
  TOKEN=$(fintoken straddle bridge initialize --customer-id 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e --format raw)
  fintoken straddle bridge initialize --customer-id 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e --config '{sandbox_outcome: active}'
  fintoken straddle bridge initialize --body @body.yaml --transform data.bridge_token`,
		Long: `The answer is printed as Straddle sends it; --format raw prints the session token alone. Without --idempotency-key a
key is made, and all attempts of the call share it.`,
		Args:        noArgs,
		Annotations: map[string]string{heeds: calling},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.bridgeInitialize(cmd, key)
		},
	}
	f := cmd.Flags()
	f.String("customer-id", "", "`id` of the customer, a UUID")
	f.String("config", "", "how the paykey is processed, as JSON or YAML: `object`, @file, or - for stdin; members processing_method, sandbox_outcome")
	f.String("config.processing-method", "", "member of config: inline, background or skip")
	f.String("config.sandbox-outcome", "", "member of config, for the sandbox: standard, active, rejected or review")
	f.String("external-id", "", "your own `id` for the future paykey")
	f.String("correlation-id", "", "your own `id` of a series of requests")
	f.String("idempotency-key", "", "makes a repeat of the same request safe: `key` of 10 to 40 characters")
	f.String("request-id", "", "your own `id` of this request")
	f.String("straddle-account-id", "", "`id` of the embedded account to act for")
	bodyFlag(cmd)
	// The other spelling, with a dash for the dot.
	f.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "config-processing-method" || name == "config-sandbox-outcome" {
			name = "config." + name[len("config-"):]
		}
		return pflag.NormalizedName(name)
	})
	complete(cmd, "config.processing-method", "inline", "background", "skip")
	complete(cmd, "config.sandbox-outcome", "standard", "active", "rejected", "review")
	return cmd
}

// bridgeInitialize gets the token and prints the answer.
func (a *app) bridgeInitialize(cmd *cobra.Command, key *secrets.Flag) error {
	a.call = exit.Call{Operation: "createBridgeToken"}
	body, err := a.bridgeBody(cmd)
	if err != nil {
		return err
	}
	p, err := a.placeOf("STRADDLE")
	if err != nil {
		return err
	}
	apiKey, err := a.secret(cmd.Context(), key, p)
	if err != nil {
		return err
	}
	environment := straddle.Sandbox
	if p.production() {
		environment = straddle.Production
	}
	client, err := straddle.New(straddle.Config{
		APIKey: apiKey, Environment: environment, BaseURL: p.baseURL, HTTP: a.http(cmd, p, wire.First{}),
	})
	if err != nil {
		return a.made(cmd, err)
	}
	defer client.CloseIdleConnections()
	t, err := client.Bridge.Initialize(cmd.Context(), body, a.options(headers(cmd)...)...)
	if err != nil {
		return err
	}
	return a.printAnswer(cmd, t.Token)
}

// bridgeBody puts the body together: --body, then --config, then the flags of single members.
func (a *app) bridgeBody(cmd *cobra.Command) (straddleapi.CreateBridgeTokenRequest, error) {
	var out straddleapi.CreateBridgeTokenRequest
	body, err := a.body(cmd)
	if err != nil {
		return out, err
	}
	if flag := cmd.Flags().Lookup("config"); flag.Changed {
		config, err := a.object(cmd, "--config", flag.Value.String())
		if err != nil {
			return out, err
		}
		body["config"] = config
	}
	override(cmd, body, bridgeMembers)
	override(cmd, body, configMembers)
	err = decode(cmd, body, &out)
	return out, err
}

// headers returns the options for the flags that become headers.
func headers(cmd *cobra.Command) []rest.Option {
	options := map[string]func(string) rest.Option{
		"correlation-id": rest.CorrelationID, "idempotency-key": rest.IdempotencyKey,
		"request-id": rest.RequestID, "straddle-account-id": rest.AccountID,
	}
	var out []rest.Option
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if option, ok := options[f.Name]; ok {
			out = append(out, option(f.Value.String()))
		}
	})
	return slices.Clip(out)
}
