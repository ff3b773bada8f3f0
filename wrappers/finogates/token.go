package finogates

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/web"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// exchangeClientToken may be repeated: a bearer too many only expires.
var exchangeClientToken = &rest.Operation{
	API: api, Name: "exchangeClientToken", Method: http.MethodPost, Path: "/v1/platform/auth/token",
	Repeat: rest.RepeatFreely, Public: true, MaxBody: rest.TokenMaxBody,
}

// ExchangeClientToken exchanges the client credentials for a bearer, once and past the cache. Calls that need the
// bearer get it by themselves from [Client.Tokens].
//
// The pages do not say how the bearer is named or how long it lives: it is taken from access_token, else token; its
// life from expires_in, else from the JWT's exp, else it is unknown (ExpiresIn is 0) and the bearer is renewed when
// it is refused.
//
// Source: Finogates, Authentication, exchange client token
// (https://developer.finogates.com/api-reference/authentication/auth-token).
func (c *Client) ExchangeClientToken(ctx context.Context, opts ...rest.Option) (*token.Token, error) {
	opts = append(slices.Clip(opts), rest.Mask(c.cfg.ClientSecret)) // the slice may be shared by other calls
	body := finogatesapi.ExchangeClientTokenRequest{ClientID: c.cfg.ClientID, ClientSecret: c.cfg.ClientSecret.Reveal()}
	t, err := rest.Call[clientToken](ctx, exchangeClientToken, nil, opts, func(ctx context.Context) (*http.Response, error) {
		return c.API().ExchangeClientToken(ctx, body)
	})
	if err != nil {
		return nil, err
	}
	return t.token(time.Now()), nil
}

// fetch is the token.Fetch of the client's bearer.
func (c *Client) fetch(ctx context.Context, _ *token.Token) (*token.Token, error) {
	t, err := c.ExchangeClientToken(rest.WithoutOptions(ctx))
	return t, classify(err)
}

// classify says how the source goes on after an exchange that failed. Wrong credentials do not become right by asking
// again, and repeated failures are said to lead to a block; any other answer that does not pass by itself, such as a 404
// of something in between, is given ever more time to be mended. For the rest the source sees to itself, but as late as
// Finogates asks for.
func classify(err error) error {
	var e *rest.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.RetryAfter > 0 {
		err = token.Later(err, e.RetryAfter)
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		return token.Final(err, token.ErrBadClient)
	case e.Status == http.StatusBadRequest:
		return token.Final(err)
	case e.Status < http.StatusOK, errors.Is(err, rest.ErrUnavailable), errors.Is(err, rest.ErrRateLimited), errors.Is(err, rest.ErrInDoubt):
		return err
	}
	return token.Hold(err, holds...)
}

// holds are the times for which the source leaves Finogates alone, by how many refusals there were in a row.
var holds = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}

// bearer returns the config of the bearer's source, with a record of its own in a Store.
func (c Config) bearer(url string) token.Config {
	cfg := c.Tokens
	cfg.Key = fmt.Sprintf("%sfinogates %s client %q", cfg.Key, url, c.ClientID)
	cfg.Name = cmp.Or(cfg.Name, "finogates")
	cfg.InsecureHosts = slices.Concat(cfg.InsecureHosts, c.HTTP.InsecureHosts)
	return cfg
}

// clientToken is the payload of the exchange.
type clientToken struct{ token.Token }

// UnmarshalJSON reads the bearer in any of the shapes it may have: an object, or the bearer alone.
func (t *clientToken) UnmarshalJSON(b []byte) error {
	if b[0] == '"' {
		return rest.Secret("data", b, &t.Access)
	}
	var other secret.String
	err := rest.Members(b, func(name, value []byte) (err error) {
		switch string(name) {
		case "access_token":
			return rest.Secret("data.access_token", value, &t.Access)
		case "token":
			return rest.Secret("data.token", value, &other)
		case "token_type":
			return rest.Text("data.token_type", value, &t.Type)
		case "expires_in":
			t.ExpiresIn, err = rest.Seconds("data.expires_in", value)
		}
		return err
	})
	if t.Access.IsZero() {
		t.Access = other
	}
	return err
}

// Check refuses a payload without a usable bearer.
func (t *clientToken) Check() error {
	if err := rest.TokenText("data.access_token", t.Access); err != nil {
		return err
	}
	if t.Type != "" && !web.EqualFold(t.Type, "bearer") {
		return rest.BadField("data.token_type", "is not bearer")
	}
	return nil
}

// token returns the bearer with its life as of now.
func (t *clientToken) token(now time.Time) *token.Token {
	if t.ExpiresIn == 0 {
		t.ExpiresIn = jwtLife(t.Access.Reveal(), now)
	}
	return &t.Token
}

// jwtLife returns the life that a JWT says it has left, without trusting it: it is not verified, and only decides
// when to ask again. 0 means that it does not say. Where the JWT tells when it was issued, the shorter of both
// counts, unless by the clock here it would have ended already: then that clock is wrong, not the token.
func jwtLife(jwt string, now time.Time) time.Duration {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return 0
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return 0
	}
	var claims struct{ Exp, Iat float64 }
	if json.Unmarshal(raw, &claims) != nil || claims.Exp <= 0 || claims.Exp > math.MaxInt32*4 {
		return 0
	}
	left := seconds(claims.Exp - float64(now.UnixMilli())/1000)
	if claims.Iat <= 0 || claims.Iat >= claims.Exp {
		return max(left, 0)
	}
	whole := seconds(claims.Exp - claims.Iat)
	if left <= 0 {
		return whole
	}
	return min(left, whole)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
