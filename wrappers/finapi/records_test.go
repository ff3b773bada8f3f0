package finapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// library is a store that notes what it is asked.
type library struct {
	token.MemoryStore
	mu    sync.Mutex
	loads int
	keys  map[string]bool
}

func (l *library) Load(ctx context.Context, key string) (token.Record, error) {
	l.mu.Lock()
	l.loads++
	if l.keys == nil {
		l.keys = map[string]bool{}
	}
	l.keys[key] = true
	l.mu.Unlock()
	return l.MemoryStore.Load(ctx, key)
}

// asked returns how often a record was loaded since the last time.
func (l *library) asked() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.loads
	l.loads = 0
	return n
}

func (l *library) in(cfg *finapi.Config) { cfg.Tokens.Store = l }

// echo is a finAPI whose tokens tell what they came from.
func echo(form url.Values) reply {
	switch {
	case form.Has("token"):
		return reply{Status: 200}
	case form.Has("refresh_token"):
		return granted("by-"+form.Get("refresh_token"), "", "3600")
	case form.Has("username"):
		return granted("of-"+url.QueryEscape(form.Get("username")), "r-"+url.QueryEscape(form.Get("username")), "3600")
	}
	return granted("client", "", "3600")
}

// A token is handed out for what it was got with: of sources with one Store, those of a user share a record, and those of
// nobody who is named share one with their own grant alone.
func TestRecordsAreApart(t *testing.T) {
	named := func(name string) func(*finapi.Client) *token.Source {
		return func(c *finapi.Client) *token.Source { return c.UserTokens(name, secret.New(password)) }
	}
	grant := func(name, refresh string) func(*finapi.Client) *token.Source {
		return func(c *finapi.Client) *token.Source { return c.RefreshTokens(name, secret.New(refresh)) }
	}
	sum := "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" // the SHA-256 of "x"
	for name, c := range map[string]struct {
		first, second func(*finapi.Client) *token.Source
		want          string // that the second hands out
	}{
		"two grants":             {grant("", "one"), grant("", "two"), "by-two"},
		"one grant":              {grant("", "one"), grant("", "one"), "by-one"},
		"two users":              {grant("alice", "one"), grant("bob", "two"), "by-two"},
		"two grants of a user":   {grant("alice", "one"), grant("alice", "two"), "by-one"},
		"case of a user":         {named("Alice"), grant("aLICE", "one"), "of-Alice"},
		"letters beyond ASCII":   {named("alice"), grant("al\u0130ce", "one"), "by-one"},
		"the Kelvin sign":        {named("kim"), named("\u212aim"), "of-%E2%84%AAim"},
		"a user and a grant":     {named("alice"), grant("", "one"), "by-one"},
		"a name like a grant":    {grant("", "x"), named("grant " + sum), "of-grant+" + sum},
		"a name like its hash":   {grant("", "x"), named(sum), "of-" + sum},
		"a name with a quote":    {named(`a" user "b`), named(`a`), "of-a"},
		"a name like the client": {(*finapi.Client).ClientTokens, named(clientID), "of-" + clientID},
	} {
		t.Run(name, func(t *testing.T) {
			store := &library{}
			of := client(t, finapi.V1, desk(echo), store.in)
			for i, source := range []func(*finapi.Client) *token.Source{c.first, c.second} {
				s := source(of)
				t.Cleanup(s.Close)
				got := tokenOf(t, s)
				if i == 1 {
					assert.Equal(t, c.want, got.Access.Reveal())
				}
			}
			for key := range store.keys {
				for _, r := range []string{"one", "two"} {
					assert.NotContains(t, key, fmt.Sprintf("%q", r), "no key holds a token")
				}
			}
		})
	}
}

// Clients that differ in what a token is for share a Store and no record.
func TestRecordsOfClientsAreApart(t *testing.T) {
	for name, change := range map[string]func(*finapi.Config){
		"another host":   func(cfg *finapi.Config) { cfg.Environment = finapi.Production },
		"another client": func(cfg *finapi.Config) { cfg.ClientID = "another" },
		"another key":    func(cfg *finapi.Config) { cfg.Tokens.Key = "mine " },
	} {
		t.Run(name, func(t *testing.T) {
			store, w := &library{}, wiretest.Tap(desk(echo))
			one, two := client(t, finapi.V1, w, store.in), client(t, finapi.V1, w, store.in, change)
			for _, c := range []*finapi.Client{one, two} {
				tokenOf(t, c.ClientTokens())
				for _, s := range []*token.Source{byPassword(c), c.RefreshTokens("", secret.New("x"))} {
					t.Cleanup(s.Close)
					tokenOf(t, s)
				}
			}
			assert.Len(t, w.Requests(), 6)
		})
	}
}

