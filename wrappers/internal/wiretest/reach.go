package wiretest

import (
	"reflect"
	"unsafe"
)

// Reach returns every text and every list of bytes that reflection finds from v on: in fields, exported or not, behind
// pointers and interfaces, in lists and maps. It is what a dump or a diff of v may show.
func Reach(v any) []string {
	r := reach{seen: map[visit]bool{}}
	r.walk(reflect.ValueOf(v))
	return r.texts
}

type visit struct {
	at  unsafe.Pointer
	typ reflect.Type
}

type reach struct {
	texts []string
	seen  map[visit]bool
}

func (r *reach) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		r.texts = append(r.texts, v.String())
	case reflect.Pointer:
		if here := (visit{v.UnsafePointer(), v.Type()}); !v.IsNil() && !r.seen[here] {
			r.seen[here] = true
			r.walk(v.Elem())
		}
	case reflect.Interface:
		r.walk(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			r.walk(v.Field(i))
		}
	case reflect.Map:
		for of := v.MapRange(); of.Next(); {
			r.walk(of.Key())
			r.walk(of.Value())
		}
	case reflect.Slice, reflect.Array:
		r.list(v)
	default: // numbers, and what reflection cannot look into
	}
}

func (r *reach) list(v reflect.Value) {
	var text []byte
	for i := range v.Len() {
		if item := v.Index(i); item.Kind() == reflect.Uint8 {
			text = append(text, byte(item.Uint()))
		} else {
			r.walk(item)
		}
	}
	r.texts = append(r.texts, string(text))
}
