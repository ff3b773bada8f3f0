package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

// cacheDirs lists what the cache holds.
func (w *world) cacheDirs() []string {
	w.t.Helper()
	found, err := filepath.Glob(filepath.Join(w.env["XDG_CACHE_HOME"], "fintoken", "finapi-*"))
	require.NoError(w.t, err)
	return found
}

// TestCacheOfManyProcesses: of processes that start at once, one asks finAPI and the others take what it got, both for
// the first token and when it has ended: a refresh token is sent once (Requirement D44).
func TestCacheOfManyProcesses(t *testing.T) {
	w := newWorld(t)
	lives := []int{1, 3600} // of the first token and of the second, in seconds
	var grants []string
	w.server(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		grants = append(grants, form.Get("grant_type")+form.Get("refresh_token"))
		if len(grants) > len(lives) {
			rw.WriteHeader(http.StatusBadRequest)
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(rw, `{"access_token":"a%d","refresh_token":"r%[1]d","token_type":"bearer","expires_in":%d,"scope":"all"}`, len(grants), lives[len(grants)-1])
	})
	token := strings.Fields("finapi token --cache --grant-type password --format raw")
	r := w.process("", token...)
	require.Equal(t, result{"a1\n", "", 0}, r)
	time.Sleep(time.Second) // the life of the first token, on the clock that processes share
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { assert.Equal(t, result{"a2\n", "", 0}, w.process("", token...)) })
	}
	all.Wait()
	assert.Equal(t, []string{"password", "refresh_tokenr1"}, grants)
	assert.Len(t, w.cacheDirs(), 1, "no lock is left behind")
}

// TestCacheIsHeld: a process that never gives the cache back is not waited for without an end.
func TestCacheIsHeld(t *testing.T) {
	w := newWorld(t)
	arrived := make(chan struct{})
	w.server(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(arrived)
		<-r.Context().Done()
	})
	holder, _ := w.start("finapi", "token", "--cache")
	<-arrived
	r := w.process("", "finapi", "token", "--cache", "--timeout", "50ms")
	assert.Equal(t, 6, r.code)
	assert.Contains(t, r.stderr, "another fintoken is using the cache")
	assert.Contains(t, r.stderr, "next: give it more time with --timeout")
	require.NoError(t, holder.Process.Kill())
	_ = holder.Wait() // it was killed
	assert.NotContains(t, w.process("", "finapi", "token", "--cache", "--base-url", w.s.FinAPI()).stderr, "another fintoken", "the lock ended with it")
}

// TestCacheOfSockets: sandboxes on two Unix sockets have the same base URL, and tokens of their own.
func TestCacheOfSockets(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b"} {
		socket := "unix:" + filepath.Join(t.TempDir(), name)
		s, err := sandbox.Listen(socket, sandbox.Seed(7))
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, s.Close()) })
		c := s.Sandbox().Credentials().FinAPI
		w.env["FINAPI_CLIENT_ID"], w.env["FINAPI_CLIENT_SECRET"], w.env["FINAPI_BASE_URL"] = c.ClientID, c.ClientSecret, socket
		for range 2 {
			r := w.run("", "finapi", "token", "--cache")
			require.Equal(t, 0, r.code, r.stderr)
		}
		assert.Len(t, s.Sandbox().Calls(), 1)
	}
	assert.Len(t, w.cacheDirs(), 2)
}

