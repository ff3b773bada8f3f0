package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// checks writes what is checked before sending. What is only inferred is not checked: the provider decides.
type checks struct {
	client   *client
	patterns map[string]string // the names of the variables, by the expression
	types    map[string]string // the functions, by the type; empty where a type has nothing to check
}

func newChecks(c *client) *checks {
	return &checks{client: c, patterns: map[string]string{}, types: map[string]string{}}
}

// value is something to check: an expression of a type in Go, and its schema.
type value struct {
	member, expr, typ string
	ref               *openapi3.SchemaRef
	required          bool
}

// ofOperation writes the check of a call, or nothing where there is nothing to check.
func (k *checks) ofOperation(o *operation) string {
	var b strings.Builder
	for _, p := range o.Params {
		v := value{p.Wire, p.Name, p.typ, &openapi3.SchemaRef{Value: p.schema}, p.Required}
		if p.In == "query" {
			v.expr = "params." + p.Field
		}
		if p.isBool() {
			continue
		}
		k.write(&b, v)
	}
	if o.TypedBody() && k.ofType(o.Body.Type, o.Body.ref) != "" {
		fmt.Fprintf(&b, "check%s(&c, body)\n", o.Body.Type)
	}
	if only, _ := o.spec.Extensions["x-sandbox-only"].(bool); only {
		fmt.Fprintf(&b, "c.SandboxOnly(%q, true)\n", o.ID)
	}
	return b.String()
}

// ofType writes the function that checks a type, and returns it.
func (k *checks) ofType(name string, ref *openapi3.SchemaRef) string {
	if text, done := k.types[name]; done {
		return text
	}
	k.types[name] = "" // a type may hold itself
	t := k.client.typeOf(name)
	if t == nil {
		return ""
	}
	schema := whole(ref.Value)
	var b strings.Builder
	for _, member := range slices.Sorted(maps.Keys(schema.Properties)) {
		f := t.field(member)
		if f == nil {
			continue
		}
		k.write(&b, value{member, "v." + f.name, f.typ, schema.Properties[member], slices.Contains(schema.Required, member)})
	}
	for _, part := range schema.OneOf { // what the others have is empty in each
		one := k.client.typeName(refName(part.Ref))
		if k.ofType(one, part) != "" {
			fmt.Fprintf(&b, "if x, err := v.As%[1]s(); err == nil {\ncheck%[1]s(c, &x)\n}\n", one)
		}
	}
	if b.Len() > 0 {
		k.types[name] = fmt.Sprintf("// check%[1]s is the rules of %[1]s.\nfunc check%[1]s(c *rest.Checks, v *%[1]s) {\n%[2]s}\n", name, b.String())
	}
	return k.types[name]
}

// write writes the checks of a value.
func (k *checks) write(b *strings.Builder, v value) {
	if text(v.ref.Value.Extensions, "x-evidence") == "inferred" {
		return
	}
	schema := whole(v.ref.Value)
	if inner, ok := strings.CutPrefix(v.typ, "nullable.Nullable["); ok {
		var in strings.Builder
		k.write(&in, value{v.member, "x", strings.TrimSuffix(inner, "]"), &openapi3.SchemaRef{Value: schema}, false})
		if in.Len() > 0 {
			fmt.Fprintf(b, "if x, err := %s.Get(); err == nil {\n%s}\n", v.expr, in.String())
		}
		return
	}
	inner, pointer := strings.CutPrefix(v.typ, "*")
	switch {
	case pointer:
		k.writePointer(b, v, inner, schema)
	case strings.HasPrefix(v.typ, "[]"):
		k.writeList(b, v, schema)
	case strings.HasPrefix(v.typ, "map[]"):
		if schema.MaxProps != nil && v.typ == "map[]string" {
			fmt.Fprintf(b, "c.Pairs(%q, %s, %d, %s)\n", v.member, v.expr, *schema.MaxProps, limit(schema.AdditionalProperties.Schema.Value.MaxLength))
		}
	case v.typ == "int64":
		k.writeNumber(b, v.member, v.expr, schema)
	case schema.Type != nil && schema.Type.Is("string"):
		k.writeText(b, v, schema)
	case k.ofType(v.typ, v.ref) != "":
		fmt.Fprintf(b, "c.In(%q)\ncheck%s(c, &%s)\nc.Out()\n", v.member, v.typ, v.expr)
	}
}

// writePointer writes the checks of what a pointer points to.
func (k *checks) writePointer(b *strings.Builder, v value, inner string, schema *openapi3.Schema) {
	if v.required && !v.ref.Value.Nullable {
		fmt.Fprintf(b, "c.Required(%q, %s != nil)\n", v.member, v.expr)
	}
	var in strings.Builder
	if inner == "int64" {
		k.writeNumber(&in, v.member, "*"+v.expr, schema)
	} else if k.ofType(inner, v.ref) != "" {
		fmt.Fprintf(&in, "c.In(%q)\ncheck%s(c, %s)\nc.Out()\n", v.member, inner, v.expr)
	}
	if in.Len() > 0 {
		fmt.Fprintf(b, "if %s != nil {\n%s}\n", v.expr, in.String())
	}
}

