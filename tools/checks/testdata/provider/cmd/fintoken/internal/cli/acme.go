package cli

import (
	"encoding/json"

	"github.com/fintoken/fintoken-go/gen/acmeapi"
	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/wrappers/acme"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// acmeVendor is Acme.
func acmeVendor() vendor {
	return tabled[*acme.Client]{
		vendor: vendor{
			name: "acme", sandbox: acmeapi.ServerURLSandbox, production: acmeapi.ServerURLProduction,
			credentials: []credential{
				{name: "client-id", what: "`id` of the client", field: "ClientID", open: true},
				{name: "secret", what: "the client's secret", field: "Secret"},
			},
		},
		short: "Link tokens and accounts of Acme", tags: operations.AcmeTags, calls: operations.Acme,
		open: func(at place, of map[string]secret.String, calls rest.Config) (*acme.Client, error) {
			cfg := acme.Config{ClientID: of["ClientID"].Reveal(), Secret: of["Secret"], BaseURL: at.baseURL, HTTP: calls}
			if at.production() {
				cfg.Environment = acme.Production
			}
			return acme.New(cfg)
		},
		raw: func(client *acme.Client) (string, doer) {
			api := client.API().(*acmeapi.Client) //nolint:forcetypeassert // of a client that New made it is no other
			return api.Server, api.Client
		},
		unwrap: acme.Unwrap[json.RawMessage],
	}.done()
}
