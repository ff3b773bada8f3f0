package web

import (
	"crypto/tls"
	"net/http"
)

// Transport returns what the requests to o go through: base, or the standard transport with TLS 1.2 as its floor if base
// is nil. Over plain http it uses no proxy, which would see the credential (RFC 9110 §11.7.2); over https a proxy sees the
// name of the host alone.
//
// An *http.Transport that would let somebody else see the credential is refused; rule tells the field and what it breaks.
// A RoundTripper of another type is taken as it is, since nobody can look into it, and so are the functions that dial.
func (o Origin) Transport(base http.RoundTripper) (_ http.RoundTripper, rule string) {
	if base == nil {
		base = standard()
	}
	t, ok := base.(*http.Transport)
	if !ok {
		return base, ""
	}
	if t == nil {
		return nil, "Transport must not be a nil *http.Transport"
	}
	if rule := o.transportRule(t); rule != "" {
		return nil, "Transport." + rule
	}
	if o.scheme == "http" && t.Proxy != nil {
		t = t.Clone()
		t.Proxy = nil
	}
	return t, ""
}

// transportRule returns what t breaks, or "". What is not named here can only make t stricter (RootCAs,
// VerifyPeerCertificate, VerifyConnection), says who the client is (Certificates, GetClientCertificate), speaks to the
// proxy alone (ProxyConnectHeader), or comes after the server has shown who it is (TLSNextProto).
func (o Origin) transportRule(t *http.Transport) string {
	if t.DialTLSContext != nil || t.DialTLS != nil { //nolint:staticcheck // it works, and would get past all rules of TLS
		return "DialTLSContext must be nil, and DialTLS too: they get past TLSClientConfig; use DialContext"
	}
	conf := t.TLSClientConfig
	switch {
	case conf == nil:
		return ""
	case conf.InsecureSkipVerify:
		return "TLSClientConfig.InsecureSkipVerify must be false; trust a certificate of your own by RootCAs"
	case conf.MinVersion != 0 && conf.MinVersion < tls.VersionTLS12:
		return "TLSClientConfig.MinVersion must not be below TLS 1.2"
	case conf.MaxVersion != 0 && conf.MaxVersion < tls.VersionTLS12:
		return "TLSClientConfig.MaxVersion must not be below TLS 1.2"
	case conf.ServerName != "" && Lower(conf.ServerName) != o.hostname():
		return "TLSClientConfig.ServerName must be empty or " + o.hostname() + ": no other server's certificate is taken"
	}
	return ""
}

// standard returns a copy of the transport that programs use by default, with TLS of our own.
func standard() http.RoundTripper {
	of, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // the program replaced it; respect that
		return http.DefaultTransport
	}
	t := of.Clone()
	t.DialTLSContext, t.DialTLS = nil, nil //nolint:staticcheck // both count
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	return t
}
