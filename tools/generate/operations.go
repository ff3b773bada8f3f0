package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// operation is a call of the document under its names in Go.
type operation struct {
	Package, ID, Method, Path, Tag string
	Service, Name                  string // of the wrapper's method; one of the client itself has no service
	Document                       string // without its extension
	call                           *method
	Summary, Description           string
	Source, SourceURL              string
	Evidence, Handwritten          string
	Deprecated                     string // why; empty where it is not
	Repeat                         string // the constant of package rest
	MaxBody                        int64
	Headers                        []string // those of the call options
	Required                       []string // the members of a payload without an envelope that it must have
	Params                         []param  // path, then query
	Body                           *body
	Payload                        string // the type of what the response holds; for a page, of a row
	payload                        *openapi3.SchemaRef
	List, Paged, Public            bool   // whether the response is a page, and whether there are others
	Check                          string // the statements that check what is passed; empty for none
	spec                           *openapi3.Operation
}

// param is a parameter in the path or in the query.
type param struct {
	Wire, Name  string // as it is sent, and as an identifier that is not exported
	Field       string // its name in the type of the parameters
	In          string
	Description string
	Example     string // of what is in the path
	typ         string // in the generated client, without a pointer
	schema      *openapi3.Schema
	Required    bool
	Secret      bool
}

// body is the body of a request.
type body struct {
	Type     string
	Media    string
	Required bool
	ref      *openapi3.SchemaRef
}

// operationsOf returns the calls of the document, by tag in the order of its tags, and then by path.
func operationsOf(spec *openapi3.T, c *client) ([]*operation, error) {
	var all []*operation
	for _, path := range slices.Sorted(maps.Keys(spec.Paths.Map())) {
		item := spec.Paths.Value(path)
		for _, verb := range slices.SortedFunc(maps.Keys(item.Operations()), byVerb) {
			op, err := operationOf(c, verb, path, item.Operations()[verb])
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", verb, path, err)
			}
			all = append(all, op)
		}
	}
	order := func(o *operation) int {
		return slices.IndexFunc(spec.Tags, func(t *openapi3.Tag) bool { return t.Name == o.Tag })
	}
	slices.SortStableFunc(all, func(a, b *operation) int { return cmp.Compare(order(a), order(b)) })
	return all, nil
}

// verbs is the order of the calls of a path.
var verbs = []string{http.MethodPost, http.MethodGet, http.MethodPut, http.MethodPatch, http.MethodDelete}

func byVerb(a, b string) int { return cmp.Compare(slices.Index(verbs, a), slices.Index(verbs, b)) }

func operationOf(c *client, verb, path string, in *openapi3.Operation) (*operation, error) {
	o, err := newOperation(verb, path, in)
	if err != nil {
		return nil, err
	}
	o.call = c.calls[key(in.OperationID)]
	o.addParams(c)
	o.addBody(c)
	err = o.addPayload(c)
	return o, err
}

// newOperation returns what the document alone says of a call.
func newOperation(verb, path string, in *openapi3.Operation) (*operation, error) {
	if in.OperationID == "" || len(in.Tags) != 1 || in.ExternalDocs == nil {
		return nil, fmt.Errorf("must have an operationId, one tag and externalDocs")
	}
	o := &operation{
		ID: in.OperationID, Method: verb, Path: path, Tag: in.Tags[0], spec: in,
		Summary: in.Summary, Description: strings.TrimSpace(in.Description), Deprecated: text(in.Extensions, "x-deprecated-reason"),
		Source: in.ExternalDocs.Description, SourceURL: in.ExternalDocs.URL, Evidence: text(in.Extensions, "x-evidence"),
		Handwritten: text(in.Extensions, "x-handwritten"), Paged: text(in.Extensions, "x-page") != "",
		Public: in.Security != nil && len(*in.Security) == 0,
	}
	if n, ok := in.Extensions["x-max-body"].(float64); ok {
		o.MaxBody = int64(n)
	}
	for _, ref := range in.Parameters {
		if ref.Value.In == openapi3.ParameterInHeader {
			o.Headers = append(o.Headers, ref.Value.Name)
		}
	}
	if o.Service = cmp.Or(text(in.Extensions, "x-service"), camel(o.Tag)); o.Service == "Client" {
		o.Service = ""
	}
	o.Name = cmp.Or(text(in.Extensions, "x-method"), methodName(o.ID, o.Tag))
	o.Repeat = cmp.Or(repeats[text(in.Extensions, "x-repeat")], o.usualRepeat())
	if o.Service == "" && o.Handwritten == "" {
		return nil, fmt.Errorf("a method of the client itself must be x-handwritten")
	}
	return o, nil
}

