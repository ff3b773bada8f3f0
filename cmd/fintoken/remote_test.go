package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/cli"
	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/internal/testenv"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// remoteHost is a name that no network knows: what it stands for, the tests say.
const remoteHost = "sandbox.test"

// serving is a sandbox that a command line serves in this process.
type serving struct {
	t       *testing.T
	printed string
	end     func() result // once; what is said on stderr, and the code
}

// open starts a sandbox and returns it when it has printed its last line, which begins with last.
func (w *world) open(last string, args ...string) *serving {
	w.t.Helper()
	ctx, cancel := context.WithCancelCause(w.t.Context())
	out, in := io.Pipe()
	var errs bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- cli.Run(ctx, append([]string{"sandbox"}, args...), w.system(strings.NewReader(""), in, &errs))
		_ = in.Close()
	}()
	s := &serving{t: w.t}
	s.end = func() result {
		cancel(errSignal)
		code := <-ended
		return result{"", errs.String(), code}
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		s.printed += line
		if strings.HasPrefix(line, last) {
			return s
		}
		if err != nil {
			require.Fail(w.t, "the sandbox did not start", s.end().stderr)
		}
	}
}

// exports puts what the sandbox has printed for another terminal into the environment, and nothing else of this world.
func (w *world) exports(s *serving) {
	w.env = map[string]string{"FINTOKEN_KEYRING": "off", "XDG_CACHE_HOME": w.t.TempDir()}
	for line := range strings.Lines(s.printed) {
		if export, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			name, value, _ := strings.Cut(export, "=")
			w.env[name] = value
		}
	}
}

// dialRemote leads the remote host to this machine, and every other name nowhere.
func dialRemote(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host != remoteHost && host != "127.0.0.1" {
		return nil, &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
}

// Requirements A135 and J139: what a sandbox prints that lets others in works as it is, in the command line and in the Go
// packages, over plain http and with TLS, with one port and with several.
func TestRemoteSandbox(t *testing.T) {
	for name, flags := range map[string][]string{
		"http": nil, "https": {"--tls"}, "http, own ports": {"--own-ports"}, "https, own ports": {"--own-ports", "--tls"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.open("Ctrl-C ends", with([]string{"--listen", "0.0.0.0:0", "--allow-remote", "--allow-remote-admin", "--host", remoteHost}, flags...)...)
			w.exports(s)
			w.dial = dialRemote
			for _, variable := range []string{"FINAPI_BASE_URL", "FINOGATES_BASE_URL", "STRADDLE_BASE_URL", "FINTOKEN_SANDBOX_URL"} {
				scheme, _, _ := strings.Cut(name, ",")
				assert.True(t, strings.HasPrefix(w.env[variable], scheme+"://"+remoteHost+":"), w.env[variable])
			}
			w.calls(true)
			w.clients()

			delete(w.env, "FINTOKEN_INSECURE_HOSTS")
			delete(w.env, "FINTOKEN_CA_FILE")
			before := log.Writer()
			log.SetOutput(io.Discard) // the sandbox notes who does not trust it
			defer log.SetOutput(before)
			r := w.run("", "finapi", "token", "--retries", "0")
			if strings.HasPrefix(name, "https") {
				assert.Equal(t, 6, r.code, r.stderr)
				assert.Contains(t, r.stderr, "next: for a sandbox with --tls, set FINTOKEN_CA_FILE")
			} else {
				assert.Equal(t, 10, r.code, r.stderr)
				assert.Contains(t, r.stderr, "FINAPI_BASE_URL must be https; plain http is for loopback hosts and FINTOKEN_INSECURE_HOSTS only")
			}

			r = s.end()
			assert.Equal(t, 0, r.code, r.stderr)
			assert.Contains(t, r.stderr, "warning: other machines can get tokens from this sandbox; they also see its credentials")
			assert.Equal(t, !strings.HasPrefix(name, "https"), strings.Contains(r.stderr, "nothing is encrypted"))
		})
	}
}

// calls makes a call of every kind by the command line.
func (w *world) calls(admin bool) {
	w.t.Helper()
	lines := []string{
		"straddle bridge initialize --customer-id " + pageCustomer, "finapi token", "finapi token --grant-type password --cache",
		"finogates embed-token create --user-id " + w.c.Finogates.UserID + " --parent-origin https://app.example.com",
		"sandbox health", "sandbox health --base-url " + w.env["FINTOKEN_SANDBOX_URL"] + "/_sandbox/v1", "doctor",
	}
	if admin {
		lines = append(lines, "sandbox journal", "sandbox clock")
	}
	for _, line := range lines {
		r := w.run("", strings.Fields(line)...)
		assert.Equal(w.t, 0, r.code, "%s: %s%s", line, r.stdout, r.stderr)
	}
}

