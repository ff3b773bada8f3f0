package input

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// check refuses texts that are not UTF-8, and member names that the type has not. encoding/json takes a name in any case,
// and the same member twice: "Config" beside "config" would win over what a flag says.
func check(path string, v any, t reflect.Type) error {
	for t != nil && (t.Kind() == reflect.Pointer || mayBeNull(t)) {
		t = t.Elem()
	}
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return fmt.Errorf("%s is not UTF-8", path)
		}
	case map[string]any:
		for name, item := range v {
			member, known := memberOf(t, name)
			if !known {
				return fmt.Errorf("the body has no member %q", join(path, name))
			}
			if err := check(join(path, name), item, member); err != nil {
				return err
			}
		}
	case []any:
		for _, item := range v {
			if err := check(path, item, elemOf(t)); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayBeNull reports whether t is a value that may be null as well as absent, which the generated clients make a map of.
func mayBeNull(t reflect.Type) bool { return t.Kind() == reflect.Map && t.Key().Kind() == reflect.Bool }

// TakesNull reports whether the member at a path below v is sent as null when it is null, and not left out.
func TakesNull(v any, path ...string) bool {
	t := reflect.TypeOf(v)
	for _, name := range path {
		for t != nil && (t.Kind() == reflect.Pointer || mayBeNull(t)) {
			t = t.Elem()
		}
		var known bool
		if t, known = memberOf(t, name); !known {
			return false
		}
	}
	return t == nil || mayBeNull(t)
}

// memberOf returns the type of a member of t, nil if anything goes, and whether there is such a member.
func memberOf(t reflect.Type, name string) (reflect.Type, bool) {
	if t == nil || t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(unmarshaler) || reflect.PointerTo(t).Implements(texts) {
		return elemOf(t), true
	}
	for _, f := range reflect.VisibleFields(t) {
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == name && tag != "-" || tag == "" && f.Name == name && f.IsExported() && !f.Anonymous {
			return f.Type, true
		}
	}
	return nil, false
}

// unmarshaler and texts are types that read their value by themselves.
var unmarshaler, texts = reflect.TypeFor[json.Unmarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()

// elemOf returns the type of what a list or a map holds; nil if t is neither.
func elemOf(t reflect.Type) reflect.Type {
	if t == nil || t.Kind() != reflect.Map && t.Kind() != reflect.Slice && t.Kind() != reflect.Array {
		return nil
	}
	return t.Elem()
}

func join(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }
