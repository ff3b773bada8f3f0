package cli

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/secrets"
	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// apiFlags are the flags of `api`.
type apiFlags struct {
	provider, key   string
	fields, headers []string
	apiKey, secret  *secrets.Flag
}

// apiProviders are those that a request can go to.
var apiProviders = []string{"straddle", "finapi", "finogates"}

// addAPIFlags defines the flags.
func (a *app) addAPIFlags(cmd *cobra.Command, flags *apiFlags) {
	f := cmd.Flags()
	f.StringVar(&flags.provider, "provider", "straddle", "`name` of the provider: "+strings.Join(apiProviders, ", "))
	f.StringArrayVar(&flags.fields, "field", nil, "`name=value` of a member of the body; may be repeated")
	f.StringArrayVar(&flags.headers, "header", nil, "a `name: value` to send; may be repeated")
	f.StringVar(&flags.key, "idempotency-key", "", headerFlags["idempotency-key"])
	f.String("client-id", "", "`id` of the client of finAPI or Finogates (FINAPI_CLIENT_ID, FINOGATES_CLIENT_ID)")
	f.String("api-version", "", "`version` that the client of finAPI is bound to: V1 or V2 (FINAPI_API_VERSION; default V1)")
	flags.apiKey = secrets.Add(f, straddleKey)
	flags.secret = secrets.Add(f, secrets.Spec{Name: "client-secret", Env: "FINAPI_CLIENT_SECRET or FINOGATES_CLIENT_SECRET", What: "the client's secret", Keyring: true})
	bodyFlag(cmd)
	complete(cmd, "provider", apiProviders...)
	complete(cmd, "api-version", "V1", "V2")
}

// options are the options of the call.
func (f *apiFlags) options() (opts []rest.Option, err error) {
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok {
			return nil, errors.New("--header must be a name, a colon and a value")
		}
		opts = append(opts, rest.Header(strings.TrimSpace(name), strings.TrimSpace(value)))
	}
	if f.key != "" {
		opts = append(opts, rest.IdempotencyKey(f.key))
	}
	return opts, nil
}

// sign returns what sends requests with the credential of the provider.
func (a *app) sign(cmd *cobra.Command, flags *apiFlags) (*signed, error) {
	flags.secret.Provider, flags.secret.Env = flags.provider, strings.ToUpper(flags.provider)+"_CLIENT_SECRET"
	switch flags.provider {
	case "straddle":
		client, end, err := a.straddle(cmd, flags.apiKey)
		if err != nil {
			return nil, err
		}
		api := client.API().(*straddleapi.Client) //nolint:forcetypeassert // of a client that New made it is no other
		return &signed{api.Server, api.Client.Do, straddle.Unwrap[json.RawMessage], end}, nil
	case "finogates":
		client, err := a.finogates(cmd, flags.secret, finogatesBearer)
		if err != nil {
			return nil, err
		}
		api := client.API().(*finogatesapi.Client) //nolint:forcetypeassert // see above
		return &signed{api.Server, api.Client.Do, finogates.Unwrap[json.RawMessage], client.Close}, nil
	case "finapi":
		config, _, err := a.finapi(cmd, finapiFlags{flags.secret}, finapiBearer)
		if err != nil {
			return nil, err
		}
		client, err := finapi.New(config)
		if err != nil {
			return nil, a.made(cmd, err)
		}
		api := client.API().(*finapiaccess.Client) //nolint:forcetypeassert // see above
		return &signed{api.Server, api.Client.Do, openFinAPI, client.Close}, nil
	}
	return nil, exit.UsageError(errors.New("--provider must be one of "+strings.Join(apiProviders, ", ")), "leave it out for straddle")
}

// openFinAPI makes errors of answers that are none of success. finAPI has no envelope.
func openFinAPI(resp *http.Response, err error) (*json.RawMessage, error) {
	return rest.Decode[json.RawMessage](&rest.Operation{API: &rest.API{Provider: "finapi"}, Name: "api"}, resp, err)
}