// writeList writes the checks of a list and of its items.
func (k *checks) writeList(b *strings.Builder, v value, schema *openapi3.Schema) {
	if schema.MinItems > 0 || schema.MaxItems != nil {
		fmt.Fprintf(b, "c.Items(%q, len(%s), %d, %s)\n", v.member, v.expr, schema.MinItems, limit(schema.MaxItems))
	}
	var in strings.Builder
	item := strings.TrimPrefix(v.typ, "[]")
	if whole(schema.Items.Value).Type.Is("string") {
		k.write(&in, value{v.member, v.expr + "[i]", item, schema.Items, false})
	} else if k.ofType(item, schema.Items) != "" {
		fmt.Fprintf(&in, "c.InItem(%q, i)\ncheck%s(c, &%s[i])\nc.Out()\n", v.member, item, v.expr)
	}
	if in.Len() > 0 {
		fmt.Fprintf(b, "for i := range %s {\n%s}\n", v.expr, in.String())
	}
}

// writeNumber writes the check of a number. One that can be left out has no 0.
func (k *checks) writeNumber(b *strings.Builder, member, expr string, schema *openapi3.Schema) {
	if schema.Min == nil && schema.Max == nil {
		return
	}
	var check strings.Builder
	if schema.Min != nil {
		fmt.Fprintf(&check, "c.Min(%q, %s, %d)\n", member, expr, int64(*schema.Min))
	}
	if schema.Max != nil {
		fmt.Fprintf(&check, "c.Max(%q, %s, %d)\n", member, expr, int64(*schema.Max))
	}
	if strings.HasPrefix(expr, "params.") {
		fmt.Fprintf(b, "if %s != 0 {\n%s}\n", expr, check.String())
		return
	}
	b.WriteString(check.String())
}

// formats are the checks of the formats of texts.
var formats = map[string]string{"uuid": "UUID", "date": "Date", "date-time": "DateTime", "email": "Email", "uri": "URI", "ipv4": "IPv4"}

// writeText writes the checks of a text.
func (k *checks) writeText(b *strings.Builder, v value, schema *openapi3.Schema) {
	expr := v.expr
	if v.typ != "string" {
		expr = "string(" + expr + ")"
	}
	if v.required && v.ref.Ref == "" && v.ref.Value.Default != nil { // that of this member, not of all that have its type
		fmt.Fprintf(b, "if %s == \"\" {\n%s = %q\n}\n", v.expr, v.expr, v.ref.Value.Default)
	} else if v.required && !v.ref.Value.Nullable {
		fmt.Fprintf(b, "c.Required(%q, %s != \"\")\n", v.member, v.expr)
	}
	if only, _ := schema.Extensions["x-sandbox-only"].(bool); only {
		fmt.Fprintf(b, "c.SandboxOnly(%q, %s != \"\")\n", v.member, v.expr)
	}
	if name := formats[schema.Format]; name != "" {
		fmt.Fprintf(b, "c.%s(%q, %s)\n", name, v.member, expr)
	}
	if schema.MinLength > 0 || schema.MaxLength != nil {
		fmt.Fprintf(b, "c.Length(%q, %s, %d, %s)\n", v.member, expr, schema.MinLength, limit(schema.MaxLength))
	}
	if schema.Pattern != "" {
		fmt.Fprintf(b, "c.Pattern(%q, %s, &%s)\n", v.member, expr, k.pattern(v.member, schema.Pattern))
	}
	if list := enumOf(schema); len(list) > 0 {
		fmt.Fprintf(b, "c.OneOf(%q, %s, %s)\n", v.member, expr, quoted(list))
	}
}

// pattern returns the variable of an expression.
func (k *checks) pattern(member, expression string) string {
	if k.patterns[expression] == "" {
		k.patterns[expression] = "pattern" + camel(member)
	}
	return k.patterns[expression]
}

// source is the file with all of them.
func (k *checks) source() checksFile {
	var f checksFile
	for _, expression := range slices.Sorted(maps.Keys(k.patterns)) {
		f.Patterns = append(f.Patterns, fmt.Sprintf("%s = rest.Regexp{Expr: %s}", k.patterns[expression], strconv.Quote(expression)))
	}
	for _, name := range slices.Sorted(maps.Keys(k.types)) {
		if k.types[name] != "" {
			f.Types = append(f.Types, k.types[name])
		}
	}
	return f
}

// checksFile is what a file with checks is made of.
type checksFile struct {
	Package         string
	Patterns, Types []string
}

// limit is an upper limit, or the largest there is.
func limit(n *uint64) string {
	if n == nil || *n > math.MaxInt32 {
		return "rest.NoLimit"
	}
	return strconv.FormatUint(*n, 10)
}
