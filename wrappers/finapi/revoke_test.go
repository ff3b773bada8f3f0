package finapi_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// What a revocation takes with it, by its hint, and what the source does about it (requirements D51, E58).
func TestRevokeByHint(t *testing.T) {
	access := func(u *token.Token) secret.String { return u.Access }
	refresh := func(u *token.Token) secret.String { return u.Refresh }
	for name, c := range map[string]struct {
		which       func(*token.Token) secret.String
		hint        finapi.Hint
		grantLives  bool
		grantsAfter []string // of the source, the next time it is asked
	}{
		"access token, hint":    {access, finapi.HintAccessToken, true, []string{"refresh_token"}},
		"refresh token, hint":   {refresh, finapi.HintRefreshToken, false, []string{"password"}},
		"access token, no hint": {access, finapi.HintNone, false, []string{"password"}},
		"refresh, no hint":      {refresh, finapi.HintNone, false, []string{"password"}},
	} {
		t.Run(name, func(t *testing.T) {
			bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
				w := served(t, v)
				user := w.UserTokensFunc(w.user, w.again)
				t.Cleanup(user.Close)
				first := tokenOf(t, user)
				var info rest.Info
				require.NoError(t, w.RevokeToken(t.Context(), c.which(first), c.hint, rest.Capture(&info)))
				assert.Equal(t, rest.Info{
					Provider: "finapi", Operation: versions[v].revokeOp, Method: http.MethodPost, Path: versions[v].revokePath,
					RequestID: w.sand.Calls()[2].RequestID, Status: 200, Attempts: 1, Duration: info.Duration, Header: info.Header,
				}, info)

				before := len(w.grants(t))
				second := tokenOf(t, user)
				assert.False(t, second.Same(first), "a revoked token is not handed out")
				assert.Equal(t, c.grantsAfter, w.grants(t)[before:])

				_, err := w.GetToken(t.Context(), request{GrantType: forRefresh, RefreshToken: first.Refresh.Reveal()})
				if c.grantLives {
					require.NoError(t, err)
				} else {
					require.ErrorIs(t, err, rest.ErrInvalid)
				}
			})
		})
	}
}

// during is a transport that runs a function while a revocation is on its way, which then fails.
type during struct {
	next http.RoundTripper
	run  func()
}

func (d during) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/revoke") {
		return d.next.RoundTrip(r)
	}
	d.run()
	return wiretest.Script(reply{Status: 400}).RoundTrip(r)
}

// Requirement D51: a token leaves the source before its revocation is sent, and stays out of it if that fails.
func TestRevokedTokenIsGoneMeanwhile(t *testing.T) {
	for _, hint := range []finapi.Hint{finapi.HintNone, finapi.HintAccessToken} {
		w := wiretest.Script(granted("first", "r", "3600"), granted("client", "", "3600"), granted("second", "r", "3600"))
		var user *token.Source
		asked := 0
		ask := func() {
			asked++
			if got, err := user.Token(t.Context()); err == nil {
				assert.Equal(t, "second", got.Access.Reveal())
			} else {
				assert.Equal(t, finapi.HintNone, hint, "the grant is gone, too: %v", err)
			}
		}
		c := client(t, finapi.V1, during{w, ask})
		user = c.UserTokens(username, secret.New(password))
		t.Cleanup(user.Close)
		first := tokenOf(t, user)
		require.ErrorIs(t, c.RevokeToken(t.Context(), first.Access, hint), rest.ErrInvalid)
		ask()
		assert.Equal(t, 2, asked)
	}
}

