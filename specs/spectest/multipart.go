package spectest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// multipartMedia is the media type of a form of several parts, in which files are sent.
const multipartMedia = "multipart/form-data"

func isMultipart(media string) bool { return media == multipartMedia }

// MaxFraming is how much larger than [MaxBody] the body of a multipart/form-data request may be, in bytes: it frames its
// parts, the largest of which may have MaxBody bytes.
const MaxFraming = 64 << 10

// BodyLimit returns how many bytes the body of a request may have to be checked, by its header.
func BodyLimit(header http.Header) int {
	if media, _ := mediaType(header.Get("Content-Type")); isMultipart(media) {
		return MaxBody + MaxFraming
	}
	return MaxBody
}

// maxParts is how many parts are looked at: more than any document declares, and few enough to end.
const maxParts = 1000

// checkParts refuses what checkMultipart cannot check of a request body.
func checkParts(declared *openapi3.MediaType) error {
	if declared.Schema == nil || !declared.Schema.Value.Type.Is("object") {
		return errors.New("must be an object")
	}
	whole := *declared.Schema.Value
	whole.Type, whole.Required, whole.Properties, whole.AdditionalProperties.Has = nil, nil, nil, nil
	if !bare(whole) {
		return errors.New("must be an object that says no more than what its parts are")
	}
	for _, name := range sortedKeys(declared.Schema.Value.Properties) {
		if !isPlain(declared.Schema.Value.Properties[name].Value.Type) {
			return fmt.Errorf("part %s: must be a string, a number or a boolean", name)
		}
	}
	return nil
}

func isPlain(types *openapi3.Types) bool {
	return types.Is("string") || types.Is("integer") || types.Is("number") || types.Is("boolean")
}

func isBinary(schema *openapi3.Schema) bool {
	return schema.Type.Is("string") && schema.Format == "binary"
}

// checkMultipart checks a form of several parts: each is declared and comes once, those that are required are there, and
// each holds to its schema. The limits of a binary part are bytes.
func (f *findings) checkMultipart(declared *openapi3.MediaType, header http.Header, body []byte) {
	at := Violation{Kind: Body, In: "form"}
	_, params, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if params["boundary"] == "" {
		f.add(Violation{Kind: MediaType, In: "header", Name: "Content-Type", Rule: "must have a boundary"})
		return
	}
	schema := declared.Schema.Value
	seen := map[string]int{}
	for r, n := multipart.NewReader(bytes.NewReader(body), params["boundary"]), 0; f.next(); n++ {
		part, err := r.NextRawPart()
		if err == io.EOF { //nolint:errorlint // a wrapped one means that the body was cut off
			break
		}
		var data []byte
		if err == nil {
			data, err = io.ReadAll(part)
		}
		if err != nil || n == maxParts {
			at.Rule = "must be well-formed"
			f.add(at)
			return
		}
		name := part.FormName()
		seen[name]++
		f.checkPart(schema, name, seen[name], data)
	}
	for _, name := range schema.Required {
		if seen[name] == 0 {
			at.Name, at.Rule = name, "is required"
			f.add(at)
		}
	}
}

// checkPart checks the nth part of a name.
func (f *findings) checkPart(schema *openapi3.Schema, name string, n int, data []byte) {
	at := Violation{Kind: Body, In: "form", Name: name}
	declared := schema.Properties[name]
	switch {
	case declared == nil:
		at.Name, at.Rule, at.Note = shown(name), "is not declared", !closed(schema)
		f.add(at)
	case n == 2:
		at.Rule = "must not be repeated"
		f.add(at)
	case n > 2:
	case isBinary(declared.Value):
		f.checkFile(declared.Value, data, at)
	case !utf8.Valid(data):
		at.Rule = "must be UTF-8"
		f.add(at)
	default:
		value := partOf(declared.Value, string(data))
		if value == nil {
			at.Rule = "must be readable as its declared type"
			f.add(at)
			return
		}
		f.explain(declared.Value.VisitJSON(value, asRequest.option(), formats, openapi3.MultiErrors()), at)
	}
}

func (f *findings) checkFile(schema *openapi3.Schema, data []byte, at Violation) {
	size := uint64(len(data))
	switch {
	case size == 0 && schema.MinLength > 0:
		at.Rule = "must not be empty"
	case size < schema.MinLength:
		at.Rule = fmt.Sprintf("must have at least %d bytes", schema.MinLength)
	case schema.MaxLength != nil && size > *schema.MaxLength:
		at.Rule = fmt.Sprintf("must have at most %d bytes", *schema.MaxLength)
	default:
		return
	}
	f.add(at)
}

// partOf returns the value of a part that is text, by its type, or nil where it has none.
func partOf(schema *openapi3.Schema, text string) any {
	switch {
	case schema.Type.Is("string"):
		return text
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		if number, err := strconv.ParseFloat(text, 64); err == nil {
			return number
		}
	case schema.Type.Is("boolean"):
		if truth, err := strconv.ParseBool(text); err == nil {
			return truth
		}
	}
	return nil
}
