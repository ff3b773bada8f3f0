// Package memnet is a network in memory, for tests on the clock of testing/synctest: that clock stands still while a
// goroutine waits for a socket, and moves on while all wait for what is here. No package but a test may import it.
package memnet

import (
	"context"
	"net"
	"sync"
)

// Listener is a [net.Listener] that is reached by its Dial alone. Both ends say that they are on this machine.
type Listener struct {
	conns  chan net.Conn
	closed chan struct{}
	close  func()
}

// Listen returns a Listener, which must be closed.
func Listen() *Listener {
	l := &Listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.closed) })
	return l
}

// Dial connects to the listener, whatever the address, once it accepts. It fails when the listener is closed, and with
// the cause of ctx when that ends first.
func (l *Listener) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.conns <- conn{there}:
		return conn{here}, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Accept waits for the next connection. It fails when the listener is closed.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept and Dial. Connections that were made stay.
func (l *Listener) Close() error {
	l.close()
	return nil
}

// Addr returns an address of this machine.
func (*Listener) Addr() net.Addr { return here }

// here is the address of everything.
var here = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}

// conn is a pipe with that address.
type conn struct{ net.Conn }

func (conn) LocalAddr() net.Addr  { return here }
func (conn) RemoteAddr() net.Addr { return here }
