package finapi_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// How a source goes on after a call without a password that failed: not at all after a refusal in finAPI's own words, ever
// more rarely after what only somebody else can mend, soon after what passes.
func TestFailuresOfSources(t *testing.T) {
	final, held, passing := []time.Duration{0}, []time.Duration{0, time.Minute, 6 * time.Minute, 21 * time.Minute, 36 * time.Minute}, []time.Duration(nil)
	for name, c := range map[string]struct {
		reply   reply
		at      []time.Duration // when it is sent in 40 minutes; nil if it is often
		inDoubt bool            // a refresh token may have been used
	}{
		"400":                {failed(400, "BAD_REQUEST", "x"), final, false},
		"400, no body":       {reply{Status: 400}, final, false},
		"401":                {reply{Status: 401, Body: `{"error":"invalid_client"}`}, final, false},
		"403":                {failed(403, "UNAUTHORIZED_ACCESS", "x"), final, false},
		"423":                {failed(423, "LOCKED", "x"), final, false},
		"403 of a gateway":   {reply{Status: 403, MIME: "text/html", Body: "<html>"}, held, false},
		"404":                {reply{Status: 404}, held, false},
		"404, finAPI's":      {failed(404, "UNKNOWN_ENTITY", "x"), held, false},
		"405":                {reply{Status: 405}, held, false},
		"409":                {reply{Status: 409}, held, false},
		"415":                {failed(415, "UNSUPPORTED_MEDIA_TYPE", "x"), held, false},
		"422":                {failed(422, "ILLEGAL_FIELD_VALUE", "x"), held, false},
		"451":                {reply{Status: 451}, held, false},
		"302":                {reply{Status: 302, Header: map[string]string{"Location": "/"}}, held, false},
		"HTML":               {reply{Status: 200, MIME: "text/html", Body: "<html>"}, held, true},
		"408":                {reply{Status: 408}, passing, false},
		"429":                {reply{Status: 429}, passing, false},
		"500":                {reply{Status: 500}, passing, true},
		"502":                {reply{Status: 502}, passing, true},
		"504":                {reply{Status: 504}, passing, true},
		"broke off":          {reply{Status: 200, Body: "{", Cut: true}, passing, true},
		"reset":              {reply{Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}, passing, true},
		"connection refused": {reply{Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, passing, false},
		"dial given up":      {reply{Err: &net.OpError{Op: "dial", Err: context.Canceled}}, passing, false},
		"101":                {reply{Status: 101}, passing, false},
	} {
		for kind, source := range map[string]func(*finapi.Client) *token.Source{"client": (*finapi.Client).ClientTokens, "refresh": byRefresh} {
			t.Run(name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var sent []time.Duration
					begun, answer := time.Now(), c.reply
					cl := client(t, finapi.V1, desk(func(url.Values) reply {
						sent = append(sent, time.Since(begun))
						return answer
					}), once)
					s := source(cl)
					defer s.Close()
					_, first := s.Token(t.Context())
					require.Error(t, first)
					assert.Equal(t, c.inDoubt && kind == "refresh", errors.Is(first, token.ErrInDoubt))
					for time.Since(begun) < 40*time.Minute && len(sent) < 10 {
						_, err := s.Token(t.Context())
						require.Error(t, err)
						if len(c.at) == 1 {
							assert.ErrorIs(t, err, token.ErrFinal)
						} else if !c.inDoubt {
							assert.NotErrorIs(t, err, token.ErrFinal)
						}
						time.Sleep(time.Second)
					}
					switch {
					case kind == "refresh" && c.inDoubt: // it is not for this package to say what comes next
					case c.at == nil:
						require.Len(t, sent, 10)
						assert.Less(t, sent[9], 2*time.Minute)
					default:
						assert.Equal(t, c.at, sent)
					}
				})
			})
		}
	}
}

// A success ends the row of refusals.
func TestRefusalsAreCountedInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		no, yes := reply{Status: 404}, granted("a", "", "3600")
		w := wiretest.Script(no, no, yes, no, yes)
		s := client(t, finapi.V1, w).ClientTokens()
		for i, pause := range []time.Duration{time.Minute, 5 * time.Minute, 0, time.Minute, 0} {
			_, err := s.Token(t.Context())
			assert.Equal(t, pause == 0, err == nil)
			assert.Len(t, w.Requests(), i+1)
			if pause == 0 {
				time.Sleep(2 * time.Hour)
				continue
			}
			time.Sleep(pause - 1)
			_, err = s.Token(t.Context())
			require.ErrorIs(t, err, rest.ErrNotFound)
			assert.Len(t, w.Requests(), i+1)
			time.Sleep(time.Nanosecond)
		}
	})
}

// How long finAPI wants to be left alone counts, up to a bound.
func TestSourcesWaitAsLongAsAsked(t *testing.T) {
	for asked, want := range map[string]time.Duration{"60": time.Minute, "86400": 5 * time.Minute} {
		for kind, source := range map[string]func(*finapi.Client) *token.Source{"client": (*finapi.Client).ClientTokens, "refresh": byRefresh} {
			t.Run(kind+" "+asked, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := wiretest.Script(reply{Status: 429, Header: map[string]string{"Retry-After": asked}}, granted("a", "", "3600"))
					s := source(client(t, finapi.V1, w))
					defer s.Close()
					_, err := s.Token(t.Context())
					require.ErrorIs(t, err, rest.ErrRateLimited)
					time.Sleep(want - 1)
					_, err = s.Token(t.Context())
					require.ErrorIs(t, err, rest.ErrRateLimited)
					assert.Len(t, w.Requests(), 1)
					time.Sleep(time.Nanosecond)
					tokenOf(t, s)
				})
			})
		}
	}
}

