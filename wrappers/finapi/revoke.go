package finapi

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Hint says what a token to revoke is, and so what goes with it (RFC 7009 §2.1).
type Hint = finapiaccess.TokenTypeHint

const (
	// HintNone revokes everything of the token's grant.
	HintNone Hint = ""
	// HintAccessToken revokes that access token alone.
	HintAccessToken Hint = finapiaccess.TokenTypeHintAccessToken
	// HintRefreshToken revokes that refresh token and every access token of its grant.
	HintRefreshToken Hint = finapiaccess.TokenTypeHintRefreshToken
)

// revokeToken returns the operation. Doing it twice does no harm, and its status alone tells how it went
// (RFC 7009 §2.2).
func (c *Client) revokeToken() *rest.Operation {
	op := &rest.Operation{
		API: revocations[c.cfg.APIVersion], Name: "revokeToken", Method: http.MethodPost, Path: "/oauth/revoke",
		Repeat: rest.RepeatFreely, NoContent: true, MaxBody: rest.TokenMaxBody,
	}
	if c.cfg.APIVersion == V2 {
		op.Name, op.Path = "revokeTokenV2", "/api/v2/oauth/revoke"
	}
	return op
}

// RevokeToken takes a token back, with the client's own token as its authority. It succeeds whether or not the token
// was alive (RFC 7009 §2.2). Before the call the token leaves the sources of this Client; so that nobody gets it
// meanwhile, it does so again after it. finAPI hands out one token to every process that asks for the same client
// or user: revoking it here ends it there, too.
//
// With a Store each source is looked up there both times, for another process may have put the token in. That ends with
// ctx; from then on the token leaves the memory alone, and the source tells so by a [token.EventSaveFailed].
//
// The token is sent in a form body in both versions of the API; the query parameters that the V1 page shows can be
// reached through [Client.API]. The one option with a header of its own is RequestID.
//
// Source: finAPI Access, Authorization, revoke a token (RFC 7009).
func (c *Client) RevokeToken(ctx context.Context, t secret.String, hint Hint, opts ...rest.Option) error {
	check := rest.First(rest.Required("token", t.Reveal()), rest.Optional(hint, func() error {
		return rest.OneOf("token_type_hint", hint, HintAccessToken, HintRefreshToken)
	}))
	if check == nil {
		c.drop(ctx, t, hint)
		defer c.drop(ctx, t, hint)
	}
	body := finapiaccess.RevokeTokenRequest{Token: t.Reveal(), TokenTypeHint: hint}
	_, err := rest.Call[rest.None](ctx, c.revokeToken(), check, append(slices.Clip(opts), rest.Mask(t)), func(ctx context.Context) (*http.Response, error) {
		if c.cfg.APIVersion == V2 {
			return c.api.RevokeTokenV2WithFormdataBody(ctx, nil, body)
		}
		return c.api.RevokeTokenWithFormdataBody(ctx, nil, body)
	})
	return err
}

// revocations are the APIs that a revocation belongs to. A 400 says one thing more there than elsewhere.
var revocations = map[APIVersion]*rest.API{V1: ofRevocations(V1), V2: ofRevocations(V2)}

func ofRevocations(v APIVersion) *rest.API {
	api := *apis[v]
	api.Explain = func(out *rest.Error, header http.Header, body []byte) {
		apis[v].Explain(out, header, body)
		if out.Status == http.StatusBadRequest {
			out.AddKind(ErrUnsupportedTokenType)
		}
	}
	return &api
}

// ErrUnsupportedTokenType is what errors.Is finds in the error of [Client.RevokeToken] when finAPI does not revoke tokens
// of that type (RFC 7009 §2.2.1, unsupported_token_type).
var ErrUnsupportedTokenType = errors.New("tokens of this type cannot be revoked")

// drop takes a token that is being revoked out of every source, and with it what its revocation ends.
func (c *Client) drop(ctx context.Context, t secret.String, hint Hint) {
	for _, s := range c.sources() {
		if hint == HintAccessToken && s != c.client { // a client has no refresh token that could stay
			s.ForgetAccessContext(ctx, t)
		} else {
			s.ForgetContext(ctx, t)
		}
	}
}
