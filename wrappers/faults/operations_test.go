package faults

import (
	"context"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
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
)

// The canaries: secrets that must be seen nowhere but on the wire.
const (
	clientSecret = "canary+cs/7f3a9c1e=5b"
	userPassword = "canary pw&8d2b6f40?71"
	refreshToken = "canary-rt-c94e17a2d3b8"
	doomedToken  = "canary-dt-61f0b7e5a920"
	apiKey       = "canary-ak-2e8c5d91f746"
	bearerToken  = "canary-bt-b3a7140ce68d"
	newRefresh   = "canary-nr-90d5e2f8c1a7"
	embedToken   = "canary-et-5c7b3e9a0d12"
	bridgeToken  = "canary-br-d81f64a03ce9"
)

var canaries = []string{
	clientSecret, userPassword, refreshToken, doomedToken, apiKey, bearerToken, newRefresh, embedToken, bridgeToken,
}

const someID = "3c90c3cc-0d44-4b50-8888-8dd25736052a"

// operation is a column of the matrix.
type operation struct {
	id    string
	class class
	// path is where its request goes, good what a success looks like.
	path   string
	status int
	good   string
	// call makes the call and returns its result.
	call func(ctx context.Context, p *peers, opts ...rest.Option) (any, error)
}

// The successes.
const (
	finapiToken = `{"access_token":"` + bearerToken + `","token_type":"bearer","refresh_token":"` + newRefresh + `","expires_in":3600,"scope":"all"}`
	clientToken = `{"access_token":"` + bearerToken + `","token_type":"bearer","expires_in":3600,"scope":"all"}`
	exchange    = `{"status_code":200,"query_generated_time":"2026-01-02T03:04:05Z","data":{"access_token":"` + bearerToken + `","token_type":"Bearer","expires_in":3600}}`
	embedded    = `{"status_code":200,"query_generated_time":1767323045000,"data":{"token":"` + embedToken + `","embed_url":"https://embed.example.com/e","mode":"sandbox","expires_at":"2026-01-02T03:14:05Z"}}`
	initialized = `{"response_type":"object","meta":{"api_request_id":"` + someID + `","api_request_timestamp":"2026-01-02T03:04:05Z"},"data":{"bridge_token":"` + bridgeToken + `"}}`
)

const (
	tokenPath    = "/oauth/token"
	exchangePath = "/v1/platform/auth/token"
)

var operations = []*operation{
	{"O1 client token", mint, tokenPath, 200, clientToken, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.finapi.GetToken(ctx, finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypeClientCredentials}, opts...)
	}},
	{"O2 password", password, tokenPath, 200, finapiToken, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.finapi.GetToken(ctx, finapiaccess.GetTokenRequest{
			GrantType: finapiaccess.GrantTypePassword, Username: "someone", Password: userPassword,
		}, opts...)
	}},
	{"O3 refresh", refresh, tokenPath, 200, finapiToken, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.finapi.GetToken(ctx, finapiaccess.GetTokenRequest{
			GrantType: finapiaccess.GrantTypeRefreshToken, RefreshToken: refreshToken,
		}, opts...)
	}},
	{"O4 revoke", revoke, "/oauth/revoke", 200, ``, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return nil, p.finapi.RevokeToken(ctx, secret.New(doomedToken), finapi.HintAccessToken, opts...)
	}},
	{"O5 exchange", mint, exchangePath, 200, exchange, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.finogates.ExchangeClientToken(ctx, opts...)
	}},
	{"O6 embed token", embed, "/v1/platform/embed-tokens", 200, embedded, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.finogates.CreateEmbedToken(ctx, finogatesapi.CreateEmbedTokenRequest{
			UserID: someID, ParentOrigin: "https://app.example.com",
		}, opts...)
	}},
	{"O7 initialize", bridge, "/v1/bridge/initialize", 201, initialized, func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return p.straddle.Bridge.Initialize(ctx, straddleapi.CreateBridgeTokenRequest{CustomerID: someID}, opts...)
	}},
}

// peers are the clients of a cell, all of them for the same base URL.
type peers struct {
	finapi    *finapi.Client
	finogates *finogates.Client
	straddle  *straddle.Client
}

// mayDouble reports whether the operation is sent again when in doubt, without being asked to.
func (o *operation) mayDouble() bool {
	return o.class == mint || o.class == revoke || o.class == bridge
}

// sends returns 3 where there are retries, else 1.
func sends(retried bool) int {
	if retried {
		return 3
	}
	return 1
}
