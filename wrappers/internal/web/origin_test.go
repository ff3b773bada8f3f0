package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// origin returns the origin in raw.
func origin(t testing.TB, raw string) Origin {
	t.Helper()
	u, rule := ParseURL(raw, nil)
	require.Empty(t, rule)
	return OriginOf(u)
}

// Requirements A10, A127, B18 and B19: another scheme, host or port is another origin, and so is an odd spelling.
func TestOriginRefuses(t *testing.T) {
	for _, c := range []struct {
		origin, url string
		same        bool
	}{
		{"https://a.example.com", "https://a.example.com/x?y", true},
		{"https://a.example.com", "https://A.Example.COM:443", true},
		{"https://A.example.com:443", "HTTPS://a.example.com", true},
		{"http://localhost", "http://localhost:80", true},
		{"https://[::1]", "https://[::1]:443", true},
		{"https://a.example.com:8443", "https://a.example.com:8443", true},
		{"https://a.example.com", "https://a.example.com:8443", false},
		{"https://a.example.com:8443", "https://a.example.com", false},
		{"https://a.example.com:8443", "https://a.example.com:443", false},
		{"https://a.example.com", "https://b.a.example.com", false},
		{"https://a.example.com", "https://example.com", false},
		{"https://a.example.com", "https://a.example.com.", false},
		{"https://a.example.com", "https://a.example.com:", false},
		{"https://a.example.com", "https://a.example.com:0443", false},
		{"https://a.example.com", "https://a.example.com.evil.test", false},
		{"https://localhost", "http://localhost", false},
		{"http://localhost", "http://localhost:443", false},
		{"https://localhost:80", "http://localhost", false},
		{"https://[::1]:2", "https://[::1:2]", false},
		{"https://[::1]", "https://[::1%25lo]", false},
		{"https://sandbox.finapi.io", "https://sandbox.fİnapi.io", false},
		{"https://key.example", "https://\u212aey.example", false},
		{"https://as.example", "https://a\u017f.example", false},
		{"https://a.example.com", "https://a\u3002example\uff0ecom", false},
		{"https://a.example.com", "mailto:a@a.example.com", false},
	} {
		u, err := url.Parse(c.url)
		require.NoError(t, err)
		o := origin(t, c.origin)
		field, rule := o.Refuse(&http.Request{URL: u})
		if c.same {
			assert.Empty(t, rule, "%s %s", c.origin, c.url)
			continue
		}
		assert.Equal(t, "URL", field)
		assert.Equal(t, "must be of the origin "+o.String(), rule, "%s %s", c.origin, c.url)
	}
}

// Requirements A10 and A127: nor does anything else of a request lead elsewhere.
func TestOriginRefusesTheRest(t *testing.T) {
	here := func() *http.Request { return &http.Request{URL: &url.URL{Scheme: "https", Host: "a.example.com"}} }
	for name, c := range map[string]struct {
		change func(*http.Request)
		field  string // "" passes
	}{
		"nothing":             {func(*http.Request) {}, ""},
		"its Host":            {func(r *http.Request) { r.Host = "A.example.com:443" }, ""},
		"no URL":              {func(r *http.Request) { r.URL = nil }, "URL"},
		"user-info":           {func(r *http.Request) { r.URL.User = url.UserPassword("u", "p") }, "URL"},
		"empty user-info":     {func(r *http.Request) { r.URL.User = url.User("") }, "URL"},
		"opaque":              {func(r *http.Request) { r.URL.Opaque = "//evil.test/x" }, "URL"},
		"another Host":        {func(r *http.Request) { r.Host = "evil.test" }, "Host"},
		"another port in it":  {func(r *http.Request) { r.Host = "a.example.com:8443" }, "Host"},
		"a host to be cut":    {func(r *http.Request) { r.URL.Host = "a.example.com/@evil.test" }, "URL"},
		"a host with a break": {func(r *http.Request) { r.URL.Host = "a.example.com\r\n" }, "URL"},
	} {
		req := here()
		c.change(req)
		field, rule := origin(t, "https://a.example.com").Refuse(req)
		assert.Equal(t, c.field, field, name)
		assert.Equal(t, c.field == "", rule == "", name)
	}
}

func TestOriginText(t *testing.T) {
	assert.Equal(t, "https://a.example.com", origin(t, "https://A.example.com:443/x").String())
	assert.Equal(t, "http://[::1]:8080", origin(t, "http://[::1]:8080").String())
}

var errDialed = errors.New("dialed")

// dialed returns what net/http dials for req.
func dialed(t *testing.T, req *http.Request) (addresses []string) {
	t.Helper()
	transport := &http.Transport{DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
		addresses = append(addresses, address)
		return nil, errDialed
	}}
	_, err := transport.RoundTrip(req)
	require.ErrorIs(t, err, errDialed)
	return addresses
}

// Requirement A127: a request that passes is dialed, and asks for, the origin as it was configured.
func TestPin(t *testing.T) {
	o := origin(t, "https://[2001:db8::1]")
	req := (&http.Request{
		URL: &url.URL{Scheme: "HTTPS", Host: "[2001:DB8::1]:443", Path: "/x"}, Host: "[2001:DB8::1]", Header: http.Header{},
	}).WithContext(t.Context())
	_, rule := o.Refuse(req)
	require.Empty(t, rule)
	o.Pin(req)
	assert.Equal(t, "https://[2001:db8::1]/x", req.URL.String())
	assert.Equal(t, "[2001:db8::1]", req.Host)
	assert.Equal(t, []string{"[2001:db8::1]:443"}, dialed(t, req))
}

// FuzzOrigin, for requirement A127: whatever passes is dialed at the host and port of the origin, by net/http's own reading of the request.
func FuzzOrigin(f *testing.F) {
	for _, host := range []string{
		"sandbox.finapi.io", "sandbox.fİnapi.io", "SANDBOX.finapi.io:443", "sandbox.finapi.io:", "sandbox.finapi.io:0443", "sandbox.finapi.io.",
		"sandbox\u3002finapi\uff0eio", "sandbox.finapi.io@evil.test", "evil.test", "[::1]", "sandbox.finapi.io:8443", "sandbox.finapi.io%2eevil",
	} {
		f.Add("https://sandbox.finapi.io", "https", host, host, "")
		f.Add("https://"+host, "HTTPS", host, "", "//evil.test")
	}
	f.Add("http://localhost:80", "http", "LOCALHOST", "localhost", "")
	f.Add("https://[2001:db8::1]:443", "https", "[2001:DB8::1]", "", "")
	f.Fuzz(func(t *testing.T, base, scheme, host, header, opaque string) {
		u, rule := ParseURL(base, nil)
		if rule != "" {
			return
		}
		o := OriginOf(u)
		req := (&http.Request{
			URL: &url.URL{Scheme: scheme, Host: host, Opaque: opaque, Path: "/"}, Host: header, Header: http.Header{},
		}).WithContext(t.Context())
		if _, rule := o.Refuse(req); rule != "" {
			return
		}
		o.Pin(req)
		assert.Equal(t, []string{net.JoinHostPort(u.Hostname(), Port(u))}, dialed(t, req))
		assert.Equal(t, u.Host, req.Host)
	})
}
