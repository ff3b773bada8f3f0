// Package reach is for tests: it collects what reflection finds in a value, so that a test can see that no secret is in it.
// Nothing but test files imports it.
package reach

import (
	"reflect"
	"unsafe"
)

// Texts returns every text and every list of bytes that reflection finds from v on: in fields, exported or not, behind
// pointers and interfaces, in lists and maps. It is what a dump or a diff of v may show.
func Texts(v any) []string {
	w := walker{seen: map[visit]bool{}}
	w.walk(reflect.ValueOf(v))
	return w.texts
}

type visit struct {
	at  unsafe.Pointer
	typ reflect.Type
}

type walker struct {
	texts []string
	seen  map[visit]bool
}

func (w *walker) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		w.texts = append(w.texts, v.String())
	case reflect.Pointer:
		if here := (visit{v.UnsafePointer(), v.Type()}); !v.IsNil() && !w.seen[here] {
			w.seen[here] = true
			w.walk(v.Elem())
		}
	case reflect.Interface:
		w.walk(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			w.walk(v.Field(i))
		}
	case reflect.Map:
		for of := v.MapRange(); of.Next(); {
			w.walk(of.Key())
			w.walk(of.Value())
		}
	case reflect.Slice, reflect.Array:
		w.list(v)
	default: // numbers, and what reflection cannot look into
	}
}

func (w *walker) list(v reflect.Value) {
	var text []byte
	for i := range v.Len() {
		if item := v.Index(i); item.Kind() == reflect.Uint8 {
			text = append(text, byte(item.Uint())) //nolint:gosec // it is one
		} else {
			w.walk(item)
		}
	}
	w.texts = append(w.texts, string(text))
}
