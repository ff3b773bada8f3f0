package spectest

import (
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// Most calls are all right, and seeing that is ten times cheaper than finding out what is wrong. So a quick check comes
// first, made from the document once: it reads a body in one go, without turning it into a value, and says either
// "holds" or "I do not know". Only for the second does the full check run, and all that is ever said about a call comes
// from there. What the quick check lets pass, the full check has to let pass as well; a fuzz target sees to that.

// quickSchema is a schema as far as the quick check understands it. A nil quickSchema holds for nothing.
type quickSchema struct {
	kind     byte // 'o'bject, 'a'rray, 's'tring, 'i'nteger, 'b'oolean, or '?' for any of the last three
	nullable bool

	minLength, maxLength int // of a string; -1 is no limit
	format               func(text []byte) bool
	enum                 []string

	digits int // of an integer, at most

	members  []quickMember // of an object
	required uint64        // a bit for each member

	item *quickSchema // of an array
}

type quickMember struct {
	name   string
	schema *quickSchema
}

// quickOf makes the quick check of a schema, or nil where the schema says something the quick check does not know.
// Schemas that contain themselves are among those.
func quickOf(ref *openapi3.SchemaRef, above ...*openapi3.Schema) *quickSchema {
	if ref == nil || ref.Value == nil || slices.Contains(above, ref.Value) || !plain(*ref.Value) {
		return nil
	}
	s := ref.Value
	above = append(slices.Clip(above), s)
	q := &quickSchema{nullable: s.Nullable, maxLength: -1}
	known := false
	switch {
	case s.Type == nil:
		q.kind, q.digits = '?', 15
		known = s.Format == "" && len(s.Enum) == 0 && s.Items == nil && len(s.Properties)+len(s.Required) == 0 &&
			s.MinLength == 0 && s.MaxLength == nil && s.AdditionalProperties == openapi3.AdditionalProperties{}
	case s.Type.Is("string"):
		known = q.text(s)
	case s.Type.Is("integer"):
		q.kind, q.digits = 'i', map[string]int{"": 15, "int32": 9, "int64": 15}[s.Format]
		known = q.digits > 0 && len(s.Enum) == 0
	case s.Type.Is("boolean"):
		q.kind, known = 'b', s.Format == "" && len(s.Enum) == 0
	case s.Type.Is("array"):
		q.kind, q.item = 'a', quickOf(s.Items, above...)
		known = q.item != nil && s.Format == "" && len(s.Enum) == 0
	case s.Type.Is("object"):
		known = q.object(s, above)
	}
	if !known {
		return nil
	}
	return q
}

// plain reports whether a schema has no keyword but those that quickOf knows: with these taken away, nothing is left.
func plain(s openapi3.Schema) bool {
	s.Extensions, s.Origin, s.Title, s.Description, s.Default, s.Example, s.ExternalDocs = nil, nil, "", "", nil, nil, nil
	s.Deprecated = false
	s.Type, s.Format, s.Enum, s.Nullable, s.Items = nil, "", nil, false, nil
	s.MinLength, s.MaxLength = 0, nil
	s.Required, s.Properties, s.AdditionalProperties = nil, nil, openapi3.AdditionalProperties{}
	return reflect.ValueOf(s).IsZero()
}

func (q *quickSchema) text(s *openapi3.Schema) bool {
	const far = 1 << 30
	if s.MinLength > far || s.MaxLength != nil && *s.MaxLength > far {
		return false
	}
	q.kind, q.minLength = 's', int(s.MinLength)
	if s.MaxLength != nil {
		q.maxLength = int(*s.MaxLength) //nolint:gosec // bounded above
	}
	for _, value := range s.Enum {
		text, ok := value.(string)
		if !ok {
			return false
		}
		q.enum = append(q.enum, text)
	}
	switch s.Format {
	case "", "password":
	case "uuid":
		q.format = isUUID
	case "date-time":
		q.format = isUTC
	default:
		return false
	}
	return true
}

func (q *quickSchema) object(s *openapi3.Schema, above []*openapi3.Schema) bool {
	if s.AdditionalProperties.Schema != nil || s.Format != "" || len(s.Enum) > 0 || len(s.Properties) > 64 {
		return false
	}
	q.kind = 'o'
	for i, name := range sortedKeys(s.Properties) {
		q.members = append(q.members, quickMember{name, quickOf(s.Properties[name], above...)})
		if slices.Contains(s.Required, name) {
			q.required |= 1 << i
		}
	}
	return !slices.ContainsFunc(s.Required, func(name string) bool { return s.Properties[name] == nil })
}

// member returns the place of a member, or -1.
func (q *quickSchema) member(name []byte) int {
	for i := range q.members {
		if q.members[i].name == string(name) {
			return i
		}
	}
	return -1
}

// holdsText checks the value of a string.
func (q *quickSchema) holdsText(text []byte) bool {
	n := utf8.RuneCount(text)
	if n < q.minLength || q.maxLength >= 0 && n > q.maxLength || q.format != nil && !q.format(text) {
		return false
	}
	return q.enum == nil || slices.ContainsFunc(q.enum, func(one string) bool { return one == string(text) })
}

// holds reports whether a JSON text is a value of the schema, with nothing after it and no member twice.
func (q *quickSchema) holds(text []byte) bool {
	if q == nil || !utf8.Valid(text) {
		return false
	}
	r := quickReader{text: text}
	return r.value(q) && r.next() == 0 && r.at == len(text)
}

// isUUID knows the layout of RFC 9562 with a version.
func isUUID(text []byte) bool {
	if len(text) != 36 || text[14] < '1' || text[14] > '8' {
		return false
	}
	for i, c := range text {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		case 19:
			if c != '8' && c != '9' && c != 'a' && c != 'b' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

// isUTC knows RFC 3339 in UTC.
func isUTC(text []byte) bool {
	const form = "0000-00-00T00:00:00"
	if len(text) < len(form)+1 || text[len(text)-1] != 'Z' {
		return false
	}
	for i := range len(form) {
		if c := text[i]; form[i] == '0' && (c < '0' || c > '9') || form[i] != '0' && c != form[i] {
			return false
		}
	}
	two := func(at int) int { return int(text[at]-'0')*10 + int(text[at+1]-'0') }
	if m, d := two(5), two(8); m < 1 || m > 12 || d < 1 || d > 31 {
		return false
	}
	if two(11) > 23 || two(14) > 59 || two(17) > 59 {
		return false
	}
	fraction := text[len(form) : len(text)-1]
	if len(fraction) == 0 {
		return true
	}
	if fraction[0] != '.' || len(fraction) == 1 {
		return false
	}
	return !slices.ContainsFunc(fraction[1:], func(c byte) bool { return c < '0' || c > '9' })
}
