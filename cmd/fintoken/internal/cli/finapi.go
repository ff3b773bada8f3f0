package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// finapiBearer is how a dry run of a revocation shows the call for its bearer.
var finapiBearer = wire.First{
	Path:     "/oauth/token",
	Answer:   `{"access_token":"` + wire.StandIn("FINAPI_BEARER").Reveal() + `","token_type":"bearer","expires_in":3600,"scope":"all"}`,
	Variable: "FINAPI_BEARER",
	Where:    "access_token",
}

// finapiFlags are the flags that the commands of finAPI share.
type finapiFlags struct{ client credentialFlags }

// newFinAPI returns the commands of finAPI.
func (a *app) newFinAPI() *cobra.Command {
	cmd := group("finapi", "OAuth tokens of finAPI, for a client and for its users",
		"  fintoken finapi token\n  fintoken finapi revoke --token-file token.txt")
	cmd.PersistentFlags().String("api-version", "", "`version` that the client is bound to: V1 or V2 (FINAPI_API_VERSION; default V1)")
	flags := finapiFlags{addCredentials(cmd.PersistentFlags(), finapiVendor())}
	complete(cmd, "api-version", "V1", "V2")
	cmd.AddCommand(a.newFinAPIToken(flags), a.newFinAPIRevoke(flags))
	return cmd
}

// grantFlags are the flags of `finapi token`.
type grantFlags struct {
	finapiFlags

	password, refresh *secrets.Flag
	cache             bool
}

// newFinAPIToken returns the command that gets a token by any grant.
func (a *app) newFinAPIToken(shared finapiFlags) *cobra.Command {
	flags := &grantFlags{finapiFlags: shared}
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Get a token, for the client or for a user",
		Example: `  fintoken finapi token
  TOKEN=$(fintoken finapi token --format raw --cache)
  fintoken finapi token --grant-type password --username jane --password-file password.txt
  fintoken finapi token --grant-type refresh_token --refresh-token-file refresh.txt --api-version V2`,
		Long: `expires_in is the life that is left: finAPI hands out the same token again until it ends. A wrong password counts
towards locking its user, so it is never sent again by itself.

With --cache the token is kept between runs, and renewed when it has ended: in files of mode 0600 below the user's cache
directory, encrypted under a key that only the client's secret gives. ` + "`fintoken finapi revoke`" + ` empties the cache of its client.`,
		Args:        noArgs,
		Annotations: map[string]string{heeds: calling},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.finapiToken(cmd, flags) },
	}
	f := cmd.Flags()
	f.String("grant-type", "client_credentials", "`grant`: client_credentials, password or refresh_token")
	f.String("username", "", "`id` of the user, for the grant password (FINAPI_USERNAME)")
	flags.password = secrets.Add(f, secrets.Spec{
		Provider: "finapi", Name: "password", Env: "FINAPI_PASSWORD", What: "the user's password", Keyring: true,
	})
	flags.refresh = secrets.Add(f, secrets.Spec{
		Provider: "finapi", Name: "refresh-token", Env: "FINAPI_REFRESH_TOKEN", What: "the refresh token",
	})
	f.String("request-id", "", "your own `id` of this request, at most 255 characters")
	f.BoolVar(&flags.cache, "cache", false, "keep the token between runs, encrypted")
	complete(cmd, "grant-type", "client_credentials", "password", "refresh_token")
	return cmd
}

// grant is what is sent for a token, without the client.
type grant struct {
	finapiaccess.GetTokenRequest

	operation exit.Call
}

// finapiToken gets a token and prints the answer.
func (a *app) finapiToken(cmd *cobra.Command, flags *grantFlags) error {
	if err := checkGrant(cmd, flags); err != nil {
		return err
	}
	config, p, err := a.finapi(cmd, flags.finapiFlags, wire.First{})
	if err != nil {
		return err
	}
	g, err := a.grant(cmd, flags, p)
	if err != nil {
		return err
	}
	a.call = g.operation
	if flags.cache && !a.flags.dryRun {
		return a.cachedToken(cmd, config, p, g)
	}
	client, err := finapi.New(config)
	if err != nil {
		return a.made(cmd, err)
	}
	defer client.Close()
	t, err := client.GetToken(cmd.Context(), g.GetTokenRequest, a.options(headers(cmd)...)...)
	if err != nil {
		return a.grantError(err, g)
	}
	a.secrets = append(a.secrets, t.Refresh)
	return a.printAnswer(cmd, t.Access)
}