// withoutClient returns the calls that are methods of a service.
func withoutClient(all []*operation) []*operation {
	return slices.DeleteFunc(slices.Clone(all), func(o *operation) bool { return o.Service == "" })
}

// repeats are the constants for the values of x-repeat.
var repeats = map[string]string{
	"unprocessed": "RepeatUnprocessed", "freely": "RepeatFreely", "by-key": "RepeatByKey", "refused": "RepeatRefused",
	"password": "RepeatPassword", "idempotent": "RepeatIdempotent",
}

// usualRepeat is what holds where the document says nothing: reads are harmless, and what takes an idempotency key is
// repeated under it.
func (o *operation) usualRepeat() string {
	switch {
	case o.Method == http.MethodGet || o.Method == http.MethodHead:
		return "RepeatFreely"
	case slices.Contains(o.Headers, "Idempotency-Key"):
		return "RepeatByKey"
	}
	return "RepeatUnprocessed"
}

func (o *operation) addParams(c *client) {
	params := c.typeOf(o.ID + "Params")
	for _, ref := range o.spec.Parameters {
		p := ref.Value
		switch p.In {
		case openapi3.ParameterInHeader:
			continue
		case openapi3.ParameterInPath:
			o.Params = append(o.Params, param{
				Wire: p.Name, In: p.In, Name: o.pathName(p.Name), Description: p.Description, typ: "string", schema: p.Schema.Value, Required: true,
				Example: exampleOf(p),
			})
			continue
		}
		f := params.field(p.Name)
		o.Params = append(o.Params, param{
			Wire: p.Name, In: p.In, Name: lower(f.name), Field: f.name, Description: strings.TrimSpace(p.Description),
			typ: c.resolved(strings.TrimPrefix(f.typ, "*")), schema: p.Schema.Value, Required: p.Required, Secret: isSecret(p.Schema.Value),
		})
	}
	slices.SortStableFunc(o.Params, func(a, b param) int { return cmp.Compare(a.In, b.In) }) // path before query
}

// exampleOf is the example of a parameter, or "".
func exampleOf(p *openapi3.Parameter) string {
	text, _ := p.Example.(string)
	return text
}

// pathName returns the client's name of a parameter in the path.
func (o *operation) pathName(wire string) string {
	for _, name := range o.call.path {
		if key(name) == key(wire) {
			return name
		}
	}
	return wire
}

func (o *operation) addBody(c *client) {
	if o.spec.RequestBody == nil {
		return
	}
	rb := o.spec.RequestBody.Value
	for _, media := range slices.Sorted(maps.Keys(rb.Content)) {
		ref := rb.Content[media].Schema
		o.Body = &body{Type: c.typeName(refName(ref.Ref)), Media: media, Required: rb.Required, ref: ref}
	}
}

// addPayload finds the type of what a success holds: of data where there is an envelope, else of all of it.
func (o *operation) addPayload(c *client) error {
	for _, status := range slices.Sorted(maps.Keys(o.spec.Responses.Map())) {
		response := o.spec.Responses.Value(status).Value
		content := response.Content.Get("application/json")
		if status[0] != '2' || content == nil {
			continue
		}
		ref := content.Schema
		if data := ref.Value.Properties["data"]; data != nil {
			ref = data
		} else if o.Handwritten == "" {
			o.Required = mustHave(ref.Value)
		}
		if ref.Value.Items != nil && ref.Ref == "" {
			ref, o.List = ref.Value.Items, true
		}
		o.payload = ref
		if o.Payload = c.typeName(refName(ref.Ref)); o.Payload == "" && o.Handwritten == "" {
			return fmt.Errorf("%s: what a response holds must be a schema with a name", o.ID)
		}
		return nil
	}
	return nil
}

// mustHave are the members that a payload has and that are never null.
func mustHave(schema *openapi3.Schema) (names []string) {
	for _, name := range schema.Required {
		if member := schema.Properties[name]; member != nil && !member.Value.Nullable {
			names = append(names, name)
		}
	}
	return names
}

// text returns an extension that is a text, or "".
func text(extensions map[string]any, name string) string {
	s, _ := extensions[name].(string)
	return s
}

// resolved returns the type that a name stands for.
func (c *client) resolved(typ string) string { return cmp.Or(c.alias[typ], typ) }
