package finogates_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// against returns a client of a sandbox. Each of its calls is checked against the document.
func against(t *testing.T, opts ...sandbox.Option) (*finogates.Client, sandbox.FinogatesCredentials, *sandbox.Sandbox) {
	t.Helper()
	server := sandbox.Start(t, opts...)
	creds := server.Sandbox().Credentials().Finogates
	return dial(t, server, creds.ClientSecret), creds, server.Sandbox()
}

func dial(t *testing.T, server *sandbox.Server, clientSecret string) *finogates.Client {
	t.Helper()
	checked := spectest.Transport(t, specs.Finogates, &http.Transport{}, spectest.BasePath("/finogates"))
	return client(t, checked, func(cfg *finogates.Config) {
		cfg.BaseURL, cfg.ClientID = server.Finogates(), server.Sandbox().Credentials().Finogates.ClientID
		cfg.ClientSecret = secret.New(clientSecret)
	})
}

// operations returns what a sandbox was asked for.
func operations(sand *sandbox.Sandbox) []string {
	var ids []string
	for _, call := range sand.Calls() {
		ids = append(ids, call.Operation)
	}
	return ids
}

func TestCreateEmbedToken(t *testing.T) {
	for name, change := range map[string]func(*finogatesapi.CreateEmbedTokenRequest, sandbox.FinogatesCredentials){
		"minimal": func(*finogatesapi.CreateEmbedTokenRequest, sandbox.FinogatesCredentials) {},
		"scope": func(b *finogatesapi.CreateEmbedTokenRequest, _ sandbox.FinogatesCredentials) {
			b.Scope = finogatesapi.EmbedScopeAddCard
		},
		"card processing without a scope": func(b *finogatesapi.CreateEmbedTokenRequest, c sandbox.FinogatesCredentials) {
			b.CardProcessingID = c.CardProcessingID
		},
		"card processing and add_card": func(b *finogatesapi.CreateEmbedTokenRequest, c sandbox.FinogatesCredentials) {
			b.Scope, b.CardProcessingID = finogatesapi.EmbedScopeAddCard, strings.ToUpper(c.CardProcessingID)
		},
		"loopback page": func(b *finogatesapi.CreateEmbedTokenRequest, _ sandbox.FinogatesCredentials) {
			b.ParentOrigin = "http://localhost:3000"
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, creds, sand := against(t)
			body := finogatesapi.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: origin}
			change(&body, creds)
			var info rest.Info
			token, err := c.EmbedTokens.Create(t.Context(), body, rest.Capture(&info))
			require.NoError(t, err)
			assert.NotEmpty(t, token.Token.Reveal())
			assert.Equal(t, "https://embed.sandbox.invalid/add-card", token.EmbedURL)
			assert.Equal(t, "sandbox", token.Mode)
			assert.WithinDuration(t, time.Now().Add(10*time.Minute), token.ExpiresAt, time.Minute)
			assert.Equal(t, "https://embed.sandbox.invalid/add-card#token="+token.Token.Reveal()+"&mode=sandbox", token.IframeURL())
			assert.Equal(t, []string{"exchangeClientToken", "createEmbedToken"}, operations(sand))

			assert.WithinDuration(t, time.Now(), info.Meta.Time, time.Minute)
			assert.Equal(t, rest.Info{
				Provider: "finogates", Operation: "createEmbedToken", Method: http.MethodPost, Path: embedPath,
				Status: 200, Attempts: 1, Duration: info.Duration, Header: info.Header, Meta: rest.Meta{Time: info.Meta.Time},
			}, info)
			assert.Equal(t, "no-store", info.Header.Get("Cache-Control"))
		})
	}
}

// Requirement D50: an embed token is never handed out twice.
func TestEachCallMakesAToken(t *testing.T) {
	c, creds, sand := against(t)
	body := finogatesapi.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: origin}
	one, err := c.EmbedTokens.Create(t.Context(), body)
	require.NoError(t, err)
	two, err := c.EmbedTokens.Create(t.Context(), body)
	require.NoError(t, err)
	assert.False(t, one.Token.Equal(two.Token))
	assert.Equal(t, []string{"exchangeClientToken", "createEmbedToken", "createEmbedToken"}, operations(sand))
}