// A refresh token of Config.Tokens is nobody's.
func TestConfiguredRefreshTokenIsNotUsed(t *testing.T) {
	w := wiretest.Tap(desk(echo))
	c := client(t, finapi.V1, w, func(cfg *finapi.Config) { cfg.Tokens.Refresh = secret.New("canary-nobody") })
	assert.True(t, tokenOf(t, c.ClientTokens()).Refresh.IsZero())
	user := byPassword(c)
	t.Cleanup(user.Close)
	tokenOf(t, user)
	for _, s := range w.Requests() {
		assert.NotContains(t, s.Body, "canary-nobody")
	}
}

// The record of a grant goes on with what came of it, after a restart with the refresh token that it began with.
func TestGrantWithoutANameRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &library{}
		first := granted("a", "second", "3600")
		w := wiretest.Script(first, granted("b", "third", "3600"))
		for _, want := range []string{"a", "b"} {
			user := client(t, finapi.V1, w, store.in).RefreshTokens("", secret.New("canary-first"))
			assert.Equal(t, want, tokenOf(t, user).Access.Reveal())
			user.Close()
			time.Sleep(2 * time.Hour)
		}
		sent := w.Requests()
		require.Len(t, sent, 2)
		assert.Equal(t, "canary-first", sent[0].Form(t).Get("refresh_token"))
		assert.Equal(t, "second", sent[1].Form(t).Get("refresh_token"))
		for key := range store.keys {
			assert.NotContains(t, key, "canary")
		}
	})
}

// What names no user and has no grant has no record that others of its kind could share.
func TestNobodyHasNoRecord(t *testing.T) {
	store := &library{}
	c := client(t, finapi.V1, desk(echo), store.in)
	for field, s := range map[string]*token.Source{
		"refresh": c.RefreshTokens("", secret.String{}), "username": c.UserTokens("", secret.New(password)),
	} {
		_, err := s.Token(t.Context())
		require.ErrorIs(t, err, token.ErrFinal)
		var e *rest.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, field, e.Field)
		s.Close()
	}
	assert.Zero(t, store.asked())
}

// Requirement D51: a revocation finds the sources that hold the token, and the Store is not asked for all others.
func TestRevokeAsksNobodyElse(t *testing.T) {
	const users = 200
	store := &library{}
	c := client(t, finapi.V1, desk(echo), store.in)
	var all []*token.Source
	for i := range users {
		s := c.UserTokens(fmt.Sprintf("user-%d", i), secret.New(password))
		t.Cleanup(s.Close)
		tokenOf(t, s)
		all = append(all, s)
	}
	tokenOf(t, c.ClientTokens())
	store.asked()
	require.NoError(t, c.RevokeToken(t.Context(), tokenOf(t, all[7]).Access, finapi.HintAccessToken))
	assert.LessOrEqual(t, store.asked(), 2, "of one source, before and after")
	require.NoError(t, c.RevokeToken(t.Context(), secret.New("r-user-8"), finapi.HintRefreshToken))
	assert.LessOrEqual(t, store.asked(), 2)
	require.NoError(t, c.RevokeToken(t.Context(), secret.New("unknown"), finapi.HintNone))
	assert.Zero(t, store.asked())
	assert.Equal(t, "by-r-user-7", tokenOf(t, all[7]).Access.Reveal(), "its grant lives")
	_, err := all[8].Token(t.Context())
	require.ErrorIs(t, err, token.ErrDeadGrant)
	assert.Equal(t, "of-user-9", tokenOf(t, all[9]).Access.Reveal())
}

