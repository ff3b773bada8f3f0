package sandbox_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
)

// quietly keeps what net/http says of clients that hang up out of the output of the tests.
func quietly(t *testing.T) {
	t.Helper()
	before := log.Writer()
	log.SetOutput(io.Discard)
	t.Cleanup(func() { log.SetOutput(before) })
}

// Requirement J138: over TLS the sandbox is called with a certificate of its own, which its clients trust and no other
// client does.
func TestTLS(t *testing.T) {
	quietly(t)
	server := sandbox.Start(t, sandbox.TLS())
	require.True(t, strings.HasPrefix(server.URL(), "https://127.0.0.1:"), server.URL())
	clients, creds := server.Clients(), server.Sandbox().Credentials()
	_, err := clients.FinAPI.ClientTokens().Token(t.Context())
	require.NoError(t, err)
	_, err = clients.FinAPIV2.ClientTokens().Token(t.Context())
	require.NoError(t, err)
	_, err = clients.Finogates.EmbedTokens.Create(t.Context(), finogatesapi.CreateEmbedTokenRequest{
		UserID: creds.Finogates.UserID, ParentOrigin: "https://app.example.com",
	})
	require.NoError(t, err)
	_, err = clients.Straddle.Bridge.Initialize(t.Context(), straddleapi.CreateBridgeTokenRequest{CustomerID: creds.Straddle.CustomerID})
	require.NoError(t, err)

	own, err := server.Expose("straddle", "127.0.0.1:0")
	require.NoError(t, err)
	for _, url := range []string{
		server.Admin() + "/health", own + "/v1/bridge/initialize", strings.Replace(server.URL(), "127.0.0.1", "localhost", 1) + "/",
	} {
		response, err := trusting(t, server).Get(url)
		require.NoError(t, err, url)
		assert.Equal(t, "HTTP/1.1", response.Proto)
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		assert.NotContains(t, string(text), "http://localhost", "the page says https as well")

		for name, config := range map[string]*tls.Config{
			"a stranger": {}, "another sandbox's": trusting(t, sandbox.Start(t, sandbox.TLS())).Transport.(*http.Transport).TLSClientConfig,
		} {
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
			_, err := client.Get(url)
			var unknown x509.UnknownAuthorityError
			assert.ErrorAs(t, err, &unknown, name)
		}
	}
	assert.Nil(t, sandbox.Start(t).CACertificate())
}

// Requirement J138: short-lived, for the names by which the server is called and no others, and good for nothing else.
func TestCertificates(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Listen("0.0.0.0:0", sandbox.TLS(), sandbox.AllowRemote("Sandbox", "192.0.2.9"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	block, rest := pem.Decode(server.CACertificate())
	require.Empty(t, rest)
	authority, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(authority)
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL(), "https://"), ":")
	conn, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{RootCAs: roots, ServerName: "sandbox"})
	require.NoError(t, err)
	defer conn.Close()
	leaf := conn.ConnectionState().PeerCertificates[0]
	for host, ok := range map[string]bool{
		"sandbox": true, "localhost": true, "127.0.0.1": true, "::1": true, "192.0.2.9": true,
		"example.com": false, "a.sandbox": false, "192.0.2.10": false,
	} {
		assert.Equal(t, ok, leaf.VerifyHostname(host) == nil, host)
	}
	for _, c := range []*x509.Certificate{authority, leaf} {
		assert.Equal(t, elliptic.P256(), c.PublicKey.(*ecdsa.PublicKey).Curve)
		assert.LessOrEqual(t, c.NotAfter.Sub(c.NotBefore), 30*24*time.Hour)
		assert.True(t, c.NotBefore.Before(time.Now()))
		assert.Equal(t, 1, c.SerialNumber.Sign())
	}
	assert.True(t, authority.IsCA)
	assert.False(t, leaf.IsCA)
	assert.True(t, authority.MaxPathLenZero)
	assert.Equal(t, x509.KeyUsageCertSign, authority.KeyUsage)
	assert.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, leaf.ExtKeyUsage)
}

// A Unix socket has no use for TLS, and nothing is left of the try.
func TestTLSOnASocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	_, err := sandbox.Listen("unix:"+path, sandbox.TLS())
	var wrong *sandbox.InvalidError
	require.ErrorAs(t, err, &wrong)
	assert.Equal(t, "TLS", wrong.Field)
	assert.NoFileExists(t, path)
	server := sandbox.Start(t, sandbox.TLS())
	_, err = server.Expose("finapi", "unix:"+path)
	require.ErrorAs(t, err, &wrong)
	assert.NoFileExists(t, path)
}

// A client that does not speak TLS is told so.
func TestTLSWithoutTLS(t *testing.T) {
	t.Parallel()
	server := sandbox.Start(t, sandbox.TLS())
	response, err := http.Get("http://" + strings.TrimPrefix(server.URL(), "https://"))
	require.NoError(t, err)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	require.NoError(t, response.Body.Close())
}
