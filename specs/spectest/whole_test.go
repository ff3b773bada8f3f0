package spectest

import (
	"encoding/json"
	"flag"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

// wholeDocuments are those of package specs, read and validated whole.
var wholeDocuments = sync.OnceValues(func() (map[string]*document, error) {
	all := map[string]*document{}
	for _, doc := range specs.All() {
		d, err := load(doc.Name(), doc.YAML())
		if err != nil {
			return nil, err
		}
		all[doc.Name()] = d
	}
	return all, nil
})

// wholly returns a checker that does as c does, but reads its document whole where c reads slices.
func wholly(t *testing.T, c *Checker) *Checker {
	t.Helper()
	all, err := wholeDocuments()
	require.NoError(t, err)
	same := *c
	if d := all[c.doc.name]; d != nil {
		same.doc = d
	}
	return &same
}

// nearEvery is how many of the bodies that are near to an example are checked: each, or one in so many.
var nearEvery = flag.Int("near.every", 23, "check one in so many changes of an example")

// The slices say of every example, and of what is near to it, what the whole document says.
func TestSlicesCheckAsTheWholeDoes(t *testing.T) {
	t.Parallel()
	n, calls, broken := 0, 0, 0
	for _, doc := range specs.All() {
		c := checker(t, doc)
		whole := wholly(t, c)
		require.NotSame(t, c.doc, whole.doc)
		assert.Equal(t, whole.Operations(), c.Operations())
		assert.Equal(t, whole.unknownPath(), c.unknownPath())
		same := func(r *http.Request, body []byte) *Operation {
			calls++
			op, err := c.Request(r, body)
			other, want := whole.Request(r, body)
			require.Equal(t, texts(want), texts(err), "%s %s: %s", doc.Name(), r.URL, body)
			require.Equal(t, other == nil, op == nil)
			if err != nil {
				broken++
			}
			return op
		}
		for _, e := range c.doc.entries {
			for _, name := range append(Examples(doc, e.id, "request"), "") {
				r, body := sample(t, doc, e, name)
				op := same(r, body)
				for _, near := range sampled(&n, nearRequests(r)) {
					same(near, body)
				}
				for _, near := range sampled(&n, nearBodies(body)) {
					same(r, near)
				}
				other := &Operation{ID: e.id, loaded: whole.doc.entry(e.id).load()}
				for status := range e.load().route.Operation.Responses.Map() {
					sameAnswers(t, &n, doc, e, status, op, other)
				}
			}
		}
	}
	assert.Greater(t, calls, 30)
	assert.Greater(t, broken, 10)
}

func sameAnswers(t *testing.T, n *int, doc specs.Document, e *entry, part string, op, other *Operation) {
	t.Helper()
	for _, name := range Examples(doc, e.id, part) {
		body, media, err := Example(doc, e.id, part, name)
		require.NoError(t, err)
		all := [][]byte{body}
		if len(sampled(n, all)) > 0 {
			all = append(nearBodies(body), body)
		}
		for _, media := range []string{media, "text/plain", "text/html"} {
			header := http.Header{"Content-Type": {media}, "Retry-After": {"2"}, "X-Request-Id": {""}}
			for _, near := range all {
				for _, status := range []int{statusOf(part), 299} {
					assert.Equal(t, answerFully(other, nil, status, header, near), answerFully(op, nil, status, header, near), "%s %d: %s", e.id, status, near)
				}
			}
		}
	}
}

// sampled returns one in so many, counted on from n.
func sampled[T any](n *int, all []T) []T {
	var some []T
	for _, one := range all {
		if *n++; *n%*nearEvery == 0 {
			some = append(some, one)
		}
	}
	return some
}

// nearRequests returns requests that differ from one in one thing.
func nearRequests(r *http.Request) []*http.Request {
	var all []*http.Request
	change := func(f func(r *http.Request)) {
		near := r.Clone(r.Context())
		f(near)
		all = append(all, near)
	}
	for name := range r.Header {
		change(func(r *http.Request) { delete(r.Header, name) })
		change(func(r *http.Request) { r.Header[name] = append(slices.Clone(r.Header[name]), "x") })
		change(func(r *http.Request) { r.Header.Set(name, "x") })
	}
	for _, name := range []string{"X-Other", "Idempotency-Key", "Request-Id", "X-Request-Id", authorization} {
		change(func(r *http.Request) { r.Header.Set(name, "x") })
	}
	for _, query := range []string{"a=b", "token=a&token=b", "token=%ff", "a;b", "username=u"} {
		change(func(r *http.Request) { r.URL.RawQuery = query })
	}
	change(func(r *http.Request) { r.URL.Path += "/" })
	change(func(r *http.Request) { r.Method = http.MethodPatch })
	return all
}

// nearBodies returns bodies that differ from one in one thing.
func nearBodies(body []byte) [][]byte {
	var all [][]byte
	for i := range 4 {
		all = append(all, body[:len(body)*i/4])
	}
	text := string(body)
	all = append(all, []byte(text+"x"), []byte(strings.Replace(text, "a", "\xff", 1)), []byte(strings.Replace(text, "&", "&&a=b&", 1)), []byte(text+"&"+text))
	var value map[string]any
	if json.Unmarshal(body, &value) != nil {
		return all
	}
	for _, name := range sortedKeys(value) {
		old := value[name]
		for _, other := range []any{nil, 7, "", "x", []any{}, map[string]any{"b": 1}, map[string]any{name: old}} {
			value[name] = other
			near, _ := json.Marshal(value)
			all = append(all, near)
		}
		delete(value, name)
		near, _ := json.Marshal(value)
		all = append(all, near)
		value[name] = old
	}
	value["other"] = 1
	near, _ := json.Marshal(value)
	return append(all, near)
}
