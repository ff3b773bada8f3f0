package spectest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

// word returns the nth of many short names without a digit in them.
func word(n int) string {
	b := []byte("abcd")
	for i := range b {
		b[i] = 'a' + byte(n%26)
		n /= 26
	}
	return string(b)
}

// joined returns n of something, from a pattern that is filled with a name.
func joined(n int, pattern, between string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(strings.ReplaceAll(pattern, "NAME", word(i)))
	}
	return b.String()
}

// floods are requests that break the document in n places.
var floods = map[string]func(n int) (*http.Request, string){
	"undeclared members":            func(n int) (*http.Request, string) { return toStraddle("{" + joined(n, `"NAME":1`, ",") + "}") },
	"undeclared members, not shown": func(n int) (*http.Request, string) { return toStraddle("{" + joined(n, `"NAME é":1`, ",") + "}") },
	"undeclared members, one shown": func(n int) (*http.Request, string) {
		return toStraddle(`{"z":1,` + joined(n, `"NAME é":1`, ",") + "}")
	},
	"undeclared members, below": func(n int) (*http.Request, string) {
		return toStraddle(`{"config":{` + joined(n, `"NAME":1`, ",") + "}}")
	},
	"members that come twice": func(n int) (*http.Request, string) {
		return toStraddle("{" + joined(n, `"NAME":1,"NAME":2`, ",") + "}")
	},
	"a member that comes often": func(n int) (*http.Request, string) { return toStraddle("{" + strings.Repeat(`"a":1,`, n) + `"a":1}`) },
	"members that come twice, hidden": func(n int) (*http.Request, string) {
		return toStraddle("{" + joined(n, `"NAME é":1,"NAME é":2`, ",") + "}")
	},
	"members that come twice, deep": func(n int) (*http.Request, string) {
		depth := n / 4
		return toStraddle(strings.Repeat(`{"a":`, depth) + "{" + joined(n, `"NAME é":1,"NAME é":2`, ",") + "}" + strings.Repeat("}", depth))
	},
	"undeclared members, noted": func(n int) (*http.Request, string) {
		r, body := toStraddle("{" + joined(n, `"NAME":1`, ",") + "}")
		r.URL.Path = "/v1/platform/auth/token"
		return r, body
	},
	"fields in the query": func(n int) (*http.Request, string) {
		r, _ := toFinAPI("")
		r.URL.RawQuery = strings.Repeat("username=a&", n)
		return r, r.URL.RawQuery
	},
	"undeclared fields":         func(n int) (*http.Request, string) { return toFinAPI(joined(n, "NAME=1", "&")) },
	"undeclared fields, hidden": func(n int) (*http.Request, string) { return toFinAPI(joined(n, "NAME", "&")) },
	"fields that come twice":    func(n int) (*http.Request, string) { return toFinAPI(joined(n, "NAME=1&NAME=1", "&")) },
	"empty fields":              func(n int) (*http.Request, string) { return toFinAPI(strings.Repeat("username=&", n)) },
	"fields that are no text":   func(n int) (*http.Request, string) { return toFinAPI(strings.Repeat("username=%ff&", n)) },
	"query": func(n int) (*http.Request, string) {
		r, _ := toStraddle("{}")
		r.URL.RawQuery = joined(n, "NAME=1&NAME=2", "&")
		return r, r.URL.RawQuery
	},
	"headers": func(n int) (*http.Request, string) {
		r, _ := toStraddle("{}")
		for i := range n {
			r.Header.Set("X-"+word(i), "1")
		}
		return r, strings.Repeat("X-abcd: 1", n)
	},
}

func toStraddle(body string) (*http.Request, string) {
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer b"}}
	return &http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/v1/bridge/initialize"}, Header: header}, body
}

func toFinAPI(body string) (*http.Request, string) {
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	return &http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/oauth/token"}, Header: header}, body
}

// flooded returns the checker, the operation and the request of a flood, and how long the flood is.
func flooded(tb testing.TB, flood func(n int) (*http.Request, string), n int) (c *Checker, op *Operation, r *http.Request, body []byte, size int) {
	tb.Helper()
	r, text := flood(n)
	doc, known := map[string]specs.Document{
		"/v1/bridge/initialize": specs.Straddle, "/oauth/token": specs.FinAPIAccess, "/v1/platform/auth/token": specs.Finogates,
	}[r.URL.Path]
	require.True(tb, known)
	c, err := New(doc)
	require.NoError(tb, err)
	op, _ = c.find(r)
	require.NotNil(tb, op)
	body = []byte(text)
	if r.URL.RawQuery != "" || len(r.Header) > 2 {
		body = []byte("{}")
	}
	return c, op, r, body, len(text)
}

// What a check looks at grows with the request and not with a power of it, and what it keeps does not grow at all. Steps
// are counted, not time.
func TestStepsAreInProportion(t *testing.T) {
	t.Parallel()
	for name, flood := range floods {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var most float64
			for _, n := range []int{1000, 4000, 16000} {
				c, op, r, body, size := flooded(t, flood, n)
				f := &findings{}
				c.examine(f, op, r, body)
				assert.NotEmpty(t, f.list)
				assert.LessOrEqual(t, len(f.list), MaxViolations)
				assert.LessOrEqual(t, len(f.notes), MaxViolations)
				assert.Positive(t, f.steps)
				perByte := float64(f.steps) / float64(size)
				if most == 0 {
					most = perByte
				}
				assert.LessOrEqual(t, perByte, most*1.1, "steps per byte with %d", n)
			}
			assert.Less(t, most, 20.0, "steps per byte")
		})
	}
}

// Of many violations the first are kept, each once.
func TestViolationsAreBounded(t *testing.T) {
	t.Parallel()
	c := checker(t, specs.Straddle)
	r, body := floods["undeclared members"](4000)
	_, err := c.Request(r, []byte(body))
	vs, ok := err.(Violations)
	require.True(t, ok)
	require.Len(t, vs, MaxViolations)
	assert.Equal(t, "body /aaaa: is not declared", vs[0].Error())
	assert.Less(t, len(err.Error()), 4000)

	op, err := c.Request(request("POST", "/v1/bridge/initialize", bearerKey, jsonType), []byte("{"+customer+"}"))
	require.NoError(t, err)
	for _, status := range []int{201, 500} {
		twice := "{" + joined(4000, `"NAME":1,"NAME":1`, ",") + "}"
		err = c.Response(op, r, status, http.Header{"Content-Type": {"application/json"}}, []byte(twice))
		assert.Len(t, err, MaxViolations)
	}
}

// BenchmarkFlood shows how a check grows with what is wrong: look at the time for one.
func BenchmarkFlood(b *testing.B) {
	for _, name := range []string{"undeclared members", "undeclared members, not shown", "members that come twice", "undeclared fields"} {
		for _, n := range []int{1000, 4000, 16000} {
			b.Run(fmt.Sprintf("%s/%dk", strings.ReplaceAll(name, " ", "_"), n/1000), func(b *testing.B) {
				c, op, r, body, size := flooded(b, floods[name], n)
				b.SetBytes(int64(size))
				for b.Loop() {
					c.examine(&findings{}, op, r, body)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/one")
			})
		}
	}
}