// Requirements A6, E53: the token travels in the body in both versions, under the bearer of the client.
func TestRevokeOnTheWire(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		w := wiretest.Script(granted("client", "", "3600"), reply{Status: 200})
		c := client(t, v, w)
		require.NoError(t, c.RevokeToken(t.Context(), secret.New("gone"), finapi.HintNone, rest.RequestID("mine")))
		require.NoError(t, c.RevokeToken(t.Context(), secret.New("gone"), finapi.HintRefreshToken))
		sent := w.Requests()
		require.Len(t, sent, 3)
		assert.Equal(t, finapiaccess.ServerURLSandbox+versions[v].revokePath, sent[1].URL)
		assert.Equal(t, url.Values{"token": {"gone"}}, sent[1].Form(t))
		assert.Equal(t, url.Values{"token": {"gone"}, "token_type_hint": {"refresh_token"}}, sent[2].Form(t))
		assert.Equal(t, http.Header{
			"Content-Type": {"application/x-www-form-urlencoded"}, "Accept": {"application/json"}, "User-Agent": sent[1].Header["User-Agent"],
			"Authorization": {"Bearer client"}, "X-Request-Id": {"mine"},
		}, sent[1].Header)
	})
}

// Requirement E54: revoking what is not alive, or is somebody else's, succeeds.
func TestRevokeUnknown(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		w := served(t, v)
		for _, hint := range []finapi.Hint{finapi.HintNone, finapi.HintAccessToken, finapi.HintRefreshToken} {
			assert.NoError(t, w.RevokeToken(t.Context(), secret.New("never issued"), hint))
		}
	})
}

// The client's own token can be revoked, with itself as the authority; the next call gets another one.
func TestRevokeOwnToken(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		w := served(t, v)
		own := tokenOf(t, w.ClientTokens())
		require.NoError(t, w.RevokeToken(t.Context(), own.Access, finapi.HintAccessToken))
		assert.False(t, tokenOf(t, w.ClientTokens()).Same(own))
		require.NoError(t, w.RevokeToken(t.Context(), secret.New("x"), finapi.HintNone))
	})
}

// Requirement E54: 200 is success, whatever the body is.
func TestRevokeIgnoresTheBody(t *testing.T) {
	for name, r := range map[string]reply{
		"empty": {Status: 200}, "JSON": {Status: 200, Body: `{"errors":[{"code":"x"}]}`}, "half": {Status: 200, Body: `{"a`},
		"HTML": {Status: 200, MIME: "text/html", Body: "<html>"}, "no content": {Status: 204},
		"too much": {Status: 200, Body: strings.Repeat("x", rest.DefaultMaxBody)}, "broke off": {Status: 200, Body: "{", Cut: true},
	} {
		w := wiretest.Script(granted("client", "", "3600"), r)
		assert.NoError(t, client(t, finapi.V1, w).RevokeToken(t.Context(), secret.New("x"), finapi.HintNone), name)
	}
}

// Requirement D49: a refused bearer is renewed once and the call made once more.
func TestRefusedBearer(t *testing.T) {
	ended := reply{Status: 401, Body: `{"error":"invalid_token","error_description":"The access token has ended"}`}
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		t.Run("once", func(t *testing.T) {
			w := wiretest.Script(granted("old", "", "3600"), ended, granted("new", "", "3600"), reply{Status: 200})
			require.NoError(t, client(t, v, w).RevokeToken(t.Context(), secret.New("gone"), finapi.HintAccessToken))
			sent := w.Requests()
			require.Len(t, sent, 4)
			assert.Equal(t, "Bearer old", sent[1].Header.Get("Authorization"))
			assert.Equal(t, "Bearer new", sent[3].Header.Get("Authorization"))
			assert.Equal(t, sent[1].Body, sent[3].Body)
		})
		t.Run("twice", func(t *testing.T) {
			w := wiretest.Script(granted("old", "", "3600"), ended, granted("new", "", "3600"), ended)
			err := client(t, v, w).RevokeToken(t.Context(), secret.New(canary), finapi.HintNone)
			e := provider.RequireFault(t, err, fault{Kind: rest.ErrUnauthenticated, Status: 401, Attempts: 2, Says: "The access token has ended"})
			assert.Equal(t, "invalid_token", e.Code)
			assert.Equal(t, versions[v].revokeOp, e.Operation)
			assert.Len(t, w.Requests(), 4)
		})
	})
}

