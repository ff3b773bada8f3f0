// Package gentest is what the tests of the generated clients share: transports that need no network, and checks of what
// a client sends and of what it makes of an answer. Nothing but test files imports it, so no user links it. It knows none
// of the clients, opens no connection and brings no assertion library along.
package gentest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Canned is a transport with one answer.
type Canned struct {
	Status     int
	MIME, Body string // no Content-Type if MIME is empty
	Header     http.Header
}

// RoundTrip implements [http.RoundTripper].
func (c Canned) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{}
	if c.MIME != "" {
		header.Set("Content-Type", c.MIME)
	}
	for name, values := range c.Header {
		header[name] = values
	}
	return &http.Response{StatusCode: c.Status, Header: header, Body: io.NopCloser(strings.NewReader(c.Body)), Request: r}, nil
}

// Printer is a doer for examples. It sends nothing and prints what would be sent.
type Printer struct{}

// Do prints method, address and body of r and answers with an empty 200.
func (Printer) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	fmt.Printf("%s %s\n%s\n", r.Method, r.URL, body) //nolint:forbidigo // what an example prints is its result
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, err
}

// Sign returns a request editor that sets a bearer, but on the paths that are public.
func Sign(public ...string) func(context.Context, *http.Request) error {
	return func(_ context.Context, r *http.Request) error {
		if !slices.Contains(public, r.URL.Path) {
			r.Header.Set("Authorization", "Bearer token")
		}
		return nil
	}
}
