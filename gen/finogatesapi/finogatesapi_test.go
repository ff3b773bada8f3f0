package finogatesapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/internal/gentest"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

const (
	user         = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	exchangePath = "/v1/platform/auth/token"
	embedPath    = "/v1/platform/embed-tokens"
)

var (
	credentials = finogatesapi.ExchangeClientTokenRequest{ClientID: "fg_test_cl_a", ClientSecret: "fg_test_sk_<&>"}
	minimal     = finogatesapi.CreateEmbedTokenRequest{UserID: user, ParentOrigin: "https://app.example.com"}
)

var parts = []string{"200", "400", "401", "403", "404", "422", "429", "default"}

// operations calls each operation of the document.
var operations = map[string]func(*finogatesapi.ClientWithResponses) (any, error){
	"exchangeClientToken": func(c *finogatesapi.ClientWithResponses) (any, error) {
		return c.ExchangeClientTokenWithResponse(context.Background(), credentials)
	},
	"createEmbedToken": func(c *finogatesapi.ClientWithResponses) (any, error) {
		return c.CreateEmbedTokenWithResponse(context.Background(), minimal)
	},
}

var justJSON = http.Header{"Content-Type": {"application/json"}}

// wire is what each way of calling an operation puts on the wire, to the byte.
var wire = map[string]gentest.Call[*finogatesapi.Client]{
	"exchange": {
		Do: func(ctx context.Context, c *finogatesapi.Client) (*http.Response, error) {
			return c.ExchangeClientToken(ctx, credentials)
		},
		Path: exchangePath,
		Want: gentest.Sent{Method: "POST", Header: justJSON, Body: `{"client_id":"fg_test_cl_a","client_secret":"fg_test_sk_\u003c\u0026\u003e"}`},
	},
	"exchange, a body of one's own": {
		Do: func(ctx context.Context, c *finogatesapi.Client) (*http.Response, error) {
			return c.ExchangeClientTokenWithBody(ctx, "application/json", strings.NewReader("{}"))
		},
		Path: exchangePath,
		Want: gentest.Sent{Method: "POST", Header: justJSON, Body: `{}`},
	},
	"embed token": {
		Do: func(ctx context.Context, c *finogatesapi.Client) (*http.Response, error) {
			return c.CreateEmbedToken(ctx, minimal)
		},
		Path: embedPath,
		Want: gentest.Sent{Method: "POST", Header: justJSON, Body: `{"parent_origin":"https://app.example.com","user_id":"` + user + `"}`},
	},
	"embed token, everything": {
		Do: func(ctx context.Context, c *finogatesapi.Client) (*http.Response, error) {
			body := minimal
			body.Scope, body.CardProcessingID = finogatesapi.EmbedScopeAddCard, user
			return c.CreateEmbedToken(ctx, body)
		},
		Path: embedPath,
		Want: gentest.Sent{
			Method: "POST", Header: justJSON,
			Body: `{"card_processing_id":"` + user + `","parent_origin":"https://app.example.com","scope":"add_card","user_id":"` + user + `"}`,
		},
	},
	"embed token, a body of one's own": {
		Do: func(ctx context.Context, c *finogatesapi.Client) (*http.Response, error) {
			return c.CreateEmbedTokenWithBody(ctx, "application/json", strings.NewReader("[]"))
		},
		Path: embedPath,
		Want: gentest.Sent{Method: "POST", Header: justJSON, Body: `[]`},
	},
}

// The examples of requests are what the generated types say.
func TestRequestExamples(t *testing.T) {
	for operation, empty := range map[string]func() any{
		"exchangeClientToken": func() any { return &finogatesapi.ExchangeClientTokenRequest{} },
		"createEmbedToken":    func() any { return &finogatesapi.CreateEmbedTokenRequest{} },
	} {
		names := spectest.Examples(specs.Finogates, operation, "request")
		require.NotEmpty(t, names)
		for _, name := range names {
			body, _, err := spectest.Example(specs.Finogates, operation, "request", name)
			require.NoError(t, err)
			request := empty()
			require.NoError(t, json.Unmarshal(body, request))
			again, err := json.Marshal(request)
			require.NoError(t, err)
			assert.JSONEq(t, string(body), string(again))
		}
	}
}

// A provider may add members and leave some out, and what is of no documented type is kept as it came.
func TestUnknownDecodes(t *testing.T) {
	const js = "application/json"
	c := responses(t, gentest.Canned{Status: 200, MIME: js, Body: `{"data":{"token":"t","expires_at":1780567200,"more":1},"new":[]}`})
	embed, err := c.CreateEmbedTokenWithResponse(t.Context(), minimal)
	require.NoError(t, err)
	assert.Equal(t, "t", embed.JSON200.Data.Token)
	assert.Equal(t, `1780567200`, string(embed.JSON200.Data.ExpiresAt))

	c = responses(t, gentest.Canned{Status: 200, MIME: js, Body: `{"status_code":200,"data":{"token":"t","scope":{}}}`})
	bearer, err := c.ExchangeClientTokenWithResponse(t.Context(), credentials)
	require.NoError(t, err)
	assert.Equal(t, "t", bearer.JSON200.Data.Token)
	assert.Nil(t, bearer.JSON200.Data.ExpiresIn)

	c = responses(t, gentest.Canned{Status: 422, MIME: js, Body: `{"detail":[{"loc":["body",7],"msg":"x"}]}`, Header: http.Header{"Retry-After": {"2"}}})
	embed, err = c.CreateEmbedTokenWithResponse(t.Context(), minimal)
	require.NoError(t, err)
	assert.JSONEq(t, `[{"loc":["body",7],"msg":"x"}]`, string(embed.JSON422.Detail))
}

// A word out of a list is sent as it is, also one that is not on it: refusing is the business of the caller.
func TestScopes(t *testing.T) {
	assert.False(t, finogatesapi.EmbedScope("add_wallet").Valid())
	for _, known := range []finogatesapi.EmbedScope{
		finogatesapi.EmbedScopeAddCard, finogatesapi.EmbedScopeAddBank, finogatesapi.EmbedScopeCardPayment,
	} {
		assert.True(t, known.Valid())
	}
}

// The servers are those of the document.
func TestServers(t *testing.T) {
	assert.Equal(t, "https://api-sandbox.finogates.com", finogatesapi.ServerURLSandbox)
	assert.Equal(t, "https://api.finogates.com", finogatesapi.ServerURLProduction)
}
