package secrets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

// withBus is an environment in which there is a keyring to ask.
var withBus = map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}

// TestKeyringKeeps: what was set is found, as the last place that is looked at, and only for its environment.
func TestKeyringKeeps(t *testing.T) {
	keyring.MockInit()
	ctx := t.Context()
	k := &Keyring{Getenv: env(withBus)}
	require.NoError(t, k.Set(ctx, Entry("straddle", "api-key", "sandbox"), "from the keyring"))
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	flag := Add(flags, Spec{Provider: "straddle", Name: "api-key", Env: "STRADDLE_API_KEY", What: "the API key", Keyring: true})
	assert.False(t, flag.Given())
	variables := map[string]string{}
	f := &Finder{Stdin: &input.Stdin{}, Getenv: env(variables), Keyring: k, Warn: func(string, ...any) {}}

	s, origin, err := f.Find(ctx, flag, "sandbox")
	require.NoError(t, err)
	assert.Equal(t, "from the keyring", s.Reveal())
	assert.Equal(t, "the keyring", origin)
	_, _, err = f.Find(ctx, flag, "production")
	var missing *Missing
	require.ErrorAs(t, err, &missing)
	assert.ErrorIs(t, missing.Keyring, ErrNoEntry)
	assert.Contains(t, err.Error(), "and in the keyring: no such entry")

	variables["STRADDLE_API_KEY"] = "from the environment"
	s, _, err = f.Find(ctx, flag, "sandbox")
	require.NoError(t, err)
	assert.Equal(t, "from the environment", s.Reveal())

	require.NoError(t, k.Delete(ctx, Entry("straddle", "api-key", "sandbox")))
	assert.ErrorIs(t, k.Delete(ctx, Entry("straddle", "api-key", "sandbox")), ErrNoEntry)
}

// TestKeyringFails: a keyring that is not there, or fails, is an error that tells nothing.
func TestKeyringFails(t *testing.T) {
	keyring.MockInitWithError(errors.New("secret: hunter2"))
	_, err := (&Keyring{Getenv: env(withBus)}).Get(t.Context(), "x")
	assert.EqualError(t, err, "it cannot be used")

	_, err = (&Keyring{Getenv: env(nil)}).Get(t.Context(), "x")
	assert.EqualError(t, err, "there is no session bus")
	dir := t.TempDir()
	_, err = (&Keyring{Getenv: env(map[string]string{"XDG_RUNTIME_DIR": dir})}).Get(t.Context(), "x")
	assert.EqualError(t, err, "there is no session bus")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bus"), nil, 0o600))
	_, err = (&Keyring{Getenv: env(map[string]string{"XDG_RUNTIME_DIR": dir})}).Get(t.Context(), "x")
	assert.EqualError(t, err, "it cannot be used")
}

// TestKeyringHangs: a keyring that does not answer is waited for as long as is said, and not longer than the caller lasts.
func TestKeyringHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		hang := func() (string, error) { <-release; return "", nil }
		begun := time.Now()
		_, err := (&Keyring{Getenv: env(withBus)}).do(t.Context(), hang)
		assert.EqualError(t, err, "no answer in time")
		assert.Equal(t, KeyringTimeout, time.Since(begun))

		var waits []string
		slow := func(what string, limit time.Duration) func() {
			assert.Equal(t, time.Millisecond, limit)
			waits = append(waits, what)
			return func() { waits = append(waits, "ended") }
		}
		begun = time.Now()
		_, err = (&Keyring{Getenv: env(withBus), Timeout: time.Millisecond, Slow: slow}).do(t.Context(), hang)
		assert.Error(t, err)
		assert.Equal(t, time.Millisecond, time.Since(begun))
		assert.Equal(t, []string{"the keyring", "ended"}, waits)

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = (&Keyring{Getenv: env(withBus)}).do(ctx, hang)
		assert.ErrorIs(t, err, context.Canceled)
	})
}

// TestEntries: an entry names provider, environment and secret.
func TestEntries(t *testing.T) {
	kept := []Spec{{Provider: "finapi", Name: "client-secret"}, {Provider: "finapi", Name: "password"}}
	assert.Len(t, Entries(kept), 4)
	assert.NoError(t, CheckEntry("finapi/production/password", kept))
	assert.Error(t, CheckEntry("finapi/password", kept))
}
