package web

import (
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

// Requirements A1, A4 and A127: https or loopback; no user-info, query or fragment; a host that is read alike everywhere.
func TestParseURL(t *testing.T) {
	const (
		absolute = "must be an absolute URL"
		ascii    = "must have a host in ASCII; write an international one as its xn-- name"
		name     = "must have a host of letters, digits, hyphens and single dots"
		address  = "must name an IPv6 address without a zone"
		port     = "must have a port from 1 to 65535, or none"
		https    = "must be https; plain http is for loopback hosts and InsecureHosts only"
	)
	for raw, rule := range map[string]string{
		"":                              absolute,
		"api.example.com":               absolute,
		"/path":                         absolute,
		"https:":                        absolute,
		"https://":                      absolute,
		"https://:443":                  absolute,
		"https:api.example.com":         absolute,
		"https://a b":                   absolute,
		"https://api.example.com\x00":   absolute,
		"https://api%2Eexample.com":     absolute,
		"https://api.example.com:x":     absolute,
		"https://u@api.example.com":     "must not hold user-info",
		"https://@api.example.com":      "must not hold user-info",
		"https://api.example.com?a=b":   "must not have a query",
		"https://api.example.com?":      "must not have a query",
		"https://api.example.com#f":     "must not have a fragment",
		"https://api.example.com#":      "must not have a fragment",
		"https://sandbox.fİnapi.io":     ascii,
		"https://b%C3%BCcher.example":   ascii,
		"https://api\uff0eexample.com":  ascii, // a full stop of another alphabet, which IDNA takes for a dot
		"https://\u212aey.example":      ascii,
		"https://api.example.com.":      name,
		"https://api..example.com":      name,
		"https://.example.com":          name,
		"https://api!.example.com":      name,
		"https://api*.example.com":      name,
		"https://api\\.example.com":     absolute,
		"https://[fe80::1%25eth0]":      address,
		"https://[::1":                  absolute,
		"https://api.example.com:":      port,
		"https://api.example.com:0":     port,
		"https://api.example.com:0443":  port,
		"https://api.example.com:1e3":   absolute,
		"https://api.example.com:65536": port,
		"http://api.example.com":        https,
		"http://localhost.example.com":  https,
		"http://10.0.0.1":               https,
		"ftp://api.example.com":         https,
		"http://[::1%25lo]":             address,
	} {
		u, got := ParseURL(raw, nil)
		assert.Equal(t, rule, got, raw)
		assert.Nil(t, u, raw)
	}
	for raw, want := range map[string]string{
		"https://api.example.com":             "https://api.example.com",
		"https://api.example.com:8443/base/":  "https://api.example.com:8443/base/",
		"HTTPS://API.example.COM:443/Base":    "https://api.example.com/Base",
		"https://a_b.xn--bcher-kva.example:1": "https://a_b.xn--bcher-kva.example:1",
		"https://[2001:DB8::1]:443":           "https://[2001:db8::1]",
		"https://api.example.com:80":          "https://api.example.com:80",
		"http://localhost:4010":               "http://localhost:4010",
		"http://LOCALHOST:80":                 "http://localhost",
		"http://127.8.9.10:443":               "http://127.8.9.10:443",
		"http://[::1]:1":                      "http://[::1]:1",
	} {
		u, rule := ParseURL(raw, nil)
		require.Empty(t, rule, raw)
		assert.Equal(t, want, u.String())
	}
}

func TestPort(t *testing.T) {
	for raw, want := range map[string]string{"https://h": "443", "http://h": "80", "http://h:443": "443", "ftp://h": ""} {
		u, err := url.Parse(raw)
		require.NoError(t, err)
		assert.Equal(t, want, Port(u), raw)
	}
}
