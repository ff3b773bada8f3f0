package finapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// desk is a finAPI that answers by what it is asked.
type desk func(form url.Values) reply

func (d desk) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	return wiretest.Script(d(form)).RoundTrip(r)
}

// passwords returns the passwords that were sent.
func passwords(t *testing.T, w *wiretest.Wire) []string {
	t.Helper()
	var out []string
	for _, s := range w.Requests() {
		if p := s.Form(t).Get("password"); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// once makes a call send once. What is sent again within one is for package rest to say; see TestRepeats.
func once(cfg *finapi.Config) { cfg.HTTP.MaxAttempts = 1 }

// The failures of a login, by what they tell of the password.
var (
	refusedLogins = map[string]struct {
		reply reply
		kind  error
	}{
		"400":          {failed(400, "BAD_REQUEST", "Bad user credentials"), token.ErrBadUser},
		"400, no body": {reply{Status: 400}, token.ErrBadUser},
		"401":          {reply{Status: 401, Body: `{"error":"invalid_client"}`}, token.ErrBadClient},
		"403":          {failed(403, "USER_NOT_VERIFIED", "Not verified"), token.ErrForbidden},
		"403, HTML":    {reply{Status: 403, MIME: "text/html", Body: "<html>"}, token.ErrForbidden},
		"423":          {failed(423, "LOCKED", "Locked"), token.ErrLocked},
	}
	answeredLogins = map[string]reply{
		"101":         {Status: 101},
		"302":         {Status: 302, Header: map[string]string{"Location": "https://elsewhere.example.com"}},
		"404":         {Status: 404},
		"405":         {Status: 405},
		"408":         {Status: 408},
		"409":         {Status: 409},
		"415":         {Status: 415},
		"422":         failed(422, "ILLEGAL_FIELD_VALUE", "x"),
		"429":         {Status: 429},
		"429, later":  {Status: 429, Header: map[string]string{"Retry-After": "60"}},
		"500":         {Status: 500},
		"501":         {Status: 501},
		"502":         {Status: 502, MIME: "text/html", Body: "<html>"},
		"503":         {Status: 503},
		"503, later":  {Status: 503, Header: map[string]string{"Retry-After": "1"}},
		"504":         {Status: 504},
		"HTML":        {Status: 200, MIME: "text/html", Body: "<html>"},
		"no token":    {Status: 200, Body: "{}"},
		"broke off":   {Status: 200, Body: `{"access_token":"a`, Cut: true},
		"reset":       {Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}},
		"ended early": {Err: io.EOF},
		"hangs":       {Hangs: true},
	}
	unsentLogins = map[string]reply{
		"connection refused": {Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}},
		"no proxy":           {Err: &net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}},
		"name not resolved":  {Err: &net.DNSError{Name: "x"}},
	}
)

// askFor asks s every ten seconds, over a day every thirty, for the time of d, and returns the last answer.
func askFor(t *testing.T, s *token.Source, d time.Duration) (err error) {
	t.Helper()
	step := max(10*time.Second, d/2880)
	for begun := time.Now(); time.Since(begun) < d; time.Sleep(step) {
		_, err = s.Token(t.Context())
	}
	return err
}

// Requirement D42: whatever the answer to it is, and if it is lost as well, a password that was given once is sent once,
// until somebody calls Reset. The error says so.
func TestPasswordIsSentOnce(t *testing.T) {
	check := func(name string, r reply, kind error, says string) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := wiretest.Tap(desk(func(url.Values) reply { return r }))
				user := client(t, finapi.V1, w, once).UserTokens(username, secret.New(password))
				defer user.Close()
				for n := range 2 {
					err := askFor(t, user, 24*time.Hour)
					require.ErrorIs(t, err, token.ErrFinal)
					require.ErrorIs(t, err, kind)
					assert.ErrorContains(t, err, says)
					assert.NotContains(t, fmt.Sprintf("%v %+v %#v %q", err, err, err, err), "canary")
					assert.Len(t, passwords(t, w), n+1)
					assert.True(t, user.Stats().GaveUp)
					user.Reset()
				}
				r = granted("a", "r", "3600")
				tokenOf(t, user)
				assert.Len(t, passwords(t, w), 3)
			})
		})
	}
	for name, c := range refusedLogins {
		check(name, c.reply, c.kind, "finapi: getToken: ")
	}
	for name, r := range answeredLogins {
		check(name, r, token.ErrFinal, "; the password may have arrived and is not sent again until Reset is called, or by a new source")
	}
}

