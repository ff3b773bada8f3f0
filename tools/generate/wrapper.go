package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/getkin/kin-openapi/openapi3"
)

//go:embed *.tmpl
var texts embed.FS

// templates are what the files of a wrapper and of the table are made of.
var templates = template.Must(template.New("").Funcs(template.FuncMap{"comment": comment, "lower": lower, "join": strings.Join}).ParseFS(texts, "*.tmpl"))

// wrapper is what is written into the folder of a provider.
type wrapper struct {
	Package, Client string // the names of the two packages
	Services        []*service
	Types           []string
	Consts          []string
	Unions          []union
	Events          []event
}

// event is what a provider sends: its name, and the type of its data.
type event struct{ Name, Type string }

// Const is the name of the constant.
func (e event) Const() string { return "Event" + camel(e.Name) }

// union is a type that holds a value of one of several.
type union struct {
	Name  string
	Types []string
}

// service is the calls of a tag.
type service struct {
	Package, Client string
	Name, Doc       string
	Operations      []*operation
}

// writeWrapper writes the services of the document into folder, if it has any, and takes away those that it has no more.
func writeWrapper(spec *openapi3.T, c *client, folder string) error {
	all, err := operationsOf(spec, c)
	if err != nil {
		return err
	}
	all = withoutClient(all)
	events := eventsOf(spec, c)
	if len(all)+len(events) == 0 {
		return nil
	}
	byHand, err := declared(folder)
	if err != nil {
		return err
	}
	checks := newChecks(c)
	for _, o := range all {
		o.Check = checks.ofOperation(o)
	}
	checksFile := checks.source()
	checksFile.Package = filepath.Base(folder)
	w := &wrapper{Package: filepath.Base(folder), Client: c.name, Services: servicesOf(spec, c, all), Events: events}
	w.addTypes(spec, c, all, byHand)
	if err := remove(filepath.Join(folder, "*.gen.go")); err != nil {
		return err
	}
	faults := []error{render(filepath.Join(folder, "types.gen.go"), "types.tmpl", w)}
	if len(events) > 0 {
		faults = append(faults, render(filepath.Join(folder, "events.gen.go"), "events.tmpl", w))
	}
	if len(all) > 0 {
		faults = append(faults,
			render(filepath.Join(folder, "services.gen.go"), "services.tmpl", w),
			render(filepath.Join(folder, "checks.gen.go"), "checks.tmpl", checksFile))
	}
	if !byHand["Client"] {
		faults = append(faults, render(filepath.Join(folder, "client.gen.go"), "client.tmpl", usual(w, spec)))
	}
	for _, s := range w.Services {
		s.Package = w.Package
		faults = append(faults, render(filepath.Join(folder, strings.ToLower(s.Name)+".gen.go"), "service.tmpl", s))
	}
	return errors.Join(faults...)
}

// Generated reports whether there is a method that is not written by hand.
func (s *service) Generated() bool {
	return slices.ContainsFunc(s.Operations, func(o *operation) bool { return o.Handwritten == "" })
}

// Imports are those of the standard library that a service needs.
func (s *service) Imports() (list []string) {
	if s.Generated() {
		list = append(list, "context", "net/http")
	}
	for _, o := range s.Operations {
		if len(o.Secrets()) > 0 {
			list = append(list, "fmt", "log/slog")
		}
		if o.Paged {
			list = append(list, "iter")
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// servicesOf groups the calls.
func servicesOf(spec *openapi3.T, c *client, all []*operation) []*service {
	var list []*service
	for _, o := range all {
		i := slices.IndexFunc(list, func(s *service) bool { return s.Name == o.Service })
		if i < 0 {
			i = len(list)
			list = append(list, &service{Client: c.name, Name: o.Service, Doc: strings.TrimSpace(spec.Tags.Get(o.Tag).Description)})
		}
		list[i].Operations = append(list[i].Operations, o)
	}
	return list
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

// render writes a file from a template.
func render(path, name string, data any) error {
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, name, data); err != nil {
		return err
	}
	source, err := format.Source(out.Bytes())
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", path, err, out.Bytes())
	}
	return write(path, source)
}

// remove takes away the files of a pattern.
func remove(pattern string) error {
	files, err := filepath.Glob(pattern)
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// comment makes a comment of the lines of a text.
func comment(lines ...string) string {
	text := strings.TrimSpace(strings.Join(lines, "\n"))
	return "// " + strings.ReplaceAll(strings.ReplaceAll(text, "\n", "\n// "), "// \n", "//\n")
}
