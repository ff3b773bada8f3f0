package spectest

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// quickOperation is an operation as far as the quick check understands it.
type quickOperation struct {
	needs     []credential            // all of them
	headers   map[string]*quickSchema // request headers, by canonical name; nil where it does not know
	required  []string                // those of them that must be there
	path      []*quickSchema          // of the parameters in the path, in their order
	query     []quickParameter
	needed    uint64 // a bit for each parameter of the query that must be there
	body      quickContent
	needsBody bool
	answers   map[int]*quickAnswer
}

// quickAnswer is a declared answer.
type quickAnswer struct {
	headers map[string]*quickSchema
	body    quickContent
	empty   bool // has no body
}

// quickContent is a body by its media type, in the spelling of the document.
type quickContent map[string]*quickSchema

// quickOperationOf returns the quick check of an operation, or nil where there cannot be one.
func quickOperationOf(l *loaded) *quickOperation {
	q := &quickOperation{headers: map[string]*quickSchema{}, answers: map[int]*quickAnswer{}}
	if len(l.needs) > 1 || len(l.needs) == 1 && l.needs.optional() {
		return nil
	}
	for _, way := range l.needs {
		q.needs = way
	}
	if !q.parameters(l) {
		return nil
	}
	if ref := l.route.Operation.RequestBody; ref != nil {
		q.body, q.needsBody = quickContentOf(ref.Value.Content), ref.Value.Required
	}
	for status, ref := range l.route.Operation.Responses.Map() {
		if code := codeOf(status); code != 0 {
			q.answers[code] = quickAnswerOf(ref.Value)
		}
	}
	return q
}

// codeOf reads the key of an answer that stands for one status.
func codeOf(key string) int {
	if len(key) != 3 || strings.Trim(key, "0123456789") != "" {
		return 0
	}
	return int(key[0]-'0')*100 + int(key[1]-'0')*10 + int(key[2]-'0')
}

func quickAnswerOf(r *openapi3.Response) *quickAnswer {
	a := &quickAnswer{headers: map[string]*quickSchema{}, body: quickContentOf(r.Content), empty: len(r.Content) == 0}
	for name, ref := range r.Headers {
		if ref.Value.Required {
			return nil
		}
		a.headers[http.CanonicalHeaderKey(name)] = quickText(ref.Value.Schema)
	}
	return a
}

// quickText is the check of a header, which must be a string.
func quickText(ref *openapi3.SchemaRef) *quickSchema {
	if q := quickOf(ref); q != nil && q.kind == 's' {
		return q
	}
	return nil
}

func quickContentOf(content openapi3.Content) quickContent {
	all := quickContent{}
	for media, declared := range content {
		if (media == "application/json" || isForm(media)) && len(declared.Encoding) == 0 {
			all[media] = quickOf(declared.Schema)
		}
	}
	return all
}

// quickly returns the operation of a request that is all right as far as the quick check can see, and nil where that is
// not certain.
func (c *Checker) quickly(req *http.Request, body []byte) *Operation {
	if req.URL == nil || req.URL.RawPath != "" || len(body) > MaxBody {
		return nil
	}
	path, ok := c.pathOf(req.URL)
	if !ok {
		return nil
	}
	var buffer [4]string
	it, values := c.doc.tree.find(path, buffer[:0])
	if it == nil || it.methods[req.Method] == nil {
		return nil
	}
	e := it.methods[req.Method]
	l := e.load()
	q := l.quick
	if q == nil || !q.holdsPath(values) || !q.holdsQuery(req.URL.RawQuery) || !q.holdsHeaders(c, req.Header) || !q.holdsBody(req.Header, body) {
		return nil
	}
	return &Operation{ID: e.id, Method: e.method, Path: e.path, loaded: l}
}