// What is sent: the bearer, and of the body only what is there.
func TestEmbedRequest(t *testing.T) {
	w := wiretest.Script(bearer("b"), minted("t"))
	_, err := client(t, w).EmbedTokens.Create(t.Context(), minimal, rest.Header("X-Trace", "on"))
	require.NoError(t, err)
	exchange, embed := w.Requests()[0], w.Requests()[1]
	assert.JSONEq(t, `{"client_id":"`+clientID+`","client_secret":"`+clientSecret+`"}`, exchange.Body)
	assert.Equal(t, http.Header{
		"Accept": {"application/json"}, "Content-Type": {"application/json"}, "User-Agent": exchange.Header["User-Agent"],
	}, exchange.Header, "no credential in a header, and no option of the call that caused it")
	assert.JSONEq(t, `{"user_id":"`+user+`","parent_origin":"`+origin+`"}`, embed.Body)
	assert.Equal(t, http.Header{
		"Accept": {"application/json"}, "Content-Type": {"application/json"}, "User-Agent": exchange.Header["User-Agent"],
		"Authorization": {"Bearer b"}, "X-Trace": {"on"},
	}, embed.Header)
}

// What the caller passes is checked before it is sent: the error names field and rule, and not even a bearer is fetched.
func TestRefusedBeforeSending(t *testing.T) {
	const nilUUID = "00000000-0000-0000-0000-000000000000"
	body := func(change func(*finogatesapi.CreateEmbedTokenRequest)) finogatesapi.CreateEmbedTokenRequest {
		b := minimal
		change(&b)
		return b
	}
	type request = finogatesapi.CreateEmbedTokenRequest
	for name, c := range map[string]struct {
		body        request
		opts        []rest.Option
		field, rule string
	}{
		"no user":        {request{ParentOrigin: origin}, nil, "user_id", "is required"},
		"malformed user": {body(func(b *request) { b.UserID = "3c90c3cc0d444b5088888dd25736052a" }), nil, "user_id", "must be a UUID"},
		"nil user":       {body(func(b *request) { b.UserID = nilUUID }), nil, "user_id", "must not be the nil UUID"},
		"no origin":      {request{UserID: user}, nil, "parent_origin", "is required"},
		"origin, slash":  {body(func(b *request) { b.ParentOrigin = origin + "/" }), nil, "parent_origin", "must not end with a slash"},
		"unknown scope":  {body(func(b *request) { b.Scope = "add_wallet" }), nil, "scope", "one of add_card, add_bank, card_payment"},
		"malformed card": {body(func(b *request) { b.CardProcessingID = "x" }), nil, "card_processing_id", "must be a UUID"},
		"nil card":       {body(func(b *request) { b.CardProcessingID = nilUUID }), nil, "card_processing_id", "must not be the nil UUID"},
		"card and bank": {body(func(b *request) {
			b.CardProcessingID, b.Scope = user, finogatesapi.EmbedScopeAddBank
		}), nil, "card_processing_id", "is for the scope add_card only"},
		"card and payment": {body(func(b *request) {
			b.CardProcessingID, b.Scope = user, finogatesapi.EmbedScopeCardPayment
		}), nil, "card_processing_id", "is for the scope add_card only"},

		"an idempotency key": {minimal, []rest.Option{rest.IdempotencyKey("0123456789")}, "IdempotencyKey", "is not an option of finogates"},
		"a request id":       {minimal, []rest.Option{rest.RequestID("r")}, "RequestID", "is not an option of finogates"},
		"a correlation id":   {minimal, []rest.Option{rest.CorrelationID("c")}, "CorrelationID", "is not an option of finogates"},
		"an account":         {minimal, []rest.Option{rest.AccountID(user)}, "AccountID", "is not an option of finogates"},
		"header with CR LF":  {minimal, []rest.Option{rest.Header("X-Trace", "a\r\nb")}, "Header", "control characters"},
		"reserved header":    {minimal, []rest.Option{rest.Header("Authorization", "x")}, "Header", "is not for this option"},
	} {
		t.Run(name, func(t *testing.T) {
			w := wiretest.Script(bearer("b"), minted("t"))
			token, err := client(t, w).EmbedTokens.Create(t.Context(), c.body, c.opts...)
			assert.Nil(t, token)
			provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: c.field, Says: c.rule})
			wiretest.RequireKinds(t, err, rest.ErrInvalid)
			assert.ErrorContains(t, err, c.field)
			assert.Empty(t, w.Requests())
		})
	}
}

