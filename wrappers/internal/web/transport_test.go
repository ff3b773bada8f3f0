package web

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Requirements A2, A3 and A128: of what the caller can set, nothing lets somebody else see the credential.
func TestTransportRules(t *testing.T) {
	conf := func(c *tls.Config) *http.Transport { return &http.Transport{TLSClientConfig: c} }
	dial := func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }
	for rule, base := range map[string]*http.Transport{
		"Transport must not be a nil *http.Transport":                          nil,
		"Transport.TLSClientConfig.InsecureSkipVerify must be false":           conf(&tls.Config{InsecureSkipVerify: true}),
		"Transport.TLSClientConfig.MinVersion must not be below TLS 1.2":       conf(&tls.Config{MinVersion: tls.VersionTLS11}),
		"Transport.TLSClientConfig.MaxVersion must not be below TLS 1.2":       conf(&tls.Config{MaxVersion: tls.VersionTLS10}),
		"Transport.TLSClientConfig.ServerName must be empty or a.example.com:": conf(&tls.Config{ServerName: "example.com"}),
		"Transport.DialTLSContext must be nil":                                 {DialTLSContext: dial},
		"Transport.DialTLSContext must be nil, and DialTLS too":                {DialTLS: func(string, string) (net.Conn, error) { return nil, net.ErrClosed }},
	} {
		rt, got := origin(t, "https://a.example.com:8443").Transport(base)
		assert.Contains(t, got, rule)
		assert.Nil(t, rt)
	}
	for name, base := range map[string]*http.Transport{
		"zero":         {},
		"TLS 1.3":      conf(&tls.Config{MinVersion: tls.VersionTLS13}),
		"TLS 1.2":      conf(&tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}),
		"its own name": conf(&tls.Config{ServerName: "A.example.com"}),
		"RootCAs":      conf(&tls.Config{RootCAs: x509.NewCertPool()}),
		"more checks": conf(&tls.Config{
			VerifyPeerCertificate: func([][]byte, [][]*x509.Certificate) error { return nil },
			VerifyConnection:      func(tls.ConnectionState) error { return nil },
		}),
		"a certificate of the client's": conf(&tls.Config{GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return nil, nil }}),
		"proxy":                         {Proxy: http.ProxyFromEnvironment, ProxyConnectHeader: http.Header{"Proxy-Authorization": {"x"}}},
		"DialContext":                   {DialContext: dial},
		"TLSNextProto":                  {TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{}},
	} {
		rt, rule := origin(t, "https://a.example.com").Transport(base)
		require.Empty(t, rule, name)
		assert.Same(t, base, rt, "%s: the connections are shared", name)
	}
	_, rule := origin(t, "https://[2001:db8::1]:1").Transport(conf(&tls.Config{ServerName: "2001:db8::1"}))
	assert.Empty(t, rule)
}

// Requirements A2 and A14: TLS 1.2 is the floor, and no proxy sees what goes over plain http.
func TestTransport(t *testing.T) {
	https, loopback := origin(t, "https://a.example.com"), origin(t, "http://localhost")
	of := func(o Origin, base http.RoundTripper) *http.Transport {
		rt, rule := o.Transport(base)
		require.Empty(t, rule)
		return rt.(*http.Transport)
	}
	own := of(https, nil)
	assert.Equal(t, uint16(tls.VersionTLS12), own.TLSClientConfig.MinVersion)
	assert.NotNil(t, own.Proxy)
	assert.NotSame(t, http.DefaultTransport, own, "the program's own is left alone")
	assert.Nil(t, of(loopback, nil).Proxy)

	mine := &http.Transport{Proxy: http.ProxyFromEnvironment}
	assert.Nil(t, of(loopback, mine).Proxy)
	assert.NotNil(t, mine.Proxy, "the caller's transport stays as it was")
	plain := &http.Transport{}
	assert.Same(t, plain, of(loopback, plain))

	u, rule := ParseURL("http://sandbox:4010", []string{"sandbox"})
	require.Empty(t, rule)
	assert.Nil(t, of(OriginOf(u), mine).Proxy, "a host that is called insecure is no reason for a proxy")
}

type other struct{ http.RoundTripper }

// Into a transport of another type nobody can look, whoever put it there.
func TestTransportOfAnotherType(t *testing.T) {
	rt, rule := origin(t, "http://localhost").Transport(other{})
	assert.Empty(t, rule)
	assert.Equal(t, other{}, rt)

	before := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = before })
	http.DefaultTransport = other{}
	rt, rule = origin(t, "https://a.example.com").Transport(nil)
	assert.Empty(t, rule)
	assert.Equal(t, other{}, rt)
}

// What a program did to the TLS of its own default transport is not ours.
func TestTransportMakesItsOwnTLS(t *testing.T) {
	before := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = before })
	http.DefaultTransport = &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialTLSContext:  func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed },
		DialTLS:         func(string, string) (net.Conn, error) { return nil, net.ErrClosed }, //nolint:staticcheck // it counts
	}
	rt, rule := origin(t, "https://a.example.com").Transport(nil)
	require.Empty(t, rule)
	own := rt.(*http.Transport)
	assert.False(t, own.TLSClientConfig.InsecureSkipVerify)
	assert.Nil(t, own.DialTLSContext)
	assert.Nil(t, own.DialTLS) //nolint:staticcheck // it counts
}
