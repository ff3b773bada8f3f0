package finapi_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
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

// again gives the password whenever it is asked for.
func (w *world) again(context.Context) (secret.String, error) { return w.password, nil }

// Requirement D41: a password that was given once is dropped when it has brought a token.
func TestPasswordIsDropped(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		synctest.Test(t, func(t *testing.T) {
			w := inMemory(t, v, sandbox.RefreshTokenLife(30*time.Minute))
			user := w.UserTokens(w.user, w.password)
			defer user.Close()
			tokenOf(t, user)
			time.Sleep(time.Hour)
			for range 3 {
				_, err := user.Token(t.Context())
				assert.ErrorIs(t, err, token.ErrDeadGrant)
				assert.ErrorIs(t, err, token.ErrFinal)
				assert.ErrorContains(t, err, "the user must log in again")
			}
			assert.Equal(t, []string{"password", "refresh_token"}, w.grants(t))
		})
	})
}

// Requirement D43: a password is sent only by who asks for a user's tokens by it, and its documentation discourages it.
func TestPasswordGrantIsOptIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := inMemory(t, finapi.V1)
		tokenOf(t, w.ClientTokens())
		require.NoError(t, w.RevokeToken(t.Context(), secret.New("some-token"), finapi.HintNone))
		from := w.RefreshTokens(w.user, secret.New("a-refresh-token"))
		defer from.Close()
		_, err := from.Token(t.Context())
		require.ErrorIs(t, err, token.ErrDeadGrant)
		assert.NotContains(t, w.grants(t), "password")
	})
	doc, _, _ := strings.Cut(readFile(t, "sources.go"), "\nfunc (c *Client) UserTokens(")
	assert.Contains(t, doc[strings.LastIndex(doc, "// UserTokens "):], "discouraged")
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(b)
}

// A password that cannot be had is no token, and nothing is sent.
func TestPasswordThatCannotBeHad(t *testing.T) {
	w := wiretest.Script(granted("a", "r", "3600"))
	sealed := errors.New("the vault is sealed")
	user := client(t, finapi.V1, w).UserTokensFunc(username, func(context.Context) (secret.String, error) {
		return secret.String{}, sealed
	})
	t.Cleanup(user.Close)
	_, err := user.Token(t.Context())
	assert.ErrorIs(t, err, sealed)
	assert.NotErrorIs(t, err, token.ErrFinal)
	assert.Empty(t, w.Requests())
}

// Each final refusal has its name, by what was sent.
func TestRefusalsHaveNames(t *testing.T) {
	bad := failed(400, "BAD_REQUEST", "Bad credentials")
	for name, c := range map[string]struct {
		reply  reply
		source func(c *finapi.Client) *token.Source
		want   error
	}{
		"wrong password":    {bad, byPassword, token.ErrBadUser},
		"dead refresh":      {bad, byRefresh, token.ErrDeadGrant},
		"locked":            {failed(423, "LOCKED", "Locked"), byRefresh, token.ErrLocked},
		"not verified":      {failed(403, "USER_NOT_VERIFIED", "Not verified"), byPassword, token.ErrForbidden},
		"wrong client":      {reply{Status: 401, Body: `{"error":"invalid_client"}`}, byRefresh, token.ErrBadClient},
		"wrong client, own": {reply{Status: 401, Body: `{"error":"invalid_client"}`}, (*finapi.Client).ClientTokens, token.ErrBadClient},
	} {
		t.Run(name, func(t *testing.T) {
			w := wiretest.Script(c.reply)
			s := c.source(client(t, finapi.V1, w))
			t.Cleanup(s.Close)
			for range 3 {
				_, err := s.Token(t.Context())
				assert.ErrorIs(t, err, c.want)
				assert.ErrorIs(t, err, token.ErrFinal)
			}
			assert.Len(t, w.Requests(), 1)
		})
	}
}

func byPassword(c *finapi.Client) *token.Source {
	return c.UserTokens(username, secret.New(password))
}

func byRefresh(c *finapi.Client) *token.Source {
	return c.RefreshTokens(username, secret.New("from outside"))
}

// A refresh token from outside is used, and replaced.
func TestRefreshTokenFromOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := wiretest.Script(granted("one", "next", "3600"), granted("two", "", "3600"))
		s := byRefresh(client(t, finapi.V1, w))
		defer s.Close()
		tokenOf(t, s)
		time.Sleep(time.Hour)
		tokenOf(t, s)
		sent := w.Requests()
		require.Len(t, sent, 2)
		assert.Equal(t, "from outside", sent[0].Form(t).Get("refresh_token"))
		assert.Equal(t, "next", sent[1].Form(t).Get("refresh_token"))
	})
}

// A service that restarts needs no password: the store has the refresh token. The client's own token is in it, too.
func TestRestartWithAStore(t *testing.T) {
	store := &token.MemoryStore{}
	with := func(cfg *finapi.Config) { cfg.Tokens.Store = store }
	first := client(t, finapi.V1, wiretest.Script(granted("a", "r", "3600"), granted("client", "", "3600")), with)
	user := first.UserTokens("Alice", secret.New(password))
	tokenOf(t, user)
	tokenOf(t, first.ClientTokens())
	user.Close()
	first.Close()

	w := wiretest.Script()
	assert.Equal(t, "client", tokenOf(t, client(t, finapi.V1, w, with).ClientTokens()).Access.Reveal())
	user = client(t, finapi.V1, w, with).RefreshTokens("alice", secret.String{})
	t.Cleanup(user.Close)
	assert.Equal(t, "a", tokenOf(t, user).Access.Reveal())
	assert.Empty(t, w.Requests())
	other := client(t, finapi.V1, w, with).RefreshTokens("bob", secret.String{})
	t.Cleanup(other.Close)
	_, err := other.Token(t.Context())
	assert.ErrorIs(t, err, token.ErrDeadGrant, "another user has another record")
}

