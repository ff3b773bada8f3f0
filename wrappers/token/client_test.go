package token

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/wrappers/internal/reach"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// server returns a test server whose requests are answered by h.
func server(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func client(t *testing.T, s *Source, origin string) *http.Client {
	t.Helper()
	c, err := s.Client(nil, origin)
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func do(t *testing.T, c *http.Client, method, url string, body io.Reader) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	require.NoError(t, err)
	resp, err := c.Do(req)
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	assert.Empty(t, req.Header, "the caller's request is left alone")
	return resp, string(b)
}

func TestClientSigns(t *testing.T) {
	srv := server(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Header.Get("Authorization")) })
	for kind, want := range map[string]string{"": "Bearer", "bearer": "Bearer", "DPoP": "DPoP"} {
		s := open(t, func(context.Context, *Token) (*Token, error) { return &Token{Access: access(1), Type: kind}, nil }, Config{})
		_, got := do(t, client(t, s, srv.URL), http.MethodGet, srv.URL+"/path?q=1", nil)
		assert.Equal(t, want+" access-1", got)
	}
}

// Requirement D49: a 401 costs exactly the token that was refused and is answered by one replay, with the same body.
func TestClientReplaysOnce(t *testing.T) {
	var mu sync.Mutex
	var bodies, tokens []string
	srv := server(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		bodies, tokens = append(bodies, string(b)), append(tokens, r.Header.Get("Authorization"))
		if r.URL.Path == "/never" || r.Header.Get("Authorization") == "Bearer access-1" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	for name, c := range map[string]struct {
		path   string
		body   io.Reader
		status int
		bodies []string
		tokens []string
	}{
		"no body":           {"/", nil, 200, []string{"", ""}, []string{"Bearer access-1", "Bearer access-2"}},
		"body":              {"/", strings.NewReader("text"), 200, []string{"text", "text"}, []string{"Bearer access-1", "Bearer access-2"}},
		"body that is gone": {"/", io.MultiReader(strings.NewReader("text")), 401, []string{"text"}, []string{"Bearer access-1"}},
		"refused once more": {"/never", nil, 401, []string{"", ""}, []string{"Bearer access-1", "Bearer access-2"}},
	} {
		t.Run(name, func(t *testing.T) {
			mu.Lock()
			bodies, tokens = nil, nil
			mu.Unlock()
			s := open(t, (&desk{life: time.Hour}).fetch, Config{})
			resp, _ := do(t, client(t, s, srv.URL), http.MethodPost, srv.URL+c.path, c.body)
			assert.Equal(t, c.status, resp.StatusCode)
			assert.Equal(t, c.bodies, bodies)
			assert.Equal(t, c.tokens, tokens)
		})
	}
}

// Many calls refused at once: one new token, and each call is replayed with it, also those whose token another one
// has dropped already.
func TestClientReplaysMany(t *testing.T) {
	const callers = 20
	var arrived sync.WaitGroup
	arrived.Add(callers)
	srv := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer access-1" {
			arrived.Done()
			arrived.Wait()
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	d := &desk{life: time.Hour}
	s := open(t, d.fetch, Config{})
	c := client(t, s, srv.URL)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			resp, _ := do(t, c, http.MethodGet, srv.URL, nil)
			assert.Equal(t, http.StatusOK, resp.StatusCode)
		})
	}
	wg.Wait()
	assert.Equal(t, 2, d.count())
}

func TestClientOfAStaticSourceDoesNotReplay(t *testing.T) {
	var n atomic.Int32
	srv := server(t, func(w http.ResponseWriter, _ *http.Request) { n.Add(1); w.WriteHeader(http.StatusUnauthorized) })
	resp, _ := do(t, client(t, Static(secret.New("key")), srv.URL), http.MethodGet, srv.URL, nil)
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	assert.EqualValues(t, 1, n.Load())
}

func TestClientWhoseRenewalFailsReturnsTheRefusal(t *testing.T) {
	srv := server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	d := &desk{life: time.Hour}
	s := open(t, d.fetch, Config{})
	get(t, s)
	d.fails(errDown)
	resp, _ := do(t, client(t, s, srv.URL), http.MethodGet, srv.URL, nil)
	assert.Equal(t, http.StatusUnauthorized, resp.StatusCode)
}

