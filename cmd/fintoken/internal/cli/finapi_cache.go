package cli

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// cachedToken gets a token out of the cache, or gets a new one and keeps it.
func (a *app) cachedToken(cmd *cobra.Command, config finapi.Config, g grant) error {
	store, err := a.openCache(config)
	if err != nil {
		return err
	}
	// The password is a part of the name, so that a wrong one does not open what a right one got.
	config.Tokens.Store, config.Tokens.Key = store, "client"
	if g.GrantType == finapiaccess.GrantTypePassword {
		config.Tokens.Key = "user " + hex.EncodeToString(derive(config.ClientSecret, "user\x00"+g.Username+"\x00"+g.Password, 16))
	}
	client, err := finapi.New(config)
	if err != nil {
		return a.made(cmd, err)
	}
	source := client.ClientTokens()
	if g.GrantType == finapiaccess.GrantTypePassword {
		source = client.UserTokens(g.Username, secret.New(g.Password))
	}
	t, err := source.Token(cmd.Context())
	if cmd.Context().Err() == nil { // else closing would wait for an answer, and Ctrl-C does not
		source.Close()
		client.Close()
	}
	if err != nil {
		var e *rest.Error
		if !errors.As(err, &e) && !errors.Is(err, context.Canceled) {
			return exit.ConfigError(err, "`fintoken finapi token` without --cache keeps nothing")
		}
		return a.grantError(err, g)
	}
	left := int64(t.Remaining(time.Now()) / time.Second)
	text, err := json.Marshal(newAnswer(t, left)) //nolint:gosec // the token is what was asked for
	if err != nil {
		return err
	}
	a.secrets = append(a.secrets, t.Access, t.Refresh)
	return a.print(cmd, output.Answer{JSON: text, Raw: t.Access.Reveal()})
}

// openCache opens the cache of a client.
func (a *app) openCache(config finapi.Config) (*token.FileStore, error) {
	dir, err := a.cacheDir(config)
	if err != nil {
		return nil, err
	}
	// The directories above may belong to others; only what fintoken makes has to be closed.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, exit.ConfigError(fmt.Errorf("--cache: %w", err), "")
	}
	key := base64.StdEncoding.EncodeToString(derive(config.ClientSecret, "key", 32))
	store, err := token.NewFileStore(dir, secret.New(key))
	return store, exit.ConfigError(wrapCache(err), "remove "+dir+" to start over")
}

func wrapCache(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("--cache: %w", err)
}

// emptyCache removes what is kept for a client.
func (a *app) emptyCache(config finapi.Config) error {
	dir, err := a.cacheDir(config)
	if err != nil {
		return nil //nolint:nilerr // without a home there is no cache either
	}
	return exit.ConfigError(os.RemoveAll(dir), "")
}

// cacheDir returns the directory of a client. Its name tells neither the client nor the host.
func (a *app) cacheDir(config finapi.Config) (string, error) {
	root := a.Getenv("XDG_CACHE_HOME")
	if !filepath.IsAbs(root) {
		var err error
		if root, err = os.UserCacheDir(); err != nil {
			return "", exit.ConfigError(errors.New("--cache: there is no directory for caches"), "set XDG_CACHE_HOME")
		}
	}
	where := fmt.Sprint("dir\x00", config.ClientID, "\x00", config.Environment, "\x00", config.BaseURL, "\x00", config.APIVersion)
	return filepath.Join(root, "fintoken", "finapi-"+hex.EncodeToString(derive(config.ClientSecret, where, 16))), nil
}

// derive derives bytes for a purpose from the client's secret (RFC 5869). Who has the secret can get the token anyway;
// who has not cannot read it here.
func derive(from secret.String, purpose string, n int) []byte {
	out, err := hkdf.Key(sha256.New, []byte(from.Reveal()), nil, "fintoken cli cache "+purpose, n)
	if err != nil {
		panic("cli: " + err.Error()) // of a length that is too long, and it is not
	}
	return out
}
