package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/google/uuid"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	ory "github.com/ory/client-go"
	"github.com/stripe/stripe-go/v84"
)

// call makes one call and returns the token of its answer.
type call func(ctx context.Context) (string, error)

// peer is a way to make a call.
type peer struct {
	name string
	// make returns the call, to base over transport.
	make func(base string, transport http.RoundTripper) (call, error)
}

// scenario is an operation, with the ways to call it.
type scenario struct {
	name  string
	peers []peer
}

// The names that the goals are about.
const (
	byHand    = "net/http by hand"
	wrapper   = "**fintoken**"
	raw       = "generated client over rest"
	responses = "generated ClientWithResponses"
	stainless = "Stainless runtime (openai-go)"
)

const (
	id           = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	credential   = "a-client-secret-of-some-length"
	parentOrigin = "https://app.example.com"
)

var scenarios = []scenario{
	{"Finogates embed token", []peer{
		{byHand, handEmbed}, {wrapper, ourEmbed}, {raw, rawEmbed}, {responses, generatedEmbed}, stainlessPost("/v1/platform/embed-tokens", embedBody, "token"), stripeGo, openapiGenerator,
	}},
	{"Straddle initialize", []peer{
		{byHand, handBridge}, {wrapper, ourBridge}, {raw, rawBridge}, {responses, generatedBridge}, stainlessPost("/v1/bridge/initialize", bridgeBody, "bridge_token"), stripeGo, openapiGenerator,
	}},
	{"finAPI client token", []peer{
		{byHand, handToken}, {wrapper, ourToken}, {raw, rawToken}, {responses, generatedToken}, stainlessPost("/oauth/token", grantBody, ""), stripeGo, openapiGenerator,
	}},
}

var (
	embedBody  = finogatesapi.CreateEmbedTokenRequest{UserID: id, ParentOrigin: parentOrigin}
	bridgeBody = straddleapi.CreateBridgeTokenRequest{CustomerID: id}
	grantBody  = finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypeClientCredentials, ClientID: "client", ClientSecret: credential}
)

// first returns the token, or an error if there is none.
func first(token string) (string, error) {
	if token == "" {
		return "", errors.New("no token in the answer")
	}
	return token, nil
}

// client is what everybody sends through: none without a time limit, as fintoken has one, too.
func client(t http.RoundTripper) *http.Client {
	return &http.Client{Transport: t, Timeout: 30 * time.Second}
}

// The calls by hand: what somebody writes who needs one call and no more. No retry, no limit of size, no masking. They
// send what fintoken sends, header for header, so that the other side has the same work.