// Requirements A10, A127, B18 and B19: a credential goes to its origin and nowhere else.
func TestClientKeepsToItsOrigin(t *testing.T) {
	for _, elsewhere := range []string{
		"https://api.example.com:8443/", "http://api.example.com/", "https://sub.api.example.com/", "https://example.com/",
		"https://api.example.com.evil.test/", "https://127.0.0.1/", "https://apİ.example.com/", "https://api.example.com./",
		"https://api.example.com:0443/", "https://user:word@api.example.com/",
	} {
		d := &desk{}
		c, err := open(t, d.fetch, Config{}).Client(&http.Client{Transport: refuse{t}}, "https://API.example.com")
		require.NoError(t, err)
		body := &closing{}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, elsewhere, body)
		require.NoError(t, err)
		_, err = c.Do(req)
		assert.ErrorIs(t, err, ErrOrigin, elsewhere)
		assert.Zero(t, d.count(), "no token is even fetched")
		assert.True(t, body.closed)
	}
	for _, here := range []string{"https://api.example.com/x", "https://API.EXAMPLE.COM:443"} {
		c, err := Static(secret.New("key")).Client(&http.Client{Transport: answer{}}, "https://api.example.com/")
		require.NoError(t, err)
		do(t, c, http.MethodGet, here, nil)
	}
}

// FuzzClientDialsItsOrigin: whatever the request, nothing but the origin of the client is dialed.
func FuzzClientDialsItsOrigin(f *testing.F) {
	for _, host := range []string{
		"sandbox.finapi.io", "SANDBOX.finapi.io:443", "sandbox.fİnapi.io", "sandbox.finapi.io:", "sandbox.finapi.io.", "evil.test",
		"sandbox\u3002finapi.io", "sandbox.finapi.io\\@evil.test", "u:p@sandbox.finapi.io", "sandbox.finapi.io%2f@evil.test",
	} {
		f.Add("https://"+host+"/x", host, "")
		f.Add("https://sandbox.finapi.io", host, "//"+host)
	}
	f.Fuzz(func(t *testing.T, raw, host, opaque string) {
		u, err := url.Parse(raw)
		if err != nil {
			return
		}
		u.Opaque += opaque
		var dialed []string
		c, err := Static(secret.New("key")).Client(&http.Client{Transport: &http.Transport{
			DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
				dialed = append(dialed, address)
				return nil, net.ErrClosed
			},
		}}, "https://sandbox.finapi.io")
		require.NoError(t, err)
		_, err = c.Do((&http.Request{URL: u, Host: host}).WithContext(t.Context()))
		require.Error(t, err)
		for _, address := range dialed {
			assert.Equal(t, "sandbox.finapi.io:443", address)
		}
		assert.Equal(t, errors.Is(err, net.ErrClosed), len(dialed) > 0)
	})
}

// Requirement G130: what comes back shows no token: neither the request of a response, nor that of a redirect or of a
// refusal, nor an error.
func TestClientShowsNoToken(t *testing.T) {
	srv := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		case "/refused":
			w.WriteHeader(http.StatusUnauthorized)
		case "/broken":
			panic(http.ErrAbortHandler)
		}
	})
	for _, path := range []string{"/", "/moved", "/refused"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+path, nil)
		require.NoError(t, err)
		resp, err := client(t, open(t, (&desk{life: time.Hour}).fetch, Config{}), srv.URL).Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		for r := resp; r != nil; r = r.Request.Response {
			assert.Empty(t, r.Request.Header, path)
		}
		assert.Same(t, req, resp.Request, "as http.Client has it")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/broken", nil)
	require.NoError(t, err)
	_, err = client(t, Static(secret.New(canary)), srv.URL).Do(req)
	require.Error(t, err)
	for _, text := range reach.Texts(err) {
		assert.NotContains(t, text, canary)
	}
}

// Before the replay the refusal is read to a bound and closed, so that its connection serves again.
func TestClientClosesTheRefusal(t *testing.T) {
	refusal := &counted{size: 1 << 20}
	n := 0
	c, err := open(t, (&desk{life: time.Hour}).fetch, Config{}).Client(&http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		if n++; n == 1 {
			return &http.Response{StatusCode: http.StatusUnauthorized, Body: refusal, Request: req}, nil
		}
		assert.True(t, refusal.closed)
		return answer{}.RoundTrip(req)
	})}, "https://api.example.com")
	require.NoError(t, err)
	resp, _ := do(t, c, http.MethodGet, "https://api.example.com/", nil)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Equal(t, 4<<10, refusal.read)
}

// counted is a body that counts what is read of it.
type counted struct {
	size, read int
	closed     bool
}