// Requirement D42: a password that can be had again is asked for after the cool-down at the earliest. One that was refused
// is not sent again then, any other is.
func TestPasswordCoolsDown(t *testing.T) {
	check := func(name string, r reply, kind error, isRefused bool) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				w := wiretest.Tap(desk(func(url.Values) reply { return r }))
				user := client(t, finapi.V2, w, once).UserTokensFunc(username, func(context.Context) (secret.String, error) {
					asked++
					return secret.New(password), nil
				})
				defer user.Close()
				_, first := user.Token(t.Context())
				require.ErrorIs(t, first, kind)
				assert.Equal(t, isRefused, errors.Is(first, token.ErrFinal))
				ended := time.Now()
				require.NotErrorIs(t, askFor(t, user, 15*time.Minute-time.Second), token.ErrClosed)
				assert.Equal(t, 1, asked)
				assert.Len(t, passwords(t, w), 1)

				time.Sleep(time.Until(ended.Add(15 * time.Minute)))
				_, second := user.Token(t.Context())
				require.ErrorIs(t, second, kind)
				assert.Equal(t, first.Error(), second.Error())
				assert.Equal(t, 2, asked)
				assert.Len(t, passwords(t, w), map[bool]int{true: 1, false: 2}[isRefused])

				_ = askFor(t, user, 24*time.Hour)
				assert.InDelta(t, 2+24*4, asked, 4)
				if isRefused {
					assert.Len(t, passwords(t, w), 1)
				}

				sent := len(passwords(t, w))
				r = granted("a", "r", "3600")
				user.Reset()
				tokenOf(t, user)
				assert.Len(t, passwords(t, w), sent+1, "a Reset forgets what was refused")
			})
		})
	}
	for name, c := range refusedLogins {
		check(name, c.reply, c.kind, true)
	}
	for name, r := range answeredLogins {
		kind := rest.ErrUnavailable
		switch r.Status {
		case 101, 200, 302:
			kind = rest.ErrBadResponse
		case 404:
			kind = rest.ErrNotFound
		case 405, 415, 422:
			kind = rest.ErrInvalid
		case 409:
			kind = rest.ErrConflict
		case 429:
			kind = rest.ErrRateLimited
		}
		check(name, r, kind, false)
	}
}

// What certainly never left this machine is tried again soon.
func TestPasswordThatWasNotSent(t *testing.T) {
	for name, r := range unsentLogins {
		for kind, source := range map[string]func(*finapi.Client) *token.Source{"once": byPassword, "again": byVault} {
			t.Run(name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					answer := r
					w := wiretest.Tap(desk(func(url.Values) reply { return answer }))
					user := source(client(t, finapi.V1, w, once))
					defer user.Close()
					err := askFor(t, user, time.Minute)
					require.ErrorIs(t, err, rest.ErrUnavailable)
					require.NotErrorIs(t, err, token.ErrFinal)
					assert.GreaterOrEqual(t, len(w.Requests()), 6)
					answer = granted("a", "r", "3600")
					time.Sleep(10 * time.Second)
					tokenOf(t, user)
				})
			})
		}
	}
}

// byVault returns a source whose password can be had again.
func byVault(c *finapi.Client) *token.Source {
	return c.UserTokensFunc(username, func(context.Context) (secret.String, error) { return secret.New(password), nil })
}

