package rest

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/memnet"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Requirements F67 and F70: three attempts, a limit for each and one for all, without a word in the Config.
func TestConfigDefaults(t *testing.T) {
	c, err := Config{}.withDefaults()
	require.NoError(t, err)
	assert.Equal(t, 30*time.Second, c.Timeout)
	assert.Equal(t, 10*time.Second, c.AttemptTimeout)
	assert.Equal(t, 10*time.Second, c.MaxRetryWait)
	assert.Equal(t, 3, c.MaxAttempts)

	c, err = Config{AttemptTimeout: time.Minute, HTTPClient: &http.Client{Timeout: time.Second}, MaxAttempts: 1}.withDefaults()
	require.NoError(t, err)
	assert.Equal(t, time.Second, c.AttemptTimeout, "the client's own limit counts")
	longer, err := Config{AttemptTimeout: 2 * time.Second, HTTPClient: &http.Client{Timeout: time.Minute}}.withDefaults()
	require.NoError(t, err)
	assert.Equal(t, 2*time.Second, longer.AttemptTimeout, "and makes nothing longer")
	assert.Equal(t, 1, c.MaxAttempts)
}

func TestConfigRefused(t *testing.T) {
	transport := func(c *tls.Config) *http.Client { return &http.Client{Transport: &http.Transport{TLSClientConfig: c}} }
	for rule, cfg := range map[string]Config{
		"Config.Timeout must not be negative":                                                             {Timeout: -1},
		"Config.AttemptTimeout must not be negative":                                                      {AttemptTimeout: -1},
		"Config.MaxRetryWait must not be negative":                                                        {MaxRetryWait: -1},
		"Config.MaxAttempts must not be negative":                                                         {MaxAttempts: -1},
		"Config.MaxBody must not be negative":                                                             {MaxBody: -1},
		"Config.BreakAfter must not be negative":                                                          {BreakAfter: -1},
		"Config.UserAgent must not hold control":                                                          {UserAgent: "a\r\nb"},
		"Config.UserAgent must be a list":                                                                 {UserAgent: "/usr/bin/x"},
		"rest: Config.HTTPClient.Transport.TLSClientConfig.InsecureSkipVerify must be false":              {HTTPClient: transport(&tls.Config{InsecureSkipVerify: true})},
		"rest: Config.HTTPClient.Transport.TLSClientConfig.MinVersion must not":                           {HTTPClient: transport(&tls.Config{MinVersion: tls.VersionTLS10})},
		"rest: Config.HTTPClient.Transport.TLSClientConfig.MaxVersion must not":                           {HTTPClient: transport(&tls.Config{MaxVersion: tls.VersionTLS11})},
		"rest: Config.HTTPClient.Transport.TLSClientConfig.ServerName must be empty or api.example.com: ": {HTTPClient: transport(&tls.Config{ServerName: "example.com"})},
	} {
		_, err := New(testURL, nil, cfg)
		assert.ErrorContains(t, err, rule)
	}
	_, err := New("http://api.example.com", nil, Config{})
	assert.ErrorIs(t, err, ErrInvalid)
	_, err = New(testURL, nil, Config{InsecureHosts: []string{"sandbox", "*"}})
	assert.ErrorIs(t, err, ErrInvalid)
	assert.Equal(t, "InsecureHosts[1]", failure(t, err).Field)
	assert.Equal(t, "must not be a wildcard; name each host", failure(t, err).Message)
}

// Requirement A135: plain http to a host that the caller names, and to no other one. The credential goes to it alone, and
// no proxy sees it.
func TestInsecureHosts(t *testing.T) {
	var dialed []string
	listener := memnet.Listen()
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "sandbox:4010", r.Host)
		assert.Equal(t, "Bearer the-api-key", r.Header.Get("Authorization"))
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"value":"x"}`)
	})}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	cfg := Config{InsecureHosts: []string{"sandbox"}, HTTPClient: &http.Client{Transport: &http.Transport{
		Proxy: func(*http.Request) (*url.URL, error) { return url.Parse("http://proxy.example") },
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialed = append(dialed, address)
			return listener.Dial(ctx, network, address)
		},
	}}}
	key := token.Static(secret.New("the-api-key"))
	for _, base := range []string{"http://other:4010", "http://sandbox.internal:4010"} {
		_, err := New(base, Bearer(key), cfg)
		assert.Equal(t, "BaseURL", failure(t, err).Field, base)
	}
	client, err := New("http://sandbox:4010/", Bearer(key), cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	_, err = post(t.Context(), client, operation(RepeatFreely))
	require.NoError(t, err)
	assert.Equal(t, []string{"sandbox:4010"}, dialed)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://sandbox:4011/", nil)
	require.NoError(t, err)
	_, err = client.Do(req)
	assert.ErrorContains(t, err, "must be of the origin http://sandbox:4010")
	assert.Len(t, dialed, 1)
}

// Requirements A2 and A14, for what the Config says; all the rules are in package web.
func TestTransport(t *testing.T) {
	of := func(base string, c *http.Client) http.RoundTripper {
		client, err := New(base, nil, Config{HTTPClient: c})
		require.NoError(t, err)
		return client.transport
	}
	for _, c := range []*http.Client{nil, {}} {
		own := of("https://api.example.com", c).(*http.Transport)
		assert.Equal(t, uint16(tls.VersionTLS12), own.TLSClientConfig.MinVersion)
	}
	mine := &http.Transport{Proxy: http.ProxyFromEnvironment}
	assert.Same(t, mine, of("https://api.example.com", &http.Client{Transport: mine}), "the connections are shared")
	assert.Nil(t, of("http://localhost", &http.Client{Transport: mine}).(*http.Transport).Proxy)
	w := &wire{}
	assert.Same(t, w, of("https://api.example.com", &http.Client{Transport: w}))
}

func TestClientCloses(t *testing.T) {
	c, err := New("https://api.example.com/base", nil, Config{})
	require.NoError(t, err)
	assert.Equal(t, "https://api.example.com/base", c.BaseURL())
	c.CloseIdleConnections()
	c, _ = newWire(t, Config{}, nil)
	c.CloseIdleConnections() // the wire has none to close
}