// TestRevokeAndCache: what is wrong with the cache is no reason not to revoke, and what is wrong with the command line
// leaves the cache alone.
func TestRevokeAndCache(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(w *world)
		args    string
		code    int
		stderr  string // a part of it; empty for none at all
		revoked bool
		kept    bool // the cache
	}{
		"all is well":       {nil, "", 0, "", true, false},
		"wrong hint":        {nil, "--token-type-hint bogus", 2, "token_type_hint", false, true},
		"a dry run":         {nil, "--dry-run", 0, "", false, true},
		"place is a file":   {func(w *world) { w.env["XDG_CACHE_HOME"] = filepath.Join(w.env["XDG_CACHE_HOME"], "file") }, "", 0, "", true, true},
		"relative place":    {func(w *world) { w.env["XDG_CACHE_HOME"] = "relative" }, "", 0, "", true, true},
		"cannot be emptied": {lockAway, "", 0, "warning: the revoked token may still be in the cache; remove ", true, true},
		"in doubt":          {loseRevocations, "--retries 0", 6, "finapi: revokeToken", true, false},
		"refused":           {nil, "--client-secret wrong-secret", 4, "invalid_client", false, true},
		"nobody wants that": {lockAway, "--quiet", 0, "", true, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			require.Equal(t, 0, w.run("", "finapi", "token", "--cache").code)
			dir := w.cacheDirs()[0]
			require.NoError(t, os.WriteFile(filepath.Join(w.env["XDG_CACHE_HOME"], "file"), nil, 0o600))
			if c.prepare != nil {
				c.prepare(w)
			}
			r := w.run("a-token", with(strings.Fields("finapi revoke --token -"), strings.Fields(c.args)...)...)
			assert.Equal(t, c.code, r.code, r.stderr)
			assert.Contains(t, r.stderr, c.stderr)
			assert.Equal(t, c.stderr == "", r.stderr == "", r.stderr)
			calls := w.s.Sandbox().Calls()
			assert.Equal(t, c.revoked, calls[len(calls)-1].Operation == "revokeToken")
			assert.Equal(t, c.kept, exists(dir))
		})
	}
}

// loseRevocations makes the sandbox revoke and not say so.
func loseRevocations(w *world) {
	r := w.run("", strings.Fields("sandbox faults add --provider finapi --operation revokeToken --kind reset_after")...)
	require.Equal(w.t, 0, r.code, r.stderr)
}

// lockAway puts something that is no lock in place of the cache's.
func lockAway(w *world) { require.NoError(w.t, os.Mkdir(w.cacheDirs()[0]+".lock", 0o700)) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// TestCacheErrors: what is wrong with the cache says what helps, and a client that is refused leaves nothing behind.
func TestCacheErrors(t *testing.T) {
	for name, c := range map[string]struct {
		prepare    func(w *world)
		code       int
		want, next string
	}{
		"relative":       {func(w *world) { w.env["XDG_CACHE_HOME"] = "here" }, 10, "--cache: XDG_CACHE_HOME must be an absolute path", "set it to one"},
		"below a file":   {func(w *world) { w.env["XDG_CACHE_HOME"] = "/dev/null" }, 10, "--cache: mkdir /dev/null", "set XDG_CACHE_HOME to a directory"},
		"open to others": {func(w *world) { require.NoError(w.t, os.Chmod(w.cacheDirs()[0], 0o755)) }, 10, "--cache: others than the owner", "remove {cache}/fintoken/finapi-"},
		"newer token":    {func(w *world) { damage(w, "*.token", newer) }, 10, "--cache: the record is of a newer format", "use the newer fintoken that wrote it, or remove {cache}/fintoken/finapi-"},
		"newer key":      {func(w *world) { damage(w, "naming.key", newer) }, 10, "--cache: the record is of a newer format", "use the newer fintoken that wrote it, or remove {cache}/fintoken/finapi-"},
		"a client refused": {func(w *world) {
			require.NoError(w.t, os.RemoveAll(w.cacheDirs()[0]))
			w.env["FINAPI_CLIENT_SECRET"] = "a wrong secret"
		}, 4, "", "check the credential"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			home := w.env["XDG_CACHE_HOME"]
			require.Equal(t, 0, w.run("", "finapi", "token", "--cache").code)
			before := w.cacheDirs()
			c.prepare(w)
			r := w.run("", "finapi", "token", "--cache")
			assert.Equal(t, c.code, r.code)
			assert.Contains(t, r.stderr, c.want)
			assert.Contains(t, strings.ReplaceAll(r.stderr, home, "{cache}"), "next: "+c.next)
			assert.NotContains(t, r.stderr, ": token: ", "the name of a package")
			w.env["XDG_CACHE_HOME"] = home
			if c.code == 4 {
				before = nil
			}
			assert.Equal(t, before, w.cacheDirs())
		})
	}
}