// A source is found by whatever it holds, wherever that came from.
func TestRevokeFindsTheHolders(t *testing.T) {
	for name, c := range map[string]struct {
		before func(t *testing.T, c *finapi.Client) // what is in the Store already
		source func(*finapi.Client) *token.Source
		asks   int // how often it is asked for a token, an hour apart
		value  string
		hint   finapi.Hint
		found  bool
	}{
		"fetched":                    {nil, byPassword, 1, "of-" + username, finapi.HintAccessToken, true},
		"its refresh token":          {nil, byPassword, 1, "r-" + username, finapi.HintRefreshToken, true},
		"renewed":                    {nil, byPassword, 2, "by-r-" + username, finapi.HintAccessToken, true},
		"a refresh token that stays": {nil, byPassword, 3, "r-" + username, finapi.HintRefreshToken, true},
		"loaded":                     {storedUser, byPassword, 1, "of-" + username, finapi.HintNone, true},
		"loaded refresh token":       {storedUser, byPassword, 1, "r-" + username, finapi.HintRefreshToken, true},
		"from outside":               {nil, byRefresh, 0, "from outside", finapi.HintRefreshToken, true},
		"never asked":                {storedUser, byPassword, 0, "of-" + username, finapi.HintNone, false},
		"the client's":               {nil, (*finapi.Client).ClientTokens, 1, "client", finapi.HintAccessToken, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var forgotten atomic.Bool
				store := &library{}
				cl := client(t, finapi.V1, desk(echo), store.in, func(cfg *finapi.Config) {
					cfg.Tokens.OnEvent = func(_ context.Context, e token.Event) {
						if e.Kind == token.EventForgotten {
							forgotten.Store(true)
						}
					}
				})
				if c.before != nil {
					c.before(t, client(t, finapi.V1, desk(echo), store.in))
				}
				s := c.source(cl)
				defer s.Close()
				for i := range c.asks {
					if i > 0 {
						time.Sleep(time.Hour)
					}
					tokenOf(t, s)
					synctest.Wait()
				}
				require.NoError(t, cl.RevokeToken(t.Context(), secret.New(c.value), c.hint))
				assert.Equal(t, c.found, forgotten.Load())
				cl.Close()
			})
		})
	}
}

// storedUser leaves a token of the user in the Store.
func storedUser(t *testing.T, c *finapi.Client) {
	t.Helper()
	s := byPassword(c)
	tokenOf(t, s)
	s.Close()
	c.Close()
}

// A token from the Store that has ended is held for its refresh token, whatever comes of that.
func TestRevokeFindsWhatCouldNotBeRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, down := &library{}, false
		d := desk(func(form url.Values) reply {
			if down && form.Has("refresh_token") {
				return reply{Status: 429}
			}
			return echo(form)
		})
		storedUser(t, client(t, finapi.V1, d, store.in))
		down = true
		time.Sleep(2 * time.Hour)
		var forgotten atomic.Bool
		c := client(t, finapi.V1, d, store.in, once, func(cfg *finapi.Config) {
			cfg.Tokens.OnEvent = func(_ context.Context, e token.Event) {
				if e.Kind == token.EventForgotten {
					forgotten.Store(true)
				}
			}
		})
		user := byPassword(c)
		defer user.Close()
		_, err := user.Token(t.Context())
		require.ErrorIs(t, err, rest.ErrRateLimited)
		time.Sleep(time.Minute)
		require.NoError(t, c.RevokeToken(t.Context(), secret.New("r-"+username), finapi.HintRefreshToken))
		assert.True(t, forgotten.Load())
	})
}

// What is refused before it is sent takes nothing from anybody.
func TestRefusedRevocationDropsNothing(t *testing.T) {
	c := client(t, finapi.V1, desk(echo))
	user := byPassword(c)
	t.Cleanup(user.Close)
	got := tokenOf(t, user)
	require.ErrorIs(t, c.RevokeToken(t.Context(), got.Access, "id_token"), rest.ErrInvalid)
	assert.Same(t, got, tokenOf(t, user))
}

// A token that finAPI echoes is masked.
func TestRevokedTokenIsMasked(t *testing.T) {
	c := client(t, finapi.V1, wiretest.Script(granted("client", "", "3600"), failed(400, "X", "cannot revoke "+canary)))
	err := c.RevokeToken(t.Context(), secret.New(canary), finapi.HintNone)
	provider.RequireFault(t, err, fault{Kind: finapi.ErrUnsupportedTokenType, Status: 400, Attempts: 1, RequestID: requestID, Says: "cannot revoke [redacted]"})
}