// Close revokes what the source holds, if it is told to.
func TestRevokeOnClose(t *testing.T) {
	for name, c := range map[string]struct {
		answer     reply
		kind, want string
	}{
		"refresh token": {granted("a", "r", "3600"), "refresh_token", "r"},
		"access token":  {granted("a", "", "3600"), "access_token", "a"},
	} {
		t.Run(name, func(t *testing.T) {
			w := wiretest.Script(c.answer, granted("client", "", "3600"), reply{Status: 200})
			user := client(t, finapi.V1, w, func(cfg *finapi.Config) { cfg.RevokeOnClose = true }).UserTokens(username, secret.New(password))
			tokenOf(t, user)
			user.Close()
			sent := w.Requests()
			require.Len(t, sent, 3)
			assert.Equal(t, c.want, sent[2].Form(t).Get("token"))
			assert.Equal(t, c.kind, sent[2].Form(t).Get("token_type_hint"))
			assert.Equal(t, "Bearer client", sent[2].Header.Get("Authorization"))
		})
	}
}

// Requirement D51 with a store: an access token that is revoked leaves it, its refresh token stays.
func TestRevokedAccessTokenLeavesTheStore(t *testing.T) {
	store := &token.MemoryStore{}
	w := wiretest.Script(granted("a", "r", "3600"), granted("client", "", "3600"), reply{Status: 200}, granted("b", "", "3600"))
	c := client(t, finapi.V1, w, func(cfg *finapi.Config) { cfg.Tokens.Store = store })
	user := byPassword(c)
	t.Cleanup(user.Close)
	require.NoError(t, c.RevokeToken(t.Context(), tokenOf(t, user).Access, finapi.HintAccessToken))
	again := c.RefreshTokens(username, secret.String{})
	t.Cleanup(again.Close)
	assert.Equal(t, "b", tokenOf(t, again).Access.Reveal(), "another source does not find it in the store")
	assert.Equal(t, "r", w.Requests()[3].Form(t).Get("refresh_token"))
}

// Requirement E56: a type of token that cannot be revoked has an error of its own.
func TestUnsupportedTokenType(t *testing.T) {
	w := wiretest.Script(granted("client", "", "3600"), failed(400, "BAD_REQUEST", "Not supported"))
	err := client(t, finapi.V1, w).RevokeToken(t.Context(), secret.New("x"), finapi.HintRefreshToken)
	assert.ErrorIs(t, err, finapi.ErrUnsupportedTokenType)
	assert.ErrorIs(t, err, rest.ErrInvalid)
	err = client(t, finapi.V1, wiretest.Script(granted("client", "", "3600"), failed(403, "X", "x"))).RevokeToken(t.Context(), secret.New("x"), finapi.HintNone)
	assert.NotErrorIs(t, err, finapi.ErrUnsupportedTokenType)
}

// A 400 to the client's own token is not about the token to be revoked, and its error is one that others have as well.
func TestUnsupportedTokenTypeIsOfRevocationsAlone(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		c := client(t, v, wiretest.Script(failed(400, "BAD_REQUEST", "Not a grant")))
		_, before := c.ClientTokens().Token(t.Context())
		require.ErrorIs(t, before, rest.ErrInvalid)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				err := c.RevokeToken(t.Context(), secret.New("x"), finapi.HintAccessToken)
				e := provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Status: 400, RequestID: requestID, Attempts: 1, Says: "Not a grant"})
				assert.Equal(t, versions[v].tokenOp, e.Operation)
				assert.NotErrorIs(t, err, finapi.ErrUnsupportedTokenType)
			})
		}
		all.Wait()
		assert.NotErrorIs(t, before, finapi.ErrUnsupportedTokenType, "it was handed out before")
	})
}

// hung is a store that answers nothing once it is told so.
type hung struct {
	token.MemoryStore
	on atomic.Bool
}

func (h *hung) Load(ctx context.Context, key string) (token.Record, error) {
	if h.on.Load() {
		<-ctx.Done()
		return token.Record{}, ctx.Err()
	}
	return h.MemoryStore.Load(ctx, key)
}

// A revocation waits no longer than its context lasts, whatever the store does and however many users there are.
func TestRevokeEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, store := wiretest.Script(granted("client", "", "3600"), granted("user", "r", "3600"), reply{Status: 200}), &hung{}
		c := client(t, finapi.V1, w, func(cfg *finapi.Config) { cfg.Tokens.Store = store })
		tokenOf(t, c.ClientTokens())
		user := byPassword(c)
		t.Cleanup(user.Close)
		gone := tokenOf(t, user)
		for _, name := range []string{"a", "b", "c"} {
			t.Cleanup(c.UserTokens(name, secret.New(password)).Close)
		}
		store.on.Store(true)
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		begun := time.Now()
		err := c.RevokeToken(ctx, gone.Access, finapi.HintAccessToken)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 100*time.Millisecond, time.Since(begun))
		assert.Len(t, w.Requests(), 2, "nothing was revoked")
		store.on.Store(false)
		_, _ = user.Token(t.Context())
		require.Len(t, w.Requests(), 3, "it has left the memory")
		assert.Equal(t, "r", w.Requests()[2].Form(t).Get("refresh_token"))
	})
}
