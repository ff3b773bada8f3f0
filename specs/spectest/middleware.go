package spectest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/fintoken/fintoken-go/specs"
)

// Middleware returns a handler that checks each request before next gets it and each answer of next, and fails the test
// like [Transport] does. A request larger than [BodyLimit] is answered with a 413 and does not reach next.
func Middleware(t TB, doc specs.Document, next http.Handler, opts ...Option) http.Handler {
	t.Helper()
	c, err := New(doc, opts...)
	if err != nil {
		t.Errorf("%v", err)
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
		})
	}
	m := &middleware{checker: c, next: next, report: reporter(t, doc)}
	t.Cleanup(func() { finish(t, doc, int(m.checked.Load())) })
	return m
}

type middleware struct {
	checker *Checker
	next    http.Handler
	report  func(Exchange)
	checked atomic.Int64
}

func (m *middleware) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, again, err := take(r.Body, BodyLimit(r.Header))
	if err != nil { // the client broke off: there is no request to check
		m.next.ServeHTTP(w, withBody(r, again))
		return
	}
	op, found := m.checker.request(r, data)
	e := Exchange{Operation: op, Err: found.err()}
	defer func() { m.done(e) }() // deferred, as the handler may panic to break the connection
	if len(data) > BodyLimit(r.Header) {
		e.Status = http.StatusRequestEntityTooLarge
		w.WriteHeader(e.Status)
		return
	}
	rec := &recorder{ResponseWriter: w}
	m.next.ServeHTTP(rec, withBody(r, again))
	if rec.hijacked {
		return
	}
	rec.commit(http.StatusOK)
	e.Status = rec.status
	if op != nil {
		e.Err = append(found, m.checker.response(op, r, rec.status, rec.header, rec.body)...).err()
	}
}

func (m *middleware) done(e Exchange) {
	if e.Operation != nil {
		m.checked.Add(1)
	}
	m.report(e)
	m.checker.observed(e)
}

// withBody returns a copy of r with another body, as r belongs to the server.
func withBody(r *http.Request, b io.ReadCloser) *http.Request {
	same := r.WithContext(r.Context())
	same.Body = b
	return same
}

// recorder passes an answer on and keeps what is checked of it.
type recorder struct {
	http.ResponseWriter
	status   int
	header   http.Header // as it was when it was sent
	body     []byte      // at most a byte beyond MaxBody
	hijacked bool
}

// commit notes the status and the header, the first time.
func (r *recorder) commit(status int) {
	if r.status == 0 {
		r.status, r.header = status, r.Header().Clone()
	}
}

// WriteHeader implements [http.ResponseWriter]. Informational answers come before the one that counts.
func (r *recorder) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		r.commit(status)
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (r *recorder) Write(p []byte) (int, error) {
	r.commit(http.StatusOK)
	n, err := r.ResponseWriter.Write(p)
	r.body = append(r.body, p[:min(n, MaxBody+1-len(r.body))]...)
	return n, err
}

// Flush implements [http.Flusher].
func (r *recorder) Flush() {
	r.commit(http.StatusOK)
	_ = http.NewResponseController(r.ResponseWriter).Flush()
}

// Hijack implements [http.Hijacker]. What goes over the connection then is not checked.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(r.ResponseWriter).Hijack()
	r.hijacked = err == nil
	return conn, rw, err
}

// Unwrap gives [http.ResponseController] the rest of what the writer can do.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
