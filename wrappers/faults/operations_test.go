package faults

import (
	"context"
	"net/http"
	"strings"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/internal/operations/operationstest"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// class is what decides when an operation may be sent again.
type class uint8

const (
	mint     class = iota // twice does no harm
	password              // never after any response, never in doubt
	refresh               // never in doubt, unless a policy says so
	revoke                // twice does no harm, its status says all
	embed                 // no key: not in doubt, unless asked for
	bridge                // under an idempotency key
	single                // twice does no harm, but the second may be refused because the first one worked
)

// The canaries: secrets that must be seen nowhere but on the wire.
const (
	clientSecret = "canary+cs/7f3a9c1e=5b"
	userPassword = "canary pw&8d2b6f40?71"
	refreshToken = "canary-rt-c94e17a2d3b8"
	doomedToken  = "canary-dt-61f0b7e5a920"
	apiKey       = operationstest.SomeSecret
	bearerToken  = "canary-bt-b3a7140ce68d"
	newRefresh   = "canary-nr-90d5e2f8c1a7"
	embedToken   = "canary-et-5c7b3e9a0d12"
	bridgeToken  = "canary-br-d81f64a03ce9"
	linkID       = "canary-li-4b90c2d7a6f1"
	linkSecret   = "canary ls/+e83a51f07b2c"
)

var canaries = []string{
	clientSecret, userPassword, refreshToken, doomedToken, apiKey, bearerToken, newRefresh, embedToken, bridgeToken,
	linkID, linkSecret,
}

const someID = operationstest.SomeID

// operation is a column of the matrix.
type operation struct {
	id    string
	class class
	// path is where its request goes, good what a success looks like.
	path   string
	status int
	good   string
	// failure is an error of the provider, with a text of its own.
	failure func(status int, text string) any
	// source is the source of tokens that the operation is, or under whose token it is sent, as signed says. nil means
	// that there is none: its credential is one that stays.
	source func(p *peers) *token.Source
	signed bool
	// call makes the call and returns its result.
	call func(ctx context.Context, p *peers, opts ...rest.Option) (any, error)
}

// queried are the operations that have parameters in the query although they are POSTs.
var queried = map[string]bool{"straddle simulateAccountOnboarding": true}

// The successes.
const (
	finapiToken = `{"access_token":"` + bearerToken + `","token_type":"bearer","refresh_token":"` + newRefresh + `","expires_in":3600,"scope":"all"}`
	clientToken = `{"access_token":"` + bearerToken + `","token_type":"bearer","expires_in":3600,"scope":"all"}`
	exchange    = `{"status_code":200,"query_generated_time":"2026-01-02T03:04:05Z","data":{"access_token":"` + bearerToken + `","token_type":"Bearer","expires_in":3600}}`
	embedded    = `{"status_code":200,"query_generated_time":1767323045000,"data":{"token":"` + embedToken + `","embed_url":"https://embed.example.com/e","mode":"sandbox","expires_at":"2026-01-02T03:14:05Z"}}`
	initialized = `{"response_type":"object","meta":{"api_request_id":"` + someID + `","api_request_timestamp":"2026-01-02T03:04:05Z"},"data":{"bridge_token":"` + bridgeToken + `"}}`
	linked      = `{"access_token":"` + bearerToken + `","item_id":"i"}`
)

// The errors of the providers.
var (
	finapiFailure = func(status int, text string) any {
		if status == http.StatusUnauthorized {
			return map[string]any{"error": "invalid_client", "error_description": text}
		}
		return map[string]any{"requestId": "r-" + text, "errors": []any{map[string]any{"code": "BAD", "type": "BUSINESS", "message": text}}}
	}
	finogatesFailure = func(status int, text string) any {
		return map[string]any{"status_code": status, "data": []any{map[string]any{"message": text}}}
	}
	linkFailure = func(_ int, text string) any { return map[string]any{"error_code": "BAD", "error_message": text} }
)

// The sources of tokens.
var (
	clientSource = func(p *peers) *token.Source { return p.finapi.ClientTokens() }
	userSource   = func(p *peers) *token.Source { return p.finapi.UserTokens("someone", secret.New(userPassword)) }
	bearerSource = func(p *peers) *token.Source { return p.finogates.Tokens() }
)

const (
	tokenPath    = "/oauth/token"
	exchangePath = "/v1/platform/auth/token"
)

var operations = []*operation{
	{"O1 client token", mint, tokenPath, 200, clientToken, finapiFailure, clientSource, false, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.finapi.GetToken(ctx, finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypeClientCredentials}, opts...)
	}},
	{"O2 password", password, tokenPath, 200, finapiToken, finapiFailure, userSource, false, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.finapi.GetToken(ctx, finapiaccess.GetTokenRequest{
			GrantType: finapiaccess.GrantTypePassword, Username: "someone", Password: userPassword,
		}, opts...)
	}},
	{"O3 refresh", refresh, tokenPath, 200, finapiToken, finapiFailure, userSource, false, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.finapi.GetToken(ctx, finapiaccess.GetTokenRequest{
			GrantType: finapiaccess.GrantTypeRefreshToken, RefreshToken: refreshToken,
		}, opts...)
	}},
	{"O4 revoke", revoke, "/oauth/revoke", 200, ``, finapiFailure, clientSource, true, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return nil, p.finapi.RevokeToken(ctx, secret.New(doomedToken), finapi.HintAccessToken, opts...)
	}},
	{"O5 exchange", mint, exchangePath, 200, exchange, finogatesFailure, bearerSource, false, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.finogates.ExchangeClientToken(ctx, opts...)
	}},
	{"O6 embed token", embed, "/v1/platform/embed-tokens", 200, embedded, finogatesFailure, bearerSource, true, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.finogates.EmbedTokens.Create(ctx, finogatesapi.CreateEmbedTokenRequest{
			UserID: someID, ParentOrigin: "https://app.example.com",
		}, opts...)
	}},
	{"O7 initialize", bridge, "/v1/bridge/initialize", 201, initialized, operationstest.Tables[0].Failure, nil, false, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.straddle.Bridge.Initialize(ctx, straddleapi.CreateBridgeTokenRequest{CustomerID: someID}, opts...)
	}},
	{"O8 public token", single, exchangeLink.Path, 200, linked, linkFailure, nil, false, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.exchange(ctx, opts...)
	}},
}