// The sandbox forgets the client's token; the wrapper gets another one by itself.
func TestRevokedBearerIsReplaced(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		w := served(t, v)
		own := tokenOf(t, w.ClientTokens())
		elsewhere := newWorld(t, v, v, w.sand, w.below, w.base())
		require.NoError(t, elsewhere.RevokeToken(t.Context(), own.Access, finapi.HintNone))
		require.NoError(t, w.RevokeToken(t.Context(), secret.New("x"), finapi.HintNone))
	})
}

// base returns the base URL of the world.
func (w *world) base() string {
	u, _ := url.Parse(w.wire.Requests()[0].URL)
	return u.Scheme + "://" + u.Host + "/finapi"
}

func TestRevokeRefusedBeforeSending(t *testing.T) {
	for name, c := range map[string]struct {
		token       string
		hint        finapi.Hint
		opts        []rest.Option
		field, rule string
	}{
		"no token":          {"", finapi.HintNone, nil, "token", "is required"},
		"unknown hint":      {canary, "id_token", nil, "token_type_hint", "must be one of access_token, refresh_token"},
		"request id, LF":    {canary, finapi.HintNone, []rest.Option{rest.RequestID("a\nb")}, "RequestID", "control characters"},
		"option of another": {canary, finapi.HintNone, []rest.Option{rest.IdempotencyKey("0123456789")}, "IdempotencyKey", "is not an option of finapi"},
	} {
		t.Run(name, func(t *testing.T) {
			w := wiretest.Script(granted("client", "", "3600"), reply{Status: 200})
			err := client(t, finapi.V1, w).RevokeToken(t.Context(), secret.New(c.token), c.hint, c.opts...)
			provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: c.field, Says: c.rule})
			wiretest.RequireKinds(t, err, rest.ErrInvalid)
			assert.Empty(t, w.Requests())
		})
	}
}

// Requirements E55, E56: doing it twice does no harm, so whatever may pass is tried again; what stays is reported, for
// the token may be alive.
func TestRevokeRepeats(t *testing.T) {
	for name, c := range map[string]struct {
		first    reply
		attempts int
		kind     error // if there is one attempt
	}{
		"reset":       {reply{Err: io.ErrUnexpectedEOF}, 2, nil},
		"408":         {reply{Status: 408}, 2, nil},
		"429":         {reply{Status: 429}, 2, nil},
		"500":         {reply{Status: 500}, 2, nil},
		"502":         {reply{Status: 502}, 2, nil},
		"503":         {reply{Status: 503}, 2, nil},
		"504":         {reply{Status: 504}, 2, nil},
		"unsupported": {failed(400, "BAD_REQUEST", "Revocation of this token type is not supported"), 1, rest.ErrInvalid},
		"user bearer": {failed(403, "UNAUTHORIZED_ACCESS", "Only the client may"), 1, rest.ErrForbidden},
		"redirect":    {reply{Status: 307, Header: map[string]string{"Location": "https://elsewhere.example.com"}}, 1, rest.ErrBadResponse},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := wiretest.Script(granted("client", "", "3600"), c.first, reply{Status: 200})
				err := client(t, finapi.V2, w).RevokeToken(t.Context(), secret.New(canary), finapi.HintNone)
				assert.Len(t, w.Requests(), c.attempts+1)
				if c.kind == nil {
					require.NoError(t, err)
					return
				}
				wiretest.RequireKinds(t, err, c.kind)
			})
		})
	}
	t.Run("503 stays", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := wiretest.Script(granted("client", "", "3600"), reply{Status: 503})
			err := client(t, finapi.V1, w).RevokeToken(t.Context(), secret.New(canary), finapi.HintNone)
			provider.RequireFault(t, err, fault{Kind: rest.ErrUnavailable, Status: 503, Attempts: 3, Says: "service unavailable"})
		})
	})
}