// Requirement I104: the token stands in the fragment, and both ways of reading one in a browser give it back.
func TestIframeURL(t *testing.T) {
	for name, c := range map[string]struct {
		token finogates.EmbedToken
		want  string
	}{
		"as documented": {
			finogates.EmbedToken{Token: secret.New("a.b-c_d~e"), EmbedURL: "https://embed.example.com/add-card", Mode: "sandbox"},
			"https://embed.example.com/add-card#token=a.b-c_d~e&mode=sandbox",
		},
		"no mode": {finogates.EmbedToken{Token: secret.New("t"), EmbedURL: "https://embed.example.com"}, "https://embed.example.com#token=t"},
		"query stays": {
			finogates.EmbedToken{Token: secret.New("t"), EmbedURL: "https://embed.example.com/?theme=dark", Mode: "live"},
			"https://embed.example.com/?theme=dark#token=t&mode=live",
		},
		"fragment goes": {
			finogates.EmbedToken{Token: secret.New("t"), EmbedURL: "https://embed.example.com/#token=old", Mode: "live"},
			"https://embed.example.com/#token=t&mode=live",
		},
		"escaped": {
			finogates.EmbedToken{Token: secret.New(`a+b/c= d&e#f%"`), EmbedURL: "https://embed.example.com", Mode: "a b&c"},
			"https://embed.example.com#token=a%2Bb%2Fc%3D%20d%26e%23f%25%22&mode=a%20b%26c",
		},
		"no address": {finogates.EmbedToken{Token: secret.New("t"), Mode: "live"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.token.IframeURL()
			assert.Equal(t, c.want, got)
			if got == "" {
				return
			}
			parsed, err := url.Parse(got)
			require.NoError(t, err)
			assert.NotContains(t, parsed.RawQuery, "token")
			values, err := url.ParseQuery(parsed.EscapedFragment())
			require.NoError(t, err)
			assert.Equal(t, c.token.Token.Reveal(), values.Get("token"))
			assert.Equal(t, c.token.Mode, values.Get("mode"))
		})
	}
}

// Refusals of the provider, as the sandbox words them.
func TestRefusals(t *testing.T) {
	server := sandbox.Start(t)
	creds := server.Sandbox().Credentials().Finogates
	for name, c := range map[string]struct {
		body finogatesapi.CreateEmbedTokenRequest
		want fault
	}{
		"unknown user": {finogatesapi.CreateEmbedTokenRequest{UserID: stranger, ParentOrigin: origin}, fault{Kind: rest.ErrNotFound, Status: 404, Says: "user not found"}},
		"unknown card": {
			finogatesapi.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: origin, CardProcessingID: stranger},
			fault{Kind: rest.ErrNotFound, Status: 404, Says: "card-processing account not found"},
		},
		"scope that does not work yet": {
			finogatesapi.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: origin, Scope: finogatesapi.EmbedScopeAddBank},
			fault{Kind: rest.ErrForbidden, Status: 403, Says: "this scope is not enabled"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var info rest.Info
			token, err := dial(t, server, creds.ClientSecret).EmbedTokens.Create(t.Context(), c.body, rest.Capture(&info))
			assert.Nil(t, token)
			c.want.Attempts = 1
			e := provider.RequireFault(t, err, c.want)
			wiretest.RequireKinds(t, err, c.want.Kind)
			assert.Equal(t, "createEmbedToken", e.Operation)
			assert.IsType(t, &finogatesapi.ValidationErrorResponse{}, e.Detail)
			assert.Equal(t, c.want.Status, info.Status)
		})
	}
}