// grantError makes a refused password, which finAPI answers with a 400, an error of authentication.
func (a *app) grantError(err error, g grant) error {
	if g.GrantType == finapiaccess.GrantTypeClientCredentials || !errors.Is(err, rest.ErrInvalid) {
		return err
	}
	var e *rest.Error
	if errors.As(err, &e) && e.Attempts == 0 {
		return err
	}
	next := "check --username and the password before the next try: too many wrong ones lock the user"
	if g.GrantType == finapiaccess.GrantTypeRefreshToken {
		next = "the refresh token is not alive; get a new one with --grant-type password"
	}
	return &exit.Error{Code: exit.Auth, Err: err, Next: next}
}

// checkGrant refuses flags that belong to another grant.
func checkGrant(cmd *cobra.Command, flags *grantFlags) error {
	kind, _ := cmd.Flags().GetString("grant-type")
	var err error
	switch {
	case kind != "client_credentials" && kind != "password" && kind != "refresh_token":
		err = errors.New("--grant-type must be client_credentials, password or refresh_token")
	case kind != "password" && (cmd.Flags().Changed("username") || flags.password.Given()):
		err = errors.New("--username and --password go with --grant-type password")
	case kind != "refresh_token" && flags.refresh.Given():
		err = errors.New("--refresh-token goes with --grant-type refresh_token")
	case flags.cache && kind == "refresh_token":
		err = errors.New("--cache keeps the refresh token itself; use it with --grant-type password")
	case flags.cache && cmd.Flags().Changed("request-id"):
		err = errors.New("--request-id does not go with --cache, which may send no request or two")
	}
	return exit.UsageError(err, "see `fintoken finapi token --help`")
}

// grant collects what the grant needs.
func (a *app) grant(cmd *cobra.Command, flags *grantFlags, p place) (g grant, err error) {
	kind, _ := cmd.Flags().GetString("grant-type")
	g.GrantType = finapiaccess.GrantType(kind)
	g.operation.Operation = "getToken"
	if strings.EqualFold(a.apiVersion(cmd), "V2") {
		g.operation.Operation = "getTokenV2"
	}
	switch g.GrantType {
	case finapiaccess.GrantTypePassword:
		if g.Username, err = a.setting(cmd, "username", "FINAPI_USERNAME"); err != nil {
			return g, err
		}
		password, err := a.secret(cmd.Context(), flags.password, p)
		g.Password = password.Reveal()
		return g, err
	case finapiaccess.GrantTypeRefreshToken:
		refresh, err := a.secret(cmd.Context(), flags.refresh, p)
		g.RefreshToken = refresh.Reveal()
		return g, err
	}
	g.operation.Harmless = true
	return g, nil
}

// newFinAPIRevoke returns the command that takes a token back.
func (a *app) newFinAPIRevoke(shared finapiFlags) *cobra.Command {
	var flag *secrets.Flag
	var inQuery bool
	cmd := &cobra.Command{
		Use:   "revoke",
		Short: "Take a token back",
		Example: `  fintoken finapi revoke --token-file token.txt
  fintoken finapi token --format raw | fintoken finapi revoke --token - --token-type-hint access_token`,
		Long: `Gets a token for the client, which is the authority to revoke, then sends the other one in the body of the request. It
succeeds whether or not the token was alive, and prints nothing. finAPI hands out one token to everyone who asks for the
same client or user: revoking it here ends it for all of them. The cache of the client is emptied.

The page of V1 shows the token in the query of the URL, where servers and proxies log it. --in-query sends it that way; that
V1 takes the body as well is not confirmed.`,
		Args:        noArgs,
		Annotations: map[string]string{heeds: calling},
		RunE:        func(cmd *cobra.Command, _ []string) error { return a.finapiRevoke(cmd, shared, flag, inQuery) },
	}
	flag = secrets.Add(cmd.Flags(), secrets.Spec{Provider: "finapi", Name: "token", Env: "FINAPI_TOKEN", What: "the token to revoke"})
	cmd.Flags().BoolVar(&inQuery, "in-query", false, "send the token in the query of the URL, as the page of V1 has it; it ends in logs")
	cmd.Flags().String("token-type-hint", "", "what the token is: access_token or refresh_token; without it all of its grant is revoked")
	cmd.Flags().String("request-id", "", "your own `id` of this request, at most 255 characters")
	complete(cmd, "token-type-hint", "access_token", "refresh_token")
	return cmd
}

