package spectest

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

func TestExamples(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"complete", "minimal"}, Examples(specs.Straddle, "createBridgeToken", "request"))
	assert.Equal(t, []string{"unavailable"}, Examples(specs.Straddle, "createBridgeToken", "default"))
	assert.Empty(t, Examples(specs.FinAPIAccess, "revokeToken", "200"))
	assert.Empty(t, Examples(specs.Straddle, "createBridgeToken", "299"))
	assert.Empty(t, Examples(specs.Straddle, "other", "request"))
}

func TestExample(t *testing.T) {
	t.Parallel()
	body, media, err := Example(specs.FinAPIAccess, "getToken", "request", "password")
	require.NoError(t, err)
	assert.Equal(t, "application/x-www-form-urlencoded", media)
	assert.Equal(t, "client_id=clientId_example&client_secret=clientSecret_example&grant_type=password&password=password_example&username=username_example", string(body))

	body, media, err = Example(specs.Finogates, "exchangeClientToken", "200", "token")
	require.NoError(t, err)
	assert.Equal(t, "application/json", media)
	assert.Equal(t, `{"data":{"token":"header.payload.signature"},"query_generated_time":1780567200123,"status_code":200}`, string(body))
}

func TestExampleRefuses(t *testing.T) {
	t.Parallel()
	_, _, err := Example(specs.Straddle, "createBridgeToken", "request", "other")
	require.EqualError(t, err, `spectest: straddle.yaml: createBridgeToken request has no example "other", only complete, minimal`)
	_, _, err = Example(specs.Straddle, "createBridgeToken", "299", "created")
	require.EqualError(t, err, `spectest: straddle.yaml: createBridgeToken has no part "299"`)
	_, _, err = Example(specs.Straddle, "other", "request", "created")
	require.EqualError(t, err, `spectest: straddle.yaml: there is no operation "other"`)
	_, _, err = Example(specs.Document{}, "other", "request", "created")
	require.ErrorContains(t, err, `spectest: document ""`)
}

func TestWire(t *testing.T) {
	t.Parallel()
	doc := labChecker(t).doc
	value := func(id, media, name string) any {
		return doc.entry(id).load().route.Operation.RequestBody.Value.Content[media].Examples[name].Value.Value
	}
	const form = "application/x-www-form-urlencoded"
	body, media, err := wire(form, value("writeThing", form, "all"))
	require.NoError(t, err)
	assert.Equal(t, "count=1780567200123&done=true", string(body))
	assert.Equal(t, form, media)
	_, _, err = wire(form, value("writeThing", form, "list"))
	require.ErrorContains(t, err, "field tags: must be a plain value")
	_, _, err = wire(form, "x")
	require.ErrorContains(t, err, "must be an object")
	body, _, err = wire("application/json", value("anyThing", "application/json", "markup"))
	require.NoError(t, err)
	assert.Equal(t, `{"a":"<b>&"}`, string(body))
	_, _, err = wire("application/json", math.NaN())
	require.Error(t, err)

	body, media, err = wire(multipartMedia, map[string]any{"File": "%PDF", "pages": 2.0})
	require.NoError(t, err)
	_, err = checker(t, specs.NewDocument("upload.yaml", uploadYAML)).Request(request("POST", "/open", "Content-Type: "+media), body)
	require.NoError(t, err)
	_, _, err = wire(multipartMedia, []any{})
	require.ErrorContains(t, err, "must be an object")
}

// Every example passes the check of the part that it is an example of.
func TestExamplesPass(t *testing.T) {
	t.Parallel()
	for _, doc := range specs.All() {
		c := checker(t, doc)
		for _, e := range c.doc.entries {
			for _, name := range Examples(doc, e.id, "request") {
				r, body := sample(t, doc, e, name)
				op, err := c.Request(r, body)
				require.NoError(t, err, "%s %s", e.id, name)
				passAnswers(t, c, doc, op)
			}
		}
	}
}

// sample returns a request as an example of its body and the examples of its parameters have it.
func sample(t testing.TB, doc specs.Document, e *entry, name string) (*http.Request, []byte) {
	t.Helper()
	r := request(e.method, e.path)
	var body []byte
	if name != "" {
		text, media, err := Example(doc, e.id, "request", name)
		require.NoError(t, err)
		body = text
		r.Header.Set("Content-Type", media)
	}
	l := e.load()
	r.URL.RawPath = ""
	query := url.Values{}
	for _, p := range parameters(l) {
		value := fmt.Sprint(p.Example)
		switch {
		case p.In == "path":
			r.URL.Path = strings.Replace(r.URL.Path, "{"+p.Name+"}", value, 1)
		case p.In == "query" && p.Required:
			query.Set(p.Name, value)
		case p.In == "header" && p.Required:
			r.Header.Set(p.Name, value)
		}
	}
	r.URL.RawQuery = query.Encode()
	if len(l.needs) > 0 {
		for _, one := range l.needs[0] {
			r.Header.Set(one.header, "Bearer b")
		}
	}
	return r, body
}

func passAnswers(t *testing.T, c *Checker, doc specs.Document, op *Operation) {
	t.Helper()
	for part := range op.route.Operation.Responses.Map() {
		for _, name := range Examples(doc, op.ID, part) {
			body, media, err := Example(doc, op.ID, part, name)
			require.NoError(t, err)
			err = c.Response(op, nil, statusOf(part), request("GET", "/", "Content-Type: "+media).Header, body)
			require.NoError(t, err, "%s %s %s", op.ID, part, name)
		}
	}
}

func statusOf(part string) int {
	if part == "default" {
		return 599
	}
	return int(part[0]-'0')*100 + int(part[1]-'0')*10 + int(part[2]-'0')
}
