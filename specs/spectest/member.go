package spectest

import (
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// noteMembers finds the members of a request that are not declared, in objects that may have others: nobody promises
// that they are read.
func (f *findings) noteMembers(schema *openapi3.Schema, value any, path []string) {
	switch v := value.(type) {
	case map[string]any:
		f.noteObject(schema, v, path)
	case []any:
		if schema.Items == nil {
			return
		}
		for i, item := range v {
			f.noteMembers(schema.Items.Value, item, append(slices.Clip(path), strconv.Itoa(i)))
		}
	}
}

func (f *findings) noteObject(schema *openapi3.Schema, members map[string]any, path []string) {
	declared := openapi3.Schemas{}
	open := collect(schema, declared) && len(declared) > 0
	for _, name := range sortedKeys(members) {
		if !f.next() {
			return
		}
		at := append(slices.Clip(path), name)
		switch ref := declared[name]; {
		case ref != nil:
			f.noteMembers(ref.Value, members[name], at)
		case open:
			f.add(Violation{Kind: Body, In: "body", Name: pointer(at), Rule: "is not declared", Note: true})
		}
	}
}

// collect adds the members that a schema and its parts declare, and reports whether nothing is said of others: neither
// that there are none, nor what they are.
func collect(schema *openapi3.Schema, into openapi3.Schemas) bool {
	open := schema.AdditionalProperties == openapi3.AdditionalProperties{}
	for name, ref := range schema.Properties {
		into[name] = ref
	}
	for _, parts := range []openapi3.SchemaRefs{schema.AllOf, schema.OneOf, schema.AnyOf} {
		for _, part := range parts {
			open = collect(part.Value, into) && open
		}
	}
	return open
}