// What happens is told under the name of the Config, else under one of its own, and else logged.
func TestEvents(t *testing.T) {
	for name, want := range map[string][]string{"": {"finapi client", "finapi user"}, "mine": {"mine", "mine"}} {
		var told []string
		for _, source := range []func(*finapi.Client) *token.Source{(*finapi.Client).ClientTokens, byPassword} {
			s := source(client(t, finapi.V1, desk(echo), func(cfg *finapi.Config) {
				cfg.Tokens.Name = name
				cfg.Tokens.OnEvent = func(_ context.Context, e token.Event) { told = append(told, e.Source) }
			}))
			tokenOf(t, s)
			s.Close() // waits for what happens
		}
		assert.Equal(t, want, told)
	}

	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	c := client(t, finapi.V1, wiretest.Script(reply{Status: 401}), func(cfg *finapi.Config) { cfg.Tokens.OnEvent = nil })
	_, err := c.ClientTokens().Token(t.Context())
	require.ErrorIs(t, err, token.ErrBadClient)
	c.Close()
	assert.Contains(t, log.String(), `msg="token gave up" source="finapi client"`)
}

// A Client that New did not make sends nothing, and says how to make one.
func TestClientThatNewDidNotMake(t *testing.T) {
	var c finapi.Client
	x := secret.New("x")
	calls := map[string]func() error{
		"GetToken":       func() error { _, err := c.GetToken(t.Context(), grants["client_credentials"]); return err },
		"RevokeToken":    func() error { return c.RevokeToken(t.Context(), x, finapi.HintNone) },
		"VerifyPassword": func() error { return c.VerifyPassword(t.Context(), username, x) },
		"API": func() error {
			_, err := c.API().GetTokenV2WithFormdataBody(t.Context(), nil, grants["password"])
			return err
		},
	}
	for name, s := range map[string]*token.Source{
		"ClientTokens": c.ClientTokens(), "UserTokens": c.UserTokens(username, x), "RefreshTokens": c.RefreshTokens("", x), "UserTokensFunc": byVault(&c),
	} {
		calls[name] = func() error { _, err := s.Token(t.Context()); return err }
		t.Cleanup(s.Close)
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			err := call()
			require.ErrorIs(t, err, rest.ErrInvalid)
			assert.ErrorContains(t, err, "Client: must be made by finapi.New")
		})
	}
	c.Close()
}

// closing is a transport that counts how often its idle connections are closed.
type closing struct {
	*wiretest.Wire
	closed int
}

func (c *closing) CloseIdleConnections() { c.closed++ }

// After Close nothing is sent, by whatever way.
func TestCloseEndsUse(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		w := &closing{Wire: wiretest.Script(granted("a", "r", "3600"))}
		c := client(t, v, w)
		user, idle, api := byPassword(c), byVault(c), c.API()
		t.Cleanup(user.Close)
		t.Cleanup(idle.Close)
		tokenOf(t, user)
		tokenOf(t, c.ClientTokens())
		c.Close()
		assert.Equal(t, 1, w.closed)
		for name, call := range map[string]func() error{
			"GetToken":       func() error { _, err := c.GetToken(t.Context(), grants["client_credentials"]); return err },
			"RevokeToken":    func() error { return c.RevokeToken(t.Context(), secret.New("x"), finapi.HintNone) },
			"VerifyPassword": func() error { return c.VerifyPassword(t.Context(), username, secret.New(password)) },
			"ClientTokens":   func() error { _, err := c.ClientTokens().Token(t.Context()); return err },
			"a source":       func() error { _, err := idle.Token(t.Context()); return err },
			"API": func() error {
				_, err := api.GetTokenWithFormdataBody(t.Context(), nil, grants["password"])
				return err
			},
			"API, later": func() error {
				_, err := c.API().RevokeTokenV2WithFormdataBody(t.Context(), nil, finapiaccess.RevokeTokenRequest{Token: "x"})
				return err
			},
		} {
			assert.ErrorIs(t, call(), token.ErrClosed, name)
		}
		tokenOf(t, user) // what it has already is good
		assert.Len(t, w.Requests(), 2)
		c.Close()
	})
}

// The client's own token is everybody's: its end is no reason to revoke it.
func TestClientTokenIsNotRevokedAtTheEnd(t *testing.T) {
	w := wiretest.Script(granted("client", "", "3600"), granted("user", "r", "3600"))
	revoked := 0
	c := client(t, finapi.V1, w, func(cfg *finapi.Config) {
		cfg.Tokens.Revoke = func(context.Context, *token.Token) error { revoked++; return nil }
		cfg.RevokeOnClose = true
	})
	tokenOf(t, c.ClientTokens())
	user := byPassword(c)
	tokenOf(t, user)
	user.Close()
	assert.Equal(t, 1, revoked, "the user's")
	c.Close()
	assert.Equal(t, 1, revoked)
	assert.Len(t, w.Requests(), 2)
}
