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
		return nil, errors.New("a semicolon must be escaped")
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
			return nil, errors.New("a percent sign must begin an escape")
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

// misplaced finds the fields of the form that stand in the query, and returns them: servers that know one kind of
// parameter take them there, too.
func (f *findings) misplaced(pairs []pair, at Violation, ofForm func(name string) bool) []pair {
	at.Rule, at.Note = "belongs in the form: what is in a URL ends in logs", true
	var fields []pair
	for _, p := range pairs {
		if !f.next() {
			break
		}
		if ofForm(p.name) {
			at.Name = p.name
			f.add(at)
			fields = append(fields, p)
		}
	}
	return fields
}

// checkForm checks what the schema's own check cannot see, as by then the form has become an object, and returns the
// fields that are for that check, if there can be one.
func (f *findings) checkForm(schema *openapi3.Schema, fields []pair, body []byte) ([]pair, bool) {
	at := Violation{Kind: Body, In: "form"}
	pairs, err := parsePairs(string(body))
	if err != nil {
		at.Rule = "must be well-formed"
		f.add(at)
		return nil, false
	}
	pairs = append(fields, pairs...)
	declared := func(name string) bool { return schema.Properties[name] != nil }
	at.Note = !closed(schema)
	f.undeclared(pairs, at, declared)
	at.Note = false
	f.repeated(pairs, at, func(name string) bool { return declared(name) && !isArray(schema.Properties[name]) })
	f.misencoded(pairs, at)
	return f.filled(pairs, at, declared), true
}

// filled returns the declared fields that are not empty. A field without a value counts as left out (RFC 6749, section
// 3.2).
func (f *findings) filled(pairs []pair, at Violation, declared func(name string) bool) []pair {
	at.Rule, at.Note = "is empty, and counts as left out", true
	var fields []pair
	for _, p := range pairs {
		if !f.next() {
			break
		}
		switch {
		case !declared(p.name):
		case p.value == "":
			at.Name = p.name
			f.add(at)
		default:
			fields = append(fields, p)
		}
	}
	return fields
}

// encoded is the text of a form.
func encoded(pairs []pair) string {
	var b strings.Builder
	for _, p := range pairs {
		b.WriteString("&" + url.QueryEscape(p.name) + "=" + url.QueryEscape(p.value))
	}
	return strings.TrimPrefix(b.String(), "&")
}

// closed reports whether an object may have no members but the declared ones.
func closed(schema *openapi3.Schema) bool {
	has := schema.AdditionalProperties.Has
	return has != nil && !*has
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
