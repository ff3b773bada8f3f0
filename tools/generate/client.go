package main

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// client is what a generated client has of types.
type client struct {
	name  string // of the package
	types []*goType
}

// goType is a struct.
type goType struct {
	name    string
	fields  []field
	reaches bool // has a secret, or has a field that has
}

// field is a field of a struct.
type field struct {
	name, typ string
	wire      string   // as it is sent; empty where it is not
	uses      []string // the names of types in typ
	secret    bool
}

// parseClient reads the types of a client, those with methods of the client's own aside.
func parseClient(path string) (*client, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	c := &client{name: file.Name.Name}
	for _, decl := range file.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range group.Specs {
			t, ok := spec.(*ast.TypeSpec)
			if !ok || t.Assign != token.NoPos || !t.Name.IsExported() || t.Name.Name == "Client" || t.Name.Name == "ClientWithResponses" {
				continue
			}
			if s, ok := t.Type.(*ast.StructType); ok {
				c.types = append(c.types, structOf(t.Name.Name, s))
			}
		}
	}
	slices.SortFunc(c.types, func(a, b *goType) int { return cmp.Compare(a.name, b.name) })
	return c, nil
}

func structOf(name string, s *ast.StructType) *goType {
	t := &goType{name: name}
	for _, f := range s.Fields.List {
		typ, uses := typeText(f.Type)
		for _, id := range f.Names {
			t.fields = append(t.fields, field{name: id.Name, typ: typ, wire: wireName(f.Tag), uses: uses})
		}
	}
	return t
}

// typeText writes a type, and lists the names in it.
func typeText(e ast.Expr) (text string, names []string) {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name, []string{e.Name}
	case *ast.StarExpr:
		text, names = typeText(e.X)
		return "*" + text, names
	case *ast.ArrayType:
		text, names = typeText(e.Elt)
		return "[]" + text, names
	case *ast.MapType:
		text, names = typeText(e.Value)
		return "map[]" + text, names
	case *ast.SelectorExpr:
		text, _ = typeText(e.X)
		return text + "." + e.Sel.Name, nil
	}
	return fmt.Sprintf("%T", e), nil
}

// wireName returns the name in the tag of a field.
func wireName(tag *ast.BasicLit) string {
	if tag == nil {
		return ""
	}
	text, _ := strconv.Unquote(tag.Value)
	name, _, _ := strings.Cut(cmp.Or(reflect.StructTag(text).Get("json"), reflect.StructTag(text).Get("form")), ",")
	return name
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
			if strings.HasSuffix(t.name, "Result") && f.name == "Body" && f.typ == "[]byte" {
				f.secret = true // an answer as it came
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