// clients makes a call of every provider's by its Go package, which is told what the environment says.
func (w *world) clients() {
	t := w.t
	t.Helper()
	transport := &http.Transport{DialContext: dialRemote}
	t.Cleanup(transport.CloseIdleConnections)
	calls := rest.Config{HTTPClient: &http.Client{Transport: transport}}
	if hosts := w.env["FINTOKEN_INSECURE_HOSTS"]; hosts != "" {
		calls.InsecureHosts = strings.Split(hosts, ",")
	}
	if path := w.env["FINTOKEN_CA_FILE"]; path != "" {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		roots := x509.NewCertPool()
		require.True(t, roots.AppendCertsFromPEM(text))
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	fa, err := finapi.New(finapi.Config{
		ClientID: w.env["FINAPI_CLIENT_ID"], ClientSecret: secret.New(w.env["FINAPI_CLIENT_SECRET"]), BaseURL: w.env["FINAPI_BASE_URL"], HTTP: calls,
	})
	require.NoError(t, err)
	defer fa.Close()
	_, err = fa.ClientTokens().Token(t.Context())
	require.NoError(t, err)
	signed, err := fa.ClientTokens().Client(calls.HTTPClient, strings.TrimSuffix(w.env["FINAPI_BASE_URL"], "/finapi"))
	require.NoError(t, err)
	response, err := signed.Get(w.env["FINAPI_BASE_URL"] + "/api/v1/none")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	fg, err := finogates.New(finogates.Config{
		ClientID: w.env["FINOGATES_CLIENT_ID"], ClientSecret: secret.New(w.env["FINOGATES_CLIENT_SECRET"]), BaseURL: w.env["FINOGATES_BASE_URL"], HTTP: calls,
	})
	require.NoError(t, err)
	defer fg.Close()
	_, err = fg.EmbedTokens.Create(t.Context(), finogatesapi.CreateEmbedTokenRequest{UserID: w.c.Finogates.UserID, ParentOrigin: "https://app.example.com"})
	require.NoError(t, err)
	st, err := straddle.New(straddle.Config{APIKey: secret.New(w.env["STRADDLE_API_KEY"]), BaseURL: w.env["STRADDLE_BASE_URL"], HTTP: calls})
	require.NoError(t, err)
	_, err = st.Bridge.Initialize(t.Context(), straddleapi.CreateBridgeTokenRequest{CustomerID: pageCustomer})
	require.NoError(t, err)
}

// Requirement J139: without the admin API for others, its printed address is one that works on this machine, and what
// watches over a container needs none of it.
func TestRemoteSandboxKeepsItsAdmin(t *testing.T) {
	w := newWorld(t)
	s := w.open("Ctrl-C ends", "--listen", "0.0.0.0:0", "--allow-remote", "--host", remoteHost)
	w.exports(s)
	w.dial = dialRemote
	assert.True(t, strings.HasPrefix(w.env["FINTOKEN_SANDBOX_URL"], "http://127.0.0.1:"))
	w.calls(true)
	assert.Contains(t, s.end().stderr, "the admin API and the page with the credentials are open to this machine only; nothing is encrypted")

	quiet := w.open("Ctrl-C ends", "--listen", "0.0.0.0:0", "--allow-remote", "--host", remoteHost, "--quiet")
	assert.Empty(t, quiet.end().stderr)
	here := w.open("Ctrl-C ends", "--allow-remote")
	assert.Empty(t, here.end().stderr, "nobody else reaches it")
	assert.NotContains(t, here.printed, "FINTOKEN_INSECURE_HOSTS")
}

// Requirement J138: the authority is in a file for as long as the sandbox runs, and takes no other file's place.
func TestCAFile(t *testing.T) {
	w := newWorld(t)
	t.Setenv("TMPDIR", t.TempDir())
	s := w.open("{", "--tls", "--format", "json")
	var r struct {
		CAFile   string `json:"ca_file"`
		AdminURL string `json:"admin_url"`
	}
	require.NoError(t, json.Unmarshal([]byte(s.printed), &r))
	info, err := os.Stat(r.CAFile)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o644), info.Mode().Perm())
	text, err := os.ReadFile(r.CAFile)
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(string(text), "-----BEGIN"), "the certificate alone")
	assert.NotContains(t, string(text), "KEY")
	assert.Equal(t, 0, s.end().code)
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	assert.Empty(t, left, "and the folder has gone")

	dir := t.TempDir()
	path := filepath.Join(dir, "ca.pem")
	require.NoError(t, os.WriteFile(path, text, 0o600)) // as a sandbox leaves it that was killed
	s = w.open("Ctrl-C ends", "--tls", "--ca-file", path)
	assert.Contains(t, s.printed, "export FINTOKEN_CA_FILE="+path+"\n")
	assert.Contains(t, s.printed, "export NODE_EXTRA_CA_CERTS="+path+"\n")
	info, err = os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o644), info.Mode().Perm())
	s.end()
	assert.NoFileExists(t, path)

	s = w.open("Ctrl-C ends", "--tls", "--ca-file", path)
	require.NoError(t, os.WriteFile(path, text, 0o600)) // another sandbox's
	s.end()
	assert.FileExists(t, path)

	for what, file := range map[string]string{"a page": "<html>", "two of them": string(text) + string(text), "nothing": ""} {
		require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
		got := w.serve("sandbox", "--tls", "--ca-file", path)
		assert.Equal(t, 10, got.code, what)
		assert.Equal(t, "fintoken: --ca-file: there is another file\n  next: choose another --ca-file, in a directory that can be written to\n", got.stderr)
		now, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, file, string(now))
	}
	assert.Equal(t, 10, w.serve("sandbox", "--tls", "--ca-file", filepath.Join(dir, "none", "ca.pem")).code)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing else is left")
}

