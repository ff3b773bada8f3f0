package edges

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"

// A call that is answered with 101 ends within its time limit.
func TestSwitchingProtocolsEndsInTime(t *testing.T) {
	stop := make(chan struct{})
	address := raw(t, func(_ int, conn net.Conn, r *bufio.Reader) {
		if readRequest(r) != nil {
			return
		}
		fmt.Fprint(conn, switching)
		<-stop
	})
	c := client(t, address, rest.Config{Timeout: 500 * time.Millisecond, AttemptTimeout: 300 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	ended := within(4*time.Second, func() { _, _ = post[thing](ctx, c, op(rest.RepeatUnprocessed)) })
	close(stop)
	assert.True(t, ended, "the call must end within its Timeout of 0.5 s; it hung for 4 s")
}

// One 101 to a token request keeps neither the next token back nor Close.
func TestSwitchingProtocolsAndClose(t *testing.T) {
	const body = `{"access_token":"a","token_type":"bearer","expires_in":3600}`
	stop := make(chan struct{})
	address := raw(t, func(n int, conn net.Conn, r *bufio.Reader) {
		if readRequest(r) != nil {
			return
		}
		if n == 1 {
			fmt.Fprint(conn, switching)
			<-stop
			return
		}
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	})
	defer close(stop)
	fa, err := finapi.New(finapi.Config{
		ClientID: "id", ClientSecret: secret.New("the-secret"), BaseURL: address,
		Tokens: token.Config{OnEvent: quiet, Timeout: 500 * time.Millisecond},
		HTTP:   rest.Config{Timeout: 300 * time.Millisecond},
	})
	require.NoError(t, err)
	ask := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := fa.ClientTokens().Token(ctx)
		return err
	}
	require.Error(t, ask())
	assert.Eventually(t, func() bool { return ask() == nil }, time.Second, 10*time.Millisecond,
		"the fetch that began with the 101 still runs")
	assert.True(t, within(2*time.Second, fa.Close), "Close hangs")
}

// A flood of interim answers (1xx) does not keep a call past its time limit.
func TestInformationalFlood(t *testing.T) {
	address := raw(t, func(_ int, conn net.Conn, r *bufio.Reader) {
		if readRequest(r) != nil {
			return
		}
		for range int(1e6) {
			if _, err := fmt.Fprint(conn, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"); err != nil {
				return
			}
		}
	})
	c := client(t, address, rest.Config{Timeout: 2 * time.Second, AttemptTimeout: time.Second})
	assert.True(t, within(5*time.Second, func() { _, _ = post[thing](t.Context(), c, op(rest.RepeatUnprocessed)) }))
}

// Requirement C22: a chunked answer without an end is read up to the limit and no further.
func TestEndlessChunked(t *testing.T) {
	address := raw(t, func(_ int, conn net.Conn, r *bufio.Reader) {
		if readRequest(r) != nil {
			return
		}
		fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
		for {
			if _, err := fmt.Fprint(conn, "400\r\n"+string(make([]byte, 1024))+"\r\n"); err != nil {
				return
			}
		}
	})
	c := client(t, address, rest.Config{MaxBody: 4096})
	_, err := post[thing](t.Context(), c, op(rest.RepeatFreely))
	assert.ErrorIs(t, err, rest.ErrBadResponse)
}

// Requirement F70: an answer that comes byte by byte ends with the time limit of its attempt, or with its context.
func TestDrip(t *testing.T) {
	for framing, piece := range map[string]string{"Transfer-Encoding: chunked": "1\r\n \r\n", "Content-Length: 100000": " "} {
		t.Run(framing, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { drip(t, framing, piece) })
		})
	}
}

func drip(t *testing.T, framing, piece string) {
	t.Helper()
	dripping := piped(t, func(conn net.Conn, r *bufio.Reader) {
		if readRequest(r) != nil {
			return
		}
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n%s\r\n\r\n", framing)
		for {
			if _, err := fmt.Fprint(conn, piece); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond) // of the fake clock
		}
	})
	c := client(t, loopback, rest.Config{
		HTTPClient: dripping, Timeout: time.Second, AttemptTimeout: 300 * time.Millisecond,
	})
	begun := time.Now()
	_, err := post[thing](t.Context(), c, op(rest.RepeatUnprocessed))
	assert.Less(t, time.Since(begun), 1500*time.Millisecond)
	assert.ErrorIs(t, err, rest.ErrInDoubt)

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	begun = time.Now()
	_, err = post[thing](ctx, c, op(rest.RepeatFreely))
	assert.Less(t, time.Since(begun), 150*time.Millisecond)
	assert.ErrorIs(t, err, context.Canceled)
}

// A call that its own context ended tells the cause, and does not blame the provider.
func TestCancelWithCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mine := errors.New("shutting down")
		silent := piped(t, func(_ net.Conn, r *bufio.Reader) {
			if readRequest(r) == nil {
				_, _ = r.ReadByte() // until the client leaves
			}
		})
		c := client(t, loopback, rest.Config{HTTPClient: silent})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(50*time.Millisecond, func() { cancel(mine) })
		_, err := post[thing](ctx, c, op(rest.RepeatUnprocessed))
		assert.ErrorIs(t, err, mine)
		assert.ErrorIs(t, err, context.Canceled)
		assert.NotErrorIs(t, err, rest.ErrUnavailable, "it was the caller, not the provider")

		ctx, stop := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, mine)
		defer stop()
		_, err = post[thing](ctx, c, op(rest.RepeatUnprocessed))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Contains(t, err.Error(), "no answer in time")
	})
}

// Requirement F59: a TLS connection that breaks after the request arrived leaves the call in doubt.
func TestGarbageAfterRequestIsInDoubt(t *testing.T) {
	var got atomic.Int32
	var under net.Conn
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got.Add(1)
		garbage := make([]byte, 5+32)
		copy(garbage, []byte{23, 3, 3, 0, 32}) // the head of a TLS record of 32 bytes
		for i := range 32 {
			garbage[5+i] = byte(i + 1)
		}
		_, _ = under.Write(garbage)
		<-r.Context().Done()
	}))
	s.Listener = tap{s.Listener, func(c net.Conn) { under = c }}
	s.StartTLS()
	defer s.Close()
	c := client(t, s.URL, rest.Config{HTTPClient: trusting(s.Certificate())})
	_, err := post[thing](t.Context(), c, op(rest.RepeatRefused))
	require.EqualValues(t, 1, got.Load())
	assert.ErrorIs(t, err, rest.ErrInDoubt, "the request was carried out; the connection broke after that")
}

// tap shows each connection below TLS to f.
type tap struct {
	net.Listener
	f func(net.Conn)
}

func (l tap) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.f(c)
	}
	return c, err
}
