package finapiaccess_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/gen/internal/gentest"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

const (
	tokenV1, tokenV2   = "/oauth/token", "/api/v2/oauth/token"
	revokeV1, revokeV2 = "/oauth/revoke", "/api/v2/oauth/revoke"
	formType           = "application/x-www-form-urlencoded"
)

type (
	client   = *finapiaccess.Client
	response = *http.Response
	request  = finapiaccess.GetTokenRequest
)

func ptr[T any](v T) *T { return &v }

var parts = []string{"200", "400", "401", "403", "423", "500", "default"}

var (
	forClient = request{GrantType: finapiaccess.GrantTypeClientCredentials, ClientID: "clientId_example", ClientSecret: "clientSecret_example"}
	forUser   = request{
		GrantType: finapiaccess.GrantTypePassword, ClientID: "clientId_example", ClientSecret: "clientSecret_example",
		Username: "username_example", Password: "password_example",
	}
	forRefresh = request{
		GrantType: finapiaccess.GrantTypeRefreshToken, ClientID: "clientId_example", ClientSecret: "clientSecret_example",
		RefreshToken: "refreshToken_example",
	}
	revoke = finapiaccess.RevokeTokenRequest{Token: "token_example", TokenTypeHint: finapiaccess.TokenTypeHintAccessToken}
)

// operations calls each operation of the document.
var operations = map[string]func(*finapiaccess.ClientWithResponses) (any, error){
	"getToken": func(c *finapiaccess.ClientWithResponses) (any, error) {
		return c.GetTokenWithFormdataBodyWithResponse(context.Background(), nil, forUser)
	},
	"getTokenV2": func(c *finapiaccess.ClientWithResponses) (any, error) {
		return c.GetTokenV2WithFormdataBodyWithResponse(context.Background(), nil, forRefresh)
	},
	"revokeToken": func(c *finapiaccess.ClientWithResponses) (any, error) {
		return c.RevokeTokenWithFormdataBodyWithResponse(context.Background(), nil, revoke)
	},
	"revokeTokenV2": func(c *finapiaccess.ClientWithResponses) (any, error) {
		return c.RevokeTokenV2WithFormdataBodyWithResponse(context.Background(), nil, revoke)
	},
}

// posted is a request with a form in its body.
func posted(body string, header ...string) gentest.Sent {
	s := gentest.Sent{Method: "POST", Header: http.Header{"Content-Type": {formType}}, Body: body}
	if len(header) > 0 {
		s.Header[header[0]] = header[1:]
	}
	return s
}

