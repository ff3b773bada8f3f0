package spectest

import (
	"bytes"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/fintoken/fintoken-go/specs"
)

// RoundTripper checks each request before it is sent and each answer before it is handed on. Both are read into memory
// up to [BodyLimit] and [MaxBody] and reach the other side as they were: a larger request is refused, a larger answer streams on.
type RoundTripper struct {
	checker *Checker
	base    http.RoundTripper
	report  func(Exchange)
	checked atomic.Int64
	err     error // why there is no checker
}

// Transport returns a RoundTripper that fails the test on each violation and, at its end, if it has checked no call.
// A nil base is [http.DefaultTransport].
func Transport(t TB, doc specs.Document, base http.RoundTripper, opts ...Option) *RoundTripper {
	t.Helper()
	rt := &RoundTripper{base: base, report: reporter(t, doc)}
	if rt.checker, rt.err = New(doc, opts...); rt.err != nil {
		t.Errorf("%v", rt.err)
	}
	t.Cleanup(func() { finish(t, doc, rt.Checked()) })
	return rt
}

// NewRoundTripper returns a round tripper that calls report after each exchange and concerns no test. The base may be
// nil for [http.DefaultTransport], and report may be nil.
func NewRoundTripper(c *Checker, base http.RoundTripper, report func(Exchange)) http.RoundTripper {
	return &RoundTripper{checker: c, base: base, report: report}
}

// Checked returns the number of calls so far that matched an operation and were checked.
func (rt *RoundTripper) Checked() int { return int(rt.checked.Load()) }

// RoundTrip implements [http.RoundTripper].
func (rt *RoundTripper) RoundTrip(req *http.Request) (*http.Response, error) {
	if rt.err != nil {
		closeBody(req.Body)
		return nil, rt.err
	}
	data, send, err := buffered(req)
	if err != nil {
		closeBody(req.Body)
		return nil, err
	}
	op, found := rt.checker.request(req, data)
	if len(data) > BodyLimit(req.Header) {
		closeBody(req.Body)
		rt.done(op, 0, found, nil)
		return nil, found
	}
	resp, err := rt.next().RoundTrip(send)
	if err != nil {
		rt.done(op, 0, found, nil)
		return nil, err
	}
	resp.Request = req
	rt.done(op, resp.StatusCode, found, rt.checkAnswer(op, req, resp))
	return resp, nil
}

// CloseIdleConnections closes those of the base, so that a client can close them through this round tripper.
func (rt *RoundTripper) CloseIdleConnections() {
	if base, ok := rt.next().(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

func (rt *RoundTripper) next() http.RoundTripper {
	if rt.base == nil {
		return http.DefaultTransport
	}
	return rt.base
}

// buffered returns the body of a request and a request to send in its place: a round tripper must not change the one
// it was given.
func buffered(req *http.Request) ([]byte, *http.Request, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, req, nil
	}
	data, again, err := take(req.Body, BodyLimit(req.Header))
	if err != nil {
		return nil, nil, err
	}
	send := req.Clone(req.Context())
	send.Body = again
	send.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
	return data, send, nil
}

// checkAnswer checks an answer and puts its body back. One that breaks off is not checked: that is a fault of the
// connection, which the caller gets to see, and not of the contract.
func (rt *RoundTripper) checkAnswer(op *Operation, req *http.Request, resp *http.Response) Violations {
	if op == nil {
		return nil
	}
	data, whole := answerBody(resp)
	if !whole {
		return nil
	}
	return rt.checker.response(op, req, resp.StatusCode, resp.Header, data)
}

// answerBody returns the body of an answer, which it leaves readable, and whether it came to its end.
func answerBody(resp *http.Response) (data []byte, whole bool) {
	if streams(resp) {
		return nil, true
	}
	data, again, err := take(resp.Body, MaxBody)
	resp.Body = again
	return data, err == nil
}

// streams reports whether an answer has no end to wait for.
func streams(resp *http.Response) bool {
	media, _ := mediaType(resp.Header.Get("Content-Type"))
	return resp.StatusCode == http.StatusSwitchingProtocols || media == "text/event-stream"
}

func (rt *RoundTripper) done(op *Operation, status int, request, answer Violations) {
	if op != nil {
		rt.checked.Add(1)
	}
	e := Exchange{Operation: op, Status: status, Err: append(request, answer...).err()}
	if rt.report != nil {
		rt.report(e)
	}
	rt.checker.observed(e)
}

func closeBody(b io.Closer) {
	if b != nil {
		_ = b.Close()
	}
}
