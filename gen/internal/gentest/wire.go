package gentest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// Sent is a request as it would go over the wire.
type Sent struct {
	Method string
	URL    string // set by Wire in what it expects
	Header http.Header
	Body   string
}

// Call is a way of calling an operation with a client of type C.
type Call[C any] struct {
	Do   func(context.Context, C) (*http.Response, error)
	Path string // with the query, as it is appended to the base URL
	Want Sent
}

// Recorder is a doer that keeps the last request and answers with an empty 200.
type Recorder struct{ last Sent }

// Do keeps r.
func (r *Recorder) Do(req *http.Request) (*http.Response, error) {
	r.last = Sent{Method: req.Method, URL: req.URL.String(), Header: req.Header}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		r.last.Body = string(body)
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// Wire makes each call with a client of each of several base URLs, and compares what is sent to the byte: nothing is
// there that was not asked for.
func Wire[C any](t *testing.T, calls map[string]Call[C], client func(base string, doer *Recorder) (C, error)) {
	t.Helper()
	for name, c := range calls {
		for _, base := range []string{"https://api.example.com", "https://api.example.com/", "https://api.example.com/prefix"} {
			t.Run(name+" at "+base, func(t *testing.T) {
				if err := c.check(t.Context(), base, client); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// check makes the call and says what is wrong if something else is sent than what is wanted.
func (c Call[C]) check(ctx context.Context, base string, client func(string, *Recorder) (C, error)) error {
	r := &Recorder{}
	made, err := client(base, r)
	if err != nil {
		return err
	}
	resp, err := c.Do(ctx, made)
	if err != nil {
		return err
	}
	c.Want.URL = strings.TrimSuffix(base, "/") + c.Path
	if !reflect.DeepEqual(c.Want, r.last) {
		return fmt.Errorf("sent %+v\nand not %+v", r.last, c.Want)
	}
	return resp.Body.Close()
}
