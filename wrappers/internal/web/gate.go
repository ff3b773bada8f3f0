package web

import (
	"net/http"
	"sync/atomic"
)

// Gate is the HTTP client of a generated client, so that whatever is called by that client ends when the gate is shut.
type Gate struct {
	next doer
	shut atomic.Pointer[error]
}

type doer interface {
	Do(req *http.Request) (*http.Response, error)
}

// NewGate returns a Gate in front of next, which is open.
func NewGate(next doer) *Gate { return &Gate{next: next} }

// Shut makes every later request fail with err, before it is sent. A request that is on its way goes on.
func (g *Gate) Shut(err error) { g.shut.Store(&err) }

// Do hands req on while the gate is open. Otherwise it closes the body, as an HTTP client must.
func (g *Gate) Do(req *http.Request) (*http.Response, error) {
	err := g.shut.Load()
	if err == nil {
		return g.next.Do(req)
	}
	if req.Body != nil {
		_ = req.Body.Close()
	}
	return nil, *err
}
