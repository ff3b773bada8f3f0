// Package wire is what a command puts between the providers' clients and the network: it keeps the last answer, and prints
// a request in place of sending it. It will never change a request.
package wire

import (
	"bytes"
	"io"
	"net/http"
	"sync"
)

// Recorder is a round tripper that keeps the last answer.
type Recorder struct {
	Base http.RoundTripper

	mu    sync.Mutex
	body  *bytes.Buffer
	count int
}

// maxKept is how much of an answer is kept: more than any of the providers' clients accepts.
const maxKept = 9 << 20

// RoundTrip sends the request.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.Base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	kept := &bytes.Buffer{}
	r.mu.Lock()
	r.body = kept
	r.count++
	r.mu.Unlock()
	resp.Body = &tee{ReadCloser: resp.Body, kept: kept, mu: &r.mu}
	return resp, nil
}

// Body returns the body of the last answer, as far as it was read.
func (r *Recorder) Body() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.body == nil {
		return nil
	}
	return bytes.Clone(r.body.Bytes())
}

// Count returns how many answers there were.
func (r *Recorder) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// CloseIdleConnections closes those of the base.
func (r *Recorder) CloseIdleConnections() {
	if c, ok := r.Base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// tee keeps what is read from a body.
type tee struct {
	io.ReadCloser

	kept *bytes.Buffer
	mu   *sync.Mutex
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.mu.Lock()
	t.kept.Write(p[:min(n, max(0, maxKept-t.kept.Len()))])
	t.mu.Unlock()
	return n, err
}
