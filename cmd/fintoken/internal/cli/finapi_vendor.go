package cli

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// finapiVendor is finAPI.
func finapiVendor() vendor {
	return vendor{
		name: "finapi", sandbox: finapiaccess.ServerURLSandbox, production: finapiaccess.ServerURLProduction,
		versions: []string{"V1", "V2"},
		credentials: []credential{
			{name: "client-id", what: "`id` of the client", field: "ClientID", open: true},
			{name: "client-secret", what: "the client's secret", field: "ClientSecret"},
		},
		more: []credential{{name: "username", open: true}, {name: "password", what: "the user's password"}},
		variables: [][2]string{
			{"FINAPI_USERNAME, FINAPI_PASSWORD", "the user, for the grant password"},
			{"FINAPI_REFRESH_TOKEN", "for the grant refresh_token"},
			{"FINAPI_TOKEN", "the token to revoke"},
			{"FINAPI_API_VERSION", "V1 or V2"},
		},
		commands: (*app).newFinAPI,
		try: func(at place, of map[string]secret.String) error {
			_, err := finapi.New(finapi.Config{ClientID: of["ClientID"].Reveal(), ClientSecret: of["ClientSecret"], BaseURL: at.baseURL})
			return err
		},
		sign: signFinAPI,
		shows: func(c sandbox.Credentials) []string {
			return []string{
				fmt.Sprintf("client %s, bound to V1", c.FinAPI.ClientID),
				fmt.Sprintf("client %s with the secret %s, bound to V2", c.FinAPI.V2ClientID, c.FinAPI.V2ClientSecret),
			}
		},
		samples: func(sandbox.Credentials) []string {
			return []string{"finapi token", "finapi token --grant-type password"}
		},
	}
}

// signFinAPI returns what sends requests under a client's token.
func signFinAPI(a *app, cmd *cobra.Command, _ *vendor, flags credentialFlags) (*signed, error) {
	config, _, err := a.finapi(cmd, finapiFlags{flags}, finapiBearer)
	if err != nil {
		return nil, err
	}
	client, err := finapi.New(config)
	if err != nil {
		return nil, a.made(cmd, err)
	}
	api := client.API().(*finapiaccess.Client) //nolint:forcetypeassert // of a client that New made it is no other
	return &signed{api.Server, api.Client.Do, openFinAPI, client.Close}, nil
}

// openFinAPI makes errors of answers that are none of success. finAPI has no envelope.
func openFinAPI(resp *http.Response, err error) (*json.RawMessage, error) {
	return rest.Decode[json.RawMessage](&rest.Operation{API: &rest.API{Provider: "finapi"}, Name: "api"}, resp, err)
}
