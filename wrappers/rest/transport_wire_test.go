package rest

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// proxy is a proxy that notes every byte of what it is asked, and makes tunnels.
type proxy struct {
	mu   sync.Mutex
	seen strings.Builder
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	_ = r.Write(&p.seen)
	p.mu.Unlock()
	if r.Method != http.MethodConnect {
		return
	}
	target, err := net.Dial("tcp", r.Host)
	if err != nil {
		return
	}
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
	go func() {
		_, _ = io.Copy(target, conn)
		_ = target.Close()
	}()
	_, _ = io.Copy(conn, target)
	_ = conn.Close()
}

// Requirement A14: a proxy learns the name of the host and nothing of the credential. Over plain http, which is for
// loopback hosts, it is not asked at all.
func TestProxySeesNoCredential(t *testing.T) {
	for name, start := range map[string]func(http.Handler) *httptest.Server{"https": httptest.NewTLSServer, "http": httptest.NewServer} {
		t.Run(name, func(t *testing.T) {
			origin := start(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				assert.Equal(t, "Bearer the-api-key", r.Header.Get("Authorization"))
				w.Header().Set("Content-Type", "application/json")
				_, _ = io.WriteString(w, `{"value":"x"}`)
			}))
			defer origin.Close()
			p := &proxy{}
			between := httptest.NewServer(p)
			defer between.Close()
			address, err := url.Parse(between.URL)
			require.NoError(t, err)
			roots := x509.NewCertPool()
			if origin.Certificate() != nil {
				roots.AddCert(origin.Certificate())
			}
			client, err := New(origin.URL+"/", Bearer(token.Static(secret.New("the-api-key"))), Config{HTTPClient: &http.Client{
				Transport: &http.Transport{Proxy: http.ProxyURL(address), TLSClientConfig: &tls.Config{RootCAs: roots}},
			}})
			require.NoError(t, err)
			_, err = post(t.Context(), client, operation(RepeatFreely))
			require.NoError(t, err)
			client.CloseIdleConnections()
			assert.NotContains(t, p.seen.String(), "the-api-key")
			assert.Equal(t, name == "https", p.seen.Len() > 0)
		})
	}
}

// Requirements A2 and A3: TLS 1.1 and a stranger's certificate end the call before a byte of the request is sent.
func TestTLSIsRefusedFirst(t *testing.T) {
	for name, change := range map[string]func(*httptest.Server, *tls.Config){
		"TLS 1.1": func(s *httptest.Server, c *tls.Config) {
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
			_ = c
		},
		"unknown authority": func(_ *httptest.Server, c *tls.Config) { c.RootCAs = x509.NewCertPool() },
		"wrong name":        func(*httptest.Server, *tls.Config) {}, // the certificate has the address and not the name
	} {
		t.Run(name, func(t *testing.T) {
			reached := false
			origin := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
			origin.Config.ErrorLog = log.New(io.Discard, "", 0)
			conf := &tls.Config{RootCAs: x509.NewCertPool()}
			change(origin, conf)
			origin.StartTLS()
			defer origin.Close()
			if name != "unknown authority" {
				conf.RootCAs.AddCert(origin.Certificate())
			}
			base := origin.URL
			if name == "wrong name" {
				base = strings.Replace(base, "127.0.0.1", "localhost", 1)
			}
			client, err := New(base+"/", nil, Config{HTTPClient: &http.Client{Transport: &http.Transport{TLSClientConfig: conf}}})
			require.NoError(t, err)
			defer client.CloseIdleConnections()
			_, err = post(t.Context(), client, operation(RepeatFreely))
			e := failure(t, err)
			assert.Equal(t, "the server's certificate or its TLS version is not acceptable", e.Message)
			assert.Equal(t, 1, e.Attempts)
			assert.NotErrorIs(t, err, ErrInDoubt)
			assert.False(t, reached)
		})
	}
}

// Requirements B16, B17 and B20: the caller's own client follows redirects. Asked by us it does not.
func TestCallersClientFollowsNothing(t *testing.T) {
	reached := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		client := served(t, Config{HTTPClient: &http.Client{
			Transport:     &http.Transport{DisableKeepAlives: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return nil },
		}}, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, status) })
		_, err := post(t.Context(), client, operation(RepeatFreely))
		e := failure(t, err)
		assert.Equal(t, status, e.Status)
		assert.Equal(t, "redirect", e.Code)
		assert.Equal(t, 1, e.Attempts)
	}
	assert.False(t, reached)
}
