package token

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Fetch gets a token from where tokens come from. It must return when ctx ends.
//
// last is the token before this one, nil at first and after [Source.Forget]. A grant that refreshes finds its refresh
// token there; where last has none, it starts with what it has: a password, say. If the refresh token is dead, it
// returns an error that is [ErrDeadGrant]; the [Source] then calls it once more without last. If the answer has no
// refresh token, the Source keeps the one of last. If it is not known whether the refresh token was used, it returns an
// error that is [ErrInDoubt]; that refresh token is not sent again. After any other error it may be.
//
// ctx carries the values of the caller that came first and the deadline of the Source; it does not end when that
// caller leaves. A request made with it is not that caller's call: others wait for the same token, and what was meant
// for the one call, such as a header or a key, has no place in it.
type Fetch func(ctx context.Context, last *Token) (*Token, error)

// Config says how a [Source] behaves. The zero Config is a good one.
type Config struct {
	// Window is how long before its end a token is renewed in the background. It is cut to a quarter of the
	// token's life and made up to a quarter shorter at random, so that many sources do not renew at once. A token
	// is not handed out in its last 5 seconds (or last tenth, if that is less), so a Window within those renews
	// nothing ahead. 0 means one minute.
	Window time.Duration
	// Timeout ends a single fetch, and each access to the Store; a fetch of another process is waited for twice as
	// long. What does not return then is left behind a second later. 0 means 30 seconds.
	Timeout time.Duration
	// Backoff is the longest pause after a failure. The pauses grow to it from half a second, at random. 0 means
	// 10 seconds.
	Backoff time.Duration
	// Refresh is a refresh token from outside to begin with, as a service has that restarts without a Store.
	Refresh secret.String
	// Store keeps the token for other processes and the next start. nil means that it is kept in memory alone.
	// A new refresh token is saved before anybody gets its access token. While the Store fails, no token is fetched.
	Store Store
	// Key names the token in the Store. Required with a Store; two sources of different tokens must not share one.
	Key string
	// Revoke, if set, is called by [Source.Close] with the token that the Source held.
	Revoke func(ctx context.Context, t *Token) error
	// Discard, if set, is called with a token that was fetched and that nobody will use: another process has saved
	// another one meanwhile, or it was forgotten on its way. It is meant to revoke it.
	Discard func(ctx context.Context, t *Token) error
	// InsecureHosts are hosts that [Source.Client] sends tokens to over plain http although they are not this machine, where
	// everybody on the way reads them. They are written, and refused, as in rest.Config.InsecureHosts. The sources of a
	// provider's client take those of its Config.HTTP as well. nil means none.
	InsecureHosts []string
	// Clock is the time that lifetimes and pauses are counted in. nil means the real one. It is for tests, which set it
	// forward to see a token end.
	Clock Clock
	// Name is what events call the Source. It must not be a secret.
	Name string
	// OnEvent is told what happens; see [Event]. It may be called by several goroutines at once, must not block and
	// must not call Close. A panic of it is dropped. nil means [LogEvents] with the default logger of log/slog.
	OnEvent func(ctx context.Context, e Event)
}

// withDefaults returns c with its zeros filled in.
func (c Config) withDefaults() (Config, error) {
	for _, f := range []struct {
		name     string
		value    *time.Duration
		fallback time.Duration
	}{
		{"Window", &c.Window, time.Minute},
		{"Timeout", &c.Timeout, 30 * time.Second},
		{"Backoff", &c.Backoff, 10 * time.Second},
	} {
		if *f.value < 0 {
			return c, fmt.Errorf("token: Config.%s must not be negative", f.name)
		}
		if *f.value == 0 {
			*f.value = f.fallback
		}
	}
	if c.Store != nil && c.Key == "" {
		return c, errors.New("token: Config.Key is required with a Store")
	}
	if at, rule := web.InsecureHostsRule(c.InsecureHosts); rule != "" {
		return c, fmt.Errorf("token: Config.InsecureHosts[%d] %s", at, rule)
	}
	c.InsecureHosts = slices.Clone(c.InsecureHosts) // it is looked at later
	if c.OnEvent == nil {
		c.OnEvent = LogEvents(nil)
	}
	return c, nil
}
