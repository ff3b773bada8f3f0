// Package web holds the few rules about where a credential may go that the token source and the HTTP chain share. It
// sends nothing.
package web

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// IsLoopback reports whether host is this machine, by the name localhost or by address.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Origin returns scheme, host and port of u in one spelling (RFC 6454 §4).
func Origin(u *url.URL) string {
	return strings.ToLower(u.Scheme) + "://" + strings.ToLower(net.JoinHostPort(u.Hostname(), Port(u)))
}

// Port returns the port of u, or the one that its scheme stands for.
func Port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"https": "443", "http": "80"}[strings.ToLower(u.Scheme)]
}

// Transport returns the standard transport for an origin of that scheme, with TLS 1.2 as its floor. Over plain http it
// uses no proxy, which would see the credential (RFC 9110 §11.7.2).
func Transport(scheme string) http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // the program replaced it; respect that
		return http.DefaultTransport
	}
	t := standard.Clone()
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if scheme == "http" {
		t.Proxy = nil
	}
	return t
}
