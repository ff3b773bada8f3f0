package rest

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// transport returns what calls to base go through. It is the transport of c.HTTPClient and not that client itself,
// for a client may follow redirects and keep cookies, and a transport does neither.
func (c Config) transport(base *url.URL) (http.RoundTripper, error) {
	if c.HTTPClient == nil || c.HTTPClient.Transport == nil {
		return web.Transport(base.Scheme), nil
	}
	t, ok := c.HTTPClient.Transport.(*http.Transport)
	if !ok {
		return c.HTTPClient.Transport, nil
	}
	if conf := t.TLSClientConfig; conf != nil {
		switch {
		case conf.InsecureSkipVerify:
			return nil, fmt.Errorf("rest: Config.HTTPClient must not skip the check of certificates; set RootCAs instead")
		case conf.MinVersion != 0 && conf.MinVersion < tls.VersionTLS12,
			conf.MaxVersion != 0 && conf.MaxVersion < tls.VersionTLS12:
			return nil, fmt.Errorf("rest: Config.HTTPClient must not allow TLS below 1.2")
		}
	}
	if base.Scheme == "http" && t.Proxy != nil {
		return withoutProxy(t), nil
	}
	return t, nil
}

// withoutProxy returns a copy of t that uses no proxy: over plain http, a proxy would see the credential
// (RFC 9110 §11.7.2). Over https it sees the name of the host alone.
func withoutProxy(t *http.Transport) *http.Transport {
	t = t.Clone()
	t.Proxy = nil
	return t
}
