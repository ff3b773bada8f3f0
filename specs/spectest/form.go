package spectest

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

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

// undeclared returns the names that are not declared, each once, as they may be shown.
func undeclared(pairs []pair, declared func(name string) bool) []string {
	var names []string
	for _, p := range pairs {
		if declared(p.name) {
			continue
		}
		name := hidden
		if p.whole {
			name = shown(p.name)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// repeated returns the names that come more than once, sorted.
func repeated(pairs []pair) []string {
	count := map[string]int{}
	for _, p := range pairs {
		count[p.name]++
	}
	maps.DeleteFunc(count, func(_ string, n int) bool { return n < 2 })
	return sortedKeys(count)
}

// checkForm checks what the schema's own check cannot see: by then the form has become an object.
func checkForm(schema *openapi3.Schema, body []byte) Violations {
	pairs, err := parsePairs(string(body))
	if err != nil {
		return Violations{{Kind: Body, In: "form", Rule: "has to be well-formed"}}
	}
	var vs Violations
	fault := func(name, rule string) {
		vs = append(vs, Violation{Kind: Body, In: "form", Name: name, Rule: rule})
	}
	if closed(schema) {
		for _, name := range undeclared(pairs, func(name string) bool { return schema.Properties[name] != nil }) {
			fault(name, "is not declared")
		}
	}
	for _, name := range repeated(pairs) {
		if field := schema.Properties[name]; field != nil && !isArray(field) {
			fault(name, "must not be repeated")
		}
	}
	for _, p := range pairs {
		if p.value == "" && schema.Properties[p.name] != nil {
			fault(p.name, "must not be empty")
		}
	}
	return vs
}

// closed reports whether an object may have no members but the declared ones.
func closed(schema *openapi3.Schema) bool {
	has := schema.AdditionalProperties.Has
	return has != nil && !*has
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
