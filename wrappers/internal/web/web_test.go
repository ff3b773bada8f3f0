package web

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true,
		"": false, "LOCALHOST": false, "localhost.example.com": false, "10.0.0.1": false, "0.0.0.0": false, "example.com": false,
	} {
		assert.Equal(t, want, IsLoopback(host), host)
	}
}

func TestOrigin(t *testing.T) {
	for raw, want := range map[string]string{
		"https://example.com/a?b#c":     "https://example.com:443",
		"HTTPS://Example.COM:443":       "https://example.com:443",
		"https://example.com:8443":      "https://example.com:8443",
		"http://localhost":              "http://localhost:80",
		"http://[::1]:8080/x":           "http://[::1]:8080",
		"https://user:word@example.com": "https://example.com:443",
	} {
		u, err := url.Parse(raw)
		require.NoError(t, err)
		assert.Equal(t, want, Origin(u))
	}
}

func TestTransport(t *testing.T) {
	https, ok := Transport("https").(*http.Transport)
	require.True(t, ok)
	assert.Equal(t, uint16(tls.VersionTLS12), https.TLSClientConfig.MinVersion)
	assert.NotNil(t, https.Proxy)
	assert.NotSame(t, http.DefaultTransport, https, "the program's own is left alone")
	assert.Nil(t, Transport("http").(*http.Transport).Proxy)
}