// The body of a failure is bounded as that of a token is.
func TestRevokeBoundsFailures(t *testing.T) {
	w := wiretest.Script(granted("client", "", "3600"), reply{Status: 400, Body: strings.Repeat("x", 2*rest.TokenMaxBody)})
	err := client(t, finapi.V1, w).RevokeToken(t.Context(), secret.New("x"), finapi.HintNone)
	var e *rest.Error
	require.ErrorAs(t, err, &e)
	assert.Len(t, e.RawBody(), rest.TokenMaxBody)
}

// Sources of one user have one token, and lose it together.
func TestRevokeFindsEveryHolder(t *testing.T) {
	same := granted("same", "r", "3600")
	w := wiretest.Tap(desk(func(form url.Values) reply {
		if form.Has("username") {
			return same
		}
		return echo(form)
	}))
	c := client(t, finapi.V1, w)
	one, two := byVault(c), byVault(c)
	t.Cleanup(one.Close)
	t.Cleanup(two.Close)
	tokenOf(t, one)
	tokenOf(t, two)
	same = granted("next", "r", "3600")
	require.NoError(t, c.RevokeToken(t.Context(), secret.New("same"), finapi.HintNone))
	assert.Equal(t, "next", tokenOf(t, one).Access.Reveal())
	assert.Equal(t, "next", tokenOf(t, two).Access.Reveal())
}

// The client's own token is revoked while it is renewed: finAPI gives the same one again, which is not handed out.
func TestRevokeOwnTokenWhileItIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		next, delay := "one", time.Duration(0)
		c := client(t, finapi.V1, desk(func(form url.Values) reply {
			if form.Has("token") {
				next = "two"
				return reply{Status: 200}
			}
			access := next
			time.Sleep(delay)
			return granted(access, "", "3600")
		}))
		one := tokenOf(t, c.ClientTokens())
		time.Sleep(time.Hour - 30*time.Second)
		delay = 10 * time.Second
		tokenOf(t, c.ClientTokens()) // and the renewal has begun
		synctest.Wait()
		require.NoError(t, c.RevokeToken(t.Context(), one.Access, finapi.HintAccessToken))
		assert.Equal(t, "two", tokenOf(t, c.ClientTokens()).Access.Reveal())
	})
}

// With a Store that does not answer, a revocation ends within the time-out of a call, and is sent before.
func TestRevokeEndsInTime(t *testing.T) {
	for name, c := range map[string]struct {
		timeout, want time.Duration
		opts          []rest.Option
	}{
		"as configured":  {8 * time.Second, 8 * time.Second, nil},
		"by default":     {0, rest.DefaultTimeout, nil},
		"not any longer": {8 * time.Second, 8 * time.Second, []rest.Option{rest.Timeout(time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &hung{}
				w := wiretest.Tap(desk(echo))
				of := client(t, finapi.V1, w, func(cfg *finapi.Config) { cfg.Tokens.Store, cfg.HTTP.Timeout = store, c.timeout })
				tokenOf(t, of.ClientTokens())
				var users []*token.Source
				for range 20 {
					user := byVault(of)
					t.Cleanup(user.Close)
					users = append(users, user)
					tokenOf(t, user)
				}
				store.on.Store(true)
				begun := time.Now()
				require.NoError(t, of.RevokeToken(t.Context(), tokenOf(t, users[0]).Access, finapi.HintAccessToken, c.opts...))
				assert.LessOrEqual(t, time.Since(begun), c.want)
				assert.NotEmpty(t, w.At("/revoke"))
				store.on.Store(false)
			})
		})
	}
	t.Run("nobody answers", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := client(t, finapi.V1, wiretest.Script(granted("client", "", "3600"), reply{Hangs: true}))
			begun := time.Now()
			err := c.RevokeToken(t.Context(), secret.New("x"), finapi.HintNone)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, rest.DefaultTimeout, time.Since(begun))
		})
	})
}

// Revocations, logins and sources that come and go do not meet badly. Where a login brings the very token that is being
// revoked, nobody gets it, and the one password is used up.
func TestRevokeAmongMany(t *testing.T) {
	c := client(t, finapi.V1, desk(echo))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 50 {
				s := c.UserTokens(fmt.Sprintf("user-%d", i%2), secret.New(password))
				got, err := s.Token(t.Context())
				if !errors.Is(err, token.ErrDeadGrant) && assert.NoError(t, err) {
					assert.NoError(t, c.RevokeToken(t.Context(), got.Access, finapi.HintNone))
				}
				s.Close()
			}
		})
	}
	all.Wait()
}
