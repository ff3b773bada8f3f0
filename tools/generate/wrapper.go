package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
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
