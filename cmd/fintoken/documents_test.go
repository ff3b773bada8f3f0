package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/testenv"
)

// The commands of the providers' pages, letter by letter.
const (
	straddlePage = `straddle bridge initialize \
  --api-key 'My API Key' \
  --customer-id 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e`

	finogatesPage = `curl --request POST \
  --url https://api-sandbox.finogates.com/v1/platform/embed-tokens \
  --header 'Authorization: Bearer <token>' \
  --header 'Content-Type: application/json' \
  --data '
{
  "user_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a",
  "parent_origin": "<string>",
  "scope": "add_card",
  "card_processing_id": "3c90c3cc-0d44-4b50-8888-8dd25736052a"
}
'`
)

// TestStraddlePage runs the command of the page as it is printed, behind the name of our program, against a plain
// sandbox, which knows the page's key and customer.
func TestStraddlePage(t *testing.T) {
	testenv.Programs(t, "sh")
	w := newWorld(t)
	delete(w.env, "STRADDLE_API_KEY")
	out, err := w.shell("sh", "-c", "fintoken "+straddlePage)
	require.NoError(t, err, out)
	var answer struct {
		Data         map[string]string
		Meta         map[string]string
		ResponseType string `json:"response_type"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &answer), out)
	assert.NotEmpty(t, answer.Data["bridge_token"])
	assert.NotEmpty(t, answer.Meta["api_request_id"])
	assert.NotEmpty(t, answer.Meta["api_request_timestamp"])
	assert.Equal(t, "object", answer.ResponseType)
}

// TestFinogatesPage runs the page's curl command, and the command of ours for the same: they get the same answer, with
// the placeholders as printed and with values for them.
func TestFinogatesPage(t *testing.T) {
	testenv.Programs(t, "sh", "curl")
	w := newWorld(t)
	const id = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	w.env["CURL_HOME"] = w.impersonate("api-sandbox.finogates.com", "/finogates")
	const origin = "https://app.example.com"
	bearer := strings.TrimSpace(w.run("", "finogates", "auth", "token", "--format", "raw").stdout)

	out, err := w.shell("sh", "-c", finogatesPage)
	require.NoError(t, err, out)
	assert.Contains(t, out, `"status_code":401`, "as printed, the bearer is a placeholder")

	out, err = w.shell("sh", "-c", strings.NewReplacer("<token>", bearer, "<string>", origin).Replace(finogatesPage))
	require.NoError(t, err, out)
	ours := w.run("", "finogates", "embed-token", "create", "--user-id", id, "--parent-origin", origin, "--scope", "add_card", "--card-processing-id", id, "--format", "jsonl")
	require.Equal(t, 0, ours.code, ours.stderr)
	assert.Equal(t, strings.TrimSpace(w.normal(ours.stdout)), strings.TrimSpace(w.normal(out)))
	assert.Contains(t, out, `"status_code":200`)

	out, err = w.shell("sh", "-c", strings.ReplaceAll(finogatesPage, "<token>", bearer))
	require.NoError(t, err, out)
	ours = w.run("", "finogates", "embed-token", "create", "--user-id", id, "--parent-origin", "<string>")
	assert.Equal(t, 2, ours.code, "ours finds it before it is sent")
	assert.Contains(t, out, "parent_origin")
	assert.Contains(t, ours.stderr, "parent_origin")
}

// impersonate serves the sandbox over TLS under a host's name, and returns a directory with a .curlrc that leads there.
func (w *world) impersonate(host, prefix string) string {
	w.t.Helper()
	authority, address := w.pretend(host, prefix)
	_, port, err := net.SplitHostPort(address)
	require.NoError(w.t, err)
	dir := w.t.TempDir()
	rc := fmt.Sprintf("silent\nnoproxy = \"*\"\ncacert = %q\nconnect-to = \"%s:443:127.0.0.1:%s\"\n", authority, host, port)
	require.NoError(w.t, os.WriteFile(filepath.Join(dir, ".curlrc"), []byte(rc), 0o600))
	return dir
}

// proxy leads what a program of this world sends to a host to the sandbox.
func (w *world) proxy(host, prefix string) {
	w.t.Helper()
	authority, address := w.pretend(host, prefix)
	proxy := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		there, err := new(net.Dialer).DialContext(r.Context(), "tcp", address)
		if err != nil || r.Method != http.MethodConnect || r.Host != host+":443" {
			rw.WriteHeader(http.StatusBadGateway)
			return
		}
		defer there.Close()
		here, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			return
		}
		defer here.Close()
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() {
			_, _ = io.Copy(there, here)
			_ = there.Close()
		}()
		_, _ = io.Copy(here, there)
	}))
	w.t.Cleanup(proxy.Close)
	w.env["HTTPS_PROXY"], w.env["SSL_CERT_FILE"] = proxy.URL, authority
}

// pretend serves the sandbox over TLS under a host's name, and returns the file with the certificate and the address.
func (w *world) pretend(host, prefix string) (authority, address string) {
	w.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(w.t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, Subject: pkix.Name{CommonName: host},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(w.t, err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.URL.Path = prefix + r.URL.Path
		w.s.Sandbox().ServeHTTP(rw, r)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert}, PrivateKey: key}}}
	server.StartTLS()
	w.t.Cleanup(server.Close)

	authority = filepath.Join(w.t.TempDir(), "ca.pem")
	require.NoError(w.t, os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), 0o600))
	return authority, server.Listener.Addr().String()
}
