package rest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Requirements A10, A11, A127, B18 and B19: nothing is sent to another origin, or with a header that would split.
func TestOptionsBindsTheOrigin(t *testing.T) {
	client, w := newWire(t, Config{}, always(200, "{}"))
	for name, change := range map[string]func(*http.Request){
		"other host":   func(r *http.Request) { r.URL.Host = "evil.example.com" },
		"sub-domain":   func(r *http.Request) { r.URL.Host = "x.api.example.com" },
		"other port":   func(r *http.Request) { r.URL.Host = "api.example.com:8443" },
		"other scheme": func(r *http.Request) { r.URL.Scheme = "http" },
		"Host header":  func(r *http.Request) { r.Host = "evil.example.com" },
		"no URL":       func(r *http.Request) { r.URL = nil },
		"dotted İ":     func(r *http.Request) { r.URL.Host = "apİ.example.com" },
		"final dot":    func(r *http.Request) { r.URL.Host = "api.example.com." },
		"odd port":     func(r *http.Request) { r.URL.Host = "api.example.com:0443" },
		"user-info":    func(r *http.Request) { r.URL.User = url.UserPassword("u", "p") },
		"opaque":       func(r *http.Request) { r.URL.Opaque = "//evil.example.com/" },
		"header":       func(r *http.Request) { r.Header["X-A"] = []string{"a\r\nAuthorization: x"} },
		"NUL":          func(r *http.Request) { r.Header["X-A"] = []string{"a\x00"} },
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, testURL, nil)
		require.NoError(t, err)
		change(req)
		_, err = client.Do(req)
		assert.ErrorIs(t, err, ErrInvalid, name)
		assert.Zero(t, failure(t, err).Attempts, name)
	}
	assert.Empty(t, w.sent)

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://API.example.com:443/v1/x", nil)
	require.NoError(t, err)
	_, err = client.Do(req)
	assert.NoError(t, err, "another spelling of the same origin")
	require.Len(t, w.sent, 1)
	assert.Equal(t, "https://api.example.com/v1/x", w.sent[0].URL.String(), "what is sent is in the client's own")
	assert.Equal(t, "api.example.com", w.sent[0].Host)
	assert.Equal(t, "https://API.example.com:443/v1/x", req.URL.String(), "the caller's request is left alone")
}

// FuzzClientDialsItsOrigin: whatever the request, nothing but the host of the client is dialed.
func FuzzClientDialsItsOrigin(f *testing.F) {
	for _, host := range []string{
		"sandbox.finapi.io", "SANDBOX.finapi.io:443", "sandbox.fİnapi.io", "sandbox.finapi.io:", "sandbox.finapi.io.", "evil.example.com",
		"sandbox\u3002finapi.io", "sandbox.finapi.io\\@evil.example.com", "u:p@sandbox.finapi.io", "sandbox.finapi.io%2f@evil.example.com",
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
		client, err := New("https://sandbox.finapi.io", Bearer(token.Static(secret.New("the-api-key"))), Config{MaxAttempts: 1, HTTPClient: &http.Client{
			Transport: &http.Transport{DialContext: func(_ context.Context, _, address string) (net.Conn, error) {
				dialed = append(dialed, address)
				return nil, net.ErrClosed
			}},
		}})
		require.NoError(t, err)
		_, err = client.Do((&http.Request{URL: u, Host: host}).WithContext(t.Context()))
		require.Error(t, err)
		if !errors.Is(err, ErrInvalid) {
			assert.Equal(t, []string{"sandbox.finapi.io:443"}, dialed)
		} else {
			assert.Empty(t, dialed)
		}
	})
}

// Requirements F60 and F61: keys are random UUIDs, one for all attempts of a call, another for the next call.
func TestOptionsMakesKeys(t *testing.T) {
	client, w := newWire(t, Config{MaxRetryWait: 1}, inTurn(500, 500, 200))
	_, err := post(t.Context(), client, operation(RepeatByKey))
	require.NoError(t, err)
	_, err = post(t.Context(), client, operation(RepeatByKey))
	require.NoError(t, err)
	var keys []string
	for _, r := range w.sent {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
	}
	require.Len(t, keys, 4)
	assert.Equal(t, keys[0], keys[1])
	assert.Equal(t, keys[0], keys[2])
	assert.NotEqual(t, keys[0], keys[3])
	assert.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, keys[0])

	_, err = post(t.Context(), client, operation(RepeatFreely))
	require.NoError(t, err)
	assert.Empty(t, w.sent[4].Header.Get("Idempotency-Key"), "only where the operation is one by key")
}

// What waits for the end of the call does so no longer than the call lasts, and then the caller may go on.
func TestOptionsReleaseTheCall(t *testing.T) {
	cfg, err := Config{}.withDefaults()
	require.NoError(t, err)
	base, err := ParseBaseURL("", testURL)
	require.NoError(t, err)
	do := options(func(c *call, _ *http.Request) (*http.Response, error) {
		assert.NoError(t, c.life.Err())
		c.life.Done()
		return nil, nil
	}, web.OriginOf(base), cfg)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, testURL, nil)
	require.NoError(t, err)
	c := &call{op: operation(RepeatFreely), Context: t.Context()}
	_, _ = do(c, req)
	assert.ErrorIs(t, c.life.Err(), context.Canceled)
}