func (c *counted) Read(p []byte) (int, error) {
	n := min(len(p), c.size-c.read)
	c.read += n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (c *counted) Close() error { c.closed = true; return nil }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// A transport that breaks its contract does not break the client.
func TestClientOfABadTransport(t *testing.T) {
	c, err := Static(secret.New("key")).Client(&http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, nil })}, "https://api.example.com")
	require.NoError(t, err)
	_, err = c.Transport.RoundTrip((&http.Request{URL: &url.URL{Scheme: "https", Host: "api.example.com"}}).WithContext(t.Context()))
	assert.NoError(t, err)
}

// Requirements A2, A3, A14 and A128: the rules of transports hold for this client, too; all of them are in package web.
func TestClientRefusesTransports(t *testing.T) {
	of := func(c *tls.Config) *http.Client { return &http.Client{Transport: &http.Transport{TLSClientConfig: c}} }
	for rule, base := range map[string]*http.Client{
		"InsecureSkipVerify must be false": of(&tls.Config{InsecureSkipVerify: true}),
		"MinVersion must not be below":     of(&tls.Config{MinVersion: tls.VersionTLS10}),
		"ServerName must be empty or api":  of(&tls.Config{ServerName: "evil.test"}),
	} {
		_, err := Static(secret.New("key")).Client(base, "https://api.example.com")
		assert.ErrorContains(t, err, "token: base.Transport.TLSClientConfig."+rule)
	}
	proxied := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}
	c, err := Static(secret.New("key")).Client(proxied, "http://localhost")
	require.NoError(t, err)
	assert.Nil(t, c.Transport.(*signer).next.(*http.Transport).Proxy, "it would see the token")
}

// Requirement A135: a Source sends its token over plain http to the hosts that its Config names.
func TestClientOfInsecureHosts(t *testing.T) {
	fetch := func(context.Context, *Token) (*Token, error) { return &Token{Access: access(1)}, nil }
	list := []string{"sandbox:4010"}
	s := open(t, fetch, Config{InsecureHosts: list})
	list[0] = "changed:4010"
	for origin, ok := range map[string]bool{"http://sandbox:4010": true, "http://sandbox": false, "http://changed:4010": false} {
		c, err := s.Client(&http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment}}, origin)
		if !ok {
			assert.ErrorContains(t, err, "token: origin: must be https; plain http is for loopback hosts and InsecureHosts only", origin)
			continue
		}
		require.NoError(t, err)
		assert.Nil(t, c.Transport.(*signer).next.(*http.Transport).Proxy, "it would see the token")
	}
	_, err := New(fetch, Config{InsecureHosts: []string{"sandbox", "live.finapi.io"}})
	assert.ErrorContains(t, err, "token: Config.InsecureHosts[1] must not be a host of a provider")
}

type refuse struct{ t *testing.T }

func (r refuse) RoundTrip(req *http.Request) (*http.Response, error) {
	r.t.Errorf("sent to %s", req.URL.Host)
	return nil, errDown
}

type answer struct{}

func (answer) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
}

type closing struct{ closed bool }

func (*closing) Read([]byte) (int, error) { return 0, io.EOF }
func (c *closing) Close() error           { c.closed = true; return nil }

// Requirements B15, B16 and B20: no redirect is followed, whatever the client it is made from says.
func TestClientFollowsNoRedirect(t *testing.T) {
	other := server(t, func(http.ResponseWriter, *http.Request) { t.Error("the other server was called") })
	for _, status := range []int{301, 302, 303, 307, 308} {
		var n atomic.Int32
		srv := server(t, func(w http.ResponseWriter, r *http.Request) {
			n.Add(1)
			http.Redirect(w, r, other.URL, status)
		})
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		base := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }, Jar: jar, Timeout: time.Second}
		c, err := Static(secret.New("key")).Client(base, srv.URL)
		require.NoError(t, err)
		resp, _ := do(t, c, http.MethodPost, srv.URL, strings.NewReader("body"))
		assert.Equal(t, status, resp.StatusCode)
		assert.EqualValues(t, 1, n.Load())
		assert.Nil(t, c.Jar)
		assert.Equal(t, time.Second, c.Timeout)
		assert.NotNil(t, base.Jar, "the base is left alone")
		c.CloseIdleConnections()

		c.CheckRedirect = nil // somebody turns them on again
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
		_, err = c.Do(req)
		assert.ErrorIs(t, err, ErrOrigin)
		c.CloseIdleConnections()
	}
}

