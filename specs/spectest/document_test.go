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
		"an API key":                   {change("type: http, scheme: bearer", "type: apiKey, name: X-Key, in: header"), "security scheme key: must be an HTTP bearer"},
		"basic":                        {change("scheme: bearer", "scheme: basic"), "security scheme key: must be an HTTP bearer"},
		"text":                         {change("application/merge-patch+json", "text/plain"), "PUT /things/{id}: media type text/plain: must be JSON or a form"},
		"JSON types, no lists":         {"x-json-media-types: [text/json]\n" + labYAML, "x-json-media-types: must have requests and answers"},
		"JSON types, no list":          {"x-json-media-types: {requests: text/json}\n" + labYAML, "x-json-media-types: requests: must be a list"},
		"JSON types, another list":     {"x-json-media-types: {other: [text/json]}\n" + labYAML, "x-json-media-types: other: must be a list"},
		"JSON types, text in requests": {"x-json-media-types: {requests: [text/plain]}\n" + labYAML, "x-json-media-types: requests: must be a list"},
		"JSON types, no JSON":          {"x-json-media-types: {answers: [text/html]}\n" + labYAML, "x-json-media-types: answers: must be a list"},
		"a bad path":                   {change("/things/{id}:", "/things/{id:[}:"), "missing closing"},
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
