// Package compat points clients that nobody here wrote at the sandbox, unchanged, and sees them work: a stock OAuth
// client, the official Straddle client for Node, and curl. It is a module of its own, run by `make test-compat`.
package compat

import (
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// The stock client sends what RFC 6749 says, with the credentials among the parameters.
func TestClientCredentials(t *testing.T) {
	server := sandbox.Start(t)
	c := server.Sandbox().Credentials().FinAPI
	for path, credentials := range map[string][2]string{
		"/oauth/token":        {c.ClientID, c.ClientSecret},
		"/api/v2/oauth/token": {c.V2ClientID, c.V2ClientSecret},
	} {
		config := clientcredentials.Config{
			ClientID: credentials[0], ClientSecret: credentials[1],
			TokenURL: server.FinAPI() + path, AuthStyle: oauth2.AuthStyleInParams,
			Scopes: []string{"all"}, EndpointParams: url.Values{"audience": {"https://sandbox.finapi.io"}},
		}
		token, err := config.Token(t.Context())
		require.NoError(t, err)
		assert.True(t, token.Valid())
		assert.Equal(t, "not in the document: form audience; not in the document: form scope", server.Sandbox().FindCalls(sandbox.CallFilter{Status: 200})[0].Notes)
		assert.Equal(t, "Bearer", token.Type())
		assert.InDelta(t, time.Hour, time.Until(token.Expiry), float64(time.Minute))

		config.ClientSecret = "wrong"
		_, err = config.Token(t.Context())
		var refused *oauth2.RetrieveError
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, http.StatusUnauthorized, refused.Response.StatusCode)
		assert.Equal(t, "invalid_client", refused.ErrorCode)
	}
}

// The password grant, the refresh after the end of the token, and a revocation signed by the stock client.
func TestPassword(t *testing.T) {
	for name, opts := range map[string][]sandbox.Option{
		"refresh token stays": nil, "refresh token rotates": {sandbox.RotateRefreshTokens()},
	} {
		t.Run(name, func(t *testing.T) {
			server := sandbox.Start(t, opts...)
			c := server.Sandbox().Credentials().FinAPI
			config := oauth2.Config{ClientID: c.ClientID, ClientSecret: c.ClientSecret, Endpoint: oauth2.Endpoint{
				TokenURL: server.FinAPI() + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams,
			}}
			token, err := config.PasswordCredentialsToken(t.Context(), c.Username, c.Password)
			require.NoError(t, err)
			require.NotEmpty(t, token.RefreshToken)

			require.NoError(t, server.Sandbox().Clock().Advance(time.Hour))
			token.Expiry = time.Now().Add(-time.Minute)
			next, err := config.TokenSource(t.Context(), token).Token()
			require.NoError(t, err)
			assert.NotEqual(t, token.AccessToken, next.AccessToken)
			assert.NotEmpty(t, next.RefreshToken)

			_, err = config.PasswordCredentialsToken(t.Context(), c.Username, "wrong-password")
			var refused *oauth2.RetrieveError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, http.StatusBadRequest, refused.Response.StatusCode)

			signed := (&clientcredentials.Config{
				ClientID: c.ClientID, ClientSecret: c.ClientSecret,
				TokenURL: server.FinAPI() + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams,
			}).Client(t.Context())
			response, err := signed.PostForm(server.FinAPI()+"/oauth/revoke", map[string][]string{"token": {next.AccessToken}})
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, http.StatusOK, response.StatusCode)
		})
	}
}

// The official Straddle client for Node; what it does is in node/straddle.mjs, and with each of its methods in
// node/methods.mjs.
func TestStraddleNode(t *testing.T) {
	if _, err := os.Stat(filepath.Join("node", "node_modules")); err != nil {
		t.Fatal("node/node_modules is missing: run make test-compat, or npm ci --ignore-scripts in sandbox/compat/node")
	}
	server := sandbox.Start(t)
	alone, err := server.Expose("straddle", "127.0.0.1:0")
	require.NoError(t, err)
	for _, base := range []string{server.Straddle(), alone} {
		runNode(t, server, "straddle.mjs", base)
	}
	calls := server.Sandbox().FindCalls(sandbox.CallFilter{Provider: "straddle", Status: 503})
	assert.Len(t, calls, 2, "it met the fault once on each way, and tried again by itself")
	t.Run("every method", func(t *testing.T) {
		server := sandbox.Start(t)
		runNode(t, server, "methods.mjs", server.Straddle())
		for _, call := range server.Sandbox().FindCalls(sandbox.CallFilter{Provider: "straddle"}) {
			assert.Less(t, call.Status, 300, "%s %s", call.Method, call.Path)
		}
	})
}

