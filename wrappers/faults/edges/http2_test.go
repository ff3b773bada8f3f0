package edges

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// The frames of HTTP/2 that the tests know, and their flags (RFC 9113 section 6).
const (
	frameHeaders, frameReset, frameSettings = 1, 3, 4
	flagAck, flagEndStream                  = 1, 1
	protocolError                           = 1
	preface                                 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
)

func writeFrame(conn net.Conn, kind, flags byte, stream uint32, payload []byte) {
	n := len(payload)
	frame := append([]byte{byte(n >> 16), byte(n >> 8), byte(n), kind, flags}, binary.BigEndian.AppendUint32(nil, stream)...)
	_, _ = conn.Write(append(frame, payload...))
}

// resets is a server that resets each stream with PROTOCOL_ERROR once the whole request is there, and counts them.
func resets(t *testing.T) (address string, cert *x509.Certificate, whole *atomic.Int32) {
	t.Helper()
	donor := httptest.NewTLSServer(http.NotFoundHandler())
	chain, cert := donor.TLS.Certificates, donor.Certificate()
	donor.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: chain, NextProtos: []string{"h2"}})
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	whole = new(atomic.Int32)
	go serve(l, func(_ int, conn net.Conn, _ *bufio.Reader) { resetStreams(conn, whole) })
	return "https://" + l.Addr().String(), cert, whole
}

func resetStreams(conn net.Conn, whole *atomic.Int32) {
	io.CopyN(io.Discard, conn, int64(len(preface)))
	writeFrame(conn, frameSettings, 0, 0, nil)
	head := make([]byte, 9)
	for {
		if _, err := io.ReadFull(conn, head); err != nil {
			return
		}
		io.CopyN(io.Discard, conn, int64(head[0])<<16|int64(head[1])<<8|int64(head[2]))
		kind, flags, stream := head[3], head[4], binary.BigEndian.Uint32(head[5:])&0x7fffffff
		if kind == frameSettings && flags&flagAck == 0 {
			writeFrame(conn, frameSettings, flagAck, 0, nil)
		}
		if kind <= frameHeaders && flags&flagEndStream != 0 { // DATA is 0
			whole.Add(1)
			writeFrame(conn, frameReset, 0, stream, binary.BigEndian.AppendUint32(nil, protocolError))
		}
	}
}

// Requirement D42: PROTOCOL_ERROR proves nothing (RFC 9113 section 8.7): a password that arrived is not sent again.
func TestPasswordAfterProtocolErrorReset(t *testing.T) {
	address, cert, whole := resets(t)
	hc := trusting(cert)
	hc.Transport.(*http.Transport).DisableKeepAlives = true
	defer hc.CloseIdleConnections()
	fa, err := finapi.New(finapi.Config{
		ClientID: "id", ClientSecret: secret.New("the-secret"), BaseURL: address, HTTP: rest.Config{HTTPClient: hc},
	})
	require.NoError(t, err)
	defer fa.Close()
	_, err = fa.GetToken(t.Context(), finapiaccess.GetTokenRequest{
		GrantType: finapiaccess.GrantTypePassword, Username: "u", Password: "wrong-password",
	})
	assert.EqualValues(t, 1, whole.Load(), "a password that arrived must not be sent again")
	assert.ErrorIs(t, err, rest.ErrInDoubt)
}

// Requirement F59: a POST without a body, which net/http would send again by itself, goes out once per attempt.
func TestBodylessPostOverHTTP2(t *testing.T) {
	address, cert, whole := resets(t)
	c := client(t, address, rest.Config{HTTPClient: trusting(cert)})
	ctx := rest.WithOptions(t.Context(), rest.Retries(0))
	_, err := c.Do(request(ctx, t, http.MethodPost, c.BaseURL()+"/x", nil))
	require.Error(t, err)
	assert.EqualValues(t, 1, whole.Load(), "Retries(0) sends the call once; it arrived")
}

// An answer to HEAD has a length and no body, which is not an answer cut short.
func TestHeadOverHTTP2(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "17")
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(200)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	c := signed(t, s.URL, nil, rest.Config{HTTPClient: trusting(s.Certificate())})
	defer c.CloseIdleConnections()
	resp, err := c.Do(request(t.Context(), t, http.MethodHead, s.URL, nil))
	require.NoError(t, err)
	assert.Equal(t, 200, resp.StatusCode)
	assert.Equal(t, 2, resp.ProtoMajor)
}
