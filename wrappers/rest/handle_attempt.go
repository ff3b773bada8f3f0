package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
)

// attempt sends the request once and reads its answer, within a time and a size.
func attempt(transport http.RoundTripper, cfg Config) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		c.info.Attempts++
		ctx, cancel := context.WithTimeout(req.Context(), min(cfg.AttemptTimeout, c.life.left()))
		defer cancel()
		if err := ctx.Err(); err != nil {
			return nil, noAnswer(err, true)
		}
		var way passage
		resp, err := transport.RoundTrip(outgoing(way.follow(ctx), req))
		if err == nil && resp == nil {
			err = errNoResponse
		}
		if err != nil {
			return nil, noAnswer(err, way.neverLeft())
		}
		c.seen(resp)
		return resp, c.read(ctx, resp, c.limit(cfg))
	}
}

// errNoResponse is the cause when a transport returns neither an answer nor an error.
var errNoResponse = errors.New("rest: the transport returned nothing")

// errReplay is what the transport gets when it wants to send a request again by itself. It does so only where it is
// sure that the request was not processed, or where the request has an idempotency key.
var errReplay = errors.New("rest: repeating is the retry handler's business")

// outgoing returns what the transport gets: req under ctx, with a body that cannot be had twice. The body itself stays
// of the type that it is: net/http sends one that it knows in a single piece with the header.
func outgoing(ctx context.Context, req *http.Request) *http.Request {
	out := req.WithContext(ctx)
	if req.GetBody != nil {
		out.GetBody = refuseReplay
		if keyed(req.Header) {
			out.GetBody = nil // its wish would not prove anything
		}
	}
	return out
}

func refuseReplay() (io.ReadCloser, error) { return nil, errReplay }

// keyed reports whether net/http takes the request for one that may be repeated.
func keyed(h http.Header) bool {
	return len(h["Idempotency-Key"]) > 0 || len(h["X-Idempotency-Key"]) > 0
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
	if c.op.NoContent && success {
		limit = min(limit, drained) // for the sake of the connection alone
	}
	body, err := readBody(resp, limit)
	resp.Body = newBuffered(body, c)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && errors.Is(context.Cause(ctx), context.Canceled):
		return c.unreadable(resp, body, context.Cause(ctx))
	case success && !c.op.NoContent:
		return c.unreadable(resp, body, err)
	}
	return nil
}

// drained is how much of an answer is read that nobody looks at.
const drained = 4 << 10

// buffered is a body that was read already, by a call.
type buffered struct {
	bytes.Reader
	all []byte
	by  *call
}

func newBuffered(body []byte, by *call) *buffered {
	b := &buffered{all: body, by: by}
	b.Reset(body)
	return b
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
	if n := resp.ContentLength; n > 0 && n <= limit {
		return readKnown(resp.Body, int(n))
	}
	var b bytes.Buffer
	_, err := b.ReadFrom(io.LimitReader(resp.Body, limit+1))
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