func TestClientPassesTheSourcesError(t *testing.T) {
	d := &desk{}
	d.fails(Final(errDown, ErrLocked))
	c, err := open(t, d.fetch, Config{}).Client(&http.Client{Transport: refuse{t}}, "https://api.example.com")
	require.NoError(t, err)
	body := &closing{}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.example.com/", body)
	_, err = c.Do(req)
	assert.ErrorIs(t, err, ErrLocked)
	assert.True(t, body.closed)
}

func TestOriginsThatAreNone(t *testing.T) {
	for origin, want := range map[string]string{
		"":                             "must be an absolute URL",
		"api.example.com":              "must be an absolute URL",
		"https://":                     "must be an absolute URL",
		"https:api.example.com":        "must be an absolute URL",
		"https://api.example.com\x00":  "must be an absolute URL",
		"https://user@api.example.com": "must not hold user-info",
		"https://api.example.com/v1":   "must not have a path",
		"https://api.example.com?":     "must not have a",
		"https://api.example.com?a=b":  "must not have a",
		"https://api.example.com#":     "must not have a",
		"http://api.example.com":       "must be https",
		"ftp://api.example.com":        "must be https",
	} {
		_, err := Static(secret.New("key")).Client(nil, origin)
		assert.ErrorContains(t, err, want, origin)
	}
	for _, origin := range []string{"https://api.example.com", "https://[2001:db8::1]:8443", "http://localhost:80", "http://127.0.0.1:9", "http://[::1]"} {
		_, err := parseOrigin(origin, nil)
		assert.NoError(t, err, origin)
	}
}

func TestTransportOfItsOwn(t *testing.T) {
	c := client(t, Static(secret.New("key")), "https://api.example.com")
	assert.EqualValues(t, 0x0303, c.Transport.(*signer).next.(*http.Transport).TLSClientConfig.MinVersion)
	before := http.DefaultTransport
	defer func() { http.DefaultTransport = before }()
	http.DefaultTransport = answer{}
	c = client(t, Static(secret.New("key")), "https://api.example.com")
	assert.Equal(t, answer{}, c.Transport.(*signer).next, "what the program put there is respected")
	c.CloseIdleConnections()
}

func TestWithoutQuery(t *testing.T) {
	ue := &url.Error{Op: "Get", URL: "https://user:pw@api.example.com/path?code=" + canary + "#" + canary, Err: errDown}
	for _, err := range []error{ue, errors.Join(ue)} {
		clean := WithoutQuery(err)
		assert.EqualError(t, clean, `Get "https://api.example.com/path": down`)
		assert.ErrorIs(t, clean, errDown)
	}
	assert.EqualError(t, WithoutQuery(&url.Error{Op: "Get", URL: ":" + canary, Err: errDown}), `Get "": down`)
	assert.Equal(t, errDown, WithoutQuery(errDown))
	assert.NoError(t, WithoutQuery(nil))
}

func TestAdapter(t *testing.T) {
	d := &desk{life: time.Hour}
	s := open(t, d.fetch, Config{})
	var a interface{ Token() (string, error) } = Adapt(s, func(t *Token) string { return "<" + t.Access.Reveal() + ">" })
	got, err := a.Token()
	require.NoError(t, err)
	assert.Equal(t, "<access-1>", got)
	s.Close()
	got, err = a.Token()
	assert.ErrorIs(t, err, ErrClosed)
	assert.Empty(t, got)
}

// After Close no goroutine of a source is left, whatever it was doing.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for range 50 {
		s, err := New(func(ctx context.Context, _ *Token) (*Token, error) { <-ctx.Done(); return nil, ctx.Err() }, Config{OnEvent: quiet})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, err = s.Token(ctx)
		assert.Error(t, err)
		cancel()
		s.Close()
	}
}

// Requirement A10: which server answers goes by Host as well, so it is held to the origin too.
func TestClientRefusesAnotherHost(t *testing.T) {
	for host, want := range map[string]error{
		"": nil, "api.example.com": nil, "other.example.com": ErrOrigin, "api.example.com:8443": ErrOrigin, "api.example.com.evil.test": ErrOrigin,
	} {
		t.Run(host, func(t *testing.T) {
			var next http.RoundTripper = answer{}
			if want != nil {
				next = refuse{t}
			}
			c, err := Static(secret.New("key")).Client(&http.Client{Transport: next}, "https://api.example.com")
			require.NoError(t, err)
			body := &closing{}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.example.com/", body)
			require.NoError(t, err)
			req.Host = host
			resp, err := c.Do(req)
			assert.ErrorIs(t, err, want)
			if want != nil {
				assert.True(t, body.closed)
				return
			}
			require.NoError(t, resp.Body.Close())
		})
	}
}
