package gentest

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// poster is a client in place of a generated one.
type poster struct {
	base string
	doer *Recorder
}

func newPoster(base string, doer *Recorder) (poster, error) {
	return poster{strings.TrimSuffix(base, "/"), doer}, nil
}

func post(ctx context.Context, p poster) (*http.Response, error) {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, p.base+"/path?a=b", strings.NewReader("body"))
	r.Header.Set("X-Trace", "on")
	return p.doer.Do(r)
}

func nothing(context.Context, poster) (*http.Response, error) {
	return &http.Response{Body: http.NoBody}, nil
}

// Whatever is sent and was not wanted fails a call, and nothing else does.
func TestCallCheck(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Call[poster])
		pass   bool
	}{
		"as it should be": {func(*Call[poster]) {}, true},
		"another method":  {func(c *Call[poster]) { c.Want.Method = http.MethodPut }, false},
		"another path":    {func(c *Call[poster]) { c.Path = "/path?a=c" }, false},
		"another value":   {func(c *Call[poster]) { c.Want.Header.Set("X-Trace", "off") }, false},
		"a header less":   {func(c *Call[poster]) { c.Want.Header.Set("Accept", "text/plain") }, false},
		"a header more":   {func(c *Call[poster]) { c.Want.Header.Del("X-Trace") }, false},
		"another body":    {func(c *Call[poster]) { c.Want.Body = "bod" }, false},
		"nothing is sent": {func(c *Call[poster]) { c.Do = nothing }, false},
		"it fails": {func(c *Call[poster]) {
			c.Do = func(context.Context, poster) (*http.Response, error) { return nil, io.EOF }
		}, false},
	} {
		for _, base := range []string{"https://api.example.com", "https://api.example.com/prefix/"} {
			call := Call[poster]{Do: post, Path: "/path?a=b", Want: Sent{
				Method: http.MethodPost, Header: http.Header{"X-Trace": {"on"}}, Body: "body",
			}}
			c.change(&call)
			assert.Equal(t, c.pass, call.check(t.Context(), base, newPoster) == nil, name)
		}
	}
	none := func(string, *Recorder) (poster, error) { return poster{}, io.EOF }
	assert.ErrorIs(t, Call[poster]{Do: post}.check(t.Context(), "", none), io.EOF)
	unreadable := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", iotest.ErrReader(io.ErrUnexpectedEOF))
	_, err := (&Recorder{}).Do(unreadable)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

type payload struct {
	A string   `json:"a,omitempty"`
	B []string `json:"b,omitempty"`
}

// result has the fields of a result of a generated client.
type result struct {
	Body        []byte
	JSON200     *payload
	JSON400     *payload
	JSONDefault *func()
}

func TestOnly(t *testing.T) {
	body := []byte(`{"a":"x","b":["y"],"c":null}`)
	whole := &payload{A: "x", B: []string{"y"}}
	for name, c := range map[string]struct {
		result result
		field  string
		says   string // nothing if it passes
	}{
		"as it should be": {result{Body: body, JSON200: whole}, "JSON200", ""},
		"no such field":   {result{Body: body, JSON200: whole}, "JSON201", "has no JSON201"},
		"nothing":         {result{Body: body}, "JSON200", "JSON200 is <nil>"},
		"in another":      {result{Body: body, JSON400: whole}, "JSON200", "JSON400 is &"},
		"in both":         {result{Body: body, JSON200: whole, JSON400: whole}, "JSON200", "JSON400 is &"},
		"not the body":    {result{Body: body[1:], JSON200: whole}, "JSON200", "the body is"},
		"a value changed": {result{Body: body, JSON200: &payload{A: "z", B: []string{"y"}}}, "JSON200", `is {"a":"z"`},
		"a member lost":   {result{Body: body, JSON200: &payload{A: "x"}}, "JSON200", `is {"a":"x"}`},
		"an item more":    {result{Body: body, JSON200: &payload{A: "x", B: []string{"y", "y"}}}, "JSON200", `"y","y"`},
		"not to be read":  {result{Body: body, JSONDefault: new(func())}, "JSONDefault", "unsupported type"},
	} {
		err := only(&c.result, c.field, body)
		if c.says == "" {
			assert.NoError(t, err, name)
		} else {
			assert.ErrorContains(t, err, c.says, name)
		}
	}
	odd := []byte("{")
	assert.Error(t, only(&result{Body: odd, JSON200: whole}, "JSON200", odd))
}

// What is null is as good as absent, at any depth; what is empty is not.
func TestWithoutNulls(t *testing.T) {
	read := func(s string) any {
		v, err := withoutNulls([]byte(s))
		require.NoError(t, err)
		return v
	}
	assert.Equal(t, read(`{"a":[{"b":1}]}`), read(`{"a":[{"b":1,"c":null}],"d":null}`))
	assert.NotEqual(t, read(`{}`), read(`{"a":""}`))
	assert.NotEqual(t, read(`[1]`), read(`[1,null]`))
}

func TestCanned(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
	resp, err := Canned{Status: 404, Header: http.Header{"Retry-After": {"2"}}, Body: "x"}.RoundTrip(r)
	require.NoError(t, err)
	assert.Equal(t, 404, resp.StatusCode)
	assert.Equal(t, http.Header{"Retry-After": {"2"}}, resp.Header)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "x", string(body))
}

func TestSign(t *testing.T) {
	for path, want := range map[string]string{"/token": "", "/token/more": "Bearer token"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, http.NoBody)
		require.NoError(t, Sign("/token")(t.Context(), r))
		assert.Equal(t, want, r.Header.Get("Authorization"))
	}
}
