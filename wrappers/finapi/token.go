package finapi

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/internal/web"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// GetToken gets a token by the grant of body, once and past every cache. body.ClientID and body.ClientSecret are
// filled in from the Config where they are empty. The grant password needs Username and Password, refresh_token
// needs RefreshToken; what belongs to another grant is refused. The one option with a header of its own is RequestID.
//
// The ExpiresIn of the result is the life that is left, for finAPI hands out the same token again until it ends; 0
// means that it never ends. Prefer [Client.ClientTokens] and [Client.UserTokens], which see to all of this.
//
// Errors: a wrong client is rest.ErrUnauthenticated; a wrong password or refresh token is rest.ErrInvalid; a locked
// user is rest.ErrLocked; a user who is not verified is rest.ErrForbidden.
//
// Source: finAPI Access, Authorization, get tokens (RFC 6749 §4.3, §4.4, §6).
func (c *Client) GetToken(ctx context.Context, body finapiaccess.GetTokenRequest, opts ...rest.Option) (*token.Token, error) {
	if body.ClientID == "" {
		body.ClientID = c.cfg.ClientID
	}
	if body.ClientSecret == "" {
		body.ClientSecret = c.cfg.ClientSecret.Reveal()
	}
	sent := rest.Mask(secret.New(body.ClientSecret), secret.New(body.Password), secret.New(body.RefreshToken))
	opts = append(slices.Clip(opts), sent) // the slice may be shared by other calls
	t, err := rest.Call[accessToken](ctx, versions[c.cfg.APIVersion].getToken(body.GrantType), checkGrant(body), opts, func(ctx context.Context) (*http.Response, error) {
		if c.cfg.APIVersion == V2 {
			return c.API().GetTokenV2WithBody(ctx, nil, formType, strings.NewReader(form(body)))
		}
		return c.API().GetTokenWithBody(ctx, nil, formType, strings.NewReader(form(body)))
	})
	if err != nil {
		return nil, err
	}
	if body.GrantType == finapiaccess.GrantTypeClientCredentials {
		t.Refresh = secret.String{} // a client has none (RFC 6749 §4.4.3)
	}
	return &t.Token, nil
}

const formType = "application/x-www-form-urlencoded"

// form returns body as it is sent (RFC 6749 App. B). The generated client can write it, too, but by reflection, which
// takes a tenth of the time that the whole call needs on this side of the wire.
func form(body finapiaccess.GetTokenRequest) string {
	var b strings.Builder
	b.Grow(256)
	for _, f := range [...]struct{ name, value string }{
		{"client_id", body.ClientID},
		{"client_secret", body.ClientSecret},
		{"grant_type", string(body.GrantType)},
		{"password", body.Password},
		{"refresh_token", body.RefreshToken},
		{"username", body.Username},
	} {
		if f.value == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('&')
		}
		b.WriteString(f.name)
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(f.value))
	}
	return b.String()
}

// checkGrant refuses a body that lacks what its grant needs or has what its grant does not take.
func checkGrant(body finapiaccess.GetTokenRequest) error {
	if err := rest.OneOf("grant_type", body.GrantType, finapiaccess.GrantTypeClientCredentials, finapiaccess.GrantTypePassword, finapiaccess.GrantTypeRefreshToken); err != nil {
		return err
	}
	for _, f := range []struct {
		name, value string
		grant       finapiaccess.GrantType
	}{
		{"username", body.Username, finapiaccess.GrantTypePassword},
		{"password", body.Password, finapiaccess.GrantTypePassword},
		{"refresh_token", body.RefreshToken, finapiaccess.GrantTypeRefreshToken},
	} {
		switch {
		case f.grant == body.GrantType && f.value == "":
			return rest.Invalid(f.name, "is required for the grant "+string(f.grant))
		case f.grant != body.GrantType && f.value != "":
			return rest.Invalid(f.name, "is for the grant "+string(f.grant)+" only")
		}
	}
	return nil
}

// accessToken is the payload of the answer.
type accessToken struct {
	token.Token
	lives bool // expires_in was there
}

// UnmarshalJSON reads the members that are known.
func (t *accessToken) UnmarshalJSON(b []byte) error {
	return rest.Members(b, func(name, value []byte) (err error) {
		switch string(name) {
		case "access_token":
			return rest.Secret("access_token", value, &t.Access)
		case "refresh_token":
			return rest.Secret("refresh_token", value, &t.Refresh)
		case "token_type":
			return rest.Text("token_type", value, &t.Type)
		case "scope":
			return rest.Text("scope", value, &t.Scope)
		case "expires_in":
			t.ExpiresIn, err = rest.Seconds("expires_in", value)
			t.lives = t.ExpiresIn > 0 || strings.Trim(string(value), `"`) == "0"
		}
		return err
	})
}

// Check refuses a payload without a usable token.
func (t *accessToken) Check() error {
	if err := rest.TokenText("access_token", t.Access); err != nil {
		return err
	}
	if !t.Refresh.IsZero() {
		if err := rest.TokenText("refresh_token", t.Refresh); err != nil {
			return err
		}
	}
	if t.Type != "" && !web.EqualFold(t.Type, "bearer") {
		return rest.BadField("token_type", "is not bearer")
	}
	if !t.lives {
		return rest.BadField("expires_in", "is missing; it would be taken for a token that never ends")
	}
	return nil
}
