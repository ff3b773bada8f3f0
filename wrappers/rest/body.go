package rest

import (
	"io"
	"net/http"
	"reflect"
	"sync"
)

// body is the body of a request. It is closed once, whoever closes it: the transport, which must, or the call, which
// does so before it replaces the body and at its end, for not every body reaches a transport.
type body struct {
	io.ReadCloser
	once sync.Once
	err  error
}

// Close closes the body, the first time.
func (b *body) Close() error {
	b.once.Do(func() { b.err = b.ReadCloser.Close() })
	return b.err
}

// The types of bodies in memory, of which Close does nothing. They stay as they are, because net/http knows them, too,
// and sends them in one piece with the header.
var (
	inMemory       = reflect.TypeOf(io.NopCloser(nil))
	inMemoryWriter = reflect.TypeOf(io.NopCloser(struct {
		io.Reader
		io.WriterTo
	}{}))
)

// own returns rc as a body that is closed once.
func own(rc io.ReadCloser) io.ReadCloser {
	if rc == nil || rc == http.NoBody {
		return rc
	}
	if t := reflect.TypeOf(rc); t == inMemory || t == inMemoryWriter {
		return rc
	}
	return &body{ReadCloser: rc}
}

// closeBody closes the body of a request that may not have been sent, as an HTTP client must.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// rewind gives req its body anew, from the start, and reports whether it could.
func rewind(req *http.Request) bool {
	if req.Body == nil || req.Body == http.NoBody {
		return true
	}
	again := reopen(req)
	if again == nil {
		return false
	}
	closeBody(req)
	req.Body = own(again)
	return true
}

// reopen returns the body of req from its start; nil if it is not to be had, which is also what a panic of GetBody means.
func reopen(req *http.Request) (again io.ReadCloser) {
	if req.GetBody == nil {
		return nil
	}
	defer func() { _ = recover() }()
	again, err := req.GetBody()
	if err != nil {
		return nil
	}
	return again
}