// exchangeLink is an operation of a provider that there is not: no envelope, a credential of two headers, and a token for
// one use.
var exchangeLink = &rest.Operation{
	API: &rest.API{Provider: "link", Explain: func(e *rest.Error, _ http.Header, body []byte) {
		_ = rest.Members(body, func(name, value []byte) error {
			switch string(name) {
			case "error_code":
				return rest.Text("", value, &e.Code)
			case "error_message":
				return rest.Text("", value, &e.Message)
			}
			return nil
		})
	}},
	Name: "exchangePublicToken", Method: http.MethodPost, Path: "/item/public_token/exchange",
	Repeat: rest.RepeatIdempotent, MaxBody: rest.TokenMaxBody,
}

// linkToken is its payload.
type linkToken struct{ Access secret.String }

func (t *linkToken) UnmarshalJSON(b []byte) error {
	return rest.Members(b, func(name, value []byte) error {
		if string(name) == "access_token" {
			return rest.Secret("access_token", value, &t.Access)
		}
		return nil
	})
}

func (t *linkToken) Check() error { return rest.TokenText("access_token", t.Access) }

func (p *peers) exchange(ctx context.Context, opts ...rest.Option) (*linkToken, error) {
	return rest.Call[linkToken](ctx, exchangeLink, nil, opts, func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.link.BaseURL()+exchangeLink.Path, strings.NewReader(`{"public_token":"x"}`))
		if err != nil {
			return nil, err
		}
		return p.link.Do(req)
	})
}

// peers are the clients of a cell, all of them for the same base URL.
type peers struct {
	finapi    *finapi.Client
	finogates *finogates.Client
	straddle  *straddle.Client
	tables    map[string]any // clients of the tables of operations
	link      *rest.Client
}

// mayDouble reports whether the operation is sent again when in doubt, without being asked to.
func (o *operation) mayDouble() bool {
	return o.class == mint || o.class == revoke || o.class == bridge || o.class == single
}

// sends returns 3 where there are retries, else 1.
func sends(retried bool) int {
	if retried {
		return 3
	}
	return 1
}
