package cli

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/gen/sandboxadmin"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// adminAPI is how the sandbox's own API answers.
var adminAPI = &rest.API{
	Provider: "sandbox",
	Explain: func(e *rest.Error, _ http.Header, body []byte) {
		var answer sandboxadmin.Error
		_ = json.Unmarshal(body, &answer) // what can be read counts
		e.Field, e.Message = answer.Field, answer.Error
	},
}

// request makes one request of the sandbox's API.
type request func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error)

// admin sends a request to the sandbox that is running and prints its answer, if there is one.
func (a *app) admin(cmd *cobra.Command, name string, send request) error {
	call, done, err := a.adminClient(cmd)
	if err != nil {
		return err
	}
	defer done()
	body, err := call(cmd.Context(), name, send)
	if err != nil || slices.Contains(silent, name) {
		return err
	}
	return a.print(cmd, output.Answer{JSON: body, Raw: strings.TrimSpace(string(body))})
}

// adminCall makes one request of the sandbox's API by the name of its operation, and returns the answer.
type adminCall func(ctx context.Context, name string, send request) (json.RawMessage, error)

// adminClient returns what calls the sandbox that is running, and what ends that.
func (a *app) adminClient(cmd *cobra.Command) (adminCall, func(), error) {
	a.call = exit.Call{Harmless: true}
	p, err := a.sandboxPlace()
	if err != nil {
		return nil, nil, err
	}
	client, err := rest.New(p.baseURL+adminPath, nil, a.http(cmd, p, wire.First{}))
	if err != nil {
		return nil, nil, a.made(cmd, err)
	}
	api, err := sandboxadmin.NewClient(client.BaseURL(), sandboxadmin.WithHTTPClient(client))
	if err != nil {
		return nil, nil, a.made(cmd, err)
	}
	return func(ctx context.Context, name string, send request) (json.RawMessage, error) {
		op := &rest.Operation{API: adminAPI, Name: name, MaxBody: adminLimit}
		call := func(ctx context.Context) (*http.Response, error) { return send(ctx, api) }
		if slices.Contains(silent, name) {
			op.NoContent = true
			_, err := rest.Call[rest.None](ctx, op, nil, a.options(), call)
			return nil, err
		}
		body, err := rest.Call[json.RawMessage](ctx, op, nil, a.options(), call)
		if err != nil {
			return nil, err
		}
		return *body, nil
	}, client.CloseIdleConnections, nil
}

// sandboxPlace returns where the sandbox is that is running. The URL of its API, which stands in the JSON that it prints,
// will do as well.
func (a *app) sandboxPlace() (place, error) {
	p := place{environment: sandboxEnvironment, baseURL: a.flags.baseURL}
	if p.baseURL == "" {
		p.baseURL = a.Getenv("FINTOKEN_SANDBOX_URL")
	}
	if p.baseURL == "" {
		return p, exit.ConfigError(errors.New("no sandbox is named: FINTOKEN_SANDBOX_URL is not set, and there is no --base-url"),
			"start `fintoken sandbox`; it prints the variable")
	}
	if err := a.readTrust(); err != nil {
		return p, err
	}
	err := p.dial("")
	p.baseURL = strings.TrimSuffix(strings.TrimSuffix(p.baseURL, "/"), adminPath)
	return p, a.badAddress(err, "FINTOKEN_SANDBOX_URL")
}

// silent are the operations whose success has no content.
var silent = []string{"addFixtures", "restoreSnapshot", "clearFaults", "removeFault", "removeWebhook"}

// adminLimit is how long an answer of the sandbox may be: a snapshot holds all it knows.
const adminLimit = 64 << 20

// steered are the globals that a verb heeds besides those about printing.
const steered = "base-url timeout retries debug dry-run"

// verb returns a command that steers a running sandbox.
func verb(use, short, example string, args cobra.PositionalArgs, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Example: example, Args: args, RunE: run, ValidArgsFunction: cobra.NoFileCompletions,
		Annotations: map[string]string{heeds: printing, "also": steered},
		Long: "Talks to the sandbox at --base-url or FINTOKEN_SANDBOX_URL, which `fintoken sandbox` prints: a URL, or unix:PATH for\n" +
			"one on a Unix socket.",
	}
}

// simple returns a verb whose request depends on nothing.
func (a *app) simple(use, short, name string, send request) *cobra.Command {
	return verb(use, short, "  fintoken sandbox "+use, noArgs, func(cmd *cobra.Command, _ []string) error { return a.admin(cmd, name, send) })
}

