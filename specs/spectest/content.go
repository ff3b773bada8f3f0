package spectest

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// checkContent checks a body that is there against what is declared for it.
func checkContent(content openapi3.Content, header http.Header, body []byte, as openapi3.SchemaValidationOption) Violations {
	if coding := header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return Violations{{Kind: MediaType, In: "header", Name: "Content-Encoding", Rule: "must not be used, as only a plain body can be checked"}}
	}
	declared, media := declaredType(content, header)
	switch {
	case declared == nil:
		rule := "has to be " + strings.Join(sortedKeys(content), " or ") + ", in UTF-8"
		return Violations{{Kind: MediaType, In: "header", Name: "Content-Type", Rule: rule}}
	case isForm(media):
		return checkFormContent(declared, body, as)
	default:
		return checkJSONContent(declared, body, as)
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

func checkFormContent(declared *openapi3.MediaType, body []byte, as openapi3.SchemaValidationOption) Violations {
	if declared.Schema == nil {
		return nil
	}
	vs := checkForm(declared.Schema.Value, body)
	value, err := openapi3filter.UrlencodedBodyDecoder(bytes.NewReader(body), nil, declared.Schema,
		func(name string) *openapi3.Encoding { return declared.Encoding[name] })
	if err == nil {
		err = visit(declared, value, as)
	} else if len(vs) > 0 {
		return vs
	}
	for _, v := range violations(err, Violation{Kind: Body, In: "form"}) {
		v.Name = strings.TrimPrefix(v.Name, "/")
		if !vs.names(v.Name) { // one fault a field: an empty one is too short as well
			vs = append(vs, v)
		}
	}
	return vs
}

func (vs Violations) names(name string) bool {
	for _, v := range vs {
		if v.Name == name {
			return true
		}
	}
	return false
}

func checkJSONContent(declared *openapi3.MediaType, body []byte, as openapi3.SchemaValidationOption) Violations {
	if vs := checkJSON(body); len(vs) > 0 || declared.Schema == nil {
		return vs
	}
	value, err := openapi3filter.JSONBodyDecoder(bytes.NewReader(body), nil, declared.Schema, nil)
	if err == nil {
		err = visit(declared, value, as)
	}
	return violations(err, Violation{Kind: Body, In: "body"})
}

func visit(declared *openapi3.MediaType, value any, as openapi3.SchemaValidationOption) error {
	return declared.Schema.Value.VisitJSON(value, as, formats, openapi3.MultiErrors())
}
