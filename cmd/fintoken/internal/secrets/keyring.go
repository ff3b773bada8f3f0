package secrets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/zalando/go-keyring"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wait"
)

// service is the name that all entries stand under in the keyring.
const service = "fintoken"

// KeyringTimeout is how long the keyring may take. It may wait for a person to unlock it, who may not be there.
const KeyringTimeout = 2 * time.Second

// The errors of the keyring.
var (
	ErrNoEntry  = errors.New("no such entry")
	errNoBus    = errors.New("there is no session bus")
	errTimeout  = errors.New("no answer in time")
	errUnusable = errors.New("it cannot be used")
)

// Keyring is the keyring of the system: Keychain, Credential Manager, or the Secret Service on D-Bus.
type Keyring struct {
	Getenv  func(string) string
	Timeout time.Duration // 0 means KeyringTimeout
	// Slow, if there is one, is told what is waited for and how long at most, and returns what ends the wait.
	Slow func(what string, limit time.Duration) (ended func())
}

// Get returns an entry. Its errors hold nothing of the entry.
func (k *Keyring) Get(ctx context.Context, entry string) (string, error) {
	return k.do(ctx, func() (string, error) { return keyring.Get(service, entry) })
}

// Set makes or replaces an entry.
func (k *Keyring) Set(ctx context.Context, entry, value string) error {
	_, err := k.do(ctx, func() (string, error) { return "", keyring.Set(service, entry, value) })
	return err
}

// Delete removes an entry.
func (k *Keyring) Delete(ctx context.Context, entry string) error {
	_, err := k.do(ctx, func() (string, error) { return "", keyring.Delete(service, entry) })
	return err
}

// do runs f, but not for longer than the time-out: where the keyring hangs, f is left behind, and ends with the program.
func (k *Keyring) do(ctx context.Context, f func() (string, error)) (string, error) {
	if !k.hasBus() {
		return "", errNoBus
	}
	limit := k.Timeout
	if limit == 0 {
		limit = KeyringTimeout
	}
	if k.Slow != nil {
		defer k.Slow("the keyring", limit)()
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errTimeout)
	defer cancel()
	return wait.For(ctx, func() (string, error) {
		value, err := f()
		return value, translate(err)
	})
}

// translate keeps the text of foreign errors out.
func translate(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return ErrNoEntry
	}
	return errUnusable
}

// hasBus reports whether there is something to talk to. Without a session bus, the Secret Service cannot be there, and
// asking for it may start one or hang.
func (k *Keyring) hasBus() bool {
	if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
		return true
	}
	if k.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	dir := k.Getenv("XDG_RUNTIME_DIR")
	if dir == "" {
		return false
	}
	_, err := os.Stat(filepath.Join(dir, "bus"))
	return err == nil
}
