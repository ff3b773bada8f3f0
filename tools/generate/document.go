package main

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// secret is a member or a parameter that must not be printed.
type secret struct {
	owner string // key of the type that has it
	name  string // as it is sent
}

// secretsOf returns the secrets of a document, in an order that is always the same.
func secretsOf(spec *openapi3.T) []secret {
	var all []secret
	if spec.Components != nil {
		for _, name := range slices.Sorted(maps.Keys(spec.Components.Schemas)) {
			all = members(all, key(name), spec.Components.Schemas[name].Value)
		}
	}
	for _, path := range spec.Paths.InMatchingOrder() {
		item := spec.Paths.Value(path)
		for _, op := range item.Operations() {
			for _, p := range append(slices.Clone(item.Parameters), op.Parameters...) {
				if p.Value.Schema != nil && isSecret(p.Value.Schema.Value) {
					all = append(all, secret{key(op.OperationID, "params"), p.Value.Name})
				}
			}
		}
	}
	return all
}

// members appends the secret members of an object, and those of the objects that are written out in it.
func members(all []secret, owner string, schema *openapi3.Schema) []secret {
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		ref := schema.Properties[name]
		if isSecret(ref.Value) {
			all = append(all, secret{owner, name})
		}
		if ref.Ref == "" {
			all = members(all, key(owner, name), ref.Value)
		}
	}
	for _, part := range schema.AllOf {
		if part.Ref == "" {
			all = members(all, owner, part.Value)
		}
	}
	if schema.Items != nil && schema.Items.Ref == "" {
		all = members(all, owner+"item", schema.Items.Value)
	}
	return all
}

// isSecret reports whether a value must not be printed.
func isSecret(schema *openapi3.Schema) bool {
	marked, _ := schema.Extensions["x-secret"].(bool)
	return marked || schema.Format == "password"
}
