// What the tests share: a sandbox with a clock, and ways to call it.

package sandbox_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/sandbox"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a sandbox and a client of it.
type world struct {
	t      *testing.T
	base   string
	client *http.Client
	sand   *sandbox.Sandbox
	clock  *clock
	creds  sandbox.Credentials
}

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// start is a winter's day, when Germany is an hour ahead of UTC.
var start = time.Date(2026, time.January, 5, 10, 0, 0, 123e6, time.UTC)

// inMemory returns a sandbox that is called without a port.
func inMemory(t *testing.T, opts ...sandbox.Option) *world {
	t.Helper()
	c := &clock{now: start}
	s, err := sandbox.New(append([]sandbox.Option{sandbox.Clock(c.Now)}, opts...)...)
	require.NoError(t, err)
	return &world{
		t: t, base: "http://any.host", client: &http.Client{Transport: s.RoundTripper()},
		sand: s, clock: c, creds: s.Credentials(),
	}
}

// overHTTP returns a sandbox that is served on a port.
func overHTTP(t *testing.T, opts ...sandbox.Option) *world {
	t.Helper()
	c := &clock{now: start}
	server := sandbox.Start(t, append([]sandbox.Option{sandbox.Clock(c.Now)}, opts...)...)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &world{
		t: t, base: server.URL(), client: &http.Client{Transport: transport},
		sand: server.Sandbox(), clock: c, creds: server.Sandbox().Credentials(),
	}
}

// overTLS returns a sandbox that is served on a port with TLS.
func overTLS(t *testing.T, opts ...sandbox.Option) *world {
	t.Helper()
	c := &clock{now: start}
	server := sandbox.Start(t, append([]sandbox.Option{sandbox.Clock(c.Now), sandbox.TLS()}, opts...)...)
	return &world{
		t: t, base: server.URL(), client: trusting(t, server),
		sand: server.Sandbox(), clock: c, creds: server.Sandbox().Credentials(),
	}
}

// trusting returns a client that trusts the certificate of a server and no other one.
func trusting(t *testing.T, server *sandbox.Server) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(server.CACertificate()))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// ways are all of them, for tests that hold for each.
var ways = map[string]func(*testing.T, ...sandbox.Option) *world{"in memory": inMemory, "over HTTP": overHTTP, "over TLS": overTLS}

// reply is an answer, read to its end.
type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any // nil when there is no JSON object
}

// want is what a refusal must be like.
type want struct {
	status   int
	evidence string
	says     string // in the body
}

func (r reply) require(t *testing.T, w want) {
	t.Helper()
	require.Equal(t, w.status, r.status, r.text)
	require.Equal(t, w.evidence, r.header.Get("Sandbox-Evidence"))
	require.Contains(t, r.text, w.says)
}

// at returns a member by its path through objects.
func (r reply) at(path ...string) any {
	var here any = r.body
	for _, name := range path {
		object, _ := here.(map[string]any)
		here = object[name]
	}
	return here
}

type headers map[string]string

func (w *world) do(method, target string, h headers, body string) reply {
	w.t.Helper()
	return w.send(method, target, h, strings.NewReader(body))
}

func (w *world) send(method, target string, h headers, body io.Reader) reply {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.base+target, body)
	require.NoError(w.t, err)
	for name, value := range h {
		request.Header.Set(name, value)
	}
	response, err := w.client.Do(request)
	require.NoError(w.t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	r := reply{status: response.StatusCode, header: response.Header, text: string(text)}
	_ = json.Unmarshal(text, &r.body)
	return r
}

const formType = "application/x-www-form-urlencoded"

// form posts a form; the fields come in pairs.
func (w *world) form(target string, h headers, fields ...string) reply {
	w.t.Helper()
	return w.do(http.MethodPost, target, with(h, "Content-Type", formType), formed(fields...))
}

func (w *world) json(target string, h headers, body any) reply {
	w.t.Helper()
	text, err := json.Marshal(body)
	require.NoError(w.t, err)
	return w.do(http.MethodPost, target, with(h, "Content-Type", "application/json"), string(text))
}

func formed(fields ...string) string {
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return values.Encode()
}

func with(h headers, name, value string) headers {
	more := headers{name: value}
	for n, v := range h {
		more[n] = v
	}
	return more
}

func bearer(token string) headers { return headers{"Authorization": "Bearer " + token} }

func mustURL(t *testing.T, text string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(text)
	require.NoError(t, err)
	return parsed
}
