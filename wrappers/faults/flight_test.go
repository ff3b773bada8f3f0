package faults

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// doubtful is the row of a request that left and of which nobody knows what became.
func doubtful(o *operation) want {
	return want{
		attempts: sends(o.mayDouble()), wire: -1, most: backoff, is: []error{rest.ErrUnavailable, rest.ErrInDoubt},
		isNot: []error{rest.ErrBadResponse},
	}
}

// broken is the row of an answer that broke off after its status: in doubt, unless the status says all.
func broken(o *operation) want {
	w := doubtful(o)
	w.status, w.is, w.isNot = o.status, []error{rest.ErrBadResponse, rest.ErrInDoubt}, []error{rest.ErrUnavailable}
	if o.class == revoke {
		w.success, w.attempts = true, 1 // RFC 7009 §2.2: what the body holds is ignored
	}
	return w
}

// flightFault meets every request with a misdeed.
func flightFault(name string, expect func(*operation) want, m func(c *cell) misdeed) fault {
	return fault{name: name, run: func(c *cell) {
		c.server.misbehave(m(c))
		w := expect(c.op)
		c.check(w, c.call(c.Context()))
		c.recovers(w, func(*cell) {})
	}}
}

// slowFault meets every request with a misdeed that lasts longer than an attempt may.
func slowFault(name string, expect func(*operation) want, m func(c *cell) misdeed) fault {
	return flightFault(name, func(o *operation) want {
		w := expect(o)
		w.least += time.Duration(w.attempts) * shortAttempt
		w.most += w.least
		return w
	}, m).inside(func(c *cell) { c.cfg.AttemptTimeout = shortAttempt })
}

// shortAttempt is the limit of an attempt that is to time out.
const shortAttempt = time.Second

// raw takes the connection and writes an answer by hand, and then does what end does.
func raw(answer func(c *cell) string, end func(net.Conn)) func(c *cell) misdeed {
	return func(c *cell) misdeed {
		return func(w http.ResponseWriter, _ *http.Request, _ request) {
			conn := hijack(w)
			_, _ = io.WriteString(conn, answer(c))
			end(conn)
		}
	}
}

func closeIt(conn net.Conn) { _ = conn.Close() }

// resetSoon resets a connection once the other side has had the time to read what was sent.
func resetSoon(conn net.Conn) {
	time.Sleep(20 * time.Millisecond)
	reset(conn)
}

// head is the beginning of an answer, with more header lines.
func head(lines string) func(*cell) string {
	return func(c *cell) string {
		return fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Type: application/json\r\nX-Request-Id: r1\r\n%s\r\n{\"access_token\":", c.op.status, lines)
	}
}

func flightFaults() []fault {
	nothing := func(*cell) string { return "" }
	return []fault{
		{name: "reset before write", real: true, run: resetBeforeWrite},
		flightFault("reset after body sent", doubtful, raw(nothing, reset)),
		{name: "closed reused connection", real: true, run: deadReused},
		flightFault("EOF before status", doubtful, raw(nothing, closeIt)),
		slowFault("headers too slow", doubtful, func(*cell) misdeed {
			return func(_ http.ResponseWriter, r *http.Request, _ request) { <-r.Context().Done() }
		}),
		slowFault("body drip too slow", broken, drip),
		flightFault("reset mid body", broken, raw(head("Content-Length: 500\r\n"), resetSoon)),
		flightFault("shorter than Content-Length", broken, raw(head("Content-Length: 500\r\n"), closeIt)),
		flightFault("broken chunk", broken, raw(func(c *cell) string {
			return head("Transfer-Encoding: chunked\r\n")(c) + "\r\nno-number\r\n"
		}, closeIt)),
		{name: "HTTP/2 refused stream and GOAWAY", real: true, run: refusedStream},
		flightFault("body over bound", content, func(c *cell) misdeed {
			return func(w http.ResponseWriter, _ *http.Request, _ request) {
				answer(w, c.op.status, string(bytes.Repeat([]byte(" "), 100<<10))+c.op.good)
			}
		}),
		flightFault("gzip bomb", content, func(c *cell) misdeed {
			return func(w http.ResponseWriter, _ *http.Request, _ request) {
				w.Header().Set("Content-Encoding", "gzip")
				answer(w, c.op.status, string(bomb()))
			}
		}),
	}
}

