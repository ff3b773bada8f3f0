// Package wiretest is what the tests of the providers share: a transport that answers from a script and keeps what was
// sent, and what must hold for every error. Nothing but test files imports it, so no user links it. It knows none of
// the providers, holds no secret, opens no connection and brings no assertion library along.
package wiretest

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Wire is a transport that keeps what was sent.
type Wire struct {
	script []Reply
	next   http.RoundTripper // answers in place of the script

	mu   sync.Mutex
	sent []Sent
}

// Script returns a Wire that answers with one reply after the other. The last one repeats; without any, a request
// panics.
func Script(replies ...Reply) *Wire { return &Wire{script: replies} }

// Tap returns a Wire that lets next answer.
func Tap(next http.RoundTripper) *Wire { return &Wire{next: next} }

// RoundTrip implements [http.RoundTripper].
func (w *Wire) RoundTrip(r *http.Request) (*http.Response, error) {
	r, before, err := w.keep(r)
	if err != nil {
		return nil, err
	}
	if w.next != nil {
		return w.next.RoundTrip(r)
	}
	return w.script[min(before, len(w.script)-1)].answer(r)
}

// keep notes the request. It returns it with a body that is unread, and how many came before it.
func (w *Wire) keep(r *http.Request) (again *http.Request, before int, err error) {
	again = r.Clone(r.Context())
	var body []byte
	if r.Body != nil {
		body, err = io.ReadAll(r.Body)
		_ = r.Body.Close()
		again.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, Sent{r.Method, r.URL.String(), r.Header.Clone(), string(body)})
	return again, len(w.sent) - 1, err
}

// Requests returns what was sent, the oldest first.
func (w *Wire) Requests() []Sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

// At returns what was sent to an address that ends with path.
func (w *Wire) At(path string) []Sent {
	return slices.DeleteFunc(slices.Clone(w.Requests()), func(s Sent) bool { return !strings.HasSuffix(s.URL, path) })
}

// Sent is a request that reached the wire.
type Sent struct {
	Method, URL string
	Header      http.Header
	Body        string
}

// Form returns the fields of the body, which must be a form.
func (s Sent) Form(t testing.TB) url.Values {
	t.Helper()
	form, err := url.ParseQuery(s.Body)
	if err != nil {
		t.Fatalf("not a form: %v", err)
	}
	return form
}
