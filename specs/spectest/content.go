package spectest

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// checkContent checks a body that is there against what is declared for it; fields are those of its form that stood
// elsewhere.
func (f *findings) checkContent(op *Operation, content openapi3.Content, header http.Header, fields []pair, body []byte, as direction) {
	if coding := header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		f.add(Violation{Kind: MediaType, In: "header", Name: "Content-Encoding", Rule: "must not be used, as only a plain body can be checked"})
		return
	}
	at := Violation{Kind: MediaType, In: "header", Name: "Content-Type"}
	at.Rule = "must be " + strings.Join(sortedKeys(content), " or ") + ", in UTF-8"
	declared, media := declaredType(content, header)
	if declared == nil && as.isJSON(media) && content["application/json"] != nil {
		declared, at.Note = content["application/json"], true
	}
	if declared == nil || at.Note && !as.declares(op.route.Spec, media) {
		f.add(at)
	}
	switch {
	case declared == nil:
	case isForm(media):
		f.checkFormContent(declared, fields, body, as)
	case isMultipart(media):
		f.checkMultipart(declared, header, body)
	default:
		f.checkJSONContent(declared, body, as)
	}
}

func declaredType(content openapi3.Content, header http.Header) (*openapi3.MediaType, string) {
	given := header.Values("Content-Type")
	if len(given) != 1 {
		return nil, ""
	}
	media, ok := mediaType(given[0])
	if !ok {
		return nil, ""
	}
	return content.Get(media), media
}

func (f *findings) checkFormContent(declared *openapi3.MediaType, fields []pair, body []byte, as direction) {
	if declared.Schema == nil {
		return
	}
	before := len(f.list)
	fields, readable := f.checkForm(declared.Schema.Value, fields, body)
	if !readable {
		return
	}
	value, err := openapi3filter.UrlencodedBodyDecoder(strings.NewReader(encoded(fields)), nil, declared.Schema,
		func(name string) *openapi3.Encoding { return declared.Encoding[name] })
	if err == nil {
		err = visit(declared, value, as)
	} else if len(f.list) > before {
		return
	}
	f.explain(err, Violation{Kind: Body, In: "form"})
}

func (f *findings) checkJSONContent(declared *openapi3.MediaType, body []byte, as direction) {
	if !f.checkJSON(body) || declared.Schema == nil {
		return
	}
	value, err := openapi3filter.JSONBodyDecoder(bytes.NewReader(body), nil, declared.Schema, nil)
	if err == nil {
		err = visit(declared, value, as)
	}
	f.explain(err, Violation{Kind: Body, In: "body"})
	if as == asRequest {
		f.noteMembers(declared.Schema.Value, value, nil)
	}
}

// visit holds a value against its schema. A choice by one member is looked at by itself, because kin-openapi says nothing
// of the rest of a schema whose oneOf does not hold.
func visit(declared *openapi3.MediaType, value any, as direction) error {
	whole := declared.Schema.Value
	if whole.Discriminator == nil {
		return whole.VisitJSON(value, as.option(), formats, openapi3.MultiErrors())
	}
	rest, choice := *whole, openapi3.Schema{OneOf: whole.OneOf, AnyOf: whole.AnyOf, Discriminator: whole.Discriminator}
	rest.OneOf, rest.AnyOf, rest.Discriminator = nil, nil, nil
	var errs openapi3.MultiError
	for _, part := range []*openapi3.Schema{&rest, &choice} {
		if err := part.VisitJSON(value, as.option(), formats, openapi3.MultiErrors()); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errs
}