// The cool-down is the one of the Config, and a longer wait that finAPI asks for counts, up to its bound.
func TestPasswordCoolDown(t *testing.T) {
	for name, c := range map[string]struct {
		coolDown   time.Duration
		retryAfter string
		want       time.Duration
	}{
		"an hour":            {time.Hour, "", time.Hour},
		"finAPI wants more":  {time.Minute, "120", 2 * time.Minute},
		"finAPI wants less":  {time.Minute, "5", time.Minute},
		"finAPI wants a day": {time.Minute, "86400", 5 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := wiretest.Tap(desk(func(url.Values) reply {
					return reply{Status: 503, Header: map[string]string{"Retry-After": c.retryAfter}}
				}))
				user := byVault(client(t, finapi.V1, w, once, func(cfg *finapi.Config) { cfg.PasswordCoolDown = c.coolDown }))
				defer user.Close()
				for n := range 3 {
					_, err := user.Token(t.Context())
					require.ErrorIs(t, err, rest.ErrUnavailable)
					assert.Len(t, w.Requests(), n+1)
					time.Sleep(c.want - 1)
					_, _ = user.Token(t.Context())
					assert.Len(t, w.Requests(), n+1)
					time.Sleep(time.Nanosecond)
				}
			})
		})
	}
}

// Each password that was refused stays so, whatever happens between, until one is right.
func TestRefusedPasswordsAreRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var give string
		refreshed := failed(400, "BAD_REQUEST", "Invalid refresh token")
		w := wiretest.Tap(desk(func(form url.Values) reply {
			if form.Get("refresh_token") != "" {
				return refreshed
			}
			switch form.Get("password") {
			case "right":
				return granted("a", "r", "3600")
			case "unlucky":
				return reply{Status: 502}
			}
			return failed(400, "BAD_REQUEST", "not "+form.Get("password"))
		}))
		user := client(t, finapi.V1, w, once).UserTokensFunc(username, func(context.Context) (secret.String, error) {
			return secret.New(give), nil
		})
		defer user.Close()
		for i, step := range []struct{ give, says string }{
			{"right", ""},
			{"first", "400"},
			{"second", "400"},
			{"first", "400"},
			{"unlucky", "502"},
			{"second", "400"},
			{"first", "400"},
			{"unlucky", "502"},
			{"right", ""},
			{"first", "400"},
			{"first", "400"},
		} {
			give = step.give
			got, err := user.Token(t.Context())
			if step.says == "" {
				require.NoError(t, err, i)
			} else {
				assert.Nil(t, got, i)
				require.ErrorContains(t, err, step.says, i)
				assert.Equal(t, step.says == "400", errors.Is(err, token.ErrBadUser), i)
			}
			time.Sleep(2 * time.Hour)
		}
		assert.Equal(t, []string{"right", "first", "second", "unlucky", "unlucky", "right", "first"}, passwords(t, w))

		// A refresh token that a gateway refuses meanwhile changes nothing about that.
		refreshed = reply{Status: 404}
		for range 3 {
			_, err := user.Token(t.Context())
			require.ErrorIs(t, err, rest.ErrNotFound)
			time.Sleep(time.Hour)
		}
		refreshed = failed(400, "BAD_REQUEST", "Invalid refresh token")
		_, err := user.Token(t.Context())
		require.ErrorIs(t, err, token.ErrBadUser)
		assert.Len(t, passwords(t, w), 7)
	})
}

// A refresh token that works after all, after a password that was refused.
func TestRefreshTokenAfterARefusedPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refused, again := failed(400, "BAD_REQUEST", "x"), granted("b", "r", "3600")
		w := wiretest.Script(granted("a", "r", "3600"), refused, refused, again)
		user := byVault(client(t, finapi.V1, w))
		defer user.Close()
		tokenOf(t, user)
		time.Sleep(time.Hour)
		_, err := user.Token(t.Context())
		require.ErrorIs(t, err, token.ErrBadUser)
		time.Sleep(15 * time.Minute)
		assert.Equal(t, "b", tokenOf(t, user).Access.Reveal())
	})
}