func handPost(c *http.Client, target, contentType, bearer, key string, v any) call {
	return func(ctx context.Context) (string, error) {
		var body io.Reader
		if form, ok := v.(url.Values); ok {
			body = strings.NewReader(form.Encode())
		} else {
			text, err := json.Marshal(v)
			if err != nil {
				return "", err
			}
			body = bytes.NewReader(text)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, body)
		if err != nil {
			return "", err
		}
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Accept", "application/json")
		req.Header.Set("User-Agent", "fintoken-go")
		if bearer != "" {
			req.Header.Set("Authorization", "Bearer "+bearer)
		}
		if key != "" {
			req.Header.Set(key, uuid.NewString())
		}
		resp, err := c.Do(req)
		if err != nil {
			return "", err
		}
		defer func() { _ = resp.Body.Close() }()
		if resp.StatusCode/100 != 2 {
			return "", fmt.Errorf("status %d", resp.StatusCode)
		}
		var answer struct {
			AccessToken string `json:"access_token"`
			Data        struct {
				Token       string `json:"token"`
				BridgeToken string `json:"bridge_token"`
			} `json:"data"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			return "", err
		}
		return first(answer.AccessToken + answer.Data.Token + answer.Data.BridgeToken)
	}
}

func handEmbed(base string, t http.RoundTripper) (call, error) {
	return handPost(client(t), base+"/v1/platform/embed-tokens", "application/json", credential, "", embedBody), nil
}

func handBridge(base string, t http.RoundTripper) (call, error) {
	return handPost(client(t), base+"/v1/bridge/initialize", "application/json", credential, "Idempotency-Key", bridgeBody), nil
}

func handToken(base string, t http.RoundTripper) (call, error) {
	return handPost(client(t), base+"/oauth/token", "application/x-www-form-urlencoded", "", "", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"client"}, "client_secret": {credential},
	}), nil
}

// The calls of this module, with everything on.

func config(t http.RoundTripper) rest.Config {
	return rest.Config{HTTPClient: &http.Client{Transport: t}}
}

func newFinogates(base string, t http.RoundTripper) (*finogates.Client, error) {
	return finogates.New(finogates.Config{ClientID: "client", ClientSecret: secret.New(credential), BaseURL: base, HTTP: config(t)})
}

func ourEmbed(base string, t http.RoundTripper) (call, error) {
	c, err := newFinogates(base, t)
	return func(ctx context.Context) (string, error) {
		e, err := c.EmbedTokens.Create(ctx, embedBody)
		if err != nil {
			return "", err
		}
		return first(e.Token.Reveal())
	}, err
}

func rawEmbed(base string, t http.RoundTripper) (call, error) {
	c, err := newFinogates(base, t)
	return func(ctx context.Context) (string, error) {
		e, err := finogates.Unwrap[finogatesapi.EmbedToken](c.API().CreateEmbedToken(ctx, embedBody)) //nolint:bodyclose // Unwrap does
		if err != nil {
			return "", err
		}
		return first(e.Token)
	}, err
}

func newStraddle(base string, t http.RoundTripper) (*straddle.Client, error) {
	return straddle.New(straddle.Config{APIKey: secret.New(credential), BaseURL: base, HTTP: config(t)})
}

func ourBridge(base string, t http.RoundTripper) (call, error) {
	c, err := newStraddle(base, t)
	return func(ctx context.Context) (string, error) {
		b, err := c.Bridge.Initialize(ctx, bridgeBody)
		if err != nil {
			return "", err
		}
		return first(b.Token.Reveal())
	}, err
}

func rawBridge(base string, t http.RoundTripper) (call, error) {
	c, err := newStraddle(base, t)
	return func(ctx context.Context) (string, error) {
		b, err := straddle.Unwrap[straddleapi.BridgeToken](c.API().CreateBridgeToken(ctx, nil, bridgeBody)) //nolint:bodyclose // Unwrap does
		if err != nil {
			return "", err
		}
		return first(b.BridgeToken)
	}, err
}

func ourToken(base string, t http.RoundTripper) (call, error) {
	c, err := finapi.New(finapi.Config{ClientID: "client", ClientSecret: secret.New(credential), BaseURL: base, HTTP: config(t)})
	return func(ctx context.Context) (string, error) {
		tok, err := c.GetToken(ctx, finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypeClientCredentials})
		if err != nil {
			return "", err
		}
		return first(tok.Access.Reveal())
	}, err
}

// rawTokenOperation is what a program declares that calls without the wrapper.
var rawTokenOperation = &rest.Operation{API: &rest.API{Provider: "finapi"}, Name: "getToken", Repeat: rest.RepeatFreely, Public: true}

func rawToken(base string, t http.RoundTripper) (call, error) {
	r, err := rest.New(base, nil, config(t))
	if err != nil {
		return nil, err
	}
	c, err := finapiaccess.NewClient(base, finapiaccess.WithHTTPClient(r))
	return func(ctx context.Context) (string, error) {
		resp, err := c.GetTokenWithFormdataBody(ctx, nil, grantBody) //nolint:bodyclose // Decode does
		tok, err := rest.Decode[finapiaccess.AccessToken](rawTokenOperation, resp, err)
		if err != nil {
			return "", err
		}
		return first(tok.AccessToken)
	}, err
}

// The generated clients alone, as they come. The bearer is set by an editor, as their documentation has it.

func bearer(_ context.Context, req *http.Request) error {
	req.Header.Set("Authorization", "Bearer "+credential)
	return nil
}

func generatedEmbed(base string, t http.RoundTripper) (call, error) {
	c, err := finogatesapi.NewClientWithResponses(base, finogatesapi.WithHTTPClient(client(t)), finogatesapi.WithRequestEditorFn(bearer))
	return func(ctx context.Context) (string, error) {
		r, err := c.CreateEmbedTokenWithResponse(ctx, embedBody)
		if err != nil || r.JSON200 == nil {
			return "", errors.Join(err, errors.New("no answer"))
		}
		return first(r.JSON200.Data.Token)
	}, err
}

func generatedBridge(base string, t http.RoundTripper) (call, error) {
	c, err := straddleapi.NewClientWithResponses(base, straddleapi.WithHTTPClient(client(t)), straddleapi.WithRequestEditorFn(bearer))
	return func(ctx context.Context) (string, error) {
		r, err := c.CreateBridgeTokenWithResponse(ctx, nil, bridgeBody)
		if err != nil || r.JSON201 == nil {
			return "", errors.Join(err, errors.New("no answer"))
		}
		return first(r.JSON201.Data.BridgeToken)
	}, err
}

func generatedToken(base string, t http.RoundTripper) (call, error) {
	c, err := finapiaccess.NewClientWithResponses(base, finapiaccess.WithHTTPClient(client(t)))
	return func(ctx context.Context) (string, error) {
		r, err := c.GetTokenWithFormdataBodyWithResponse(ctx, nil, grantBody)
		if err != nil || r.JSON200 == nil {
			return "", errors.Join(err, errors.New("no answer"))
		}
		return first(r.JSON200.AccessToken)
	}, err
}

// The clients of others. The Stainless runtime makes the same POST as we do; the other two have no way to, and make
// one of their own that is alike: a few fields there, a token back.

func stainlessPost(path string, body any, member string) peer {
	return peer{stainless, func(base string, t http.RoundTripper) (call, error) {
		c := openai.NewClient(option.WithBaseURL(base), option.WithAPIKey(credential), option.WithHTTPClient(client(t)))
		return func(ctx context.Context) (string, error) {
			var answer struct {
				AccessToken string            `json:"access_token"`
				Data        map[string]string `json:"data"`
			}
			if err := c.Post(ctx, strings.TrimPrefix(path, "/"), body, &answer); err != nil {
				return "", err
			}
			return first(answer.AccessToken + answer.Data[member])
		}, nil
	}}
}

var stripeGo = peer{"stripe-go, ephemeral key", func(base string, t http.RoundTripper) (call, error) {
	backends := stripe.NewBackendsWithConfig(&stripe.BackendConfig{
		URL: stripe.String(base), HTTPClient: client(t), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	})
	c := stripe.NewClient(credential, stripe.WithBackends(backends))
	return func(ctx context.Context) (string, error) {
		k, err := c.V1EphemeralKeys.Create(ctx, &stripe.EphemeralKeyCreateParams{
			Customer: stripe.String("cus_1"), StripeVersion: stripe.String("2025-01-27"),
		})
		if err != nil {
			return "", err
		}
		return first(k.Secret)
	}, nil
}}

var openapiGenerator = peer{"openapi-generator (ory client-go), recovery code", func(base string, t http.RoundTripper) (call, error) {
	conf := ory.NewConfiguration()
	conf.Servers = ory.ServerConfigurations{{URL: base}}
	conf.HTTPClient = client(t)
	conf.DefaultHeader["Authorization"] = "Bearer " + credential
	c := ory.NewAPIClient(conf)
	return func(ctx context.Context) (string, error) {
		code, resp, err := c.IdentityAPI.CreateRecoveryCodeForIdentity(ctx).
			CreateRecoveryCodeForIdentityBody(ory.CreateRecoveryCodeForIdentityBody{IdentityId: id}).Execute()
		if err != nil {
			return "", err
		}
		_ = resp.Body.Close()
		return first(code.RecoveryLink)
	}, nil
}}
