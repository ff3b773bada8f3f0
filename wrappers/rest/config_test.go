package rest

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
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
		"Config.Timeout must not be negative":                  {Timeout: -1},
		"Config.AttemptTimeout must not be negative":           {AttemptTimeout: -1},
		"Config.MaxRetryWait must not be negative":             {MaxRetryWait: -1},
		"Config.MaxAttempts must not be negative":              {MaxAttempts: -1},
		"Config.MaxBody must not be negative":                  {MaxBody: -1},
		"Config.BreakAfter must not be negative":               {BreakAfter: -1},
		"Config.UserAgent must not hold control":               {UserAgent: "a\r\nb"},
		"Config.UserAgent has to be a list":                    {UserAgent: "/usr/bin/x"},
		"Config.HTTPClient must not skip the check":            {HTTPClient: transport(&tls.Config{InsecureSkipVerify: true})},
		"Config.HTTPClient must not allow TLS below 1.2":       {HTTPClient: transport(&tls.Config{MinVersion: tls.VersionTLS10})},
		"rest: Config.HTTPClient must not allow TLS below 1.2": {HTTPClient: transport(&tls.Config{MaxVersion: tls.VersionTLS11})},
	} {
		_, err := New(testURL, nil, cfg)
		assert.ErrorContains(t, err, rule)
	}
	_, err := New("http://api.example.com", nil, Config{})
	assert.ErrorIs(t, err, ErrInvalid)
}

// Requirements A2 and A14: TLS 1.2 is the floor, and no proxy sees what goes over plain http.
func TestTransport(t *testing.T) {
	https, http1 := &url.URL{Scheme: "https", Host: "h"}, &url.URL{Scheme: "http", Host: "localhost"}
	own := func(base *url.URL, c *http.Client) *http.Transport {
		rt, err := Config{HTTPClient: c}.transport(base)
		require.NoError(t, err)
		return rt.(*http.Transport)
	}
	for _, c := range []*http.Client{nil, {}} {
		assert.Equal(t, uint16(tls.VersionTLS12), own(https, c).TLSClientConfig.MinVersion)
		assert.NotNil(t, own(https, c).Proxy)
		assert.Nil(t, own(http1, c).Proxy)
	}
	mine := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13}}
	assert.Same(t, mine, own(https, &http.Client{Transport: mine}), "the connections are shared")
	assert.Nil(t, own(http1, &http.Client{Transport: mine}).Proxy)
	assert.NotNil(t, mine.Proxy, "the caller's transport stays as it was")

	w := &wire{}
	rt, err := Config{HTTPClient: &http.Client{Transport: w}}.transport(https)
	require.NoError(t, err)
	assert.Same(t, w, rt)
}

func TestTransportOfTheProgram(t *testing.T) {
	before := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = before })
	w := &wire{}
	http.DefaultTransport = w
	assert.Same(t, w, web.Transport("https"))
}

func TestClientCloses(t *testing.T) {
	c, err := New("https://api.example.com/base", nil, Config{})
	require.NoError(t, err)
	assert.Equal(t, "https://api.example.com/base", c.BaseURL())
	c.CloseIdleConnections()
	c, _ = newWire(t, Config{}, nil)
	c.CloseIdleConnections() // the wire has none to close
}