// A user without a refresh token logs in again.
func TestUserWithoutARefreshToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wiretest.Script(granted("a", "", "3600"), granted("b", "", "3600"))
		user := byVault(client(t, finapi.V1, w))
		defer user.Close()
		tokenOf(t, user)
		time.Sleep(time.Hour)
		assert.Equal(t, "b", tokenOf(t, user).Access.Reveal())
		assert.Len(t, passwords(t, w), 2)
	})
}

// Nothing makes a password one that is repeated in doubt; a refresh token is, if it is asked for.
func TestRepeatInDoubtIsNotForPasswords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wiretest.Script(reply{Err: io.EOF}, granted("a", "r", "3600"))
		c := client(t, finapi.V1, w, func(cfg *finapi.Config) { cfg.HTTP.RepeatInDoubt = true })
		_, err := c.GetToken(t.Context(), grants["password"])
		require.ErrorIs(t, err, rest.ErrInDoubt)
		assert.Len(t, w.Requests(), 1)
		err = c.VerifyPassword(t.Context(), username, secret.New(password), rest.RepeatInDoubt())
		provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: "RepeatInDoubt"})
		assert.Len(t, w.Requests(), 1)

		w = wiretest.Script(reply{Err: io.EOF}, granted("a", "r", "3600"))
		_, err = client(t, finapi.V1, w).GetToken(t.Context(), grants["refresh_token"], rest.RepeatInDoubt())
		require.NoError(t, err)
		assert.Len(t, w.Requests(), 2)
	})
}

// A dead refresh token leads to one login in a cool-down, also while the token before it is still good.
func TestDeadRefreshTokenRespectsTheCoolDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		login := granted("a", "r", "3600")
		w := wiretest.Tap(desk(func(form url.Values) reply {
			if form.Get("refresh_token") != "" {
				return failed(400, "BAD_REQUEST", "Invalid refresh token")
			}
			return login
		}))
		user := byVault(client(t, finapi.V1, w, once, func(cfg *finapi.Config) { cfg.Tokens.Window = 15 * time.Minute }))
		defer user.Close()
		tokenOf(t, user)
		login = reply{Status: 500}
		_ = askFor(t, user, 50*time.Minute)
		require.Len(t, passwords(t, w), 2, "in the background")
		tokenOf(t, user)
		_ = askFor(t, user, 2*time.Hour-50*time.Minute)
		assert.InDelta(t, 1+(2*60-45)/15, len(passwords(t, w)), 2)
		assert.Len(t, w.Requests(), 2*len(passwords(t, w))-1, "and as rarely the refresh token")
	})
}

// tumbling is a transport that panics after a request has left.
type tumbling struct{ http.RoundTripper }

func (p tumbling) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := p.RoundTripper.RoundTrip(r); err != nil {
		return nil, err
	}
	panic(canary)
}

// A panic tells nothing of a password that was sent before it.
func TestPasswordAndAPanic(t *testing.T) {
	for name, source := range map[string]func(*finapi.Client) *token.Source{"once": byPassword, "again": byVault} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := wiretest.Script(granted("a", "r", "3600"))
				user := source(client(t, finapi.V1, tumbling{w}, once))
				defer user.Close()
				err := askFor(t, user, 14*time.Minute)
				var p *token.PanicError
				require.ErrorAs(t, err, &p)
				assert.NotContains(t, fmt.Sprintf("%+v", err), canary)
				assert.Len(t, w.Requests(), 1)
			})
		})
	}
}

