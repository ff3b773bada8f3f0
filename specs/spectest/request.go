package spectest

import (
	"context"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// Request checks a request; its body is passed by itself and req.Body is not touched. The error is of type
// [Violations]. The operation is nil only if no operation has the request's path and method.
func (c *Checker) Request(req *http.Request, body []byte) (*Operation, error) {
	op, vs := c.request(req, body)
	return op, vs.err()
}

func (c *Checker) request(req *http.Request, body []byte) (*Operation, Violations) {
	if op := c.quickly(req, body); op != nil {
		return op, nil
	}
	op, vs := c.fully(req, body)
	return op, c.counted(vs)
}

// counted returns those violations that the Checker is to report.
func (c *Checker) counted(vs Violations) Violations {
	if c.tolerant {
		vs, _ = vs.Split()
	}
	return vs
}

// fully finds what is wrong with a request.
func (c *Checker) fully(req *http.Request, body []byte) (*Operation, Violations) {
	op, vs := c.find(req)
	if op == nil {
		return nil, vs
	}
	f := &findings{}
	c.examine(f, op, req, body)
	return op, f.all()
}

func (c *Checker) examine(f *findings, op *Operation, req *http.Request, body []byte) {
	header := canonical(req.Header)
	f.checkSecurity(op.needs, header)
	c.checkHeaders(f, op, header)
	fields := f.checkQuery(op, req.URL.RawQuery)
	f.checkParameters(op, req, header)
	f.checkRequestBody(op, header, fields, body)
}

// canonical returns the header under canonical names. A client's own map may hold others, which go out as they are.
func canonical(header http.Header) http.Header {
	same := make(http.Header, len(header))
	for name, values := range header {
		name = http.CanonicalHeaderKey(name)
		same[name] = append(same[name], values...)
	}
	return same
}

// standard are the request headers that HTTP clients and the proxies behind them send by themselves. Those of
// credentials and bodies have checks of their own.
var standard = []string{
	"Accept", "Accept-Encoding", "Accept-Language", "Authorization", "Baggage", "Cache-Control", "Connection",
	"Content-Encoding", "Content-Length", "Content-Type", "Date", "Expect", "Forwarded", "Host", "Keep-Alive", "Pragma",
	"Te", "Traceparent", "Tracestate", "Trailer", "Transfer-Encoding", "User-Agent", "Via", "X-Forwarded-For",
	"X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip",
}

func (c *Checker) checkHeaders(f *findings, op *Operation, header http.Header) {
	credentials := op.needs.headers()
	for _, name := range sortedKeys(header) {
		if !f.next() {
			return
		}
		if slices.Contains(standard, name) || c.allowed[name] || slices.Contains(credentials, name) {
			continue
		}
		switch declared := parameter(op, openapi3.ParameterInHeader, name); {
		case declared == nil:
			f.add(Violation{Kind: Header, In: "header", Name: shown(name), Rule: "is not declared", Note: true})
		case len(header[name]) > 1:
			f.add(Violation{Kind: Parameter, In: "header", Name: declared.Name, Rule: "must not be repeated"})
		}
	}
}

// checkQuery checks the query, and returns what in it are fields of the form.
func (f *findings) checkQuery(op *Operation, raw string) []pair {
	at := Violation{Kind: Parameter, In: "query"}
	pairs, err := parsePairs(raw)
	if err != nil {
		at.Rule = "must be well-formed"
		f.add(at)
		return nil
	}
	declared := func(name string) *openapi3.Parameter { return parameter(op, openapi3.ParameterInQuery, name) }
	form := formOf(op)
	ofForm := func(name string) bool {
		return form != nil && form.Schema.Value.Properties[name] != nil && declared(name) == nil
	}
	misplaced := func(name string) bool {
		header, ok := op.needs.inQuery(name)
		if ok = ok && declared(name) == nil; ok {
			f.add(Violation{Kind: Security, In: "query", Name: header, Rule: "belongs in the header: what is in a URL ends in logs"})
		}
		return ok
	}
	at.Note = true
	f.undeclared(pairs, at, func(name string) bool { return declared(name) != nil || ofForm(name) || misplaced(name) })
	at.Note = false
	f.repeated(pairs, at, func(name string) bool { p := declared(name); return p != nil && !isArray(p.Schema) })
	f.misencoded(pairs, at)
	return f.misplaced(pairs, at, ofForm)
}

// formOf returns the operation's form, if it has one with a schema.
func formOf(op *Operation) *openapi3.MediaType {
	body := op.route.Operation.RequestBody
	if body == nil {
		return nil
	}
	declared := body.Value.Content[formMedia]
	if declared == nil || declared.Schema == nil {
		return nil
	}
	return declared
}

func isArray(ref *openapi3.SchemaRef) bool { return ref != nil && ref.Value.Type.Is("array") }

// parameters returns the parameters of an operation: its own, and those of its path that it does not replace.
func parameters(l *loaded) []*openapi3.Parameter {
	var all []*openapi3.Parameter
	own := l.route.Operation.Parameters
	for _, ref := range own {
		all = append(all, ref.Value)
	}
	for _, ref := range l.route.PathItem.Parameters {
		if own.GetByInAndName(ref.Value.In, ref.Value.Name) == nil {
			all = append(all, ref.Value)
		}
	}
	return all
}

// parameter returns the declared parameter of that name, or nil. Names of headers come canonical.
func parameter(op *Operation, in, name string) *openapi3.Parameter {
	for _, p := range parameters(op.loaded) {
		same := p.Name == name || in == openapi3.ParameterInHeader && http.CanonicalHeaderKey(p.Name) == name
		if p.In == in && same {
			return p
		}
	}
	return nil
}

func (f *findings) checkParameters(op *Operation, req *http.Request, header http.Header) {
	inPath := op.pathParams()
	input := &openapi3filter.RequestValidationInput{
		Request:    &http.Request{Method: req.Method, URL: req.URL, Header: header},
		PathParams: inPath, Route: op.route, Options: options,
	}
	for _, p := range parameters(op.loaded) {
		at := Violation{Kind: Parameter, In: p.In, Name: p.Name}
		if p.In == openapi3.ParameterInPath && !utf8.ValidString(inPath[p.Name]) {
			at.Rule = "must be UTF-8"
			f.add(at)
			continue
		}
		f.explain(openapi3filter.ValidateParameter(context.Background(), input, p), at)
	}
}

// checkRequestBody checks a body, with the fields of its form that stand in the query.
func (f *findings) checkRequestBody(op *Operation, header http.Header, fields []pair, body []byte) {
	declared := op.route.Operation.RequestBody
	switch {
	case len(body) > BodyLimit(header):
		f.add(tooLarge)
	case len(body) == 0 && len(fields) > 0:
		f.checkFormContent(formOf(op), fields, nil, asRequest)
	case len(body) == 0 && (declared == nil || !declared.Value.Required):
	case declared == nil:
		f.add(Violation{Kind: Body, In: "body", Rule: "must be empty, as the operation declares none"})
	case len(body) == 0:
		f.add(Violation{Kind: Body, In: "body", Rule: "is required"})
	default:
		f.checkContent(op, declared.Value.Content, header, fields, body, asRequest)
	}
}

var tooLarge = Violation{Kind: Size, In: "body", Rule: "must have at most 10 MiB"}
