package spectest

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// checkContent checks a body that is there against what is declared for it.
func (f *findings) checkContent(content openapi3.Content, header http.Header, body []byte, as openapi3.SchemaValidationOption) {
	if coding := header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		f.add(Violation{Kind: MediaType, In: "header", Name: "Content-Encoding", Rule: "must not be used, as only a plain body can be checked"})
		return
	}
	declared, media := declaredType(content, header)
	switch {
	case declared == nil:
		rule := "has to be " + strings.Join(sortedKeys(content), " or ") + ", in UTF-8"
		f.add(Violation{Kind: MediaType, In: "header", Name: "Content-Type", Rule: rule})
	case isForm(media):
		f.checkFormContent(declared, body, as)
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

func (f *findings) checkFormContent(declared *openapi3.MediaType, body []byte, as openapi3.SchemaValidationOption) {
	if declared.Schema == nil {
		return
	}
	before := len(f.list)
	f.checkForm(declared.Schema.Value, body)
	value, err := openapi3filter.UrlencodedBodyDecoder(bytes.NewReader(body), nil, declared.Schema,
		func(name string) *openapi3.Encoding { return declared.Encoding[name] })
	if err == nil {
		err = visit(declared, value, as)
	} else if len(f.list) > before {
		return
	}
	f.explain(err, Violation{Kind: Body, In: "form"})
}

func (f *findings) checkJSONContent(declared *openapi3.MediaType, body []byte, as openapi3.SchemaValidationOption) {
	if !f.checkJSON(body) || declared.Schema == nil {
		return
	}
	value, err := openapi3filter.JSONBodyDecoder(bytes.NewReader(body), nil, declared.Schema, nil)
	if err == nil {
		err = visit(declared, value, as)
	}
	f.explain(err, Violation{Kind: Body, In: "body"})
}

// visit holds a value against its schema. A choice by one member is looked at by itself, because kin-openapi says nothing
// of the rest of a schema whose oneOf does not hold.
func visit(declared *openapi3.MediaType, value any, as openapi3.SchemaValidationOption) error {
	whole := declared.Schema.Value
	if whole.Discriminator == nil {
		return whole.VisitJSON(value, as, formats, openapi3.MultiErrors())
	}
	rest, choice := *whole, openapi3.Schema{OneOf: whole.OneOf, AnyOf: whole.AnyOf, Discriminator: whole.Discriminator}
	rest.OneOf, rest.AnyOf, rest.Discriminator = nil, nil, nil
	var errs openapi3.MultiError
	for _, part := range []*openapi3.Schema{&rest, &choice} {
		if err := part.VisitJSON(value, as, formats, openapi3.MultiErrors()); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return errs
}
