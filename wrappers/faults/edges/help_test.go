package edges

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// base is the provider of the tests that no byte leaves.
const base = "https://api.example.com"

// loopback is the address of a pipe, which speaks plain http.
const loopback = "http://127.0.0.1"

// thing is what the operation of the tests answers with.
type thing struct {
	Value string `json:"value"`
}

var api = &rest.API{
	Provider: "acme", IdempotencyKey: rest.HeaderRule{Name: "Idempotency-Key"},
	RequestID: rest.HeaderRule{Name: "Request-Id"}, ResponseRequestID: "X-Request-Id",
}

func op(r rest.Repeat) *rest.Operation {
	return &rest.Operation{API: api, Name: "makeThing", Method: http.MethodPost, Path: "/things", Repeat: r}
}

// post calls o.
func post[T any](ctx context.Context, c *rest.Client, o *rest.Operation, opts ...rest.Option) (*T, error) {
	return rest.Call[T](ctx, o, nil, opts, func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BaseURL()+"/things", strings.NewReader(`{"a":1}`))
		if err != nil {
			return nil, err
		}
		return c.Do(req)
	})
}

// client is a client with an API key.
func client(t *testing.T, base string, cfg rest.Config) *rest.Client {
	t.Helper()
	return signed(t, base, token.Static(secret.New("canary-api-key")), cfg)
}

// signed is a client whose bearer comes from src; nil for none.
func signed(t *testing.T, base string, src *token.Source, cfg rest.Config) *rest.Client {
	t.Helper()
	var auth rest.Credential
	if src != nil {
		auth = rest.Bearer(src)
	}
	c, err := rest.New(base, auth, cfg)
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// over is a client with an API key over f instead of a network.
func over(t *testing.T, cfg rest.Config, f stub) *rest.Client {
	t.Helper()
	cfg.HTTPClient = f.client()
	return client(t, base, cfg)
}

// source is a source of tokens that says nothing.
func source(t *testing.T, fetch token.Fetch) *token.Source {
	t.Helper()
	src, err := token.New(fetch, token.Config{OnEvent: quiet})
	require.NoError(t, err)
	t.Cleanup(src.Close)
	return src
}

func quiet(context.Context, token.Event) {}

// stub is a transport without a network.
type stub func(*http.Request) (*http.Response, error)

func (f stub) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (f stub) client() *http.Client { return &http.Client{Transport: f} }

// always gives every request the same answer.
func always(status int, contentType, body string, header ...string) stub {
	return func(*http.Request) (*http.Response, error) { return reply(status, contentType, body, header...), nil }
}

// never is a transport that nothing may reach.
func never(*http.Request) (*http.Response, error) { panic("not reached") }

func reply(status int, contentType, body string, header ...string) *http.Response {
	h := http.Header{}
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
}

// request is a request that a program made itself.
func request(ctx context.Context, t *testing.T, method, address string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	require.NoError(t, err)
	return req
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u
}

func asErr(t *testing.T, err error) *rest.Error {
	t.Helper()
	var e *rest.Error
	require.ErrorAs(t, err, &e)
	return e
}

// talk is what a server does with one connection, which is closed after it. Connections are counted from 1.
type talk func(n int, conn net.Conn, r *bufio.Reader)

// raw serves every connection with f and returns the address.
func raw(t *testing.T, f talk) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	go serve(l, f)
	return "http://" + l.Addr().String()
}

func serve(l net.Listener, f talk) {
	for n := 1; ; n++ {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			f(n, conn, bufio.NewReader(conn))
		}()
	}
}

// piped is an HTTP client whose connections are pipes to f, for the fake clock. The test ends when f has.
func piped(t *testing.T, f func(conn net.Conn, r *bufio.Reader)) *http.Client {
	t.Helper()
	var wg sync.WaitGroup
	t.Cleanup(wg.Wait)
	transport := http.DefaultTransport.(*http.Transport).Clone() // as rest has it, too
	transport.Proxy = nil
	transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		wg.Go(func() {
			defer far.Close()
			f(far, bufio.NewReader(far))
		})
		return near, nil
	}
	return &http.Client{Transport: transport}
}

// readRequest reads one request to the end of its body.
func readRequest(r *bufio.Reader) error {
	req, err := http.ReadRequest(r)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, req.Body)
	return err
}

// jsonServer is a well-behaved server that answers in JSON.
func jsonServer(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		h(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// trusting is an HTTP client that trusts cert.
func trusting(cert *x509.Certificate) *http.Client {
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true,
	}}
}
