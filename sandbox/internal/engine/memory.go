// The way in without a connection.

package engine

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// RoundTripper returns a transport that lets a handler answer in memory, without a port or a goroutine. Faults of an
// [Engine] show as they do over a connection: a reset is an error of the call, a truncated body one of reading it.
func RoundTripper(handler http.Handler) http.RoundTripper { return roundTripper{handler} }

type roundTripper struct{ handler http.Handler }

func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	arriving := r.WithContext(r.Context()) // a round tripper must not change what it was given
	arriving.Method = cmp.Or(r.Method, http.MethodGet)
	if r.Body == nil {
		arriving.Body = http.NoBody
	}
	if r.ContentLength == 0 {
		arriving.ContentLength = -1 // in a request to be sent, 0 means unknown
	}
	defer func() { _ = arriving.Body.Close() }()
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.URL == nil {
		return nil, errors.New("sandbox: the request has no URL")
	}
	arriving.Host = cmp.Or(r.Host, r.URL.Host)
	w := &memory{header: http.Header{}}
	t.handler.ServeHTTP(w, arriving)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return w.response(r)
}

// memory is an answer on its way to a client in the same process.
type memory struct {
	header http.Header
	status int
	body   bytes.Buffer
	rest   io.Reader // what follows, when there is much of it
	broken error     // what the answer ends with in place of its end; before a status there is no answer
	drip   *firing   // nil, or how slowly the body comes
	ctx    context.Context
}

func (m *memory) Header() http.Header    { return m.header }
func (m *memory) WriteHeader(status int) { m.status = status }

func (m *memory) Write(p []byte) (int, error) {
	m.status = cmp.Or(m.status, http.StatusOK)
	return m.body.Write(p)
}

func (m *memory) response(r *http.Request) (*http.Response, error) {
	if m.status == 0 && m.broken != nil {
		return nil, m.broken
	}
	m.status = cmp.Or(m.status, http.StatusOK) // as a server answers for a handler that wrote nothing
	if r.Method == http.MethodHead {
		m.body.Reset() // as a server does
	}
	response := &http.Response{
		Status:        strconv.Itoa(m.status) + " " + http.StatusText(m.status),
		StatusCode:    m.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        m.header,
		ContentLength: int64(m.body.Len()),
		Body:          io.NopCloser(&m.body),
		Request:       r,
	}
	if m.rest != nil || m.broken != nil || m.drip != nil {
		response.ContentLength = -1
		response.Body = io.NopCloser(&spoilt{memory: m})
	}
	if length, err := strconv.ParseInt(m.header.Get("Content-Length"), 10, 64); err == nil {
		response.ContentLength = length
	}
	if m.header.Get("Content-Encoding") == "gzip" && r.Header.Get("Accept-Encoding") == "" {
		unpack(response) // as a transport does that has asked for it by itself
	}
	return response, nil
}

func unpack(response *http.Response) {
	unpacked, err := gzip.NewReader(response.Body)
	if err != nil {
		return // as it is, then
	}
	response.Body, response.ContentLength, response.Uncompressed = io.NopCloser(unpacked), -1, true
	response.Header.Del("Content-Encoding")
}

// spoilt reads a body that a fault has met.
type spoilt struct{ *memory }

func (s *spoilt) Read(p []byte) (int, error) {
	if s.drip != nil && s.body.Len() > 0 {
		p = p[:min(len(p), s.drip.portion(s.body.Len()))]
		if !sleep(s.ctx, s.drip.dripTime(len(p))) {
			return 0, s.ctx.Err()
		}
	}
	if s.body.Len() > 0 {
		return s.body.Read(p)
	}
	if s.rest != nil {
		return s.rest.Read(p)
	}
	if s.broken != nil {
		return 0, s.broken
	}
	return 0, io.EOF
}