// The query form of V1's page can be reached through the generated client, under the client's bearer.
func TestRevokeThroughTheQuery(t *testing.T) {
	w := served(t, finapi.V1)
	user, err := w.GetToken(t.Context(), request{GrantType: forUser, Username: w.user, Password: w.password.Reveal()})
	require.NoError(t, err)
	value := user.Refresh.Reveal()
	resp, err := w.API().RevokeTokenWithBody(t.Context(), &finapiaccess.RevokeTokenParams{Token: &value}, "", nil,
		func(_ context.Context, r *http.Request) error { r.Header.Del("Content-Type"); return nil })
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	_, err = w.GetToken(t.Context(), request{GrantType: forRefresh, RefreshToken: value})
	assert.ErrorIs(t, err, rest.ErrInvalid)
}

// Config.RevokeInQuery sends what the page of V1 shows: the token and its hint in the query, and no body.
func TestRevokeInQuery(t *testing.T) {
	sand, err := sandbox.New()
	require.NoError(t, err)
	w := newWorld(t, finapi.V1, finapi.V1, sand, sand.RoundTripper(), "http://localhost/finapi", func(c *finapi.Config) { c.RevokeInQuery = true })
	source := w.UserTokens(w.user, w.password)
	t.Cleanup(source.Close)
	user := tokenOf(t, source)
	require.NoError(t, w.RevokeToken(t.Context(), user.Refresh, finapi.HintRefreshToken))
	_, err = w.GetToken(t.Context(), request{GrantType: forRefresh, RefreshToken: user.Refresh.Reveal()})
	require.ErrorIs(t, err, rest.ErrInvalid, "it is revoked")
	assert.Contains(t, w.wire.At("&token_type_hint=refresh_token")[0].URL, "/oauth/revoke?token=")

	for hint, query := range map[finapi.Hint]string{
		finapi.HintNone: "token=" + canary, finapi.HintAccessToken: "token=" + canary + "&token_type_hint=access_token",
	} {
		wire := wiretest.Script(granted("own", "", "3600"), reply{Status: 400, Body: `{"errors":[{"message":"no ` + canary + `","code":"BAD_REQUEST","type":"BUSINESS"}]}`})
		var log bytes.Buffer
		c := client(t, finapi.V1, wire, func(c *finapi.Config) {
			c.RevokeInQuery = true
			c.HTTP.Logger = slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		err := c.RevokeToken(t.Context(), secret.New(canary), hint)
		sent := wire.At("/oauth/revoke?" + query)
		require.Len(t, sent, 1)
		assert.Empty(t, sent[0].Body)
		assert.NotContains(t, sent[0].Header, "Content-Type")
		provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Status: 400, Attempts: 1, Says: "no [redacted]"})
		assert.NotContains(t, err.Error(), "RevokeInQuery", "there is no other way")
		require.NotEmpty(t, log.String())
		assert.NotContains(t, log.String(), canary)
	}
}

// A form that V1 refuses as malformed names the other way. Nothing takes it by itself: the token would be in a URL.
func TestRefusedFormNamesTheQuery(t *testing.T) {
	for status, named := range map[int]bool{400: true, 415: true, 422: true, 401: false, 403: false} {
		for _, v := range []finapi.APIVersion{finapi.V1, finapi.V2} {
			wire := wiretest.Script(granted("own", "", "3600"), reply{Status: status}, granted("own", "", "3600"), reply{Status: status})
			err := client(t, v, wire).RevokeToken(t.Context(), secret.New(canary), finapi.HintNone)
			require.Error(t, err)
			assert.Equal(t, named && v == finapi.V1, strings.Contains(err.Error(), "set Config.RevokeInQuery"), "%v", err)
			for _, sent := range wire.Requests() {
				assert.NotContains(t, sent.URL, canary)
			}
		}
	}
}
