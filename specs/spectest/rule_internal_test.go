package spectest

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
)

func anyOf(schemas ...*openapi3.Schema) *openapi3.Schema { return openapi3.NewAnyOfSchema(schemas...) }

// What a schema asks for is told with its bound.
func TestRuleWords(t *testing.T) {
	for text, c := range map[string]struct {
		schema *openapi3.Schema
		value  any
	}{
		"must be at least 1.5":                   {openapi3.NewFloat64Schema().WithMin(1.5), 1.0},
		"must be at most 1000000000000000000000": {openapi3.NewFloat64Schema().WithMax(1e21), 1e22},
		"must be at most -3":                     {openapi3.NewIntegerSchema().WithMax(-3), 0.0},
		"must have at least 2 items":             {openapi3.NewArraySchema().WithMinItems(2), []any{}},
		"must have at most 1 items":              {openapi3.NewArraySchema().WithMaxItems(1), []any{"a", "b"}},
		"must have at least 3 characters":        {openapi3.NewStringSchema().WithMinLength(3), "ab"},
		"must be one of a, b":                    {openapi3.NewStringSchema().WithEnum("a", "b"), "c"},
		"must have a; or b, c":                   {anyOf(&openapi3.Schema{Required: []string{"a"}}, &openapi3.Schema{Required: []string{"b", "c"}}), map[string]any{}},
		"must hold to the keyword anyOf":         {anyOf(&openapi3.Schema{Required: []string{"a"}}, openapi3.NewStringSchema()), map[string]any{}},
		"must hold to the keyword uniqueItems":   {openapi3.NewArraySchema().WithUniqueItems(true), []any{"a", "a"}},
		"must hold to the keyword multipleOf":    {&openapi3.Schema{Type: &openapi3.Types{"number"}, MultipleOf: openapi3.Ptr(2.0)}, 3.0},
	} {
		f := &findings{}
		f.explain(c.schema.VisitJSON(c.value, openapi3.MultiErrors()), Violation{})
		if assert.Len(t, f.list, 1, text) {
			assert.Equal(t, text, f.list[0].Rule)
		}
	}
}
