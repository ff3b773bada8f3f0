package finapi

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/internal/web"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// ClientTokens returns the source of the client's tokens. It is the same one each time, and the one that
// [Client.RevokeToken] uses.
//
// A refusal that asking again cannot mend is [token.ErrFinal] and stops the source until [token.Source.Reset]: a 400, a 401
// ([token.ErrBadClient]), a 423, and a 403 in finAPI's own words. So that nothing in between can stop it for good, any other
// answer that is neither a token nor a passing failure (408, 429, 5xx) makes it wait, for 1 minute, then 5, then 15.
func (c *Client) ClientTokens() *token.Source {
	if !c.made() {
		return broken(errNotMade)
	}
	return c.client
}

// UserTokens returns a new source of tokens for a user. Make one for each user and keep it: each new one starts with
// the password. The password is used once and dropped when it has brought a token; after that the refresh token is
// used. When that has died or is in doubt, the source fails with [token.ErrDeadGrant]: the user must log in again. Where
// the password can be had again, see [Client.UserTokensFunc].
//
// With a Store in Config.Tokens, THE PASSWORD IS NOT CHECKED where the Store has a token of that user: the source hands
// that out, whatever password is, and goes on with its refresh token after a restart. Never take a token from here as the
// proof of who somebody is; that is what [Client.VerifyPassword] is for.
//
// A password that may have arrived is never sent again by itself, for each wrong one counts towards locking the user. A
// wrong password ([token.ErrBadUser]), a locked user ([token.ErrLocked]), one who may not have a token
// ([token.ErrForbidden]) or a wrong client ([token.ErrBadClient]) stops the source, and so does any other answer than a token
// and an answer that was lost: every further call returns the same error, which is [token.ErrFinal], until
// [token.Source.Reset], which sends the password once more. The source tries again by itself only while nothing can be
// sent, such as without a connection.
//
// The password grant is discouraged in general (RFC 9700 §2.4); for finAPI's users it is the one there is.
func (c *Client) UserTokens(username string, password secret.String) *token.Source {
	once := &password // the fetches of a source come one after the other
	return c.userSource(username, secret.String{}, func(ctx context.Context) (*token.Token, error) {
		if once == nil {
			return nil, errLoginAgain
		}
		t, fate, err := c.login(ctx, username, *once)
		switch fate {
		case accepted:
			once = nil
		case answered:
			err = token.Final(fmt.Errorf("%w; the password may have arrived and is not sent again until Reset is called, or by a new source", err))
		}
		return t, err
	})
}

// UserTokensFunc is like [Client.UserTokens] for passwords that can be had again, from a vault, say. password is
// called each time the source must log in, at first and when the refresh token has died or is in doubt, and what it
// returns is kept no longer than that. An error of it is the source's, for a while; make it [token.Final] if asking again
// is of no use.
//
// After a password that may have arrived and brought no token, password is called again after Config.PasswordCoolDown at
// the earliest, or after a [token.Source.Reset]. One that was refused (400, 401, 403 or 423) is sent again after a Reset or
// a success alone: until then the source compares what password returns with all that were refused (by keyed hashes), and
// for one of them fails with the same error, which is [token.ErrFinal], without sending it.
func (c *Client) UserTokensFunc(username string, password func(context.Context) (secret.String, error)) *token.Source {
	mark := marker()
	return c.userSource(username, secret.String{}, func(ctx context.Context) (*token.Token, error) {
		p, err := password(ctx)
		if err == nil && p.IsZero() {
			err = fmt.Errorf("finapi: what gives the password: %w", rest.Invalid("password", "must not be empty"))
		}
		if err != nil {
			return nil, err
		}
		before := refusedBefore(ctx)
		if err := before.of(mark(p)); err != nil {
			return nil, token.Hold(before.with(err), c.cfg.PasswordCoolDown)
		}
		t, fate, err := c.login(ctx, username, p)
		if fate == refused {
			before = append(slices.Clip(before), refusal{mark(p), err})
		}
		if fate == refused || fate == answered {
			err = token.Hold(before.with(err), c.cfg.PasswordCoolDown)
		}
		return t, err
	})
}

// RefreshTokens returns a new source of tokens for a user that begins with a refresh token from outside, as a service
// has that kept one itself. When that has died, the source fails with [token.ErrDeadGrant].
//
// In a Store, username names the record, as it does for [Client.UserTokens], and what is there goes before refresh: the
// sources of a user share one record, and so one grant, also where they begin with different ones. refresh is used when
// there is no record, or its grant has died. That it belongs to that user is for the caller to know. Without a username
// the record belongs to the grant, as begun with refresh, alone: pass the same one after a restart, and the source goes on
// with what came of it.
func (c *Client) RefreshTokens(username string, refresh secret.String) *token.Source {
	return c.userSource(username, refresh, func(context.Context) (*token.Token, error) {
		if username == "" && refresh.IsZero() {
			return nil, token.Final(rest.Invalid("refresh", "is required without a username"))
		}
		return nil, errLoginAgain
	})
}

