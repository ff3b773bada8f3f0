package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// table is the calls of a provider for programs and tests.
type table struct {
	Package, Title, Document string
	Operations               []*operation
}

// writeTable writes the table of the calls into folder.
func writeTable(document string, spec *openapi3.T, c *client, wrapper, folder string) error {
	all, err := operationsOf(spec, c)
	if err != nil {
		return err
	}
	t := &table{Package: filepath.Base(wrapper), Document: strings.TrimSuffix(filepath.Base(document), ".yaml"), Operations: all}
	t.Title = upper(t.Package)
	for _, o := range all {
		o.Package = t.Package
	}
	return render(filepath.Join(folder, t.Document+".gen.go"), "table.tmpl", t)
}

// Command are the words of the command: the tag and the method, such as funding-events and list-payments.
func (o *operation) Command() []string { return []string{kebab(o.Tag), kebab(o.Name)} }

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

// RepeatWord is the x-repeat that holds.
func (o *operation) RepeatWord() string {
	for word, name := range repeats {
		if name == o.Repeat {
			return word
		}
	}
	return ""
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
		list = append(list, fieldOf(p.Wire, p.In, &openapi3.SchemaRef{Value: p.schema}, p.Description, p.Required))
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
		list = append(list, fieldOf(prefix+name, "", schema.Properties[name], text, slices.Contains(schema.Required, name)))
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
func fieldOf(name, in string, ref *openapi3.SchemaRef, description string, required bool) string {
	schema := whole(ref.Value)
	parts := []string{fmt.Sprintf("Name: %q", name)}
	add := func(format string, value any, given bool) {
		if given {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	values, kind := schema, "object"
	if schema.Type != nil {
		kind = schema.Type.Slice()[0]
	}
	if schema.Items != nil {
		values = schema.Items.Value
	}
	add("In: %q", in, in != "")
	add("Type: %q", kind, true)
	add("Format: %q", schema.Format, schema.Format != "")
	add("Values: %#v", enumOf(values), len(values.Enum) > 0)
	add("Description: %q", strings.TrimSpace(description), true)
	add("Required: %v", required, required)
	add("Nullable: %v", true, ref.Value.Nullable)
	add("Default: %q", ref.Value.Default, ref.Ref == "" && ref.Value.Default != nil && kind == "string")
	add("Secret: %v", true, isSecret(schema))
	return "{" + strings.Join(parts, ", ") + "}"
}

// enumOf are the values of an enumeration.
func enumOf(schema *openapi3.Schema) []string {
	var list []string
	for _, v := range schema.Enum {
		list = append(list, fmt.Sprint(v))
	}
	return list
}
