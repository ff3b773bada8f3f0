package cli

import (
	"cmp"
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/exit"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/lock"
	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/output"
	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// cachedToken gets a token out of the cache, or gets a new one and keeps it.
func (a *app) cachedToken(cmd *cobra.Command, config finapi.Config, p place, g grant) error {
	dir, err := a.cacheDir(config, p)
	if err != nil {
		return err
	}
	release, err := a.lockCache(cmd.Context(), dir)
	if err != nil {
		return err
	}
	defer release()
	defer tidy(dir)
	if config.Tokens.Store, err = a.openCache(cmd.Context(), dir, config.ClientSecret); err != nil {
		return cacheError(err, dir)
	}
	t, err := a.keptToken(cmd, config, g)
	var e *rest.Error
	switch {
	case errors.Is(err, token.ErrStore):
		return cacheError(err, dir)
	case errors.As(err, &e):
		return a.grantError(err, g)
	case err != nil:
		return err
	}
	left := int64(t.Remaining(time.Now()) / time.Second)
	text, err := json.Marshal(newAnswer(t, left)) //nolint:gosec // the token is what was asked for
	if err != nil {
		return err
	}
	a.secrets = append(a.secrets, t.Access, t.Refresh)
	return a.print(cmd, output.Answer{JSON: text, Raw: t.Access.Reveal()})
}

// keptToken returns the token of the grant from a source over the store of config.
func (a *app) keptToken(cmd *cobra.Command, config finapi.Config, g grant) (*token.Token, error) {
	// The password is a part of the name, so that a wrong one does not open what a right one got.
	config.Tokens.Key = "client"
	if g.GrantType == finapiaccess.GrantTypePassword {
		config.Tokens.Key = "user " + hex.EncodeToString(derive(config.ClientSecret, "user\x00"+g.Username+"\x00"+g.Password, 16))
	}
	client, err := finapi.New(config)
	if err != nil {
		return nil, a.made(cmd, err)
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
	if err == nil {
		a.debug("token", "from", map[bool]string{true: "the cache", false: "finAPI"}[source.Stats().Fetches == 0])
	}
	return t, err
}

// lockTime is how long another process may have the cache, unless --timeout says otherwise.
const lockTime = 30 * time.Second

// errBusy ends the wait for the cache.
var errBusy = errors.New("--cache: another fintoken is using the cache and does not end")

// lockCache makes a client's cache the caller's alone, from reading it to saving what was fetched: of several processes
// only one may send a refresh token that is good for one use.
func (a *app) lockCache(ctx context.Context, dir string) (release func(), err error) {
	// The directories above may belong to others; only what fintoken makes must be closed.
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return nil, cacheError(err, dir)
	}
	limit := cmp.Or(a.flags.timeout, lockTime)
	defer a.slow("another fintoken, which is using the cache", limit)()
	ctx, cancel := context.WithTimeoutCause(ctx, limit, errBusy)
	defer cancel()
	release, err = lock.Acquire(ctx, dir+".lock")
	switch {
	case errors.Is(err, errBusy):
		return nil, &exit.Error{Code: exit.Network, Err: err, Next: "give it more time with --timeout, or leave --cache out"}
	case errors.Is(err, context.Canceled):
		return nil, err
	}
	return release, cacheError(err, dir)
}

// openCache opens the cache of the client with this secret. What cannot be read in it counts as none, as it is no more
// than a cache; where that is the key of the records' names, no record can be found.
func (a *app) openCache(ctx context.Context, dir string, of secret.String) (token.Store, error) {
	key := secret.New(base64.StdEncoding.EncodeToString(derive(of, "key", 32)))
	store, err := token.NewFileStore(ctx, dir, key)
	if unreadable(err) {
		a.forgets(err)
		if err = os.RemoveAll(dir); err == nil {
			store, err = token.NewFileStore(ctx, dir, key)
		}
	}
	return forgiving{store, a}, err
}

// forgiving is a store in which a record that cannot be read is none.
type forgiving struct {
	*token.FileStore

	app *app
}

// Load returns a record, after it has removed it if it cannot be read.
func (s forgiving) Load(ctx context.Context, key string) (token.Record, error) {
	r, err := s.FileStore.Load(ctx, key)
	if !unreadable(err) {
		return r, err
	}
	removed, failed := s.RemoveUnreadable(ctx, key)
	if removed {
		s.app.forgets(err)
	}
	return token.Record{}, failed
}

// unreadable reports whether a record can be read by nobody: damaged, or sealed for another secret.
func unreadable(err error) bool {
	return errors.Is(err, token.ErrBadRecord) || errors.Is(err, token.ErrUnknownKey)
}

// forgets says that what is in the cache is of no use.
func (a *app) forgets(err error) {
	if !a.flags.quiet {
		a.tell("warning: --cache: %s; a new one takes its place", strings.TrimPrefix(err.Error(), "token: "))
	}
}

// tidy removes a directory without a token, as it is when the first one could not be had.
func tidy(dir string) {
	entries, err := os.ReadDir(dir)
	isToken := func(e fs.DirEntry) bool { return strings.HasSuffix(e.Name(), ".token") }
	if err == nil && !slices.ContainsFunc(entries, isToken) {
		_ = os.RemoveAll(dir) // at worst it stays
	}
}

// damages are what can be wrong with a cache for good, and needs a person.
var damages = []error{token.ErrNewerRecord, token.ErrWornKey, token.ErrLoosePermissions}

// cacheError says of what is wrong with the cache what helps against it.
func cacheError(err error, dir string) error {
	if err == nil {
		return nil
	}
	for _, damage := range damages {
		if errors.Is(err, damage) {
			text, next := strings.TrimPrefix(damage.Error(), "token: "), "remove "+dir+" to start over"
			if errors.Is(damage, token.ErrNewerRecord) {
				next = "use the newer fintoken that wrote it, or " + next
			}
			return exit.ConfigError(fmt.Errorf("--cache: %s", text), next)
		}
	}
	return exit.ConfigError(fmt.Errorf("--cache: %w", err), "set XDG_CACHE_HOME to a directory that can be written to, or leave --cache out")
}

// emptyCache removes what is kept for a client whose token was revoked. That has happened already, so what goes wrong
// here is a warning, and one for scripts as well: a dead token would be handed out.
func (a *app) emptyCache(ctx context.Context, config finapi.Config, p place) {
	dir, err := a.cacheDir(config, p)
	if err != nil {
		return // without a place for it there is no cache either
	}
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return
	}
	release, err := a.lockCache(ctx, dir)
	if err == nil {
		err = os.RemoveAll(dir)
		release()
	}
	if err != nil && !a.flags.quiet {
		a.tell("warning: the revoked token may still be in the cache; remove %s", dir)
	}
}

// cacheDir returns the directory of a client. Its name tells neither the client nor the host.
func (a *app) cacheDir(config finapi.Config, p place) (string, error) {
	root := a.Getenv("XDG_CACHE_HOME")
	if root == "" {
		var err error
		if root, err = os.UserCacheDir(); err != nil {
			return "", exit.ConfigError(errors.New("--cache: there is no directory for caches"), "set XDG_CACHE_HOME")
		}
	}
	if !filepath.IsAbs(root) {
		return "", exit.ConfigError(errors.New("--cache: XDG_CACHE_HOME must be an absolute path"), "set it to one, or unset it")
	}
	where := fmt.Sprint("dir\x00", config.ClientID, "\x00", config.Environment, "\x00", config.BaseURL, "\x00", config.APIVersion)
	if p.socket != "" { // several sandboxes are behind the one name of the host
		socket, err := filepath.Abs(p.socket)
		if err != nil {
			return "", exit.ConfigError(errors.New("--cache: the directory here has no name"), "give the socket as an absolute path")
		}
		where += "\x00" + socket
	}
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
