package rest

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// unmarshal reads data, which is known to be valid, into v, a pointer; small is what [scan] said of it. A v that reads itself
// is spared what encoding/json does first, which is to see whether data is valid. Into any other one, names go by the
// letter.
func unmarshal(data []byte, v any, small bool) error {
	switch v := v.(type) {
	case interface {
		read(data []byte, small bool) error
	}:
		return v.read(data, small)
	case json.Unmarshaler:
		return v.UnmarshalJSON(data)
	}
	if t := reflect.TypeOf(v); !small || !smallNames(t) {
		data = exactly(data, t)
	}
	return json.Unmarshal(data, v)
}

// smallTypes keeps what smallNames finds, which never changes.
var smallTypes sync.Map

// smallNames reports whether the names of all fields that a t reaches are [isSmall]. Where those of an answer are as well,
// none of them can be taken for another one by its case.
func smallNames(t reflect.Type) bool {
	if small, ok := smallTypes.Load(t); ok {
		return small.(bool)
	}
	small := onlySmall(t, map[reflect.Type]bool{})
	smallTypes.Store(t, small)
	return small
}

func onlySmall(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] || readsItself(t) {
		return true
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Array:
		return onlySmall(t.Elem(), seen)
	case reflect.Struct:
		for name, field := range fieldsOf(t) {
			if !isSmall(name) || field != nil && !onlySmall(field, seen) {
				return false
			}
		}
	default: // takes no members, or all
	}
	return true
}

// exactly returns data, which is valid JSON, so that encoding/json puts no member into a field of a t that has another
// name. By itself it takes names that differ in case, and in its eyes the Kelvin sign is a k: of {"token":…,"TOKEN":…} the
// last one would win, though the two are different members (RFC 8259 §8.3), which is why nothing before it takes them for
// one given twice. Names that no field has are made unreadable, in a copy. The keys of maps stay as they are, and so does
// what a type with an UnmarshalJSON of its own gets.
func exactly(data []byte, t reflect.Type) []byte {
	found := false
	misnamed(data, t, func([]byte) { found = true })
	if !found {
		return data
	}
	data = bytes.Clone(data)
	misnamed(data, t, func(name []byte) {
		for i := range name {
			name[i] = noName
		}
	})
	return data
}

// noName is a character that may stand in a name of JSON, but in none that encoding/json gives a field.
const noName = 0x7f

// misnamed calls visit with every name in data, as it stands between its quotes, that no field has where it stands.
func misnamed(data []byte, t reflect.Type, visit func(name []byte)) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if readsItself(t) {
		return
	}
	switch t.Kind() {
	case reflect.Struct:
		fields := fieldsOf(t)
		inObject(data, func(name, value []byte) bool {
			if field := fields[string(plain(name))]; field != nil {
				misnamed(value, field, visit)
			} else {
				visit(name)
			}
			return true
		})
	case reflect.Map:
		inObject(data, func(_, value []byte) bool { misnamed(value, t.Elem(), visit); return true })
	case reflect.Slice, reflect.Array:
		inArray(data, func(value []byte) { misnamed(value, t.Elem(), visit) })
	default: // takes no members, or all
	}
}

// readsItself reports whether encoding/json leaves it to a t to read itself.
func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// known keeps what fieldsOf finds, which never changes.
var known sync.Map

// fieldsOf returns the fields of a struct by their names in JSON, as encoding/json has them: those of embedded structs
// count, but what is less deep hides what is deeper. The type is nil where fields hide each other.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	if all, ok := known.Load(t); ok {
		return all.(map[string]reflect.Type)
	}
	all := map[string]reflect.Type{}
	earlier := map[reflect.Type]bool{}
	for level := []reflect.Type{t}; len(level) > 0; {
		here, deeper := fieldsAt(level)
		for name, f := range here {
			if _, hidden := all[name]; !hidden {
				all[name] = f.typ
			}
		}
		for _, s := range level {
			earlier[s] = true
		}
		level = slices.DeleteFunc(deeper, func(s reflect.Type) bool { return earlier[s] })
	}
	known.Store(t, all)
	return all
}

// field is one of a struct. Its name is "" if the struct that it is counts in its place.
type field struct {
	typ    reflect.Type
	name   string
	tagged bool // the name is from a tag
}

// fieldsAt returns the fields of structs that are equally deep, and the structs that are embedded in them. Of fields with
// one name, the one with a tag counts; if there is none or more than one of these, none does.
func fieldsAt(level []reflect.Type) (here map[string]field, deeper []reflect.Type) {
	here = map[string]field{}
	for _, s := range level {
		for i := range s.NumField() {
			f, ok := fieldOf(s.Field(i))
			if !ok {
				continue
			}
			if f.name == "" {
				deeper = append(deeper, f.typ)
				continue
			}
			other, twice := here[f.name]
			switch {
			case !twice, f.tagged && !other.tagged:
				here[f.name] = f
			case f.tagged == other.tagged:
				other.typ = nil
				here[f.name] = other
			}
		}
	}
	return here, deeper
}

// fieldOf returns what encoding/json makes of a field, if it makes anything of it.
func fieldOf(f reflect.StructField) (field, bool) {
	t := f.Type
	if t.Name() == "" && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	tag := f.Tag.Get("json")
	embedded := f.Anonymous && t.Kind() == reflect.Struct
	if tag == "-" || !f.IsExported() && !embedded {
		return field{}, false
	}
	name, _, _ := strings.Cut(tag, ",")
	switch tagged := isFieldName(name); {
	case tagged:
		return field{t, name, true}, true
	case embedded:
		return field{typ: t}, true
	}
	return field{t, f.Name, false}, true
}

// isFieldName reports whether encoding/json takes a name from a tag.
func isFieldName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
