package finapi

import (
	"context"
	"errors"
	"slices"
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
// the password. The password is used once; after that the refresh token is, and the password only when that has
// died. A wrong password, a locked user or a wrong client stops the source, lest the user gets locked: every further
// call returns the same error, which is [token.ErrFinal], until [token.Source.Reset].
//
// The password grant is discouraged in general (RFC 9700 §2.4); for finAPI's users it is the one there is.
func (c *Client) UserTokens(username string, password secret.String) *token.Source {
	s, err := token.New(func(ctx context.Context, last *token.Token) (*token.Token, error) {
		return c.fetchUserToken(ctx, username, password, last)
	}, c.cfg.Tokens)
	if err != nil {
		panic("finapi: a Config that New accepted is not valid: " + err.Error()) // cannot be
	}
	c.remember(s)
	return s
}

// fetchClientToken is the token.Fetch of the client's tokens.
func (c *Client) fetchClientToken(ctx context.Context, _ *token.Token) (*token.Token, error) {
	t, err := c.GetToken(ctx, finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypeClientCredentials})
	return t, final(err)
}

// fetchUserToken is the token.Fetch of a user's tokens.
func (c *Client) fetchUserToken(ctx context.Context, username string, password secret.String, last *token.Token) (*token.Token, error) {
	if last != nil && !last.Refresh.IsZero() {
		t, err := c.GetToken(ctx, finapiaccess.GetTokenRequest{
			GrantType: finapiaccess.GrantTypeRefreshToken, RefreshToken: last.Refresh.Reveal(),
		})
		if !errors.Is(err, rest.ErrInvalid) {
			return t, final(err)
		}
		// The refresh token is dead. Start over.
	}
	t, err := c.GetToken(ctx, finapiaccess.GetTokenRequest{
		GrantType: finapiaccess.GrantTypePassword, Username: username, Password: password.Reveal(),
	})
	return t, final(err)
}

// final marks the refusals that asking again cannot mend.
func final(err error) error {
	for _, kind := range []error{rest.ErrInvalid, rest.ErrUnauthenticated, rest.ErrForbidden, rest.ErrLocked} {
		if errors.Is(err, kind) {
			return token.Final(err)
		}
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
