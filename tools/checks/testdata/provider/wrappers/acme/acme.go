// Package acme calls Acme: link tokens for its widget, the exchange of the public token that comes back, and the accounts
// behind it. It will never send the secret anywhere but to the configured host.
package acme

import (
	"encoding/json"
	"net/http"

	"github.com/fintoken/fintoken-go/gen/acmeapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Config is what a [Client] needs to know.
type Config struct {
	// ClientID and Secret are the credentials of the environment. Required.
	ClientID string
	Secret   secret.String
	// Environment is the host that is called, unless BaseURL says otherwise.
	Environment Environment
	// BaseURL replaces the host of the environment: https, or http on a loopback host or one of HTTP.InsecureHosts.
	BaseURL string
	// HTTP says how calls are made. Its zero value is good for production.
	HTTP rest.Config
}

// credential is what a call is signed with.
func (cfg Config) credential() rest.Credential {
	return rest.Headers(
		rest.HeaderCredential{Name: "ACME-CLIENT-ID", Value: secret.New(cfg.ClientID), Field: "ClientID"},
		rest.HeaderCredential{Name: "ACME-SECRET", Value: cfg.Secret, Field: "Secret"},
	)
}

// api is what the operations have in common.
var api = &rest.API{Provider: "acme", Explain: explain}

// explain reads the body of a failure.
func explain(e *rest.Error, _ http.Header, body []byte) {
	var d acmeapi.APIError
	_ = json.Unmarshal(body, &d) // what can be read counts
	if d.ErrorCode != "" {
		e.Detail, e.Code, e.Message, e.RequestID = &d, d.ErrorCode, d.ErrorMessage, d.RequestID
	}
}
