package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/zalando/go-keyring"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/cli"
	"github.com/fintoken/fintoken-go/sandbox"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) {
	flag.Parse()
	keyring.MockInit() // the one of this machine is none of the tests' business
	code := m.Run()
	_ = os.RemoveAll(built)
	if code == 0 {
		if err := goleak.Find(goleak.IgnoreTopFunction("os/signal.loop")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// world is what a command line meets: a sandbox, and an environment that knows its credentials.
type world struct {
	t     *testing.T
	s     *sandbox.Server
	c     sandbox.Credentials
	env   map[string]string
	dial  func(context.Context, string, string) (net.Conn, error) // nil for the network of this machine
	mu    sync.Mutex
	turns int
}

// order makes what happened before an earlier call of it visible after this one.
func (w *world) order() {
	w.mu.Lock()
	w.turns++
	w.mu.Unlock()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	s := sandbox.Start(t)
	c := s.Sandbox().Credentials()
	w := &world{t: t, s: s, c: c, env: map[string]string{
		"FINTOKEN_KEYRING": "off", "XDG_CACHE_HOME": t.TempDir(), "TZ": "UTC", "FINTOKEN_SANDBOX_URL": s.URL(),
	}}
	for provider, members := range membersOf(t, c) {
		w.env[strings.ToUpper(provider)+"_BASE_URL"] = s.URL() + "/" + provider
		for name, value := range members {
			if name == "client_id" || !strings.HasSuffix(name, "_id") { // the others are not of a client
				w.env[strings.ToUpper(provider+"_"+name)] = value
			}
		}
	}
	return w
}

// everywhere leads the providers to one address.
func (w *world) everywhere(address string) {
	for _, provider := range sandbox.Providers() {
		w.env[strings.ToUpper(provider)+"_BASE_URL"] = address
	}
}

// membersOf returns the credentials by provider and name.
func membersOf(t *testing.T, credentials sandbox.Credentials) (providers map[string]map[string]string) {
	t.Helper()
	text, err := json.Marshal(credentials)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &providers))
	return providers
}

// result is what a command line leaves behind.
type result struct {
	stdout, stderr string
	code           int
}

// run executes a command line in this process.
func (w *world) run(stdin string, args ...string) result {
	w.t.Helper()
	return w.runIn(w.t.Context(), strings.NewReader(stdin), false, args...)
}

// runIn executes a command line in this process, with ctx in place of signals. At a terminal, all streams are that.
func (w *world) runIn(ctx context.Context, stdin io.Reader, terminal bool, args ...string) result {
	w.order()
	defer w.order()
	var out, errs bytes.Buffer
	system := w.system(stdin, &out, &errs)
	system.StdinTerminal, system.StdoutTerminal, system.StderrTerminal = terminal, terminal, terminal
	code := cli.Run(ctx, args, system)
	return result{out.String(), errs.String(), code}
}

// system returns surroundings that are this world and have no terminal.
func (w *world) system(stdin io.Reader, stdout, stderr io.Writer) cli.System {
	return cli.System{
		Stdin: stdin, Stdout: stdout, Stderr: stderr, Version: testVersion, Dial: w.dial,
		Getenv: func(name string) string { return w.env[name] },
	}
}

// spellings are what differs from run to run, and what stands for it in golden files.
var spellings = []struct{ pattern, with string }{
	{`eyJ[\w-]+\.[\w-]+\.[\w-]+`, "{jwt}"},
	{`sandbox_at_\w+`, "{access_token}"},
	{`sandbox_rt_\w+`, "{refresh_token}"},
	{`sandbox_et_\w+`, "{embed_token}"},
	{`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, "{uuid}"},
	{`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?`, "{time}"},
	{`(query_generated_time\W+)\d+`, "${1}{milliseconds}"},
	{`(expires_in\W+)\d+`, "${1}{seconds}"},
	{`127\.0\.0\.1:\d{5}`, "127.0.0.1:{port}"},
	{`\b[A-Z2-7]{26}\b`, "{request_id}"},
	{`(\d+h)?\d+m\d+s +`, "{life} "},
	{`(operations[": ]+)\d+`, "${1}{count}"},
	{`(\.yaml +\d\S+ +)\d+ `, "${1}{count} "},
	{`(offset[": ]+)-?[\dhmµns.]+`, "${1}{offset}"},
	{`(?m) [\d.]+(µs|ms|s)$`, " {duration}"},
	{`sk_test_sandbox_\w+`, "{api_key}"},
	{`whsec_[\w+/]+=*`, "{webhook_secret}"},
	{`fg_test_sk_\w+`, "{client_secret}"},
	{`fg_test_cl_\w+`, "{client_id}"},
	{`sandbox-user-\w+`, "{username}"},
	{`sandbox-[a-z2-7]{20,}`, "{secret}"},
}

// patterns are the patterns of spellings.
var patterns = sync.OnceValue(func() []*regexp.Regexp {
	var all []*regexp.Regexp
	for _, s := range spellings {
		all = append(all, regexp.MustCompile(s.pattern))
	}
	return all
})

// normal returns text with what differs from run to run replaced.
func (w *world) normal(text string) string {
	for _, known := range [][2]string{
		{w.c.FinAPI.Username, "{username}"},
		{w.c.Finogates.ClientID, "{client_id}"},
		{w.env["XDG_CACHE_HOME"], "{cache}"},
		{runtime.Version(), "{go}"},
		{runtime.GOOS + "/" + runtime.GOARCH, "{platform}"},
	} {
		text = strings.ReplaceAll(text, known[0], known[1])
	}
	for i, s := range spellings {
		text = patterns()[i].ReplaceAllString(text, s.with)
	}
	return text
}

// secrets lists what must not be seen.
func (w *world) secrets() []string { return secretsOf(w.t, w.c) }

// golden compares text with a file in testdata, or writes it with -update.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "write it with: go test ./cmd/fintoken -update")
	require.Equal(t, string(want), text)
}
