package spectest

import (
	"context"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// Response checks an answer to a request that matched op. The error is of type [Violations].
func (c *Checker) Response(op *Operation, req *http.Request, status int, header http.Header, body []byte) error {
	return c.response(op, req, status, header, body).err()
}

func (c *Checker) response(op *Operation, req *http.Request, status int, header http.Header, body []byte) Violations {
	if op == nil || op.loaded == nil {
		return Violations{{Kind: UnknownPath, In: "path", Rule: "must belong to an operation that Request has found"}}
	}
	if op.quick != nil && op.quick.holdsAnswer(status, header, body) {
		return nil
	}
	return c.counted(answerFully(op, req, status, header, body))
}

// answerFully finds what is wrong with an answer.
func answerFully(op *Operation, req *http.Request, status int, header http.Header, body []byte) Violations {
	declared := responseFor(op, status)
	if declared == nil {
		rule := "must be one that " + op.ID + " declares"
		return Violations{{Kind: Status, In: "status", Rule: rule}}
	}
	header = canonical(header)
	f := &findings{}
	f.checkAnswerHeaders(op, req, declared, header)
	f.checkAnswerBody(op, declared, header, body)
	return f.all()
}

func responseFor(op *Operation, status int) *openapi3.Response {
	responses := op.route.Operation.Responses
	ref := responses.Status(status)
	if ref == nil {
		ref = responses.Default()
	}
	if ref == nil {
		return nil
	}
	return ref.Value
}

// checkAnswerHeaders checks the declared headers. An answer may have others: servers and proxies add to it.
func (f *findings) checkAnswerHeaders(op *Operation, req *http.Request, declared *openapi3.Response, header http.Header) {
	input := &openapi3filter.RequestValidationInput{
		Request: &http.Request{Header: header}, Route: op.route, Options: options,
	}
	for _, name := range sortedKeys(declared.Headers) {
		at := Violation{Kind: Header, In: "header", Name: name}
		if len(header.Values(name)) > 1 {
			at.Rule = "must not be repeated"
			f.add(at)
		}
		// A header of an answer is declared like a header parameter, without the name.
		p := declared.Headers[name].Value.Parameter
		p.Name, p.In = name, openapi3.ParameterInHeader
		f.explain(openapi3filter.ValidateParameter(contextOf(req), input, &p), at)
	}
}

func contextOf(req *http.Request) context.Context {
	if req == nil {
		return context.Background()
	}
	return req.Context()
}

func (f *findings) checkAnswerBody(op *Operation, declared *openapi3.Response, header http.Header, body []byte) {
	switch {
	case len(body) > MaxBody:
		f.add(tooLarge)
	case len(declared.Content) > 0:
		f.checkContent(op, declared.Content, header, nil, body, asAnswer)
	case len(body) > 0:
		f.add(Violation{Kind: Body, In: "body", Rule: "must be empty, as the answer declares none"})
	}
}
