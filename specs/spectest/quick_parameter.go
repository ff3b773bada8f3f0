package spectest

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// quickParameter is a parameter of the query.
type quickParameter struct {
	name   string
	schema *quickSchema // of the parameter, or of an array its items; nil where the quick check does not know
	array  *quickSchema // of a parameter that may be repeated
}

// parameters makes the checks of all parameters, and reports whether there can be a quick check at all.
func (q *quickOperation) parameters(l *loaded) bool {
	inPath := map[string]*quickSchema{}
	for _, p := range parameters(l) {
		switch {
		case p.In == openapi3.ParameterInHeader:
			name := http.CanonicalHeaderKey(p.Name)
			q.headers[name] = quickText(p.Schema)
			if p.Required {
				q.required = append(q.required, name)
			}
		case p.In == openapi3.ParameterInPath && (p.Style == "" || p.Style == openapi3.SerializationSimple):
			inPath[p.Name] = quickPlain(p.Schema)
		case p.In == openapi3.ParameterInQuery && len(q.query) < 64:
			if p.Required {
				q.needed |= 1 << len(q.query)
			}
			q.query = append(q.query, quickParameterOf(p))
		case p.Required:
			return false
		}
	}
	for _, m := range braces.FindAllStringSubmatch(l.route.Path, -1) {
		if inPath[m[1]] == nil {
			return false
		}
		q.path = append(q.path, inPath[m[1]])
	}
	return true
}

func quickParameterOf(p *openapi3.Parameter) quickParameter {
	q := quickParameter{name: p.Name}
	exploded := (p.Style == "" || p.Style == openapi3.SerializationForm) && (p.Explode == nil || *p.Explode)
	if p.Content != nil || p.AllowReserved || !exploded {
		return q
	}
	if all := quickOf(p.Schema); all != nil && all.kind == 'a' {
		if q.schema = quickPlain(p.Schema.Value.Items); q.schema != nil {
			q.array = all
		}
		return q
	}
	q.schema = quickPlain(p.Schema)
	return q
}

// quickPlain is the check of a parameter that is a text, a whole number or a truth.
func quickPlain(ref *openapi3.SchemaRef) *quickSchema {
	if q := quickOf(ref); q != nil && (q.kind == 's' || q.kind == 'i' || q.kind == 'b') {
		return q
	}
	return nil
}

// holdsPlain reports whether a text, taken from a path or a query, is a value of the schema.
func (q *quickSchema) holdsPlain(text string) bool {
	if q == nil || text == "" || !utf8.ValidString(text) {
		return false
	}
	switch q.kind {
	case 's':
		return q.holdsText([]byte(text))
	case 'b':
		return text == "true" || text == "false"
	}
	r := quickReader{text: []byte(text)}
	return r.number(q) && r.at == len(text)
}

// holdsPath checks the values in a path. An escaped one is for the full check.
func (q *quickOperation) holdsPath(values []string) bool {
	for i, schema := range q.path {
		if strings.IndexByte(values[i], '%') >= 0 || !schema.holdsPlain(values[i]) {
			return false
		}
	}
	return true
}

// holdsQuery checks the query: names that are declared, each with a value, and once where it is no array.
func (q *quickOperation) holdsQuery(raw string) bool {
	var counts [64]uint8
	var seen uint64
	for more := raw != ""; more; {
		var pair string
		pair, raw, more = strings.Cut(raw, "&")
		name, value, whole := strings.Cut(pair, "=")
		i := q.place(name)
		if !whole || i < 0 || counts[i] == 255 || strings.IndexByte(pair, ';') >= 0 {
			return false
		}
		if strings.ContainsAny(value, "%+") {
			var err error
			if value, err = url.QueryUnescape(value); err != nil {
				return false
			}
		}
		p := &q.query[i]
		if seen&(1<<i) != 0 && p.array == nil || !p.schema.holdsPlain(value) {
			return false
		}
		seen |= 1 << i
		counts[i]++
	}
	for i := range q.query {
		if a := q.query[i].array; a != nil && counts[i] > 0 && !a.holdsCount(int(counts[i])) {
			return false
		}
	}
	return seen&q.needed == q.needed
}

// place returns the place of a parameter of the query, or -1.
func (q *quickOperation) place(name string) int {
	for i := range q.query {
		if q.query[i].name == name {
			return i
		}
	}
	return -1
}