// wire is what each way of calling an operation puts on the wire, to the byte. No field is empty, no header and no
// query is there that was not asked for.
var wire = map[string]gentest.Call[client]{
	"client, V1": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.GetTokenWithFormdataBody(ctx, nil, forClient)
		},
		Path: tokenV1, Want: posted("client_id=clientId_example&client_secret=clientSecret_example&grant_type=client_credentials"),
	},
	"client, V1, empty params": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.GetTokenWithFormdataBody(ctx, &finapiaccess.GetTokenParams{}, forClient)
		},
		Path: tokenV1, Want: posted("client_id=clientId_example&client_secret=clientSecret_example&grant_type=client_credentials"),
	},
	"client, V2": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.GetTokenV2WithFormdataBody(ctx, &finapiaccess.GetTokenV2Params{XRequestID: ptr("mine")}, forClient)
		},
		Path: tokenV2, Want: posted("client_id=clientId_example&client_secret=clientSecret_example&grant_type=client_credentials", "X-Request-Id", "mine"),
	},
	"user, V1": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.GetTokenWithFormdataBody(ctx, &finapiaccess.GetTokenParams{XRequestID: ptr("mine")}, forUser)
		},
		Path: tokenV1, Want: posted("client_id=clientId_example&client_secret=clientSecret_example&grant_type=password"+
			"&password=password_example&username=username_example", "X-Request-Id", "mine"),
	},
	"user, V2": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.GetTokenV2WithFormdataBody(ctx, nil, forUser)
		},
		Path: tokenV2, Want: posted("client_id=clientId_example&client_secret=clientSecret_example&grant_type=password" +
			"&password=password_example&username=username_example"),
	},
	"refresh, V1": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.GetTokenWithFormdataBody(ctx, nil, forRefresh)
		},
		Path: tokenV1, Want: posted("client_id=clientId_example&client_secret=clientSecret_example&grant_type=refresh_token&refresh_token=refreshToken_example"),
	},
	"refresh, V2": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.GetTokenV2WithFormdataBody(ctx, nil, forRefresh)
		},
		Path: tokenV2, Want: posted("client_id=clientId_example&client_secret=clientSecret_example&grant_type=refresh_token&refresh_token=refreshToken_example"),
	},
	"odd characters": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.GetTokenWithFormdataBody(ctx, nil, request{GrantType: "password", ClientID: "ä", ClientSecret: "a b+c&d=e%", Username: "\r\n", Password: "😀"})
		},
		Path: tokenV1, Want: posted("client_id=%C3%A4&client_secret=a+b%2Bc%26d%3De%25&grant_type=password&password=%F0%9F%98%80&username=%0D%0A"),
	},
	"token, a body of one's own, V1": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.GetTokenWithBody(ctx, nil, formType, strings.NewReader("a=b"))
		},
		Path: tokenV1, Want: posted("a=b"),
	},
	"token, a body of one's own, V2": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.GetTokenV2WithBody(ctx, nil, formType, strings.NewReader("a=b"))
		},
		Path: tokenV2, Want: posted("a=b"),
	},
	"revoke, V1, form": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.RevokeTokenWithFormdataBody(ctx, nil, revoke)
		},
		Path: revokeV1, Want: posted("token=token_example&token_type_hint=access_token"),
	},
	"revoke, V1, form, empty params, no hint": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.RevokeTokenWithFormdataBody(ctx, &finapiaccess.RevokeTokenParams{}, finapiaccess.RevokeTokenRequest{Token: "t"})
		},
		Path: revokeV1, Want: posted("token=t"),
	},
	"revoke, V1, query": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.RevokeTokenWithBody(ctx, &finapiaccess.RevokeTokenParams{
				Token: ptr("a b&c"), TokenTypeHint: ptr(finapiaccess.TokenTypeHintRefreshToken), XRequestID: ptr("mine"),
			}, "", nil, withoutType)
		},
		Path: revokeV1 + "?token=a+b%26c&token_type_hint=refresh_token",
		Want: gentest.Sent{Method: "POST", Header: http.Header{"X-Request-Id": {"mine"}}},
	},
	"revoke, V1, query, no hint": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.RevokeTokenWithBody(ctx, &finapiaccess.RevokeTokenParams{Token: ptr("t")}, "", nil, withoutType)
		},
		Path: revokeV1 + "?token=t", Want: gentest.Sent{Method: "POST", Header: http.Header{}},
	},
	"revoke, V2": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.RevokeTokenV2WithFormdataBody(ctx, &finapiaccess.RevokeTokenV2Params{XRequestID: ptr("mine")}, revoke)
		},
		Path: revokeV2, Want: posted("token=token_example&token_type_hint=access_token", "X-Request-Id", "mine"),
	},
	"revoke, V2, nil params, no hint": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.RevokeTokenV2WithFormdataBody(ctx, nil, finapiaccess.RevokeTokenRequest{Token: "t"})
		},
		Path: revokeV2, Want: posted("token=t"),
	},
	"revoke, a body of one's own, V2": {
		Do: func(ctx context.Context, c client) (response, error) {
			return c.RevokeTokenV2WithBody(ctx, nil, formType, strings.NewReader("token=t"))
		},
		Path: revokeV2, Want: posted("token=t"),
	},
}

// withoutType takes the empty Content-Type away that a call without a body would have.
func withoutType(_ context.Context, r *http.Request) error {
	r.Header.Del("Content-Type")
	return nil
}