// TestDryRunOverTLS: the curl of a dry run trusts what the command trusts.
func TestDryRunOverTLS(t *testing.T) {
	testenv.Programs(t, "sh", "curl")
	w := newWorld(t)
	s := w.open("Ctrl-C ends", "--tls")
	w.exports(s)
	printed, err := w.shell("sh", "-c", "fintoken finapi token --dry-run | sh && fintoken sandbox health --dry-run | sh")
	assert.NoError(t, err, printed)
	assert.Contains(t, printed, "access_token")
	assert.Contains(t, printed, `{"status":"ok"}`)
	printed, err = w.shell("sh", "-c", "CURL_CA_BUNDLE=$FINTOKEN_CA_FILE curl -sS $FINTOKEN_SANDBOX_URL/_sandbox/v1/health")
	assert.NoError(t, err, printed)
	s.end()
}

// Requirement A135: of the variables that open an address, what is wrong is said before anything is sent, and the doctor
// tells what is set.
func TestTrustVariables(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for value, says := range map[string]string{
		"FINTOKEN_INSECURE_HOSTS=a,*":                        "FINTOKEN_INSECURE_HOSTS[1] must not be a wildcard",
		"FINTOKEN_INSECURE_HOSTS=sandbox,":                   "FINTOKEN_INSECURE_HOSTS[1] must not be empty",
		"FINTOKEN_INSECURE_HOSTS=http://a":                   "FINTOKEN_INSECURE_HOSTS[0] must be a host, with or without a port",
		"FINTOKEN_INSECURE_HOSTS=a, Production.Straddle.com": "FINTOKEN_INSECURE_HOSTS[1] must not be a host of a provider",
		"FINTOKEN_CA_FILE=/nowhere":                          "FINTOKEN_CA_FILE: open /nowhere",
		"FINTOKEN_CA_FILE=" + empty:                          "FINTOKEN_CA_FILE must be a file of certificates in PEM",
	} {
		w := newWorld(t)
		name, value, _ := strings.Cut(value, "=")
		w.env[name] = value
		for _, line := range []string{"straddle bridge initialize --customer-id " + pageCustomer, "finapi token", "sandbox clock"} {
			r := w.run("", strings.Fields(line)...)
			assert.Equal(t, 10, r.code, line)
			assert.Contains(t, r.stderr, "fintoken: "+says)
			assert.Regexp(t, `\n  next: .*unset it\n$`, r.stderr)
		}
		assert.Empty(t, w.s.Sandbox().Calls())
		r := w.run("", "doctor")
		assert.Equal(t, 1, r.code)
		assert.Equal(t, 1, strings.Count(r.stdout, "FAILED"), r.stdout)
		assert.Contains(t, r.stdout, says)
	}
	w := newWorld(t)
	w.env["FINTOKEN_INSECURE_HOSTS"] = "a, B:4010"
	w.env["STRADDLE_BASE_URL"] = "http://a"
	r := w.run("", "doctor", "--offline")
	assert.Equal(t, 0, r.code, r.stdout)
	assert.Regexp(t, `(?m)^warning +fintoken +FINTOKEN_INSECURE_HOSTS +plain http, which everybody on the way reads, to a, B:4010$`, r.stdout)
	assert.Regexp(t, `(?m)^ok +straddle +address +http://a$`, r.stdout)
	assert.NotContains(t, w.run("", "doctor", "--offline", "--base-url", "http://b").stdout, "ok       straddle   address")
	assert.Equal(t, 2, w.run("", "finapi", "token", "--base-url", "http://b").code)
}

// TestOwnPortsAreBeside: a port of a provider's own is where the others are, and for a socket on this machine.
func TestOwnPortsAreBeside(t *testing.T) {
	w := newWorld(t)
	s := w.open("{", "--own-ports", "--listen", "127.8.9.10:0", "--format", "json")
	assert.Equal(t, len(sandbox.Providers())+1, strings.Count(s.printed, `"http://127.8.9.10:`), s.printed)
	s.end()
	s = w.open("{", "--own-ports", "--listen", "unix:"+filepath.Join(t.TempDir(), "s"), "--format", "json")
	assert.Equal(t, len(sandbox.Providers()), strings.Count(s.printed, `"http://127.0.0.1:`), s.printed)
	s.end()
}
