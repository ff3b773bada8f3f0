package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// table is the calls of a document for programs and tests.
type table struct {
	Package, Title, Document string
	Calls                    bool // whether there are services that make them
	Operations               []*operation
	Tags                     []tag
}

// Paged reports whether a response is a page.
func (t *table) Paged() bool {
	return slices.ContainsFunc(t.Operations, func(o *operation) bool { return o.Paged })
}

// tag is what a document says of the calls of a tag.
type tag struct{ Name, Description string }

// writeTable writes the table of the calls into folder.
func writeTable(document string, spec *openapi3.T, c *client, wrapper, folder string) error {
	all, err := operationsOf(spec, c)
	if err != nil {
		return err
	}
	t := &table{
		Package: filepath.Base(wrapper), Document: strings.TrimSuffix(filepath.Base(document), ".yaml"), Operations: all, Calls: !byHand(spec),
	}
	t.Title = upper(camel(t.Document))
	for _, o := range all {
		o.Package, o.Document = t.Package, t.Document
		if !t.Calls {
			o.Service = ""
		}
	}
	for _, s := range spec.Tags {
		t.Tags = append(t.Tags, tag{kebab(s.Name), strings.TrimSpace(s.Description)})
	}
	return render(filepath.Join(folder, t.Document+".gen.go"), "table.tmpl", t)
}

// Command are the words of the command: the tag and the method, such as funding-events and list-payments.
func (o *operation) Command() []string {
	if words := text(o.spec.Extensions, "x-command"); words != "" {
		return strings.Fields(words)
	}
	return []string{kebab(o.Tag), kebab(o.Name)}
}

// Aliases are other words for the last of the command: the newer pages of a provider take it from the operationId.
func (o *operation) Aliases() []string {
	word := kebab(methodName(o.ID, o.Tag))
	if text(o.spec.Extensions, "x-command") != "" || word == kebab(o.Name) {
		return nil
	}
	return []string{word}
}

// kebab puts words in lower case with hyphens between them.
func kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// RepeatWord is the x-repeat that holds. That of a call by hand may be a word that only its method knows.
func (o *operation) RepeatWord() string {
	for word, name := range repeats {
		if name == o.Repeat {
			return cmp.Or(text(o.spec.Extensions, "x-repeat"), word)
		}
	}
	return ""
}

// Example is the shortest example of a typed body, as JSON; empty where there is none.
func (o *operation) Example() (example string) {
	if !o.TypedBody() {
		return ""
	}
	media := o.spec.RequestBody.Value.Content.Get(o.Body.Media)
	for _, name := range slices.Sorted(maps.Keys(media.Examples)) {
		value, _ := json.Marshal(media.Examples[name].Value.Value) //nolint:errchkjson // it was read from a document
		if example == "" || len(value) < len(example) {
			example = string(value)
		}
	}
	return example
}

// Decoders are the types that the body and the parameters in the query are read into, by what makes a value of them.
func (o *operation) Decoders() map[string]string {
	types := map[string]string{}
	if o.TypedBody() {
		types["NewBody"] = o.Body.Type
	}
	if len(o.Query()) > 0 {
		types["NewQuery"] = o.ParamsType()
	}
	return types
}

// TypedBody reports whether the body is a value of a type.
func (o *operation) TypedBody() bool { return o.Body != nil && o.Body.Media == "application/json" }

// InputArgs are what the method gets of an input.
func (o *operation) InputArgs() string {
	var b strings.Builder
	for _, p := range o.PathParams() {
		fmt.Fprintf(&b, ", in.Path[%q]", p.Wire)
	}
	switch {
	case len(o.Query()) > 0:
		b.WriteString(", params")
	case o.TypedBody():
		b.WriteString(", body")
	case o.Body != nil:
		b.WriteString(", in.File")
	}
	return b.String()
}

// ParamFields and BodyFields are the values of the table.
func (o *operation) ParamFields() (list []string) {
	for _, p := range o.Params {
		list = append(list, fieldOf(p.Wire, p.In, &openapi3.SchemaRef{Value: p.schema}, p.Description, p.Example, p.Required))
	}
	return list
}

func (o *operation) BodyFields() []string { return fieldsOf("", o.Body.ref.Value, nil) }

// fieldsOf lists the members of an object, and those of the objects in it.
func fieldsOf(prefix string, schema *openapi3.Schema, above []*openapi3.Schema) (list []string) {
	if slices.Contains(above, schema) {
		return nil
	}
	for _, part := range schema.OneOf { // the members of all of them
		list = append(list, fieldsOf(prefix, part.Value, above)...)
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		member := whole(schema.Properties[name].Value)
		text := schema.Properties[name].Value.Description
		if text == "" {
			text = member.Description
		}
		list = append(list, fieldOf(prefix+name, "", schema.Properties[name], text, "", slices.Contains(schema.Required, name)))
		if len(member.Properties)+len(member.OneOf) > 0 {
			list = append(list, fieldsOf(prefix+name+".", member, append(slices.Clone(above), schema))...)
		}
	}
	return list
}

// whole returns the schema that a member has, without what only makes it nullable.
func whole(schema *openapi3.Schema) *openapi3.Schema {
	if len(schema.AllOf) == 1 && len(schema.Properties) == 0 {
		return whole(schema.AllOf[0].Value)
	}
	return schema
}

// fieldOf writes a field of the table.
func fieldOf(name, in string, ref *openapi3.SchemaRef, description, example string, required bool) string {
	schema := whole(ref.Value)
	parts := []string{fmt.Sprintf("Name: %q", name)}
	add := func(format string, value any, given bool) {
		if given {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	values, kind := schema, typeOfSchema(schema)
	items := ""
	if schema.Items != nil {
		values = whole(schema.Items.Value)
		items = typeOfSchema(values)
	}
	add("In: %q", in, in != "")
	add("Type: %q", kind, true)
	add("Items: %q", items, items != "")
	add("Format: %q", schema.Format, schema.Format != "")
	add("Values: %#v", enumOf(values), len(values.Enum) > 0)
	add("Description: %q", strings.TrimSpace(description), true)
	add("Required: %v", required, required)
	add("Nullable: %v", true, ref.Value.Nullable)
	add("Default: %q", ref.Value.Default, ref.Ref == "" && ref.Value.Default != nil && kind == "string")
	add("Secret: %v", true, isSecret(schema))
	add("Example: %q", example, example != "")
	return "{" + strings.Join(parts, ", ") + "}"
}

// typeOfSchema is the type that a schema has; a choice is one of objects.
func typeOfSchema(schema *openapi3.Schema) string {
	if schema.Type == nil {
		return "object"
	}
	return schema.Type.Slice()[0]
}

// enumOf are the values of an enumeration.
func enumOf(schema *openapi3.Schema) []string {
	var list []string
	for _, v := range schema.Enum {
		list = append(list, fmt.Sprint(v))
	}
	return list
}
