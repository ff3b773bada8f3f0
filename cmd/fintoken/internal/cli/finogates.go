package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// finogatesBearer is how a dry run of another call shows the exchange before it.
var finogatesBearer = wire.First{
	Path:     "/v1/platform/auth/token",
	Answer:   `{"status_code":200,"data":{"access_token":"` + wire.StandIn("FINOGATES_BEARER").Reveal() + `"},"query_generated_time":0}`,
	Variable: "FINOGATES_BEARER",
	Where:    "data.access_token",
}

// newFinogates returns the commands of Finogates.
func (a *app) newFinogates() *cobra.Command {
	const example = "  fintoken finogates embed-token create --user-id 3c90c3cc-0d44-4b50-8888-8dd25736052a --parent-origin https://app.example.com"
	cmd := group("finogates", "Embed tokens for Finogates' iframes", example)
	key := addCredentials(cmd.PersistentFlags(), finogatesVendor())
	cmd.AddCommand(
		group("auth", "The client's own token", "  fintoken finogates auth token --format raw", a.newFinogatesToken(key)),
		group("embed-token", "Embed tokens", example, a.newEmbedToken(key)),
	)
	return cmd
}

// newFinogatesToken returns the command that exchanges the client's credentials.
func (a *app) newFinogatesToken(flags credentialFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "token",
		Short: "Exchange the client's credentials for a bearer",
		Example: `  fintoken finogates auth token
  TOKEN=$(fintoken finogates auth token --format raw)`,
		Long:        "The other commands do this by themselves. This one is for calls that fintoken has no command for.",
		Args:        noArgs,
		Annotations: map[string]string{heeds: calling},
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.call = exit.Call{Operation: "exchangeClientToken", Harmless: true}
			client, err := a.finogates(cmd, flags, wire.First{})
			if err != nil {
				return err
			}
			defer client.Close()
			t, err := client.ExchangeClientToken(cmd.Context(), a.options()...)
			if err != nil {
				return err
			}
			return a.printAnswer(cmd, t.Access)
		},
	}
}

// embedMembers are the members of the body.
var embedMembers = map[string][]string{
	"user-id": {"user_id"}, "parent-origin": {"parent_origin"}, "scope": {"scope"}, "card-processing-id": {"card_processing_id"},
}

// newEmbedToken returns the command that makes an embed token.
func (a *app) newEmbedToken(flags credentialFlags) *cobra.Command {
	var iframe bool
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Create an embed token for one end user and one page",
		Example: `  fintoken finogates embed-token create --user-id 3c90c3cc-0d44-4b50-8888-8dd25736052a --parent-origin https://app.example.com
  fintoken finogates embed-token create --user-id 3c90c3cc-0d44-4b50-8888-8dd25736052a --parent-origin https://app.example.com --iframe
  echo '{"user_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"}' | fintoken finogates embed-token create --body - --parent-origin https://app.example.com`,
		Long: `Exchanges the client's credentials, then creates the token. The answer is printed as Finogates sends it; --format raw
prints the embed token alone, --iframe the tag for the page. The token lives about ten minutes: make one for each time
the iframe is shown.`,
		Args:        noArgs,
		Annotations: map[string]string{heeds: calling},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if iframe && (cmd.Flags().Changed("format") || cmd.Flags().Changed("transform")) {
				return exit.UsageError(errors.New("--iframe prints a tag; --format and --transform do not go with it"), "leave them out, or take --format raw without --iframe for the token alone")
			}
			return a.embedToken(cmd, flags, iframe)
		},
	}
	f := cmd.Flags()
	f.String("user-id", "", "`id` of the end user, a UUID")
	f.String("parent-origin", "", "`origin` of the page around the iframe: scheme, host and, if it is not the default, port")
	f.String("scope", "", "what the iframe may do: add_card, add_bank or card_payment (default add_card)")
	f.String("card-processing-id", "", "`id` of an approved card-processing account, a UUID; with the scope add_card only")
	f.BoolVar(&iframe, "iframe", false, "print the iframe tag, which holds the token, in place of the answer")
	bodyFlag(cmd)
	complete(cmd, "scope", "add_card", "add_bank", "card_payment")
	return cmd
}

// embedToken makes a token and prints the answer or the tag.
func (a *app) embedToken(cmd *cobra.Command, flags credentialFlags, iframe bool) error {
	a.call = exit.Call{Operation: "createEmbedToken"}
	object, err := a.body(cmd)
	if err != nil {
		return err
	}
	override(cmd, object, embedMembers)
	var body finogatesapi.CreateEmbedTokenRequest
	if err := decode(cmd, object, &body); err != nil {
		return err
	}
	client, err := a.finogates(cmd, flags, finogatesBearer)
	if err != nil {
		return err
	}
	defer client.Close()
	t, err := client.EmbedTokens.Create(cmd.Context(), body, a.options()...)
	switch {
	case err != nil:
		return err
	case !iframe:
		return a.printAnswer(cmd, t.Token)
	case t.IframeURL() == "":
		return &exit.Error{
			Code: exit.API, Err: errors.New("the token was made, but the answer has no embed_url to make a tag of"),
			Next: "run it without --iframe to get a token, and make the tag by Finogates' documents",
		}
	}
	if a.flags.redact {
		t.Token = secret.New(secret.Redacted)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "<iframe src=\"%s\"></iframe>\n", html.EscapeString(t.IframeURL()))
	return err
}

// finogatesVendor is Finogates.
func finogatesVendor() vendor {
	return vendor{
		name: "finogates", sandbox: finogatesapi.ServerURLSandbox, production: finogatesapi.ServerURLProduction,
		credentials: []credential{
			{name: "client-id", what: "`id` of the client", field: "ClientID", open: true},
			{name: "client-secret", what: "the client's secret", field: "ClientSecret"},
		},
		commands: (*app).newFinogates,
		try: func(at place, of map[string]secret.String) error {
			_, err := finogates.New(finogatesConfig(at, of))
			return err
		},
		sign: func(a *app, cmd *cobra.Command, _ *vendor, flags credentialFlags) (*signed, error) {
			client, err := a.finogates(cmd, flags, finogatesBearer)
			if err != nil {
				return nil, err
			}
			api := client.API().(*finogatesapi.Client) //nolint:forcetypeassert // of a client that New made it is no other
			return &signed{api.Server, api.Client.Do, finogates.Unwrap[json.RawMessage], client.Close}, nil
		},
		samples: func(c sandbox.Credentials) []string {
			return []string{"finogates embed-token create --user-id " + c.Finogates.UserID + " --parent-origin https://app.example.com --iframe"}
		},
	}
}

// finogatesConfig is what a client of the credentials is made of.
func finogatesConfig(at place, of map[string]secret.String) finogates.Config {
	config := finogates.Config{ClientID: of["ClientID"].Reveal(), ClientSecret: of["ClientSecret"], BaseURL: at.baseURL}
	if at.production() {
		config.Environment = finogates.Production
	}
	return config
}

// finogates returns the client of the command.
func (a *app) finogates(cmd *cobra.Command, flags credentialFlags, first wire.First) (*finogates.Client, error) {
	p, err := a.placeOf("FINOGATES")
	if err != nil {
		return nil, err
	}
	v := finogatesVendor()
	of, err := a.given(cmd.Context(), cmd, &v, flags, p)
	if err != nil {
		return nil, err
	}
	config := finogatesConfig(p, of)
	config.HTTP, config.Tokens = a.http(cmd, p, first), a.tokens()
	client, err := finogates.New(config)
	if err != nil {
		return nil, a.made(cmd, err)
	}
	return client, nil
}
