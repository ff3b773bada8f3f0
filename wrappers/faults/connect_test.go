package faults

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// neverLeft is the row of a request that certainly did not leave: it is sent again whatever the operation.
func neverLeft(*operation) want {
	return want{attempts: 3, most: backoff, is: []error{rest.ErrUnavailable}, isNot: []error{rest.ErrInDoubt, rest.ErrBadResponse}}
}

// distrust is the row of a server that is not who it should be: it is not asked again.
func distrust(*operation) want {
	return want{attempts: 1, is: []error{rest.ErrUnavailable}, isNot: []error{rest.ErrInDoubt}}
}

// warm fetches the bearer that the operation may need, before anything goes wrong.
func warm(c *cell, p *peers) {
	if c.op.signed {
		_, err := c.op.source(p).Token(c.Context())
		must(err)
	}
}

// dialFault makes every connection after the bearer fail the way dial does.
func dialFault(name string, onReal bool, extra time.Duration, dial func(ctx context.Context, c *cell) (net.Conn, error)) fault {
	return fault{name: name, real: onReal, run: func(c *cell) {
		var left atomic.Int32 // how many connections are to fail; negative: no end
		var d net.Dialer
		c.transport = &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if left.Load() == 0 {
				return d.DialContext(ctx, network, addr)
			}
			left.Add(-1)
			return dial(ctx, c)
		}}
		p := c.connect()
		defer p.close()
		warm(c, p)
		left.Store(-1)
		w := neverLeft(c.op)
		w.most += extra
		c.check(w, c.callOver(c.Context(), p))

		left.Store(1)
		c.check(want{success: true, attempts: 2, wire: 1, most: w.most}, c.callOver(c.Context(), p), "once")
	}}
}

// tlsFault calls a server whose TLS is wrong.
func tlsFault(name string, how trust) fault {
	return fault{name: name, setup: func(c *cell) { c.useTLS(how) }, run: func(c *cell) {
		w := distrust(c.op)
		got := c.call(c.Context())
		if c.op.signed {
			w.attempts = 0 // the bearer could not be had either; the error is of that call
		}
		c.check(w, got)
	}}
}

func connectFaults() []fault {
	return []fault{
		dialFault("DNS failure", true, 0, func(ctx context.Context, c *cell) (net.Conn, error) {
			d := net.Dialer{Resolver: c.server.noNames()}
			return d.DialContext(ctx, "tcp", "api.example.com:443")
		}),
		dialFault("refused", false, 0, func(ctx context.Context, _ *cell) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "tcp", closedPort())
		}),
		dialFault("connect black hole", false, rest.DefaultTimeout, func(ctx context.Context, _ *cell) (net.Conn, error) {
			<-ctx.Done() // no answer to any SYN
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: ctx.Err()}
		}),
		tlsFault("unknown CA", stranger),
		tlsFault("wrong host name", otherName),
		tlsFault("TLS 1.1 at most", oldTLS),
	}
}

// closedPort returns an address at which nobody listens.
func closedPort() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// noNames returns a resolver whose server says that no name exists (RFC 1035 §4.1.1).
func (s *server) noNames() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, remote := net.Pipe()
		go func() {
			defer func() { _ = remote.Close() }()
			query := make([]byte, 1500)
			for {
				n, err := remote.Read(query)
				if err != nil || n < 14 {
					return
				}
				msg := query[2:n] // over a stream each message has its length in front
				msg[2], msg[3] = 0x81, 0x83
				if _, err := remote.Write(query[:n]); err != nil {
					return
				}
			}
		}()
		return client, nil
	}}
}
