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
	targets := map[string]struct {
		path string
		form bool
	}{
		specs.FinAPIAccess.Name(): {"/oauth/token", true},
		specs.Finogates.Name():    {"/v1/platform/auth/token", false},
		specs.Straddle.Name():     {"/v1/bridge/initialize", false},
	}
	checkers := map[string]*Checker{}
	for _, doc := range specs.All() {
		c, err := New(doc)
		if err != nil {
			f.Fatal(err)
		}
		checkers[doc.Name()] = c
	}
	for _, s := range []struct{ doc, query, kind, body string }{
		{"finapi-access.yaml", "", formMedia, "grant_type=client_credentials&client_id=a&client_secret=b"},
		{"finapi-access.yaml", "a=1&a=2", formMedia, "grant_type=x&grant_type=&;%"},
		{"finapi-access.yaml", "", "application/json", `{"client_id":1}`},
		{"finogates.yaml", "", "application/json", `{"client_id":"client","client_secret":"0123456789"}`},
		{"finogates.yaml", "%", "application/json; charset=utf-8", `{"client_id":"client","client_id":"0123456789"}x`},
		{"straddle.yaml", "", "application/json", "{" + customer + `,"config":{"processing_method":"skip"}}`},
		{"straddle.yaml", "", "text/plain; =", "[[[["},
	} {
		f.Add(s.doc, s.query, s.kind, s.body)
	}
	f.Fuzz(func(t *testing.T, doc, query, kind, body string) {
		c, target := checkers[doc], targets[doc]
		if c == nil {
			return
		}
		req := &http.Request{Method: "POST", URL: &url.URL{Path: target.path, RawQuery: query}, Header: http.Header{"Content-Type": {kind}}}
		if doc == specs.Straddle.Name() {
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
		if target.form {
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
