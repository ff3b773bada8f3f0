package specs_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// flatten puts a document into one line a place. A place is the operation and what is in it:
//
//	server https://api.example.com
//	createThing                          POST /things, credentials
//	createThing header/Request-Id        optional string max:255
//	createThing request                  required application/json
//	createThing request/kind             required string value:big value:small default:big
//	createThing 201                      application/json
//	createThing 201/data/id              required string uuid
func flatten(spec *openapi3.T) map[string]string {
	flat := map[string]string{}
	for _, server := range spec.Servers {
		flat["server "+server.URL] = ""
	}
	for _, c := range calls(spec) {
		flat[c.OperationID] = c.method + " " + c.path + " " + credentials(spec, c)
		for _, ref := range c.Parameters {
			p := ref.Value
			place := c.OperationID + " " + p.In + "/" + p.Name
			flat[place] = need(p.Required) + " " + describe(p.Schema.Value)
		}
		if c.RequestBody != nil {
			place := c.OperationID + " request"
			flat[place] = need(c.RequestBody.Value.Required)
			flattenContent(flat, place, c.RequestBody.Value.Content)
		}
		for status, answer := range answers(c) {
			place := c.OperationID + " " + status
			for name, header := range answer.Headers {
				flat[place+" header/"+name] = describe(header.Value.Schema.Value)
			}
			if len(answer.Content) == 0 {
				flat[place] = "empty"
			}
			flattenContent(flat, place, answer.Content)
		}
	}
	return flat
}

func flattenContent(flat map[string]string, place string, content openapi3.Content) {
	for _, media := range sorted(content) {
		flat[place] += " " + media
		flattenSchema(flat, place, content[media].Schema)
	}
}

func flattenSchema(flat map[string]string, place string, ref *openapi3.SchemaRef) {
	walk(place, ref, func(at string, schema *openapi3.Schema) {
		for name, member := range schema.Properties {
			flat[at+"/"+name] = need(slices.Contains(schema.Required, name)) + " " + describe(member.Value)
		}
	})
}

func credentials(spec *openapi3.T, c call) string {
	needs := spec.Security
	if c.Security != nil {
		needs = *c.Security
	}
	if len(needs) == 0 {
		return "open"
	}
	for scheme := range needs[0] {
		return spec.Components.SecuritySchemes[scheme].Value.Scheme
	}
	return "open"
}

func need(required bool) string {
	if required {
		return "required"
	}
	return "optional"
}

func describe(schema *openapi3.Schema) string {
	words := append(schema.Type.Slice(), schema.Format)
	if schema.Type == nil {
		words = append(words, "any")
	}
	if schema.Nullable {
		words = append(words, "nullable")
	}
	if schema.MaxLength != nil {
		words = append(words, fmt.Sprintf("max:%d", *schema.MaxLength))
	}
	if schema.Default != nil {
		words = append(words, fmt.Sprintf("default:%v", schema.Default))
	}
	open, _ := schema.Extensions["x-extensible-enum"].([]any)
	for _, value := range append(slices.Clone(schema.Enum), open...) {
		words = append(words, fmt.Sprintf("value:%v", value))
	}
	return strings.Join(words, " ")
}

// missing compares a document with what must be in it: each place, and there each word.
func missing(flat map[string]string, wanted []fact) []string {
	var lost []string
	for _, f := range wanted {
		got, found := flat[f.place]
		if !found {
			lost = append(lost, f.place)
			continue
		}
		for _, word := range strings.Fields(f.words) {
			if !slices.Contains(strings.Fields(got), word) {
				lost = append(lost, f.place+": "+word)
			}
		}
	}
	return lost
}
