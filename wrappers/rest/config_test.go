package rest

import (
	"crypto/tls"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
		"Config.UserAgent has to be a list":                                                               {UserAgent: "/usr/bin/x"},
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
