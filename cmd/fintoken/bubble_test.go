package main

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

// bubble runs f in a world whose clock moves on only when everybody waits, so that a test of a wait takes no time and has
// an exact end. Whatever is called there, handler answers over a network in memory; nil is a sandbox.
func bubble(t *testing.T, handler http.Handler, f func(t *testing.T, w *world)) {
	t.Helper()
	w := newWorld(t) // its sandbox has a port, and so no place in the bubble
	for _, provider := range []string{"FINAPI", "FINOGATES", "STRADDLE"} {
		w.env[provider+"_BASE_URL"] = "http://localhost"
	}
	w.env["FINTOKEN_SANDBOX_URL"] = "http://localhost"
	synctest.Test(t, func(t *testing.T) {
		if handler == nil {
			s, err := sandbox.New()
			require.NoError(t, err)
			handler = s
		}
		l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
		server := &http.Server{Handler: handler}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(l) }) // its error is that it was closed
		w.t, w.dial = t, l.dial
		f(t, w)
		_ = server.Close()
		serving.Wait()
	})
}

// listener is one end of a network in memory, and dial the other.
type listener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *listener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- local{there}:
		return here, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (*listener) Addr() net.Addr { return loopback }

// local is a connection that says that it is from this machine.
type local struct{ net.Conn }

func (local) RemoteAddr() net.Addr { return loopback }

var loopback = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}

// atTerminal executes a command line in this process, as if all its streams were a terminal.
func (w *world) atTerminal(args ...string) result {
	w.t.Helper()
	return w.runIn(w.t.Context(), strings.NewReader(""), true, args...)
}