// finapiRevoke takes a token back.
func (a *app) finapiRevoke(cmd *cobra.Command, shared finapiFlags, flag *secrets.Flag, inQuery bool) error {
	a.call = exit.Call{Harmless: true}
	config, p, err := a.finapi(cmd, shared, finapiBearer)
	if err != nil {
		return err
	}
	t, err := a.secret(cmd.Context(), flag, p)
	if err != nil {
		return err
	}
	config.RevokeInQuery = inQuery
	client, err := finapi.New(config)
	if err != nil {
		return a.made(cmd, err)
	}
	defer client.Close()
	hint, _ := cmd.Flags().GetString("token-type-hint")
	err = client.RevokeToken(cmd.Context(), t, finapi.Hint(hint), a.options(headers(cmd)...)...)
	if (err == nil || errors.Is(err, rest.ErrInDoubt)) && !a.flags.dryRun {
		a.emptyCache(cmd.Context(), config, p)
	}
	if err != nil {
		return err
	}
	if a.StderrTerminal && !a.flags.quiet {
		a.tell("revoked (request id %s)", a.info.RequestID)
	}
	return nil
}

// apiVersion returns the version that was asked for.
func (a *app) apiVersion(cmd *cobra.Command) string {
	version, _ := cmd.Flags().GetString("api-version")
	if version == "" {
		version = a.Getenv("FINAPI_API_VERSION")
	}
	return version
}

// finapi returns the configuration of the client.
func (a *app) finapi(cmd *cobra.Command, flags finapiFlags, first wire.First) (finapi.Config, place, error) {
	config := finapi.Config{Tokens: a.tokens()}
	switch version := a.apiVersion(cmd); strings.ToUpper(version) {
	case "", "V1":
	case "V2":
		config.APIVersion = finapi.V2
	default:
		err := fmt.Errorf("--api-version and FINAPI_API_VERSION must be V1 or V2")
		if cmd.Flags().Changed("api-version") {
			return config, place{}, exit.UsageError(err, "leave it out for V1, or give V2")
		}
		return config, place{}, exit.ConfigError(err, "unset FINAPI_API_VERSION for V1, or set it to V2")
	}
	p, err := a.placeOf("FINAPI")
	if err != nil {
		return config, p, err
	}
	if p.production() {
		config.Environment = finapi.Production
	}
	v := finapiVendor()
	of, err := a.given(cmd.Context(), cmd, &v, flags.client, p)
	if err != nil {
		return config, p, err
	}
	config.ClientID, config.ClientSecret, config.BaseURL = of["ClientID"].Reveal(), of["ClientSecret"], p.baseURL
	config.HTTP = a.http(cmd, p, first)
	return config, p, nil
}

// answerOf returns a token in the form in which finAPI sends it.
type answerOf struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	RefreshToken string `json:"refresh_token,omitempty"`
	ExpiresIn    int64  `json:"expires_in"`
	Scope        string `json:"scope,omitempty"`
}

func newAnswer(t *token.Token, left int64) answerOf {
	kind := t.Type
	if kind == "" {
		kind = "bearer"
	}
	return answerOf{t.Access.Reveal(), kind, t.Refresh.Reveal(), left, t.Scope}
}
