package spectest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fintoken/fintoken-go/specs"
)

func TestParsePairs(t *testing.T) {
	t.Parallel()
	pairs, err := parsePairs("b=1&&a=x+y%3D&b&=2&c=d=e")
	assert.NoError(t, err)
	assert.Equal(t, []pair{{"b", "1", true}, {"a", "x y=", true}, {"b", "", false}, {"", "2", true}, {"c", "d=e", true}}, pairs)
	for _, raw := range []string{"a=%", "%zz=1", "a=1;b=2"} {
		_, err = parsePairs(raw)
		assert.Error(t, err, raw)
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "client_id", "X-Request-Id", "v2", "redirect.uri"} {
		assert.Equal(t, name, shown(name))
	}
	for _, name := range []string{"", "a b", "é", `{"a"`, "key123", strings.Repeat("a", 33)} {
		assert.Equal(t, hidden, shown(name))
	}
}

// FuzzRequest feeds queries and bodies to the check. Whatever passes must be what the document says by plain reading:
// a form with each field once and none empty, or JSON.
func FuzzRequest(f *testing.F) {
	seeds := []struct {
		doc               int
		query, kind, body string
	}{
		{0, "", "application/x-www-form-urlencoded", "grant_type=client_credentials&client_id=a&client_secret=b"},
		{0, "a=1&a=2", "application/x-www-form-urlencoded", "grant_type=x&grant_type=&;%"},
		{0, "", "application/json", `{"client_id":1}`},
		{1, "", "application/json", `{"client_id":"client","client_secret":"0123456789"}`},
		{1, "%", "application/json; charset=utf-8", `{"client_id":"client","client_id":"0123456789"}x`},
		{2, "", "application/json", "{" + customer + `,"config":{"processing_method":"skip"}}`},
		{2, "", "text/plain; =", "[[[["},
	}
	for _, s := range seeds {
		f.Add(s.doc, s.query, s.kind, s.body)
	}
	paths := []string{"/oauth/token", "/v1/platform/auth/token", "/v1/bridge/initialize"}
	f.Fuzz(func(t *testing.T, n int, query, kind, body string) {
		n = int(uint(n) % uint(len(paths)))
		c, err := New(specs.All()[n])
		if err != nil {
			t.Fatal(err)
		}
		req := &http.Request{Method: "POST", URL: &url.URL{Path: paths[n], RawQuery: query}, Header: http.Header{"Content-Type": {kind}}}
		if n == 2 {
			req.Header.Set("Authorization", "Bearer b")
		}
		op, err := c.Request(req, []byte(body))
		if op == nil {
			t.Fatal("the operation was not found")
		}
		if err != nil {
			if vs, ok := err.(Violations); !ok || len(vs) == 0 {
				t.Fatalf("%T must be Violations, and not empty", err)
			}
			return
		}
		if n == 0 {
			plainForm(t, body)
		} else if f := new(findings); !f.checkJSON([]byte(body)) {
			t.Errorf("%q passes: %v", body, f.list)
		}
	})
}

func plainForm(t *testing.T, body string) {
	t.Helper()
	form, err := url.ParseQuery(body)
	if err != nil {
		t.Fatalf("%q passes: %v", body, err)
	}
	for name, values := range form {
		if len(values) != 1 || values[0] == "" {
			t.Errorf("%q passes with %d values of %q", body, len(values), name)
		}
	}
}
