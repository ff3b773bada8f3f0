package finapi_test

import (
	"sync"
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

func c2s(s string) secret.String { return secret.New(s) }

// tokenOf returns the token that a source hands out now.
func tokenOf(t *testing.T, s *token.Source) *token.Token {
	t.Helper()
	got, err := s.Token(t.Context())
	require.NoError(t, err)
	return got
}

// Requirement D44: any number of callers cause one call.
func TestOneCallForAll(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		w := served(t, v)
		user := w.UserTokens(w.user, w.password)
		t.Cleanup(user.Close)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				_, err := user.Token(t.Context())
				assert.NoError(t, err)
			})
			all.Go(func() {
				_, err := w.ClientTokens().Token(t.Context())
				assert.NoError(t, err)
			})
		}
		all.Wait()
		assert.ElementsMatch(t, []string{"client_credentials", "password"}, w.grants(t))
		one, two := w.ClientTokens(), w.ClientTokens()
		assert.Same(t, one, two)
	})
}

// Requirement D39: an answer without a refresh token keeps the old one. The password is used once.
func TestRefreshTokenIsKept(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		synctest.Test(t, func(t *testing.T) {
			w := inMemory(t, v)
			user := w.UserTokens(w.user, w.password)
			defer user.Close()
			first := tokenOf(t, user)
			for range 3 {
				time.Sleep(time.Hour)
				last := tokenOf(t, user)
				assert.False(t, last.Same(first))
				assert.True(t, last.Refresh.Equal(first.Refresh))
			}
			assert.Equal(t, []string{"password", "refresh_token", "refresh_token", "refresh_token"}, w.grants(t))
			for _, s := range w.wire.Requests()[1:] {
				assert.Equal(t, first.Refresh.Reveal(), s.Form(t).Get("refresh_token"))
				assert.NotContains(t, s.Form(t), "password")
			}
		})
	})
}

// Requirement D38: a new refresh token takes the place of the old one, which is never sent again.
func TestRefreshTokenIsReplaced(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		synctest.Test(t, func(t *testing.T) {
			w := inMemory(t, v, sandbox.RotateRefreshTokens())
			user := w.UserTokens(w.user, w.password)
			defer user.Close()
			spent := []string{tokenOf(t, user).Refresh.Reveal()}
			for range 3 {
				time.Sleep(time.Hour)
				spent = append(spent, tokenOf(t, user).Refresh.Reveal())
			}
			require.Equal(t, []string{"password", "refresh_token", "refresh_token", "refresh_token"}, w.grants(t))
			for i, s := range w.wire.Requests()[1:] {
				assert.Equal(t, spent[i], s.Form(t).Get("refresh_token"))
			}
			assert.NotEqual(t, spent[0], spent[1])
		})
	})
}

// A refresh token that has died costs the password once more, where it can be had again, and nobody notices.
func TestDeadRefreshToken(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		synctest.Test(t, func(t *testing.T) {
			w := inMemory(t, v, sandbox.RefreshTokenLife(30*time.Minute))
			user := w.UserTokensFunc(w.user, w.again)
			defer user.Close()
			first := tokenOf(t, user)
			time.Sleep(time.Hour)
			second := tokenOf(t, user)
			assert.False(t, second.Same(first))
			assert.False(t, second.Refresh.Equal(first.Refresh))
			assert.Equal(t, []string{"password", "refresh_token", "password"}, w.grants(t))
		})
	})
}

// Requirement D52: the same token from the provider does not make the source ask in a loop.
func TestSameTokenIsNoLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := inMemory(t, finapi.V1)
		for range 60 * 60 {
			tokenOf(t, w.ClientTokens())
			time.Sleep(time.Second)
		}
		assert.LessOrEqual(t, len(w.wire.Requests()), 3)
	})
}

// Requirement D42: a wrong password is sent once, however many ask and however often, so that the user is not locked.
func TestWrongPassword(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		w := served(t, v)
		wrong := w.UserTokens(w.user, secret.New(password))
		t.Cleanup(wrong.Close)
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				for range 3 {
					_, err := wrong.Token(t.Context())
					assert.ErrorIs(t, err, token.ErrFinal)
				}
			})
		}
		all.Wait()
		_, err := wrong.Token(t.Context())
		provider.RequireFault(t, err, fault{Kind: token.ErrFinal, Status: 400, Attempts: 1, RequestID: w.sand.Calls()[0].RequestID, Says: "Bad user credentials"})
		wiretest.RequireKinds(t, err, rest.ErrInvalid)
		assert.Equal(t, []string{"password"}, w.grants(t))

		right := w.UserTokens(w.user, w.password)
		t.Cleanup(right.Close)
		tokenOf(t, right)

		wrong.Reset()
		_, err = wrong.Token(t.Context())
		assert.ErrorIs(t, err, token.ErrFinal)
		assert.Equal(t, []string{"password", "password", "password"}, w.grants(t))
	})
}

// A locked user, one who is not verified, and a wrong client are final, too.
func TestFinalRefusals(t *testing.T) {
	locked := failed(423, "LOCKED", "The user is locked")
	for name, c := range map[string]struct {
		reply reply
		kind  error
	}{
		"locked":       {locked, rest.ErrLocked},
		"not verified": {failed(403, "USER_NOT_VERIFIED", "The user is not verified"), rest.ErrForbidden},
		"wrong client": {reply{Status: 401, Body: `{"error":"invalid_client"}`}, rest.ErrUnauthenticated},
	} {
		t.Run(name, func(t *testing.T) {
			w := wiretest.Script(c.reply)
			user := client(t, finapi.V1, w).UserTokens(username, secret.New(password))
			t.Cleanup(user.Close)
			for range 5 {
				_, err := user.Token(t.Context())
				assert.ErrorIs(t, err, token.ErrFinal)
				assert.ErrorIs(t, err, c.kind)
			}
			assert.Len(t, w.Requests(), 1)
		})
	}
	t.Run("wrong client, by itself", func(t *testing.T) {
		w := wiretest.Script(reply{Status: 401, Body: `{"error":"invalid_client"}`})
		c := client(t, finapi.V2, w)
		for range 5 {
			_, err := c.ClientTokens().Token(t.Context())
			assert.ErrorIs(t, err, token.ErrFinal)
		}
		assert.Len(t, w.Requests(), 1)
	})
}

// A user without a name is refused before anything is sent.
func TestUserTokensWithoutName(t *testing.T) {
	w := wiretest.Script(granted("a", "r", "3600"))
	c := client(t, finapi.V1, w)
	for field, user := range map[string]*token.Source{
		"username": c.UserTokens("", secret.New(password)), "password": c.UserTokens(username, secret.String{}),
	} {
		t.Cleanup(user.Close)
		_, err := user.Token(t.Context())
		provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: field, Says: "is required for the grant password"})
	}
	assert.Empty(t, w.Requests())
}