// Nor does it of a refresh token.
func TestRefreshTokenAndAPanic(t *testing.T) {
	user := byRefresh(client(t, finapi.V1, tumbling{wiretest.Script(granted("a", "r", "3600"))}))
	t.Cleanup(user.Close)
	_, err := user.Token(t.Context())
	var p *token.PanicError
	require.ErrorAs(t, err, &p)
	require.ErrorIs(t, err, token.ErrInDoubt)
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), canary)
}

// No password is no answer: it may be there the next time.
func TestEmptyPasswordIsAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, give := wiretest.Script(granted("a", "r", "3600")), secret.String{}
		user := client(t, finapi.V1, w).UserTokensFunc(username, func(context.Context) (secret.String, error) { return give, nil })
		defer user.Close()
		_, err := user.Token(t.Context())
		require.ErrorIs(t, err, rest.ErrInvalid)
		require.NotErrorIs(t, err, token.ErrFinal)
		assert.ErrorContains(t, err, "password: must not be empty")
		give = secret.New(password)
		time.Sleep(10 * time.Second)
		tokenOf(t, user)
	})
}

// A password is verified by finAPI each time, past what a source or the Store has, and costs nobody a token.
func TestVerifyPassword(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		w := served(t, v)
		user := w.UserTokens(w.user, w.password)
		t.Cleanup(user.Close)
		tok := tokenOf(t, user)
		for range 2 {
			var info rest.Info
			require.NoError(t, w.VerifyPassword(t.Context(), w.user, w.password, rest.Capture(&info)))
			assert.Equal(t, versions[v].tokenOp, info.Operation)
		}
		assert.Same(t, tok, tokenOf(t, user), "nothing has changed for the source")
		_, err := w.GetToken(t.Context(), request{GrantType: forRefresh, RefreshToken: tok.Refresh.Reveal()})
		require.NoError(t, err, "nothing was revoked")

		for range 4 {
			err = w.VerifyPassword(t.Context(), w.user, secret.New(password))
			require.ErrorIs(t, err, token.ErrBadUser)
			require.ErrorIs(t, err, rest.ErrInvalid)
		}
		require.ErrorIs(t, w.VerifyPassword(t.Context(), w.user, w.password), token.ErrLocked, "each one counts")
		assert.Equal(t, []string{"password", "password", "password", "refresh_token", "password", "password", "password", "password", "password"}, w.grants(t))
		require.ErrorIs(t, w.VerifyPassword(t.Context(), sandbox.UnverifiedUsername, w.password), token.ErrForbidden)
		provider.RequireFault(t, w.VerifyPassword(t.Context(), "", w.password), fault{Kind: rest.ErrInvalid, Field: "username", Says: "is required"})
	})
}

// The Store has a token of the user, which UserTokens hands out whatever the password is. VerifyPassword is for that.
func TestWrongPasswordAndAStore(t *testing.T) {
	store := &token.MemoryStore{}
	w := wiretest.Script(granted("a", "r", "3600"), failed(400, "BAD_REQUEST", "Bad user credentials"))
	c := client(t, finapi.V1, w, once, func(cfg *finapi.Config) { cfg.Tokens.Store = store })
	first := byPassword(c)
	t.Cleanup(first.Close)
	tokenOf(t, first)
	wrong := c.UserTokens(username, secret.New("wrong"))
	t.Cleanup(wrong.Close)
	assert.Equal(t, "a", tokenOf(t, wrong).Access.Reveal())
	require.ErrorIs(t, c.VerifyPassword(t.Context(), username, secret.New("wrong")), token.ErrBadUser)
	assert.Equal(t, []string{password, "wrong"}, passwords(t, w))
	assert.Equal(t, "a", tokenOf(t, wrong).Access.Reveal())

	source := readFile(t, "sources.go")
	doc, _, _ := strings.Cut(source, "\nfunc (c *Client) UserTokens(")
	assert.Contains(t, doc[strings.LastIndex(doc, "// UserTokens "):], "THE PASSWORD IS NOT CHECKED")
}
