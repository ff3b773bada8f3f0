package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

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

// mark finds the fields that are secret. Each secret of the document must be one, of a type that can be hidden.
func (c *client) mark(secrets []secret) error {
	var faults []error
	for _, s := range secrets {
		if !c.markOne(s) {
			faults = append(faults, fmt.Errorf("no type of the client has the secret %s of %s", s.name, s.owner))
		}
	}
	for _, t := range c.types {
		for i := range t.fields {
			f := &t.fields[i]
			if strings.HasSuffix(t.name, "Result") && f.name == "Body" && f.typ == "[]byte" || f.name == "union" {
				f.secret = true // an answer as it came, or one of several types as it will be sent
			}
			if f.secret && hiding[f.typ] == "" {
				faults = append(faults, fmt.Errorf("%s.%s is secret, and of a type that is not known how to hide: %s", t.name, f.name, f.typ))
			}
			t.reaches = t.reaches || f.secret
		}
	}
	for c.spread() {
	}
	return errors.Join(faults...)
}

func (c *client) markOne(s secret) (found bool) {
	for _, t := range c.types {
		for i := range t.fields {
			if key(t.name) == s.owner && t.fields[i].wire == s.name {
				t.fields[i].secret, found = true, true
			}
		}
	}
	return found
}

// spread marks the types with a field of a type that reaches a secret, and reports whether there was a new one.
func (c *client) spread() (more bool) {
	reach := map[string]bool{}
	for _, t := range c.types {
		reach[t.name] = t.reaches
	}
	for _, t := range c.types {
		if !t.reaches && slices.ContainsFunc(t.fields, func(f field) bool {
			return slices.ContainsFunc(f.uses, func(name string) bool { return reach[name] })
		}) {
			t.reaches, more = true, true
		}
	}
	return more
}
