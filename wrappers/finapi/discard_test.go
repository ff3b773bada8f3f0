package finapi_test

import (
	"context"
	"net/url"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// A user's token that is forgotten while it is on its way is taken back: at finAPI, unless the caller says otherwise.
func TestForgottenTokenIsTakenBack(t *testing.T) {
	for name, c := range map[string]struct {
		own                bool // the caller's Discard is set
		revoked, discarded []string
	}{
		"at finAPI":       {false, []string{"two-r refresh_token"}, nil},
		"by the caller's": {true, nil, []string{"two-a"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen takenBack
				of := client(t, finapi.V1, desk(func(form url.Values) reply {
					switch {
					case form.Has("token"):
						seen.revoke(form)
						return reply{Status: 200}
					case form.Get("grant_type") == "client_credentials":
						return granted("client", "", "3600")
					case form.Get("grant_type") == "password":
						return granted("one-a", "one-r", "600")
					}
					time.Sleep(500 * time.Millisecond)
					return granted("two-a", "two-r", "600")
				}), func(cfg *finapi.Config) {
					if c.own {
						cfg.Tokens.Discard = seen.discard
					}
				})
				user := of.UserTokens(username, secret.New(password))
				t.Cleanup(user.Close)
				assert.Equal(t, "one-a", tokenOf(t, user).Access.Reveal())
				time.Sleep(10 * time.Minute)
				go func() { _, _ = user.Token(context.Background()) }()
				synctest.Wait()
				assert.True(t, user.Forget(secret.New("one-r")))
				synctest.Wait()
				assert.Equal(t, c.revoked, seen.revoked)
				assert.Equal(t, c.discarded, seen.discarded)
			})
		})
	}
}

// Nobody takes back a token of the client itself: other processes have the same one.
func TestForgottenClientTokenStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen takenBack
		of := client(t, finapi.V1, desk(func(form url.Values) reply {
			if form.Has("token") {
				seen.revoke(form)
			}
			time.Sleep(500 * time.Millisecond)
			return granted("client", "", "600")
		}), func(cfg *finapi.Config) { cfg.Tokens.Discard, cfg.Tokens.Revoke = seen.discard, seen.discard })
		tokenOf(t, of.ClientTokens())
		time.Sleep(10 * time.Minute)
		go func() { _, _ = of.ClientTokens().Token(context.Background()) }()
		synctest.Wait()
		assert.True(t, of.ClientTokens().Forget(secret.New("client")))
		tokenOf(t, of.ClientTokens())
		of.Close()
		assert.Empty(t, seen.revoked)
		assert.Empty(t, seen.discarded)
	})
}

// takenBack notes the tokens that were taken back.
type takenBack struct {
	mu                 sync.Mutex
	revoked, discarded []string
}

func (b *takenBack) revoke(form url.Values) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.revoked = append(b.revoked, form.Get("token")+" "+form.Get("token_type_hint"))
}

func (b *takenBack) discard(_ context.Context, t *token.Token) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.discarded = append(b.discarded, t.Access.Reveal())
	return nil
}