// addVerbs adds what steers a running sandbox.
func (a *app) addVerbs(cmd *cobra.Command) {
	cmd.AddCommand(
		a.simple("health", "Say whether the sandbox is there, for what watches over a container", "getHealth", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
			return api.GetHealth(ctx)
		}),
		a.newReset(), a.newClock(), a.newFaults(), a.newJournal(), a.newFixtures(), a.newRestore(),
		a.simple("state", "Print what the sandbox remembers, without secrets", "getState", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
			return api.GetState(ctx)
		}),
		a.simple("credentials", "Print the demo credentials", "getCredentials", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
			return api.GetCredentials(ctx)
		}),
		a.newSnapshot(),
	)
}

// newSnapshot returns the verb that prints all there is to know. It heeds no --redact: what holds the secrets has no name
// of its own everywhere, and restore needs them.
func (a *app) newSnapshot() *cobra.Command {
	cmd := a.simple("snapshot", "Print all the sandbox knows, secrets included, for restore", "getSnapshot", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
		return api.GetSnapshot(ctx)
	})
	cmd.Example = "  fintoken sandbox snapshot > before.json"
	cmd.Annotations = map[string]string{heeds: "", "also": "format transform " + steered}
	return cmd
}

// newReset returns the verb that goes back to the beginning.
func (a *app) newReset() *cobra.Command {
	var seed int64
	cmd := verb("reset", "Forget everything and go back to the beginning", "  fintoken sandbox reset\n  fintoken sandbox reset --seed 1", noArgs,
		func(cmd *cobra.Command, _ []string) error {
			var body sandboxadmin.Reset
			if cmd.Flags().Changed("seed") {
				body.Seed = &seed
			}
			return a.admin(cmd, "reset", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
				return api.Reset(ctx, body)
			})
		})
	cmd.Flags().Int64Var(&seed, "seed", 0, "make credentials, ids and tokens the same each time from now on")
	return cmd
}

// newFixtures returns the verb that adds clients, users and the like.
func (a *app) newFixtures() *cobra.Command {
	const example = `  fintoken sandbox add '{straddle: {customers: [{customer_id: 7d1b0f3e-52c4-4a8e-9f60-3c5d8e2a1b94}]}}'
  fintoken sandbox add @fixtures.yaml`
	return verb("add FIXTURES", "Add clients, users, tenants, accounts and customers: JSON or YAML, @file, or - for stdin", example, oneArg("the fixtures"),
		func(cmd *cobra.Command, args []string) error {
			var body sandboxadmin.Fixtures
			if err := a.argument(cmd, args[0], "FIXTURES", &body); err != nil {
				return err
			}
			return a.admin(cmd, "addFixtures", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
				return api.AddFixtures(ctx, body)
			})
		})
}

// newRestore returns the verb that brings a snapshot back.
func (a *app) newRestore() *cobra.Command {
	return verb("restore SNAPSHOT", "Put a snapshot in place of the state: @file, or - for stdin",
		"  fintoken sandbox snapshot > before.json\n  fintoken sandbox restore @before.json", oneArg("the snapshot"),
		func(cmd *cobra.Command, args []string) error {
			object, err := input.Object("SNAPSHOT", args[0], a.stdin)
			if err != nil {
				return exit.UsageError(err, "it is what `fintoken sandbox snapshot` prints: @file, or - for stdin")
			}
			text, err := json.Marshal(object)
			if err != nil {
				return exit.UsageError(errors.New("SNAPSHOT must be an object as JSON has it"), "it is what `fintoken sandbox snapshot` prints")
			}
			body := string(text)
			if a.flags.dryRun { // a snapshot is a secret as a whole
				body = wire.StandIn("SNAPSHOT").Reveal()
			}
			return a.admin(cmd, "restoreSnapshot", func(ctx context.Context, api *sandboxadmin.Client) (*http.Response, error) {
				return api.RestoreSnapshotWithBody(ctx, "application/json", strings.NewReader(body))
			})
		})
}

// argument decodes an argument that is an object.
func (a *app) argument(cmd *cobra.Command, text, name string, into any) error {
	object, err := a.object(cmd, name, text)
	if err != nil {
		return err
	}
	if a.flags.dryRun {
		standIns{}.in(object)
	}
	return decode(cmd, object, into)
}

// readFixtures reads the fixtures that a sandbox starts with.
func (a *app) readFixtures(cmd *cobra.Command, text string) (sandbox.Fixtures, error) {
	var out sandbox.Fixtures
	if text == "" {
		return out, nil
	}
	err := a.argument(cmd, text, "--fixtures", &out)
	return out, err
}
