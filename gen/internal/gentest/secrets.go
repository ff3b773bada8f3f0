package gentest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// canary is a secret that is easy to find, and has no letter that hexadecimal digits do not have.
const canary = "cafe5ec2e7f00d"

// KeepsSecrets fails unless types are all structs of the client in file, and none of them prints a secret of document:
// neither under any verb of fmt, nor by log/slog as text or as JSON, alone, in a pointer, in a list or in another struct.
func KeepsSecrets(t *testing.T, document, file string, types []any) {
	t.Helper()
	secrets := secretNames(t, document)
	if len(secrets) == 0 {
		t.Fatal("the document has no secret")
	}
	if got := structs(t, file); got != len(types) {
		t.Errorf("the client has %d structs, and %d are looked at", got, len(types))
	}
	filled := 0
	for _, one := range types {
		v := reflect.New(reflect.TypeOf(one))
		filled += fill(v.Elem(), secrets, 0)
		for how, text := range prints(v) {
			if strings.Contains(strings.ToLower(text), canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
				t.Errorf("%T prints a secret by %s: %s", one, how, text)
			}
		}
	}
	if filled == 0 {
		t.Error("no type has a secret")
	}
}

// secretNames returns the members and parameters of a document that are secret, each by the key of what has it and its
// name.
func secretNames(t *testing.T, document string) map[string]bool {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromFile(document)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for owner, ref := range spec.Components.Schemas {
		members(names, key(owner), ref.Value)
	}
	for _, item := range spec.Paths.Map() {
		for _, op := range item.Operations() {
			for _, p := range op.Parameters {
				if isSecret(p.Value.Schema.Value) {
					names[key(op.OperationID+"Params")+" "+p.Value.Name] = true
				}
			}
		}
	}
	return names
}

// members notes the secret members of an object, and of the objects that are written out in it.
func members(names map[string]bool, owner string, schema *openapi3.Schema) {
	for name, ref := range schema.Properties {
		if isSecret(ref.Value) {
			names[owner+" "+name] = true
		}
		if ref.Ref == "" {
			members(names, owner+key(name), ref.Value)
		}
	}
}

func isSecret(schema *openapi3.Schema) bool {
	marked, _ := schema.Extensions["x-secret"].(bool)
	return marked || schema.Format == "password"
}

// key makes a name of the document and its name in Go the same.
func key(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(name))
}

// structs counts the exported structs of a file, without the clients themselves.
func structs(t *testing.T, file string) (n int) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(node ast.Node) bool {
		if spec, ok := node.(*ast.TypeSpec); ok && spec.Name.IsExported() && spec.Name.Name != "Client" && spec.Name.Name != "ClientWithResponses" {
			if _, ok := spec.Type.(*ast.StructType); ok {
				n++
			}
		}
		return true
	})
	return n
}

// fill puts the canary into every field with the name of a secret, and returns how many there were.
func fill(v reflect.Value, secrets map[string]bool, depth int) (n int) {
	if depth > 8 { // a type may hold itself
		return 0
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.Type().Elem().PkgPath() != "net/http" {
			v.Set(reflect.New(v.Type().Elem()))
			n += fill(v.Elem(), secrets, depth+1)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return 0
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		n += fill(v.Index(0), secrets, depth+1)
	case reflect.Map: // of a value that may be null
		if v.Type().Key().Kind() == reflect.Bool {
			value := reflect.New(v.Type().Elem()).Elem()
			n += fill(value, secrets, depth+1)
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf(true), value)
		}
	case reflect.Struct:
		if one, ok := v.Addr().Interface().(json.Unmarshaler); ok && v.NumField() == 1 { // one of several types
			_ = one.UnmarshalJSON([]byte(`{"secret":"` + canary + `"}`))
			return 1
		}
		for i := range v.NumField() {
			f, tag := v.Field(i), v.Type().Field(i).Tag
			name, _, _ := strings.Cut(tag.Get("json")+","+tag.Get("form"), ",")
			text := f
			if f.Kind() == reflect.Pointer && f.Type().Elem().Kind() == reflect.String {
				f.Set(reflect.New(f.Type().Elem()))
				text = f.Elem()
			}
			switch {
			case secrets[key(v.Type().Name())+" "+name] && text.Kind() == reflect.String:
				text.SetString(canary)
				n++
			case v.Type().Field(i).Name == "Body" && f.Kind() == reflect.Slice:
				f.SetBytes([]byte(canary))
				n++
			case f.CanSet():
				n += fill(f, secrets, depth+1)
			}
		}
	default: // has no secret of its own
	}
	return n
}

// prints returns what is printed of the value that v points to, by the way it is done.
func prints(v reflect.Value) map[string]string {
	value, pointer := v.Elem().Interface(), v.Interface()
	list := reflect.MakeSlice(reflect.SliceOf(v.Elem().Type()), 1, 1)
	list.Index(0).Set(v.Elem())
	ways := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T %[1]v"} {
		ways[verb] = fmt.Sprintf(verb, value)
		ways[verb+" of a pointer"] = fmt.Sprintf(verb, pointer)
		ways[verb+" of a list"] = fmt.Sprintf(verb, list.Interface())
		ways[verb+" of a struct"] = fmt.Sprintf(verb, struct{ In any }{pointer})
	}
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"a text log": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"a JSON log": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		var b bytes.Buffer
		slog.New(handler(&b)).Info("call", "value", value, "pointer", pointer)
		ways[name] = b.String()
	}
	return ways
}
