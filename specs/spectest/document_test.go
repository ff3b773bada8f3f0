package spectest

import (
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

func TestNewSharesTheDocument(t *testing.T) {
	t.Parallel()
	all := make([]*Checker, 8)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { all[i], _ = New(specs.Finogates) })
	}
	wg.Wait()
	for _, c := range all {
		require.NotNil(t, c)
		assert.Same(t, all[0].doc, c.doc)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	_, err := New(specs.Document{})
	require.ErrorContains(t, err, `spectest: document ""`)
	for _, path := range []string{"straddle", "/straddle/", "/", "/a//b", "/a b", "//"} {
		_, err = New(specs.Straddle, BasePath(path))
		assert.ErrorContains(t, err, "must begin with a slash", path)
	}
	for _, path := range []string{"", "/straddle", "/a/b"} {
		_, err = New(specs.Straddle, BasePath(path))
		assert.NoError(t, err, path)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	change := func(from, to string) string { return strings.Replace(labYAML, from, to, 1) }
	for name, tc := range map[string]struct{ yaml, want string }{
		"no YAML":                      {"\t", "yaml"},
		"another version":              {change("3.0.3", "3.1.0"), "openapi: must be 3.0.x"},
		"a fault":                      {change("title: Lab, ", ""), "title"},
		"an API key in the query":      {change("type: http, scheme: bearer", "type: apiKey, name: key, in: query"), "security scheme key: must be an HTTP bearer, HTTP basic, or an API key in a header"},
		"an API key in a cookie":       {change("type: http, scheme: bearer", "type: apiKey, name: key, in: cookie"), "security scheme key: must be an HTTP bearer"},
		"digest":                       {change("scheme: bearer", "scheme: digest"), "security scheme key: must be an HTTP bearer"},
		"OAuth":                        {change("type: http, scheme: bearer", "type: openIdConnect, openIdConnectUrl: 'https://a.example'"), "security scheme key: must be an HTTP bearer"},
		"two in one header":            {strings.Replace(change("security: [{}, {key: []}]", "security: [{key: [], basic: []}]"), "securitySchemes:", "securitySchemes:\n    basic: {type: http, scheme: basic}", 1), "readThing: security: basic and key stand in the same header"},
		"parts in an answer":           {change("application/json: {schema: {$ref: '#/components/schemas/Thing'}}", "multipart/form-data: {schema: {type: object}}"), "GET /things/{id}: media type multipart/form-data: must be JSON or a form"},
		"parts without a schema":       {change("{application/x-www-form-urlencoded: {}}", "{multipart/form-data: {}}"), "PATCH /things/{id}: media type multipart/form-data: must be an object"},
		"parts that are a choice":      {change("{application/x-www-form-urlencoded: {}}", "{multipart/form-data: {schema: {type: object, minProperties: 1}}}"), "must be an object that says no more than what its parts are"},
		"a part that is an object":     {change("{application/x-www-form-urlencoded: {}}", "{multipart/form-data: {schema: {type: object, properties: {a: {type: object}}}}}"), "part a: must be a string, a number or a boolean"},
		"text":                         {change("application/merge-patch+json", "text/plain"), "PUT /things/{id}: media type text/plain: must be JSON or a form"},
		"JSON types, no lists":         {"x-json-media-types: [text/json]\n" + labYAML, "x-json-media-types: must have requests and answers"},
		"JSON types, no list":          {"x-json-media-types: {requests: text/json}\n" + labYAML, "x-json-media-types: requests: must be a list"},
		"JSON types, another list":     {"x-json-media-types: {other: [text/json]}\n" + labYAML, "x-json-media-types: other: must be a list"},
		"JSON types, text in requests": {"x-json-media-types: {requests: [text/plain]}\n" + labYAML, "x-json-media-types: requests: must be a list"},
		"JSON types, no JSON":          {"x-json-media-types: {answers: [text/html]}\n" + labYAML, "x-json-media-types: answers: must be a list"},
		"a brace too many":             {change("/things/{id}:", "/things/{id}}:"), "must begin with a slash and have its braces in pairs"},
		"two paths that are one":       {change("  /things/{id}:", "  /things/{other}:\n    get: {operationId: a, parameters: [{name: other, in: path, required: true, schema: {type: string}}], responses: {'200': {description: d}}}\n  /things/{id}:"), "/things/{"},
		"a bad path":                   {change("/things/{id}:", "/things/{id:[}:"), "path /things/{id:[}: parameter id:[: must be a name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load("lab.yaml", []byte(tc.yaml))
			require.ErrorContains(t, err, tc.want)
		})
	}
	_, err := load("lab.yaml", []byte("openapi: 3.0.3\ninfo: {title: t, version: v}\npaths: {}\n"))
	require.NoError(t, err, "a document without components")
}

func TestFormatsStayWithTheDocument(t *testing.T) {
	t.Parallel()
	labChecker(t)
	assert.NotContains(t, openapi3.SchemaStringFormats, "uuid")
	assert.NotContains(t, openapi3.SchemaStringFormats, "uri")
	for _, uri := range []string{"https://example.com", "urn:a:b"} {
		assert.True(t, isURI([]byte(uri)), uri)
	}
	for _, uri := range []string{"", "a", "/a", "https://a b", "%"} {
		assert.False(t, isURI([]byte(uri)), uri)
	}
}

// Making a checker reads no operation; a call reads the one that it is for, once.
//
//nolint:paralleltest // allocations are those of the whole process
func TestOperationsAreReadAtTheirFirstCall(t *testing.T) {
	for _, doc := range specs.All() {
		d, err := index(doc)
		require.NoError(t, err)
		made := testing.AllocsPerRun(10, func() { _, _ = index(doc) })
		read := testing.AllocsPerRun(1, func() { _ = slice(doc, doc.Operations()[0]) })
		assert.Less(t, made, read*float64(len(d.entries))/10, "%s: allocations, against reading every operation", doc.Name())
		for _, e := range d.entries {
			first := e.load()
			assert.Same(t, first, e.load())
			assert.Equal(t, e.id, e.load().route.Operation.OperationID)
		}
	}
}

// A slice that cannot be read is a fault of the build, and says so.
func TestABrokenSlice(t *testing.T) {
	t.Parallel()
	assert.PanicsWithValue(t, `spectest: document "a.yaml": slice other: must be there`, func() { slice(specs.NewDocument("a.yaml", ""), specs.Operation{ID: "other"}) })
}

// The bundles pass what other documents have to pass when they are read, and the slices as well.
func TestSlicesAreAccepted(t *testing.T) {
	t.Parallel()
	for _, doc := range specs.All() {
		whole, err := load(doc.Name(), doc.YAML())
		require.NoError(t, err)
		assert.Len(t, whole.entries, len(doc.Operations()))
		for _, op := range doc.Operations() {
			text, _ := doc.Slice(op.ID)
			_, err := load(op.ID, text)
			require.NoError(t, err)
		}
	}
}