// errLoginAgain is the failure of a source whose refresh token cannot be used and that has no password.
var errLoginAgain = token.Final(errors.New("finapi: there is no refresh token that is alive and not in doubt, and no password is kept: the user must log in again"), token.ErrDeadGrant)

// userSource returns a source that refreshes, and logs in when that is not possible.
func (c *Client) userSource(username string, refresh secret.String, login func(context.Context) (*token.Token, error)) *token.Source {
	if !c.made() {
		return broken(errNotMade)
	}
	s, err := c.holders.add(func(ctx context.Context, last *token.Token) (*token.Token, error) {
		ctx = rest.WithoutOptions(ctx) // they are one caller's
		if last == nil || last.Refresh.IsZero() {
			return login(ctx)
		}
		t, err := c.refreshGrant(ctx, last.Refresh)
		return t, refusedBefore(ctx).with(err)
	}, c.userConfig(username, refresh))
	if err != nil {
		return broken(err) // cannot be: New has accepted the Config
	}
	return s
}

// broken returns a source whose every answer is err.
func broken(err error) *token.Source {
	s, _ := token.New(func(context.Context, *token.Token) (*token.Token, error) {
		return nil, token.Final(err)
	}, token.Config{OnEvent: func(context.Context, token.Event) {}})
	return s
}

// userConfig returns the config of a user's source. The record of its token is its own: host, client and user, whose
// name is the same in upper and lower case. Where there is no name, the record is that of the grant. A name is quoted, so
// that none can be taken for a grant.
func (c *Client) userConfig(username string, refresh secret.String) token.Config {
	cfg := c.cfg.Tokens
	cfg.Refresh = refresh
	cfg.Key = c.cfg.storeKey(c.rest.BaseURL())
	switch {
	case username != "":
		cfg.Key += fmt.Sprintf(" user %q", web.Lower(username))
	case !refresh.IsZero():
		cfg.Key += fmt.Sprintf(" grant %x", sha256.Sum256([]byte(refresh.Reveal())))
	default:
		cfg.Store = nil // a token of nobody's
	}
	cfg.Name = cmp.Or(cfg.Name, "finapi user")
	if cfg.Revoke == nil && c.cfg.RevokeOnClose {
		cfg.Revoke = c.revokeHeld
	}
	if cfg.Discard == nil {
		cfg.Discard = c.revokeHeld
	}
	return cfg
}

// clientTokens returns the config of the source of the client's tokens. Those are not revoked at the end: other
// processes have the same one.
func (c Config) clientTokens(url string) token.Config {
	cfg := c.Tokens
	cfg.Key, cfg.Refresh, cfg.Revoke, cfg.Discard = c.storeKey(url), secret.String{}, nil, nil
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
	return t, classify(err)
}

func (c *Client) refreshGrant(ctx context.Context, refresh secret.String) (t *token.Token, err error) {
	defer func() {
		if v := recover(); v != nil {
			t, err = nil, token.InDoubt(panicked(v))
		}
	}()
	t, err = c.GetToken(ctx, finapiaccess.GetTokenRequest{
		GrantType: finapiaccess.GrantTypeRefreshToken, RefreshToken: refresh.Reveal(),
	})
	if errors.Is(err, rest.ErrInDoubt) {
		err = token.InDoubt(err)
	}
	return t, classify(err, token.ErrDeadGrant)
}

// panicked returns the error of a call that panicked, of whose request nobody knows how far it got.
func panicked(v any) error { return &token.PanicError{Value: v, Stack: debug.Stack()} }

// classify says how a source goes on after a call that failed. A refusal that asking again cannot mend is final; a 400
// is of the kind badRequest. Any other answer that does not pass by itself, such as a 404 of something in between, is
// given ever more time to be mended. For the rest the source sees to itself, but as late as finAPI asks for.
func classify(err error, badRequest ...error) error {
	var e *rest.Error
	if !errors.As(err, &e) {
		return err
	}
	err = later(err, e)
	switch {
	case e.Status == http.StatusBadRequest:
		return token.Final(err, badRequest...)
	case e.Status == http.StatusForbidden && e.Detail == nil: // of something in between
		return token.Hold(err, holds...)
	case refusalKinds[e.Status] != nil:
		return token.Final(err, refusalKinds[e.Status])
	case e.Status == 0 && errors.Is(err, rest.ErrInvalid): // not sent, and never will be
		return token.Final(err)
	case e.Status < http.StatusOK, errors.Is(err, rest.ErrUnavailable), errors.Is(err, rest.ErrRateLimited), errors.Is(err, rest.ErrInDoubt):
		return err
	}
	return token.Hold(err, holds...)
}

// later passes on how long finAPI wants to be left alone.
func later(err error, e *rest.Error) error {
	if e.RetryAfter > 0 {
		return token.Later(err, e.RetryAfter)
	}
	return err
}

// holds are the times for which a source leaves finAPI alone, by how many refusals there were in a row.
var holds = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}

// refusalKinds are the statuses that asking again cannot mend, besides 400.
var refusalKinds = map[int]error{
	http.StatusUnauthorized: token.ErrBadClient,
	http.StatusForbidden:    token.ErrForbidden,
	http.StatusLocked:       token.ErrLocked,
}
