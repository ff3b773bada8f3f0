package finapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"weak"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// ClientTokens returns the source of the client's tokens. It is the same one each time, and the one that
// [Client.RevokeToken] uses.
func (c *Client) ClientTokens() *token.Source { return c.client }

// UserTokens returns a new source of tokens for a user. Make one for each user and keep it: each new one starts with
// the password. The password is used once and dropped when it has brought a token; after that the refresh token is
// used. When that has died, the source fails with [token.ErrDeadGrant]: the user has to log in again. Where the
// password can be had again, see [Client.UserTokensFunc].
//
// A wrong password ([token.ErrBadUser]), a locked user ([token.ErrLocked]) or a wrong client ([token.ErrBadClient])
// stops the source, lest the user gets locked: every further call returns the same error, which is [token.ErrFinal],
// until [token.Source.Reset].
//
// With a Store in Config.Tokens the source goes on after a restart with the refresh token that is there, without the
// password.
//
// The password grant is discouraged in general (RFC 9700 §2.4); for finAPI's users it is the one there is.
func (c *Client) UserTokens(username string, password secret.String) *token.Source {
	used := false // the fetches of a source come one after the other
	return c.userSource(username, secret.String{}, func(ctx context.Context) (*token.Token, error) {
		if used {
			return nil, errLoginAgain
		}
		t, err := c.passwordGrant(ctx, username, password)
		if err == nil {
			used, password = true, secret.String{}
		}
		return t, err
	})
}

// UserTokensFunc is like [Client.UserTokens] for passwords that can be had again, from a vault, say. password is
// called each time the source has to log in, at first and when the refresh token has died, and what it returns is
// kept no longer than that. An error of it is the source's, for a while; make it [token.Final] if asking again is of
// no use.
func (c *Client) UserTokensFunc(username string, password func(context.Context) (secret.String, error)) *token.Source {
	return c.userSource(username, secret.String{}, func(ctx context.Context) (*token.Token, error) {
		p, err := password(ctx)
		if err != nil {
			return nil, err
		}
		return c.passwordGrant(ctx, username, p)
	})
}

// RefreshTokens returns a new source of tokens for a user that begins with a refresh token from outside, as a service
// has that kept one itself. When that has died, the source fails with [token.ErrDeadGrant]. username is the record's
// name in a Store and may be empty without one.
func (c *Client) RefreshTokens(username string, refresh secret.String) *token.Source {
	return c.userSource(username, refresh, func(context.Context) (*token.Token, error) { return nil, errLoginAgain })
}

// errLoginAgain is the failure of a source whose refresh token has died and that has no password.
var errLoginAgain = token.Final(errors.New("finapi: the refresh token is no longer alive and no password is kept: the user has to log in again"), token.ErrDeadGrant)

// userSource returns a source that refreshes, and logs in when that is not possible.
func (c *Client) userSource(username string, refresh secret.String, login func(context.Context) (*token.Token, error)) *token.Source {
	s, err := token.New(func(ctx context.Context, last *token.Token) (*token.Token, error) {
		ctx = rest.WithoutOptions(ctx) // they are one caller's
		if last != nil && !last.Refresh.IsZero() {
			return c.refreshGrant(ctx, last.Refresh)
		}
		return login(ctx)
	}, c.userConfig(username, refresh))
	if err != nil {
		panic("finapi: a Config that New accepted is not valid: " + err.Error()) // cannot be
	}
	c.remember(s)
	return s
}

// userConfig returns the config of a user's source. The record of its token is its own: host, client and user, whose
// name is the same in upper and lower case.
func (c *Client) userConfig(username string, refresh secret.String) token.Config {
	cfg := c.cfg.Tokens
	cfg.Refresh = refresh
	cfg.Key = fmt.Sprintf("%s user %q", c.cfg.storeKey(c.rest.BaseURL()), strings.ToLower(username))
	cfg.Name = cmp.Or(cfg.Name, "finapi user")
	if cfg.Revoke == nil && c.cfg.RevokeOnClose {
		cfg.Revoke = c.revokeHeld
	}
	return cfg
}

// clientTokens returns the config of the source of the client's tokens. Those are not revoked at the end: other
// processes have the same one.
func (c Config) clientTokens(url string) token.Config {
	cfg := c.Tokens
	cfg.Key, cfg.Refresh, cfg.Revoke = c.storeKey(url), secret.String{}, nil
	cfg.Name = cmp.Or(cfg.Name, "finapi client")
	return cfg
}

// storeKey returns what the keys of the client's records begin with.
func (c Config) storeKey(url string) string {
	return fmt.Sprintf("%sfinapi %s client %q", c.Tokens.Key, url, c.ClientID)
}

// revokeHeld revokes what a closed source has held.
func (c *Client) revokeHeld(ctx context.Context, t *token.Token) error {
	if t.Refresh.IsZero() {
		return c.RevokeToken(ctx, t.Access, HintAccessToken)
	}
	return c.RevokeToken(ctx, t.Refresh, HintRefreshToken)
}

// fetchClientToken is the token.Fetch of the client's tokens.
func (c *Client) fetchClientToken(ctx context.Context, _ *token.Token) (*token.Token, error) {
	t, err := c.GetToken(rest.WithoutOptions(ctx), finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypeClientCredentials})
	return t, classify(err, nil)
}

func (c *Client) passwordGrant(ctx context.Context, username string, password secret.String) (*token.Token, error) {
	t, err := c.GetToken(ctx, finapiaccess.GetTokenRequest{
		GrantType: finapiaccess.GrantTypePassword, Username: username, Password: password.Reveal(),
	})
	return t, classify(err, token.ErrBadUser)
}

func (c *Client) refreshGrant(ctx context.Context, refresh secret.String) (*token.Token, error) {
	t, err := c.GetToken(ctx, finapiaccess.GetTokenRequest{
		GrantType: finapiaccess.GrantTypeRefreshToken, RefreshToken: refresh.Reveal(),
	})
	return t, classify(err, token.ErrDeadGrant)
}

// classify marks the refusals that asking again cannot mend, and passes on how long finAPI wants to be left alone. A
// 400 tells of what the grant is made of.
func classify(err, badRequest error) error {
	var e *rest.Error
	if !errors.As(err, &e) {
		return err
	}
	switch {
	case errors.Is(err, rest.ErrUnauthenticated):
		return token.Final(err, token.ErrBadClient)
	case errors.Is(err, rest.ErrForbidden):
		return token.Final(err, token.ErrForbidden)
	case errors.Is(err, rest.ErrLocked):
		return token.Final(err, token.ErrLocked)
	case errors.Is(err, rest.ErrInvalid) && e.Status == http.StatusBadRequest && badRequest != nil:
		return token.Final(err, badRequest)
	case errors.Is(err, rest.ErrInvalid):
		return token.Final(err)
	case e.RetryAfter > 0:
		return token.Later(err, e.RetryAfter)
	}
	return err
}

// remember notes a source of user tokens, without keeping it alive.
func (c *Client) remember(s *token.Source) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.users) >= c.prune {
		c.users = slices.DeleteFunc(c.users, func(w weak.Pointer[token.Source]) bool { return w.Value() == nil })
		c.prune = 2*len(c.users) + 16
	}
	c.users = append(c.users, weak.Make(s))
}

// sources returns every source that may hold a token of this client or its users.
func (c *Client) sources() []*token.Source {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := []*token.Source{c.client}
	for _, w := range c.users {
		if s := w.Value(); s != nil {
			out = append(out, s)
		}
	}
	return out
}
