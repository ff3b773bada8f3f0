package spectest

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// quickOperation is an operation as far as the quick check understands it.
type quickOperation struct {
	operation Operation
	secured   bool                    // takes a bearer, and not without
	headers   map[string]*quickSchema // request headers, by canonical name; nil where it does not know
	required  []string                // those of them that must be there
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

// quickOperations returns the quick checks of all operations whose path has no parameters, by path and method.
func quickOperations(spec *openapi3.T) map[string]map[string]*quickOperation {
	all := map[string]map[string]*quickOperation{}
	for path, item := range spec.Paths.Map() {
		if strings.ContainsAny(path, "{}") {
			continue
		}
		all[path] = map[string]*quickOperation{}
		for method, op := range item.Operations() {
			route := &routers.Route{Spec: spec, Path: path, PathItem: item, Method: method, Operation: op}
			if q := quickOperationOf(route); q != nil {
				all[path][method] = q
			}
		}
	}
	return all
}

func quickOperationOf(route *routers.Route) *quickOperation {
	op := Operation{ID: route.Operation.OperationID, Method: route.Method, Path: route.Path, route: route}
	q := &quickOperation{operation: op, headers: map[string]*quickSchema{}, answers: map[int]*quickAnswer{}}
	needs := requirements(route)
	if q.secured = len(needs) > 0; q.secured && optional(needs) {
		return nil
	}
	for _, p := range parameters(&op) {
		switch {
		case p.In == openapi3.ParameterInHeader:
			name := http.CanonicalHeaderKey(p.Name)
			q.headers[name] = quickText(p.Schema)
			if p.Required {
				q.required = append(q.required, name)
			}
		case p.Required:
			return nil
		}
	}
	if ref := route.Operation.RequestBody; ref != nil {
		q.body, q.needsBody = quickContentOf(ref.Value.Content), ref.Value.Required
	}
	for status, ref := range route.Operation.Responses.Map() {
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
	if req.URL == nil || req.URL.RawPath != "" || req.URL.RawQuery != "" || len(body) > MaxBody {
		return nil
	}
	path, ok := strings.CutPrefix(req.URL.Path, c.basePath)
	q := c.doc.quick[path][req.Method]
	if !ok || q == nil || !q.holdsHeaders(c, req.Header) || !q.holdsBody(req.Header, body) {
		return nil
	}
	op := q.operation
	op.quick = q
	return &op
}

func (q *quickOperation) holdsHeaders(c *Checker, header http.Header) bool {
	bearers := header["Authorization"]
	if q.secured != (len(bearers) == 1) || len(bearers) > 1 || q.secured && !isBearer(bearers[0]) {
		return false
	}
	for name, values := range header {
		schema, declared := q.headers[name]
		switch {
		case declared:
			if !one(values, schema) {
				return false
			}
		case !standardNames[name] && !c.allowed[name]:
			return false
		}
	}
	return !slices.ContainsFunc(q.required, func(name string) bool { return header[name] == nil })
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
	return q.complete(seen, choice)
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
