package wiretest

import (
	"cmp"
	"io"
	"net/http"
	"strings"
	"testing/iotest"
)

// Reply is one answer of a script.
type Reply struct {
	Status int
	Body   string
	MIME   string            // application/json if empty
	Header map[string]string // more of it
	Err    error             // instead of an answer
	Cut    bool              // the body breaks off after what is there
	Hangs  bool              // no answer comes before the end of the request's context
}

// answer returns what a transport returns for r.
func (a Reply) answer(r *http.Request) (*http.Response, error) {
	if a.Hangs {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if a.Err != nil {
		return nil, a.Err
	}
	body := io.Reader(strings.NewReader(a.Body))
	if a.Cut {
		body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
	}
	header := http.Header{"Content-Type": {cmp.Or(a.MIME, "application/json")}}
	for name, value := range a.Header {
		header.Set(name, value)
	}
	return &http.Response{StatusCode: a.Status, Header: header, Request: r, ContentLength: -1, Body: io.NopCloser(body)}, nil
}
