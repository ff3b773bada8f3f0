package edges

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// The largest limit there is, is none: nothing overflows.
func TestMaxBodyUnlimited(t *testing.T) {
	c := over(t, rest.Config{MaxBody: math.MaxInt64}, always(200, "application/json", `{"value":"x"}`))
	v, err := post[thing](t.Context(), c, op(rest.RepeatUnprocessed))
	require.NoError(t, err)
	assert.Equal(t, "x", v.Value)
}

// A Content-Length is what the server says: no memory is set aside for it.
func TestHugeContentLength(t *testing.T) {
	c := over(t, rest.Config{MaxBody: math.MaxInt64 - 1}, func(*http.Request) (*http.Response, error) {
		r := reply(200, "application/json", `{"value":"x"}`)
		r.ContentLength = 1 << 60
		return r, nil
	})
	assert.NotPanics(t, func() { _, _ = post[thing](t.Context(), c, op(rest.RepeatUnprocessed)) })
}

// Requirement C22: what Do returns of a page over the limit ends with an error, never with a silent cut.
func TestDoNeverCutsSilently(t *testing.T) {
	c := over(t, rest.Config{MaxBody: 10}, always(404, "text/plain", strings.Repeat("x", 100)))
	resp, err := c.Do(request(t.Context(), t, http.MethodGet, base+"/", nil))
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	assert.Error(t, err, "%d of 100 bytes, and nothing tells", len(b))
}

// Requirement C23: the limit counts the bytes after decompression.
func TestGzipBomb(t *testing.T) {
	var z bytes.Buffer
	g, err := gzip.NewWriterLevel(&z, gzip.BestSpeed)
	require.NoError(t, err)
	g.Write(bytes.Repeat([]byte(" "), 8<<20))
	g.Close()
	s := jsonServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(z.Bytes())
	})
	c := client(t, s.URL, rest.Config{})
	_, err = post[thing](t.Context(), c, op(rest.RepeatFreely))
	assert.ErrorContains(t, err, "larger than the limit")
}

// An answer that did not come from a rest.Client is decoded and closed like any other.
func TestCallOverAForeignClient(t *testing.T) {
	var closed atomic.Bool
	_, err := rest.Call[thing](t.Context(), op(rest.RepeatFreely), nil, nil, func(context.Context) (*http.Response, error) {
		r := reply(200, "application/json", `{"value":"x"}`)
		r.Body = closer{r.Body, &closed}
		return r, nil
	})
	assert.NoError(t, err)
	assert.True(t, closed.Load(), "the connection is leaked")
}

// closer notes that it was closed.
type closer struct {
	io.ReadCloser
	closed *atomic.Bool
}

func (c closer) Close() error { c.closed.Store(true); return c.ReadCloser.Close() }

// Of a failure the status counts, whatever is wrong with its body.
func TestStatusCountsMoreThanItsBody(t *testing.T) {
	r := reply(429, "text/html", strings.Repeat("x", 100), "Retry-After", "7")
	_, err := rest.Decode[thing](&rest.Operation{API: api, MaxBody: 10}, r, nil)
	assert.ErrorIs(t, err, rest.ErrRateLimited, "large page: the status counts")
	assert.NotErrorIs(t, err, rest.ErrBadResponse)

	r = reply(401, "application/json", "")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), cut{}))
	_, err = rest.Decode[thing](&rest.Operation{API: api}, r, nil)
	assert.ErrorIs(t, err, rest.ErrUnauthenticated, "broken body: the status counts")
	assert.NotErrorIs(t, err, rest.ErrInDoubt, "a 401 was not carried out")
}

// cut is the place where a body breaks off.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A body that nobody asked for may be of any kind and length.
func TestIgnoredBodyIsNotLookedAt(t *testing.T) {
	page := always(200, "text/plain", strings.Repeat("x", 100))
	_, err := rest.Decode[rest.None](&rest.Operation{API: api, MaxBody: 10}, reply(200, "text/plain", strings.Repeat("x", 100)), nil)
	assert.NoError(t, err, "With None the body is ignored")
	_, err = rest.Decode[thing](&rest.Operation{API: api, MaxBody: 10, NoContent: true},
		reply(200, "text/plain", strings.Repeat("x", 100)), nil)
	assert.NoError(t, err, "NoContent: what the answer holds is not looked at")
	_, err = post[rest.None](t.Context(), over(t, rest.Config{MaxBody: 10}, page), op(rest.RepeatFreely))
	assert.NoError(t, err, "Call[None] without NoContent: the body is ignored")
}

// A transport that failed without an answer leaves the call in doubt, also outside of a rest.Client.
func TestDecodeOfATransportError(t *testing.T) {
	_, err := rest.Decode[thing](&rest.Operation{API: api, Repeat: rest.RepeatRefused}, nil, io.ErrUnexpectedEOF)
	assert.ErrorIs(t, err, rest.ErrInDoubt, "ErrInDoubt: no answer came")
}
