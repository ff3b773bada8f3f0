package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// attempt sends the request once and reads its answer, within a time and a size.
func attempt(transport http.RoundTripper, cfg Config) handler {
	return func(c *call, req *http.Request) (*http.Response, error) {
		c.info.Attempts++
		ctx, cancel := context.WithTimeout(req.Context(), cfg.AttemptTimeout)
		defer cancel()
		out, body := outgoing(ctx, req)
		resp, err := transport.RoundTrip(out)
		left := body.seal()
		if err == nil && resp == nil {
			err = errNoResponse
		}
		if err != nil {
			return nil, noAnswer(err, left)
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

// outgoing returns what the transport gets: req under ctx, with a body that knows whether it was asked for and cannot
// be had twice.
func outgoing(ctx context.Context, req *http.Request) (*http.Request, *tracked) {
	out := req.WithContext(ctx)
	if req.Body == nil || req.Body == http.NoBody {
		return out, nil
	}
	body := &tracked{ReadCloser: req.Body}
	out.Body = body
	if req.GetBody != nil {
		out.GetBody = refuseReplay
		if keyed(req.Header) {
			out.GetBody = nil // its wish would not prove anything
		}
	}
	return out, body
}

func refuseReplay() (io.ReadCloser, error) { return nil, errReplay }

// keyed reports whether net/http takes the request for one that may be repeated.
func keyed(h http.Header) bool {
	return len(h["Idempotency-Key"]) > 0 || len(h["X-Idempotency-Key"]) > 0
}

// tracked is the body of a request on its way. A request whose body was never read did not leave this machine.
type tracked struct {
	io.ReadCloser
	state atomic.Uint32
}

// The states of a tracked body.
const (
	untouched uint32 = iota
	touched
	sealed
)

// Read notes that the body is on its way.
func (t *tracked) Read(p []byte) (int, error) {
	if t.state.Load() != touched && !t.state.CompareAndSwap(untouched, touched) {
		return 0, errReplay
	}
	return t.ReadCloser.Read(p)
}

// seal ends a body that was never read, so that it cannot leave any more, and reports whether it may have left. It
// cannot tell for a request without a body.
func (t *tracked) seal() departure {
	switch {
	case t == nil:
		return perhaps
	case t.state.CompareAndSwap(untouched, sealed):
		return never
	}
	return perhaps
}

// departure says whether a request left this machine.
type departure bool

const (
	never   departure = false
	perhaps departure = true
)

// seen notes what an answer tells about the call.
func (c *call) seen(resp *http.Response) {
	c.info.Status, c.info.Header = resp.StatusCode, resp.Header
	if name := c.op.API.ResponseRequestID; name != "" {
		if id := resp.Header.Get(name); id != "" {
			c.info.RequestID = c.shown(id)
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
	resp.Body = newBuffered(body)
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

// buffered is a body that was read already.
type buffered struct {
	bytes.Reader
	all []byte
}

func newBuffered(body []byte) *buffered {
	b := &buffered{all: body}
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
	if resp.Body == nil {
		return nil, nil
	}
	defer func() { _ = resp.Body.Close() }()
	var b bytes.Buffer
	b.Grow(int(min(max(resp.ContentLength, 0), limit)) + bytes.MinRead)
	_, err := b.ReadFrom(io.LimitReader(resp.Body, limit+1))
	if int64(b.Len()) > limit {
		return b.Bytes()[:limit], errTooLarge
	}
	return b.Bytes(), err
}
