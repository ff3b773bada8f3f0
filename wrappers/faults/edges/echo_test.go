package edges

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/internal/reach"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

const echoed = "canary/echoed+secret=0"

// calls are those of each provider that send the secret, over a client whose answers are f's. Where the secret is the
// bearer that is exchanged first, the exchange is f's as well.
var calls = map[string]func(t *testing.T, f stub) error{
	"finapi, client secret": func(t *testing.T, f stub) error {
		return finAPI(t, f, finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypeClientCredentials})
	},
	"finapi, password": func(t *testing.T, f stub) error {
		return finAPI(t, f, finapiaccess.GetTokenRequest{
			GrantType: finapiaccess.GrantTypePassword, ClientSecret: "other", Username: "u", Password: echoed,
		})
	},
	"finapi, refresh token": func(t *testing.T, f stub) error {
		return finAPI(t, f, finapiaccess.GetTokenRequest{
			GrantType: finapiaccess.GrantTypeRefreshToken, ClientSecret: "other", RefreshToken: echoed,
		})
	},
	"finogates, client secret": func(t *testing.T, f stub) error {
		_, err := finoGates(t, f).ExchangeClientToken(t.Context())
		return err
	},
	"finogates, bearer": func(t *testing.T, f stub) error {
		_, err := finoGates(t, func(r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/auth/token") {
				return reply(200, "application/json", `{"status_code":200,"data":{"access_token":"`+echoed+`","expires_in":900}}`), nil
			}
			return f(r)
		}).EmbedTokens.Create(t.Context(), finogatesapi.CreateEmbedTokenRequest{
			UserID: "3c90c3cc-0d44-4b50-8888-8dd25736052a", ParentOrigin: "https://app.example.com",
		})
		return err
	},
	"straddle, API key": func(t *testing.T, f stub) error {
		c, err := straddle.New(straddle.Config{APIKey: secret.New(echoed), HTTP: rest.Config{MaxAttempts: 1, HTTPClient: f.client()}})
		require.NoError(t, err)
		_, err = c.Bridge.Initialize(t.Context(), straddleapi.CreateBridgeTokenRequest{CustomerID: "3c90c3cc-0d44-4b50-8888-8dd25736052a"})
		return err
	},
}

func finAPI(t *testing.T, f stub, body finapiaccess.GetTokenRequest) error {
	t.Helper()
	c, err := finapi.New(finapi.Config{
		ClientID: "id", ClientSecret: secret.New(echoed), HTTP: rest.Config{MaxAttempts: 1, HTTPClient: f.client()},
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	_, err = c.GetToken(t.Context(), body)
	return err
}

func finoGates(t *testing.T, f stub) *finogates.Client {
	t.Helper()
	c, err := finogates.New(finogates.Config{
		ClientID: "fg_test_cl_abcdef", ClientSecret: secret.New(echoed), HTTP: rest.Config{MaxAttempts: 1, HTTPClient: f.client()},
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// shapes are the errors of the providers, each with % wherever a text stands.
var shapes = []string{
	`{"error":"%","error_description":"%","errorDescription":"%"}`,
	`{"errors":[{"code":"%","message":"%"},{"message":"%"}],"requestId":"%"}`,
	`{"response_type":"error","meta":{"api_request_id":"%"},"error":{"type":"%","title":"%","detail":"%","status":400,"items":[{"reference":"%","detail":"%"}]}}`,
	`{"status_code":422,"data":[{"field":"%","message":"%"},{"%":["%"]}],"detail":"%"}`,
	`{"detail":[{"loc":["body","%"],"msg":"%","input":{"client_secret":"%"}}]}`,
	`<p title="%">`,
}

// Requirements G77 and G130: of all three providers, nothing that can be reached from an error holds a secret that the provider
// echoes, in whatever spelling: no detail, no body, no message, no cause.
func TestNothingInAnErrorIsASecret(t *testing.T) {
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			detailed := 0
			for _, form := range append(secret.Spellings(echoed), `\u0063anary/echoed\u002bsecret=0`) {
				for _, shape := range shapes {
					for _, status := range []int{400, 401, 403, 502, 200} {
						kind := "application/json"
						if shape[0] == '<' {
							kind = "text/html"
						}
						err := call(t, always(status, kind, strings.ReplaceAll(shape, "%", form), "X-Request-Id", "r-1"))
						e := asErr(t, err)
						if e.Detail != nil {
							detailed++
						}
						requireClean(t, e, form)
					}
				}
			}
			assert.NotZero(t, detailed, "some of the shapes are its own")
		})
	}
}

// requireClean expects that no text that can be reached from e has the secret in it.
func requireClean(t *testing.T, e *rest.Error, form string) {
	t.Helper()
	for _, text := range append(reach.Texts(e), e.Error(), e.Sample(), string(e.RawBody())) {
		meant := text
		_ = json.Unmarshal([]byte(`"`+text+`"`), &meant)
		require.NotContains(t, text, form)
		require.NotContains(t, meant, echoed)
	}
}

// Requirement G130: what a caller of rest sees of a call has no credential in it, whichever way the call is made.
func TestResponseShowsNoCredential(t *testing.T) {
	f := func(r *http.Request) (*http.Response, error) {
		assert.Equal(t, "Bearer canary-api-key", r.Header.Get("Authorization"))
		resp := reply(200, "application/json", `{"value":"x"}`)
		resp.Request = r
		return resp, nil
	}
	c := over(t, rest.Config{}, f)
	req := request(t.Context(), t, http.MethodGet, base+"/things", nil)
	resp, err := c.Do(req)
	require.NoError(t, err)
	assert.Same(t, req, resp.Request)
	assert.Empty(t, req.Header, "the caller's request is left alone")

	_, err = rest.Call[thing](t.Context(), op(rest.RepeatFreely), nil, nil, func(ctx context.Context) (*http.Response, error) {
		req := request(ctx, t, http.MethodGet, base+"/things", nil)
		resp, err := c.Do(req)
		assert.NotContains(t, req.Header, "Authorization")
		assert.NotContains(t, resp.Request.Header, "Authorization")
		return resp, err
	})
	require.NoError(t, err)
}

// The zero Client says what it needs, and sends nothing.
func TestZeroClient(t *testing.T) {
	var c rest.Client
	body := &closing{}
	_, err := c.Do(request(t.Context(), t, http.MethodPost, base, body))
	assert.ErrorIs(t, err, rest.ErrInvalid)
	assert.ErrorContains(t, err, "Client: must be made by New")
	assert.True(t, body.closed)
	_, err = post[thing](t.Context(), &c, op(rest.RepeatFreely))
	assert.ErrorContains(t, err, "Client: must be made by New")
	assert.Zero(t, asErr(t, err).Attempts)
	assert.Empty(t, c.BaseURL())
	c.CloseIdleConnections()
}

type closing struct{ closed bool }

func (*closing) Read([]byte) (int, error) { return 0, http.ErrBodyReadAfterClose }
func (c *closing) Close() error           { c.closed = true; return nil }
