package main

import (
	"cmp"
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
	name   string // of the package
	types  []*goType
	names  []string // of all exported types, in order
	consts []constant
	calls  map[string]*method
	alias  map[string]string // the types that are another name of a type
}

// constant is a value of an enumeration.
type constant struct{ name, typ string }

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

// method is a method of the client that sends a typed body, or none.
type method struct {
	name   string
	path   []string // the names of its path parameters
	params string   // the type of its other parameters; empty where it has none
	body   bool
}

// parseClient reads the types of a client, those with methods of the client's own aside.
func parseClient(path string) (*client, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	c := &client{name: file.Name.Name, calls: map[string]*method{}, alias: map[string]string{}}
	for _, decl := range file.Decls {
		if group, ok := decl.(*ast.GenDecl); ok {
			for _, spec := range group.Specs {
				c.add(spec)
			}
		}
	}
	slices.SortFunc(c.types, func(a, b *goType) int { return cmp.Compare(a.name, b.name) })
	slices.Sort(c.names)
	slices.SortFunc(c.consts, func(a, b constant) int { return cmp.Compare(a.name, b.name) })
	return c, nil
}

// plumbing are the types of a generated client that are not of its document.
var plumbing = []string{
	"Client", "ClientWithResponses", "ClientInterface", "ClientWithResponsesInterface", "ClientOption", "HttpRequestDoer", "RequestEditorFn",
}

// add notes a declaration.
func (c *client) add(spec ast.Spec) {
	switch s := spec.(type) {
	case *ast.ValueSpec:
		if id, ok := s.Type.(*ast.Ident); ok && ast.IsExported(id.Name) {
			c.consts = append(c.consts, constant{s.Names[0].Name, id.Name})
		}
	case *ast.TypeSpec:
		if methods, ok := s.Type.(*ast.InterfaceType); ok && s.Name.Name == "ClientInterface" {
			for _, m := range methods.Methods.List {
				c.addCall(m)
			}
		}
		if !s.Name.IsExported() || slices.Contains(plumbing, s.Name.Name) {
			return
		}
		c.names = append(c.names, s.Name.Name)
		if of, ok := s.Type.(*ast.StructType); ok && s.Assign == token.NoPos {
			c.types = append(c.types, structOf(s.Name.Name, of))
		} else if s.Assign != token.NoPos {
			c.alias[s.Name.Name], _ = typeText(s.Type)
		}
	}
}

// addCall notes a method of the interface.
func (c *client) addCall(m *ast.Field) {
	name := m.Names[0].Name
	call := &method{name: name}
	for _, p := range m.Type.(*ast.FuncType).Params.List {
		typ, _ := typeText(p.Type)
		switch p.Names[0].Name {
		case "ctx", "reqEditors":
		case "contentType": // the body is an io.Reader; the method for its type, if there is one, comes next
			name = strings.TrimSuffix(name, "WithBody")
		case "params":
			call.params = strings.TrimPrefix(typ, "*")
		case "body":
			call.body = true
		default:
			call.path = append(call.path, p.Names[0].Name)
		}
	}
	c.calls[key(name)] = call
}

// typeOf returns the struct for a name of the document, or nil.
func (c *client) typeOf(name string) *goType {
	for _, t := range c.types {
		if key(t.name) == key(name) {
			return t
		}
	}
	return nil
}

// typeName returns the name of the type for a name of the document, or "".
func (c *client) typeName(name string) string {
	i := slices.IndexFunc(c.names, func(n string) bool { return key(n) == key(name) })
	if i < 0 {
		return ""
	}
	return c.names[i]
}

// field returns the field for a member of the document, or nil.
func (t *goType) field(wire string) *field {
	for i := range t.fields {
		if t.fields[i].wire == wire {
			return &t.fields[i]
		}
	}
	return nil
}

// has reports whether a field is of a type that holds the named one.
func (c *client) has(name string) bool {
	return slices.ContainsFunc(c.types, func(t *goType) bool {
		return slices.ContainsFunc(t.fields, func(f field) bool { return slices.Contains(f.uses, name) })
	})
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
	case *ast.IndexExpr:
		text, _ = typeText(e.X)
		of, names := typeText(e.Index)
		return text + "[" + of + "]", names
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
