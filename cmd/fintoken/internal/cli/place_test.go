package cli

import (
	"crypto/x509"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Requirement A14: over plain http no proxy is used, however the scheme is written; it would see the credential.
func TestPlainHTTPUsesNoProxy(t *testing.T) {
	for url, proxied := range map[string]bool{"": true, "https://sandbox": true, "http://sandbox": false, "HTTP://sandbox": false} {
		transport := new(app).newTransport(place{baseURL: url}).(*http.Transport)
		assert.Equal(t, proxied, transport.Proxy != nil, url)
	}
}

// A file of authorities is for addresses that the user gives, and not for the providers' own.
func TestProvidersNeedNoCAFile(t *testing.T) {
	roots := x509.NewCertPool()
	a := &app{trust: &trust{caFile: "ca.pem", roots: roots}}
	for url, own := range map[string]bool{"": false, "https://sandbox": true} {
		transport := a.newTransport(place{baseURL: url}).(*http.Transport)
		assert.Equal(t, own, transport.TLSClientConfig != nil && transport.TLSClientConfig.RootCAs == roots, url)
		assert.Equal(t, own, a.caFile(place{baseURL: url}) != "", url)
	}
}