func (q *quickOperation) holdsHeaders(c *Checker, header http.Header) bool {
	if !q.holdsCredentials(header) {
		return false
	}
	for name, values := range header {
		schema, declared := q.headers[name]
		switch {
		case declared:
			if !one(values, schema) {
				return false
			}
		case !standardNames[name] && !c.allowed[name] && !q.isCredential(name):
			return false
		}
	}
	return !slices.ContainsFunc(q.required, func(name string) bool { return header[name] == nil })
}

// holdsCredentials reports whether the credentials that are needed are there, and no others in Authorization.
func (q *quickOperation) holdsCredentials(header http.Header) bool {
	if !q.isCredential(authorization) && header[authorization] != nil {
		return false
	}
	for _, one := range q.needs {
		if values := header[one.header]; len(values) != 1 || !one.quickly(values[0]) {
			return false
		}
	}
	return true
}

func (q *quickOperation) isCredential(name string) bool {
	return slices.ContainsFunc(q.needs, func(one credential) bool { return one.header == name })
}

// one reports whether a header is there once, with a value that holds. An empty one is for the full check.
func one(values []string, schema *quickSchema) bool {
	return len(values) == 1 && values[0] != "" && schema != nil && schema.holdsText([]byte(values[0]))
}

// isBearer knows what the expression bearer knows, less the padding.
func isBearer(value string) bool {
	token, ok := strings.CutPrefix(value, "Bearer ")
	if !ok || token == "" {
		return false
	}
	for i := range len(token) {
		switch c := token[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '.', c == '_', c == '~', c == '+', c == '/':
		default:
			return false
		}
	}
	return true
}

func (q *quickOperation) holdsBody(header http.Header, body []byte) bool {
	if len(body) == 0 {
		return !q.needsBody
	}
	return q.body.holds(header, body)
}

func (content quickContent) holds(header http.Header, body []byte) bool {
	types := header["Content-Type"]
	if len(types) != 1 || header["Content-Encoding"] != nil {
		return false
	}
	schema := content[types[0]]
	switch {
	case schema == nil:
		return false
	case isForm(types[0]):
		return schema.holdsForm(body)
	default:
		return schema.holds(body)
	}
}

// holdsForm checks a form whose fields are strings.
func (q *quickSchema) holdsForm(body []byte) bool {
	if q.kind != 'o' || bytes.IndexByte(body, ';') >= 0 {
		return false
	}
	var seen uint64
	var choice []byte
	for len(body) > 0 {
		var pair []byte
		pair, body, _ = bytes.Cut(body, []byte{'&'})
		name, value, whole := bytes.Cut(pair, []byte{'='})
		i := q.member(name)
		if !whole || i < 0 || seen&(1<<i) != 0 {
			return false
		}
		seen |= 1 << i
		if bytes.IndexByte(value, '%') >= 0 || bytes.IndexByte(value, '+') >= 0 {
			text, err := url.QueryUnescape(string(value))
			if err != nil {
				return false
			}
			value = []byte(text)
		}
		schema := q.members[i].schema
		if len(value) == 0 || schema == nil || schema.kind != 's' || !utf8.Valid(value) || !schema.holdsText(value) {
			return false
		}
		if i == q.choice {
			choice = value
		}
	}
	return q.complete(seen, 0, choice)
}

// holdsAnswer reports whether an answer is all right as far as the quick check can see.
func (q *quickOperation) holdsAnswer(status int, header http.Header, body []byte) bool {
	a := q.answers[status]
	if a == nil || len(body) > MaxBody || !canonicalNames(header) {
		return false
	}
	for name, schema := range a.headers {
		if values, there := header[name]; there && !one(values, schema) {
			return false
		}
	}
	if a.empty {
		return len(body) == 0
	}
	return a.body.holds(header, body)
}

// canonicalNames reports whether all names are those that are looked for.
func canonicalNames(header http.Header) bool {
	for name := range header {
		if http.CanonicalHeaderKey(name) != name {
			return false
		}
	}
	return true
}

// standardNames are the standard headers, quicker to find.
var standardNames = func() map[string]bool {
	names := map[string]bool{}
	for _, name := range standard {
		names[name] = true
	}
	return names
}()
