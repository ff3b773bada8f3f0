package spectest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/url"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/fintoken/fintoken-go/specs"
)

// Example returns a named example of the document as it goes over the wire, with its media type: JSON, or a form with
// its fields or parts sorted. The part is "request", or the key of an answer such as "201" or "default".
func Example(doc specs.Document, operationID, part, name string) (body []byte, mediaType string, err error) {
	content, err := contentOf(doc, operationID, part)
	if err != nil {
		return nil, "", err
	}
	for _, media := range sortedKeys(content) {
		if ref := content[media].Examples[name]; ref != nil {
			return wire(media, ref.Value.Value)
		}
	}
	return nil, "", fmt.Errorf("spectest: %s: %s %s has no example %q, only %s",
		doc.Name(), operationID, part, name, strings.Join(names(content), ", "))
}

// Examples returns the names of the examples that Example knows, sorted. It returns none for a part that is not there.
func Examples(doc specs.Document, operationID, part string) []string {
	content, err := contentOf(doc, operationID, part)
	if err != nil {
		return nil
	}
	return names(content)
}

func names(content openapi3.Content) []string {
	all := map[string]bool{}
	for _, media := range content {
		for name := range media.Examples {
			all[name] = true
		}
	}
	return sortedKeys(all)
}

func contentOf(doc specs.Document, operationID, part string) (openapi3.Content, error) {
	d, err := cached(doc)
	if err != nil {
		return nil, err
	}
	e := d.entry(operationID)
	if e == nil {
		return nil, fmt.Errorf("spectest: %s: there is no operation %q", d.name, operationID)
	}
	op := e.load().route.Operation
	if part == "request" && op.RequestBody != nil {
		return op.RequestBody.Value.Content, nil
	}
	if ref := op.Responses.Value(part); ref != nil {
		return ref.Value.Content, nil
	}
	return nil, fmt.Errorf("spectest: %s: %s has no part %q", d.name, operationID, part)
}

// wire returns a value as it goes over the wire, with its media type.
func wire(media string, value any) ([]byte, string, error) {
	switch {
	case isForm(media):
		body, err := wireForm(value)
		return body, media, err
	case isMultipart(media):
		return wireParts(value)
	}
	body, err := wireJSON(value)
	return body, media, err
}

func wireJSON(value any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return nil, fmt.Errorf("spectest: example: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func wireForm(value any) ([]byte, error) {
	fields, err := fieldsOf(value)
	if err != nil {
		return nil, err
	}
	form := url.Values{}
	for name, field := range fields {
		form.Set(name, field)
	}
	return []byte(form.Encode()), nil
}

// wireParts writes every part as a file, which is how a server takes it whatever it is.
func wireParts(value any) ([]byte, string, error) {
	fields, err := fieldsOf(value)
	if err != nil {
		return nil, "", err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary("example") // always the same
	for _, name := range sortedKeys(fields) {
		part, _ := w.CreateFormFile(name, name) // into memory
		_, _ = io.WriteString(part, fields[name])
	}
	err = w.Close()
	return b.Bytes(), w.FormDataContentType(), err
}

// fieldsOf returns the fields of a form as text.
func fieldsOf(value any) (map[string]string, error) {
	members, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("spectest: example of a form: must be an object")
	}
	fields := map[string]string{}
	for name, field := range members {
		switch v := field.(type) {
		case string:
			fields[name] = v
		case bool:
			fields[name] = strconv.FormatBool(v)
		case float64:
			fields[name] = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			return nil, fmt.Errorf("spectest: example of a form: field %s: must be a plain value", name)
		}
	}
	return fields, nil
}