// runNode runs a program against the sandbox.
func runNode(t *testing.T, server *sandbox.Server, program, base string) {
	t.Helper()
	c := server.Sandbox().Credentials().Straddle
	node := exec.CommandContext(t.Context(), "node", program)
	node.Dir = "node"
	node.Env = append(os.Environ(), "STRADDLE_API_KEY="+c.APIKey, "STRADDLE_BASE_URL="+base,
		"CUSTOMER_ID="+c.CustomerID, "ACCOUNT_ID="+c.AccountID, "ADMIN_URL="+server.Admin())
	out, err := node.CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Logf("%s", out)
}

// commands are those of the providers' pages, with the host, the token and nothing else of it for us to fill in. Where a
// page shows a call in another language, its values are the page's. The placeholder <string> of one page is what a
// person must replace: sent as it is, it is refused.
var commands = []struct {
	name, text string
	code       string
	says       string
}{
	{"Finogates, create an embed token, as it stands", `curl --request POST \
  --url HOST/finogates/v1/platform/embed-tokens \
  --header 'Authorization: Bearer FINOGATES' \
  --header 'Content-Type: application/json' \
  --data '
{
  "user_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
  "parent_origin": "<string>",
  "scope": "add_card",
  "card_processing_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"
}
'`, "422", `"field":"parent_origin"`},
	{"Finogates, create an embed token", `curl --request POST \
  --url HOST/finogates/v1/platform/embed-tokens \
  --header 'Authorization: Bearer FINOGATES' \
  --header 'Content-Type: application/json' \
  --data '
{
  "user_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
  "parent_origin": "https://app.example.com",
  "scope": "add_card",
  "card_processing_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"
}
'`, "200", `"embed_url"`},
	{"finAPI, get tokens for the client", `curl HOST/finapi/oauth/token -H 'X-Request-Id: xRequestId_example' \
  -d grant_type=client_credentials -d client_id=clientId_example -d client_secret=clientSecret_example`, "200", `"access_token"`},
	{"finAPI, get tokens for a user", `curl HOST/finapi/oauth/token -H 'X-Request-Id: xRequestId_example' \
  -d grant_type=password -d client_id=clientId_example -d client_secret=clientSecret_example \
  -d username=username_example -d password=password_example`, "200", `"refresh_token"`},
	{"finAPI, get tokens, with values that are no values", `curl HOST/finapi/oauth/token \
  -d grant_type=grantType_example -d client_id=clientId_example -d client_secret=clientSecret_example`, "400", "grant_type"},
	{"finAPI, revoke a token", `curl -X POST 'HOST/finapi/oauth/revoke?token=token_example&token_type_hint=access_token' \
  -H 'Authorization: Bearer FINAPI' -H 'X-Request-Id: xRequestId_example'`, "200", ""},
	{"Straddle, create a session token", `curl HOST/straddle/v1/bridge/initialize -H 'Authorization: Bearer My API Key' \
  -H 'Content-Type: application/json' -d '{"customer_id": "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"}'`, "201", `"bridge_token"`},
}

func TestCurl(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Fatal("needs curl")
	}
	server := sandbox.Start(t)
	world := server.Sandbox()
	require.NoError(t, world.Add(sandbox.Fixtures{
		FinAPI: sandbox.FinAPIFixtures{
			Clients: []sandbox.FinAPIClient{{ClientID: "clientId_example", ClientSecret: "clientSecret_example", APIVersion: "V1"}},
			Users:   []sandbox.FinAPIUser{{Username: "username_example", Password: "password_example"}},
		},
	}))
	client, err := server.Clients().FinAPI.ClientTokens().Token(t.Context())
	require.NoError(t, err)
	bearer, err := server.Clients().Finogates.ExchangeClientToken(t.Context())
	require.NoError(t, err)
	fill := strings.NewReplacer("HOST", server.URL(), "FINOGATES", bearer.Access.Reveal(), "FINAPI", client.Access.Reveal())
	for _, c := range commands {
		t.Run(c.name, func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), "sh", "-c", fill.Replace(c.text)+" -sS -w '\n%{http_code}'").CombinedOutput()
			require.NoError(t, err, "%s", out)
			body, code, _ := strings.Cut(strings.TrimSpace("body:"+string(out)), "\n")
			assert.Equal(t, c.code, code, body)
			assert.Contains(t, body, c.says)
		})
	}
}
