package finapi

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

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

// RevokeToken takes a token back, with the client's own token as its authority. It succeeds whether or not the token
// was alive (RFC 7009 §2.2). Before the call the token leaves the sources of this Client that hold it, and their records
// in the Store; so that nobody gets it meanwhile, it does so again after the call. finAPI hands out one token to every
// process that asks for the same client or user: revoking it here ends it there, too. A process or a source that has not
// used it yet may still find it in the Store. It is then refused with a 401 and dropped; see [token.Source.Invalidate].
//
// All of it ends within Config.HTTP.Timeout, whatever [rest.Timeout] says, and with ctx. A Store that does not answer gets
// half of that time before the call; the token then leaves the memory alone, and the source tells so by a
// [token.EventSaveFailed].
//
// The token is sent in a form in both versions of the API, unless Config.RevokeInQuery says otherwise. The one option with
// a header of its own is RequestID.
//
// Source: finAPI Access, Authorization, revoke a token (RFC 7009).
func (c *Client) RevokeToken(ctx context.Context, t secret.String, hint Hint, opts ...rest.Option) error {
	check := rest.First(rest.Required("token", t.Reveal()), rest.Optional(hint, func() error {
		return rest.OneOf("token_type_hint", hint, HintAccessToken, HintRefreshToken)
	}))
	limit := cmp.Or(c.cfg.HTTP.Timeout, rest.DefaultTimeout)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if check == nil {
		c.dropWithin(ctx, limit/2, t, hint)
		defer c.drop(ctx, t, hint)
	}
	op := versions[c.cfg.APIVersion].revoke
	if c.cfg.RevokeInQuery {
		op = versions[c.cfg.APIVersion].revokeInQuery
	}
	_, err := rest.Call[rest.None](ctx, op, check, append(slices.Clip(opts), rest.Mask(t)), func(ctx context.Context) (*http.Response, error) {
		return c.revoke(ctx, t.Reveal(), hint)
	})
	return err
}

// revoke sends a revocation in the way of the version, or in the one that was asked for.
func (c *Client) revoke(ctx context.Context, token string, hint Hint) (*http.Response, error) {
	body := finapiaccess.RevokeTokenRequest{Token: token, TokenTypeHint: hint}
	switch {
	case c.cfg.APIVersion == V2:
		return c.API().RevokeTokenV2WithFormdataBody(ctx, nil, body)
	case !c.cfg.RevokeInQuery:
		return c.API().RevokeTokenWithFormdataBody(ctx, nil, body)
	}
	params := finapiaccess.RevokeTokenParams{Token: &token}
	if hint != HintNone {
		params.TokenTypeHint = &hint
	}
	return c.API().RevokeTokenWithBody(ctx, &params, "", nil, withoutType)
}

// withoutType takes the media type from a request without a body.
func withoutType(_ context.Context, r *http.Request) error {
	r.Header.Del("Content-Type")
	return nil
}

// revocations returns the API that the revocations of a version belong to. A 400 says one thing more there than elsewhere,
// and where the way to send the token is not certain, a refusal of what was sent names the other one.
func revocations(v APIVersion, uncertain bool) *rest.API {
	api := *apis[v]
	api.Explain = func(out *rest.Error, header http.Header, body []byte) {
		apis[v].Explain(out, header, body)
		if out.Status == http.StatusBadRequest {
			out.AddKind(ErrUnsupportedTokenType)
		}
		if uncertain && slices.Contains([]int{http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}, out.Status) {
			out.Message = strings.TrimPrefix(out.Message+"; should finAPI not take a form here, set Config.RevokeInQuery", "; ")
		}
	}
	return &api
}

// ErrUnsupportedTokenType is what errors.Is finds in the error of [Client.RevokeToken] when finAPI does not revoke tokens
// of that type (RFC 7009 §2.2.1, unsupported_token_type).
var ErrUnsupportedTokenType = errors.New("tokens of this type cannot be revoked")

// dropWithin is drop within a time.
func (c *Client) dropWithin(ctx context.Context, limit time.Duration, t secret.String, hint Hint) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c.drop(ctx, t, hint)
}

// drop takes a token that is being revoked out of the sources that hold it, and with it what its revocation ends.
func (c *Client) drop(ctx context.Context, t secret.String, hint Hint) {
	if !c.made() {
		return
	}
	for _, s := range c.holders.of(t) {
		if hint == HintAccessToken {
			s.ForgetAccessContext(ctx, t)
		} else {
			s.ForgetContext(ctx, t)
		}
	}
}