// What stands in a file of the cache that a newer fintoken wrote, that is damaged, and that is sealed for another secret.
const (
	newer   = `{"version":3,"more":1}`
	damaged = `{"version":2,"generation":1,"data":"AA`
	foreign = `{"version":2,"generation":1,"sealed_with":"00000000","nonce":"AAAAAAAAAAAAAAAA","data":"AAAA"}`
)

// TestCacheThatCannotBeRead: a record that nobody can read is none. A line says so, a new token takes its place, and is
// found the next time. The other records of the client stay, unless it is the key of their names that cannot be read.
func TestCacheThatCannotBeRead(t *testing.T) {
	client, user := strings.Fields("finapi token --cache"), strings.Fields("finapi token --cache --grant-type password")
	for name, c := range map[string]struct{ file, text, why string }{
		"damaged token": {"*.token", damaged, "the record is damaged or not from here"},
		"empty token":   {"*.token", "", "the record is damaged or not from here"},
		"foreign token": {"*.token", foreign, "the record is sealed with a key that is not known here"},
		"damaged key":   {"naming.key", damaged, "the record is damaged or not from here"},
		"foreign key":   {"naming.key", foreign, "the record is sealed with a key that is not known here"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			require.Equal(t, 0, w.run("", client...).code)
			damage(w, c.file, c.text)
			if c.file == "*.token" {
				require.Equal(t, 0, w.run("", user...).code)
			}
			calls := len(w.s.Sandbox().Calls())
			r := w.run("", client...)
			assert.Equal(t, 0, r.code)
			assert.Equal(t, "fintoken: warning: --cache: "+c.why+"; a new one takes its place\n", r.stderr)
			assert.Contains(t, r.stdout, `"access_token"`)
			assert.Len(t, w.s.Sandbox().Calls(), calls+1)
			again := w.run("", with(client, "--format", "raw")...)
			assert.Equal(t, 0, again.code)
			assert.Empty(t, again.stderr)
			assert.Contains(t, r.stdout, strings.TrimSpace(again.stdout))
			if c.file == "*.token" {
				require.Equal(t, 0, w.run("", user...).code)
			}
			assert.Len(t, w.s.Sandbox().Calls(), calls+1, "both were in the cache")

			damage(w, "naming.key", c.text)
			assert.Empty(t, w.run("", with(client, "--quiet")...).stderr)
		})
	}
}

// TestCacheThatCannotBeReplaced: a record that cannot be read and cannot be removed either is an error, once.
func TestCacheThatCannotBeReplaced(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, 0, w.run("", "finapi", "token", "--cache").code)
	path := damage(w, "*.token", "")
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.MkdirAll(filepath.Join(path, "in the way"), 0o700))
	r := w.run("", "finapi", "token", "--cache")
	assert.Equal(t, 10, r.code)
	assert.Equal(t, 1, strings.Count(r.stderr, "--cache: "), r.stderr)
	assert.Len(t, w.s.Sandbox().Calls(), 1)
}

// damage overwrites a file of the cache and returns its path.
func damage(w *world, pattern, text string) string {
	found, err := filepath.Glob(filepath.Join(w.cacheDirs()[0], pattern))
	require.NoError(w.t, err)
	require.Len(w.t, found, 1)
	require.NoError(w.t, os.WriteFile(found[0], []byte(text), 0o600))
	return found[0]
}

// TestCacheDebug: --debug tells where a token came from.
func TestCacheDebug(t *testing.T) {
	w := newWorld(t)
	for _, want := range []string{"from=finAPI", `from="the cache"`} {
		r := w.run("", "finapi", "token", "--cache", "--debug")
		assert.Equal(t, 0, r.code)
		assert.Contains(t, r.stderr, want)
	}
}