// bomb is 8 MiB of nothing in 8 KiB.
var bomb = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(bytes.Repeat([]byte(" "), 8<<20))
	_ = z.Close()
	return b.Bytes()
})

// drip sends its answer byte by byte, and never to the end.
func drip(c *cell) misdeed {
	return func(w http.ResponseWriter, r *http.Request, _ request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(c.op.status)
		for {
			_, _ = io.WriteString(w, " ")
			_ = http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
				return
			case <-time.After(10 * time.Millisecond):
			}
		}
	}
}

// resetBeforeWrite hands the client connections that the server has reset already: not a byte of the request can
// leave. net/http says so nearly always, and then every operation is sent again. Where it sees the reset before it tries
// to write, it does not say; then the outcome counts as in doubt, which is the safe side.
func resetBeforeWrite(c *cell) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(c, err)
	defer func() { _ = listener.Close() }()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			reset(conn)
		}
	}()
	var left atomic.Int32
	var d net.Dialer
	c.transport = &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		if left.Load() == 0 {
			return d.DialContext(ctx, network, addr)
		}
		left.Add(-1)
		conn, err := d.DialContext(ctx, network, listener.Addr().String())
		if err != nil {
			return nil, err
		}
		_, _ = conn.Read(make([]byte, 1)) // returns when the reset is here
		return &stillborn{Conn: conn, tried: make(chan struct{})}, nil
	}}
	p := c.connect()
	defer p.close()
	warm(c, p)
	left.Store(-1)
	got := c.callOver(c.Context(), p)
	w := neverLeft(c.op)
	if errors.Is(got.err, rest.ErrInDoubt) {
		w = doubtful(c.op)
		w.attempts = max(w.attempts, got.info.Attempts) // some of them may have been certain
		w.wire = 0
	}
	c.check(w, got)
	if got.info.Attempts > 1 {
		left.Store(1)
		again := c.callOver(c.Context(), p)
		if again.err == nil || !errors.Is(again.err, rest.ErrInDoubt) {
			c.check(want{success: true, attempts: 2, wire: 1}, again, "once")
		}
	}
}

// stillborn is a connection that was reset before it was used. The first write tells, and takes no byte.
type stillborn struct {
	net.Conn
	tried chan struct{}
	once  sync.Once
}

func (s *stillborn) Write([]byte) (int, error) {
	s.once.Do(func() { close(s.tried) })
	return 0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
}

func (s *stillborn) Read([]byte) (int, error) {
	<-s.tried
	return 0, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

func (s *stillborn) Close() error {
	s.once.Do(func() { close(s.tried) })
	return s.Conn.Close()
}

// mortal is a connection that dies without the client's noticing: reading shows nothing, and the next write fails
// before its first byte, as it does when a reset has come meanwhile.
type mortal struct {
	net.Conn
	dead chan struct{}
	once sync.Once
}

func (m *mortal) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	if err != nil {
		<-m.dead // found out by writing only
	}
	return n, err
}

// Close leaves the reader of a dead connection waiting until the end of the cell. Else it would compete with the failed
// write to tell of the end, and what it tells proves nothing.
func (m *mortal) Close() error {
	select {
	case <-m.dead:
		return nil
	default:
		m.die()
		return m.Conn.Close()
	}
}

// die ends the connection from the other side.
func (m *mortal) die() { m.once.Do(func() { close(m.dead) }) }

func (m *mortal) Write(p []byte) (int, error) {
	select {
	case <-m.dead:
		return 0, &net.OpError{Op: "write", Net: "tcp", Err: syscall.EPIPE}
	default:
		return m.Conn.Write(p)
	}
}

// deadReused lets the server close the connection that a call has left open. The next call finds it dead before a
// byte of it has left, and takes another.
func deadReused(c *cell) {
	var last atomic.Pointer[mortal]
	var d net.Dialer
	c.transport = &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		m := &mortal{Conn: conn, dead: make(chan struct{})}
		last.Store(m)
		return m, nil
	}}
	p := c.connect()
	defer p.close()
	c.check(fine(c.op), c.callOver(c.Context(), p), "first")
	first := last.Load()
	first.die()
	c.check(want{success: true, attempts: 2, wire: 1}, c.callOver(c.Context(), p), "second")
	assert.NotSame(c, first, last.Load(), "the dead connection was not used")
	_ = first.Conn.Close()
}
