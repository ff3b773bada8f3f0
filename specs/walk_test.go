package specs_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

// load reads a document anew, so that a test may change what it gets.
func load(t *testing.T, doc specs.Document) *openapi3.T {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(doc.YAML())
	require.NoError(t, err, doc.Name())
	return spec
}

// eachDocument runs a subtest a document.
func eachDocument(t *testing.T, f func(t *testing.T, spec *openapi3.T)) {
	t.Helper()
	for _, doc := range specs.All() {
		t.Run(doc.Name(), func(t *testing.T) {
			t.Parallel()
			f(t, load(t, doc))
		})
	}
}

// call is an operation and where it stands.
type call struct {
	*openapi3.Operation
	method, path string
}

// calls returns the operations, ordered by path and method.
func calls(spec *openapi3.T) []call {
	var all []call
	for _, path := range spec.Paths.Keys() {
		operations := spec.Paths.Value(path).Operations()
		for _, method := range sorted(operations) {
			all = append(all, call{operations[method], method, path})
		}
	}
	return all
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// answers returns the answers of an operation by status.
func answers(c call) map[string]*openapi3.Response {
	all := map[string]*openapi3.Response{}
	for status, ref := range c.Responses.Map() {
		all[status] = ref.Value
	}
	return all
}

// visitor is called with each schema, and with its place: the names on the way to it.
type visitor func(place string, schema *openapi3.Schema)

// walk visits a schema and all that are below it. A schema that contains itself is visited once on each way.
func walk(place string, ref *openapi3.SchemaRef, visit visitor, above ...*openapi3.Schema) {
	if ref == nil || slices.Contains(above, ref.Value) {
		return
	}
	schema := ref.Value
	visit(place, schema)
	above = append(above, schema)
	for _, name := range sorted(schema.Properties) {
		walk(place+"/"+name, schema.Properties[name], visit, above...)
	}
	walk(place+"/*", schema.Items, visit, above...)
	walk(place+"/*", schema.AdditionalProperties.Schema, visit, above...)
	for _, refs := range []openapi3.SchemaRefs{schema.AllOf, schema.AnyOf, schema.OneOf} {
		for _, part := range refs {
			walk(place, part, visit, above...)
		}
	}
}

// requests visits the schemas of all parameters and request bodies.
func requests(spec *openapi3.T, visit visitor) {
	for _, c := range calls(spec) {
		for _, p := range c.Parameters {
			walk(c.OperationID+" "+p.Value.In+"/"+p.Value.Name, p.Value.Schema, visit)
		}
		if c.RequestBody != nil {
			for _, media := range c.RequestBody.Value.Content {
				walk(c.OperationID+" request", media.Schema, visit)
			}
		}
	}
}

// responses visits the schemas of all answers.
func responses(spec *openapi3.T, visit visitor) {
	for _, c := range calls(spec) {
		for status, answer := range answers(c) {
			for name, header := range answer.Headers {
				walk(c.OperationID+" "+status+" header/"+name, header.Value.Schema, visit)
			}
			for _, media := range answer.Content {
				walk(c.OperationID+" "+status, media.Schema, visit)
			}
		}
	}
}
