package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// attempt sends the request once and reads its answer, within a time and a size.
func attempt(transport http.RoundTripper, cfg Config) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		ctx, cancel := context.WithTimeout(apart{req.Context()}, min(c.attemptTimeout, c.life.left()))
		defer cancel()
		if err := ctx.Err(); err != nil {
			return nil, noAnswer(ended(ctx), true, false)
		}
		c.info.Attempts++
		var way passage
		resp, err := transport.RoundTrip(c.signed(outgoing(way.follow(ctx), req)))
		if err == nil && resp == nil {
			err = errNoResponse
		}
		if err != nil {
			if wrong := spoiled(req); wrong != nil {
				return nil, wrong // the request broke off, so it was not carried out
			}
			if ctx.Err() != nil {
				err = errors.Join(ended(ctx), err)
			}
			return nil, noAnswer(err, way.neverLeft(), way.got.Load())
		}
		c.seen(resp)
		return resp, c.read(ctx, resp, c.limit(cfg))
	}
}

// ended returns how ctx ended: its error, and the cause that the caller gave.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return errors.Join(err, cause)
}

// errNoResponse is the cause when a transport returns neither an answer nor an error.
var errNoResponse = errors.New("rest: the transport returned nothing")

// outgoing returns what the transport gets: req under ctx, with a body that cannot be had twice, so that net/http sends
// nothing again by itself: not after a reset that proves nothing, and not past the budget. The body itself stays of the
// type that it is: net/http sends one that it knows in a single piece with the header.
func outgoing(ctx context.Context, req *http.Request) *http.Request {
	out := req.WithContext(ctx)
	out.GetBody = nil
	if (req.Body == nil || req.Body == http.NoBody) && !safe(req.Method) {
		out.Body = io.NopCloser(strings.NewReader("")) // one that is known to be empty would be sent again
	}
	return out
}

// safe reports whether a method changes nothing (RFC 9110 §9.2.1).
func safe(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		return true
	}
	return false
}

// passage notes how far a request got on its way out. A transport that asked for a connection and got none has sent
// nothing; one that tells nothing may have.
type passage struct {
	asked, got atomic.Bool
	trace      httptrace.ClientTrace
}

// follow returns a context that notes.
func (p *passage) follow(ctx context.Context) context.Context {
	p.trace.GetConn = func(string) { p.asked.Store(true) }
	p.trace.GotConn = func(httptrace.GotConnInfo) { p.got.Store(true) }
	return httptrace.WithClientTrace(ctx, &p.trace)
}

// neverLeft reports whether it is certain that nothing was sent.
func (p *passage) neverLeft() bool { return p.asked.Load() && !p.got.Load() }

// seen notes what an answer tells about the call.
func (c *call) seen(resp *http.Response) {
	c.info.Status, c.info.Header = resp.StatusCode, resp.Header
	if name := c.op.API.ResponseRequestID; name != "" {
		if id := resp.Header.Get(name); id != "" {
			c.info.RequestID = id
		}
	}
}

// limit returns how many bytes of an answer are read.
func (c *call) limit(cfg Config) int64 {
	switch {
	case cfg.MaxBody > 0:
		return cfg.MaxBody
	case c.op.MaxBody > 0:
		return c.op.MaxBody
	}
	return DefaultMaxBody
}

// read replaces the body of resp with what it holds. The body of a failing status may be broken: the status counts.
func (c *call) read(ctx context.Context, resp *http.Response, limit int64) error {
	success := resp.StatusCode/100 == 2
	if c.noContent && success {
		limit = min(limit, drained) // for the sake of the connection alone
	}
	body, err := readBody(resp, limit)
	resp.Body = newBuffered(body, err, c)
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled):
		return c.unreadable(resp, body, ended(ctx))
	case success && !c.noContent:
		return c.unreadable(resp, body, err)
	}
	return nil
}

// drained is how much of an answer is read that nobody looks at.
const drained = 4 << 10

// buffered is a body that was read already, by a call.
type buffered struct {
	rest *bytes.Reader
	end  error // io.EOF if it is whole
	all  []byte
	by   *call
}

func newBuffered(body []byte, err error, by *call) *buffered {
	return &buffered{rest: bytes.NewReader(body), end: cmp.Or(err, io.EOF), all: body, by: by}
}

// Read reads what was read, and then tells how that ended.
func (b *buffered) Read(p []byte) (int, error) {
	n, err := b.rest.Read(p)
	if err != nil {
		err = b.end
	}
	return n, err
}

// Close does nothing.
func (*buffered) Close() error { return nil }

// peek returns the whole body of an answer that was read already, whether or not somebody has read from it since.
func peek(resp *http.Response) []byte {
	if b, ok := resp.Body.(*buffered); ok {
		return b.all
	}
	return nil
}

// errTooLarge is the cause of an answer over its limit.
var errTooLarge = errors.New("the answer is larger than the limit")

// readBody reads at most limit bytes and closes the body. More than that is an error, with what was read until then.
func readBody(resp *http.Response, limit int64) ([]byte, error) {
	if resp.Body == nil || resp.Body == http.NoBody {
		return nil, nil
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode < 200 || resp.Request != nil && resp.Request.Method == http.MethodHead {
		return nil, nil // after a 101 the body is the connection, which no context ends
	}
	if n := resp.ContentLength; n > 0 && n <= min(limit, TokenMaxBody) { // what a server says is believed up to there
		return readKnown(resp.Body, int(n))
	}
	var b bytes.Buffer
	_, err := b.ReadFrom(io.LimitReader(resp.Body, min(limit, math.MaxInt64-1)+1))
	if int64(b.Len()) > limit {
		return b.Bytes()[:limit], errTooLarge
	}
	return b.Bytes(), err
}

// readKnown reads a body of n bytes, and sees that it ends there.
func readKnown(body io.Reader, n int) ([]byte, error) {
	b := make([]byte, n+1)
	got, err := io.ReadFull(body, b)
	switch {
	case got == n && errors.Is(err, io.ErrUnexpectedEOF):
		return b[:n], nil
	case errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	case err == nil:
		return b[:n], errTooLarge
	}
	return b[:got], err
}