// The examples of requests are what the generated client sends.
func TestRequestExamples(t *testing.T) {
	for _, c := range []struct {
		operations []string
		name       string
		call       string
	}{
		{[]string{"getToken", "getTokenV2"}, "client_credentials", "client, V1"},
		{[]string{"getToken", "getTokenV2"}, "password", "user, V2"},
		{[]string{"getToken", "getTokenV2"}, "refresh_token", "refresh, V1"},
		{[]string{"revokeToken"}, "access_token", "revoke, V1, form"},
	} {
		for _, operation := range c.operations {
			body, mime, err := spectest.Example(specs.FinAPIAccess, operation, "request", c.name)
			require.NoError(t, err)
			assert.Equal(t, formType, mime)
			assert.Equal(t, string(body), wire[c.call].Want.Body)
		}
	}
}

// Both forms of V1's revocation hold to the document, and so does the one of V2. Its success has no body.
func TestRevocationsHoldToTheDocument(t *testing.T) {
	c := responses(t, spectest.Transport(t, specs.FinAPIAccess, gentest.Canned{Status: 200, Header: http.Header{"X-Request-Id": {"theirs"}}}))
	form, err := c.RevokeTokenWithFormdataBodyWithResponse(t.Context(), nil, revoke)
	require.NoError(t, err)
	assert.Equal(t, 200, form.StatusCode())
	assert.Empty(t, form.Body)
	assert.Equal(t, "theirs", *form.Headers200.XRequestID)
	query, err := c.RevokeTokenWithBodyWithResponse(t.Context(), &finapiaccess.RevokeTokenParams{Token: ptr("t")}, "", nil, withoutType)
	require.NoError(t, err)
	assert.Equal(t, 200, query.StatusCode())
	second, err := c.RevokeTokenV2WithFormdataBodyWithResponse(t.Context(), nil, revoke)
	require.NoError(t, err)
	assert.Equal(t, 200, second.StatusCode())
}

// A provider may add members and values: both decode. Null and absent are the empty text.
func TestUnknownDecodes(t *testing.T) {
	const js = "application/json"
	c := responses(t, gentest.Canned{Status: 200, MIME: js, Body: `{"access_token":"a","token_type":"mac","expires_in":0,"scope":"some","refresh_token":null,"more":{}}`})
	token, err := c.GetTokenWithFormdataBodyWithResponse(t.Context(), nil, forUser)
	require.NoError(t, err)
	assert.Equal(t, finapiaccess.AccessToken{AccessToken: "a", TokenType: "mac", Scope: "some"}, *token.JSON200)

	c = responses(t, gentest.Canned{Status: 400, MIME: js, Body: `{"errors":[{"message":null,"code":"NEW_ONE","type":"COSMIC","multiStepAuthentication":null,"hint":1}],"bank":null}`})
	token, err = c.GetTokenWithFormdataBodyWithResponse(t.Context(), nil, forUser)
	require.NoError(t, err)
	assert.Equal(t, []finapiaccess.ErrorDetails{{Code: "NEW_ONE", Type: "COSMIC"}}, token.JSON400.Errors)

	c = responses(t, gentest.Canned{Status: 401, MIME: js, Body: `{"error":"invalid_client","errorDescription":"V1"}`})
	token, err = c.GetTokenWithFormdataBodyWithResponse(t.Context(), nil, forUser)
	require.NoError(t, err)
	assert.Equal(t, finapiaccess.BadCredentialsError{Error: "invalid_client", ErrorDescriptionV1: "V1"}, *token.JSON401)
}

func TestWords(t *testing.T) {
	assert.False(t, finapiaccess.GrantType("authorization_code").Valid())
	assert.False(t, finapiaccess.TokenTypeHint("id_token").Valid())
	for _, known := range []interface{ Valid() bool }{
		finapiaccess.GrantTypePassword, finapiaccess.GrantTypeClientCredentials, finapiaccess.GrantTypeRefreshToken,
		finapiaccess.TokenTypeHintAccessToken, finapiaccess.TokenTypeHintRefreshToken,
	} {
		assert.True(t, known.Valid())
	}
}

// The servers are those of the document.
func TestServers(t *testing.T) {
	assert.Equal(t, "https://sandbox.finapi.io", finapiaccess.ServerURLSandbox)
	assert.Equal(t, "https://live.finapi.io", finapiaccess.ServerURLProduction)
}
