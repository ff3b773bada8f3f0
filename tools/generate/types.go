package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// event is what a provider sends: its name, and the type of its data.
type event struct{ Name, Type string }

// Const is the name of the constant.
func (e event) Const() string { return "Event" + camel(e.Name) }

// union is a type that holds a value of one of several.
type union struct {
	Name  string
	Types []string
}

// addTypes lists what users need of the client beside the services: the types of what is sent and of what comes back, with
// their constants, but not the envelopes, and not what the wrapper has a type of its own for.
func (w *wrapper) addTypes(spec *openapi3.T, c *client, all []*operation, byHand map[string]bool) {
	for _, schema := range slices.Sorted(maps.Keys(reached(spec, all))) {
		name := c.typeName(schema)
		if name == "" || byHand[name] {
			continue
		}
		w.Types = append(w.Types, name)
		if parts := spec.Components.Schemas[schema].Value.OneOf; len(parts) > 0 {
			u := union{Name: name}
			for _, p := range parts {
				u.Types = append(u.Types, c.typeName(refName(p.Ref)))
			}
			w.Unions = append(w.Unions, u)
		}
	}
	for _, name := range []string{"Date", "Timestamp"} {
		if c.has(name) {
			w.Types = append(w.Types, name)
		}
	}
	slices.Sort(w.Types)
	for _, v := range c.consts {
		if slices.Contains(w.Types, v.typ) && !byHand[v.name] {
			w.Consts = append(w.Consts, v.name)
		}
	}
}

// reached returns the names of the schemas of what calls send, of what comes back, without the envelope unless it is an
// error, and of events.
func reached(spec *openapi3.T, all []*operation) map[string]bool {
	names := map[string]bool{}
	for _, o := range all {
		if o.Body != nil {
			reach(names, o.Body.ref)
		}
		for _, p := range o.spec.Parameters {
			reach(names, p.Value.Schema)
		}
		reach(names, o.payload)
		for status, response := range o.spec.Responses.Map() {
			if media := response.Value.Content.Get("application/json"); status[0] != '2' && media != nil {
				reach(names, media.Schema)
			}
		}
	}
	for _, name := range eventSchemas(spec) {
		reach(names, openapi3.NewSchemaRef(name, spec.Components.Schemas[name].Value))
	}
	return names
}

// eventSchemas returns the names of the schemas of x-events, by the names of the events.
func eventSchemas(spec *openapi3.T) map[string]string {
	names := map[string]string{}
	events, _ := spec.Extensions["x-events"].(map[string]any)
	for name, ref := range events {
		names[name] = refName(ref.(map[string]any)["$ref"].(string))
	}
	return names
}

// eventsOf returns the events of the document.
func eventsOf(spec *openapi3.T, c *client) (list []event) {
	schemas := eventSchemas(spec)
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		list = append(list, event{name, c.typeName(schemas[name])})
	}
	return list
}

// reach adds the names of a schema and of all that it is made of.
func reach(names map[string]bool, ref *openapi3.SchemaRef) {
	if ref == nil || ref.Ref != "" && names[refName(ref.Ref)] {
		return
	}
	if ref.Ref != "" {
		names[refName(ref.Ref)] = true
	}
	s := ref.Value
	for _, part := range slices.Concat(slices.Collect(maps.Values(s.Properties)), s.OneOf, s.AnyOf, s.AllOf) {
		reach(names, part)
	}
	reach(names, s.Items)
	reach(names, s.AdditionalProperties.Schema)
}

// declared returns the names that the handwritten files of a package declare.
func declared(folder string) (map[string]bool, error) {
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".gen.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return nil, err
		}
		for name := range file.Scope.Objects {
			names[name] = ast.IsExported(name)
		}
	}
	return names, nil
}
