package spectest

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// pair is a field of a form or a parameter of a query, in its place.
type pair struct {
	name, value string
	whole       bool // there was an equals sign: without one, what looks like a name may be a value
}

// parsePairs takes a query or a form apart. Unlike [url.ParseQuery] it keeps the order and the lone names.
func parsePairs(raw string) ([]pair, error) {
	if strings.Contains(raw, ";") {
		return nil, errors.New("a semicolon has to be escaped")
	}
	var pairs []pair
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, whole := strings.Cut(part, "=")
		name, errName := url.QueryUnescape(name)
		value, errValue := url.QueryUnescape(value)
		if errName != nil || errValue != nil {
			return nil, errors.New("a percent sign has to begin an escape")
		}
		pairs = append(pairs, pair{name: name, value: value, whole: whole})
	}
	return pairs, nil
}

// undeclared finds the names that are not declared.
func (f *findings) undeclared(pairs []pair, at Violation, declared func(name string) bool) {
	at.Rule = "is not declared"
	for _, p := range pairs {
		if !f.next() {
			return
		}
		if declared(p.name) {
			continue
		}
		if at.Name = hidden; p.whole {
			at.Name = shown(p.name)
		}
		f.add(at)
	}
}

// repeated finds the names that come more than once, of those that may not.
func (f *findings) repeated(pairs []pair, at Violation, once func(name string) bool) {
	at.Rule = "must not be repeated"
	count := make(map[string]int, len(pairs))
	for _, p := range pairs {
		if !f.next() {
			return
		}
		if count[p.name]++; count[p.name] == 2 && once(p.name) {
			at.Name = p.name
			f.add(at)
		}
	}
}

// misencoded finds names and values that are not text: a percent sign can escape any byte.
func (f *findings) misencoded(pairs []pair, at Violation) {
	at.Rule = "must be UTF-8"
	for _, p := range pairs {
		if !f.next() {
			return
		}
		if !utf8.ValidString(p.name) || !utf8.ValidString(p.value) {
			at.Name = shown(p.name)
			f.add(at)
		}
	}
}

// checkForm checks what the schema's own check cannot see: by then the form has become an object.
func (f *findings) checkForm(schema *openapi3.Schema, body []byte) {
	at := Violation{Kind: Body, In: "form"}
	pairs, err := parsePairs(string(body))
	if err != nil {
		at.Rule = "has to be well-formed"
		f.add(at)
		return
	}
	declared := func(name string) bool { return schema.Properties[name] != nil }
	if closed(schema) {
		f.undeclared(pairs, at, declared)
	}
	f.repeated(pairs, at, func(name string) bool { return declared(name) && !isArray(schema.Properties[name]) })
	f.misencoded(pairs, at)
	at.Rule = "must not be empty"
	for _, p := range pairs {
		if !f.next() {
			return
		}
		if p.value == "" && declared(p.name) {
			at.Name = p.name
			f.add(at)
		}
	}
}

// closed reports whether an object may have no members but the declared ones.
func closed(schema *openapi3.Schema) bool {
	has := schema.AdditionalProperties.Has
	return has != nil && !*has
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
