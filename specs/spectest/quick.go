package spectest

import (
	"reflect"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
)

// Most calls are all right, and seeing that is ten times cheaper than finding out what is wrong. So a quick check comes
// first, made from the document once: it reads a body in one go, without turning it into a value, and says either
// "holds" or "I do not know". Only for the second does the full check run, and all that is ever said about a call comes
// from there. What the quick check lets pass, the full check must let pass as well; a fuzz target sees to that.

// quickSchema is a schema as far as the quick check understands it. A nil quickSchema holds for nothing.
type quickSchema struct {
	kind     byte // 'c'hoice, 'o'bject, 'a'rray, 's'tring, 'i'nteger, 'n'umber, 'b'oolean, or '?' for a string, an integer or a boolean
	nullable bool

	minLength, maxLength int // of a string; -1 is no limit
	format               func(text []byte) bool
	pattern              *regexp.Regexp
	enum                 []string

	digits   int // of a number, at most
	min, max *float64

	members  []quickMember // of an object
	required uint64        // a bit for each member
	choice   int           // of an object: the member whose value says what else is required; -1 is none
	needs    map[string]uint64
	any      []uint64     // of an object: what is required, one of these
	rest     *quickSchema // of an object: the members that are not declared; nil where there are none

	minMembers, maxMembers int // of an object; -1 is no limit

	ways []*quickSchema // of a choice, which holds if one of them does

	item               *quickSchema // of an array
	minItems, maxItems int          // -1 is no limit
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
	if inner := wrapped(s); inner != nil {
		q := quickOf(inner, append(slices.Clip(above), s)...)
		if q != nil {
			same := *q
			same.nullable = s.Nullable
			q = &same
		}
		return q
	}
	above = append(slices.Clip(above), s)
	q := &quickSchema{nullable: s.Nullable, maxLength: -1, maxItems: -1, maxMembers: -1, choice: -1}
	known := false
	switch {
	case s.Type == nil && len(s.AnyOf) > 0:
		known = q.anyOf(*s, above)
	case s.Type == nil && len(s.Properties)+len(s.AllOf) > 0: // anything, but usually an object
		known = q.object(s, above)
	case s.Type == nil:
		q.kind, q.digits = '?', 15
		known = s.Format == "" && len(s.Enum) == 0 && s.Items == nil && len(s.Properties)+len(s.Required) == 0 &&
			s.MinLength == 0 && s.MaxLength == nil && s.MinItems == 0 && s.MaxItems == nil &&
			s.AdditionalProperties == openapi3.AdditionalProperties{}
	case s.Type.Is("string"):
		known = q.text(s)
	case s.Type.Is("integer"):
		q.kind, q.digits, q.min, q.max = 'i', map[string]int{"": 15, "int32": 9, "int64": 15}[s.Format], s.Min, s.Max
		known = q.digits > 0 && len(s.Enum) == 0
	case s.Type.Is("number"):
		q.kind, q.digits, q.min, q.max = 'n', 15, s.Min, s.Max
		known = slices.Contains([]string{"", "double", "float"}, s.Format) && len(s.Enum) == 0
	case s.Type.Is("boolean"):
		q.kind, known = 'b', s.Format == "" && len(s.Enum) == 0
	case s.Type.Is("array"):
		q.kind, q.item = 'a', quickOf(s.Items, above...)
		known = q.item != nil && s.Format == "" && len(s.Enum) == 0 && limits(&q.minItems, &q.maxItems, s.MinItems, s.MaxItems)
	case s.Type.Is("object"):
		known = q.object(s, above)
	}
	if !known {
		return nil
	}
	return q
}

// wrapped returns the schema that another one only makes nullable, or describes: the one part of its allOf.
func wrapped(s *openapi3.Schema) *openapi3.SchemaRef {
	outer := *s
	outer.AllOf, outer.Nullable = nil, false
	if len(s.AllOf) != 1 || !bare(outer) {
		return nil
	}
	return s.AllOf[0]
}

// plain reports whether a schema has no keyword but those that quickOf knows: with these taken away, nothing is left.
func plain(s openapi3.Schema) bool {
	switch {
	case s.Type.Is("integer"), s.Type.Is("number"):
		s.Min, s.Max = nil, nil
	case s.Type.Is("object"):
		s.OneOf, s.Discriminator, s.AnyOf, s.AllOf, s.MinProps, s.MaxProps = nil, nil, nil, nil, 0, nil
	case s.Type.Is("string"):
		s.Pattern = ""
	case s.Type == nil:
		s.AllOf, s.AnyOf = nil, nil
	}
	s.Type, s.Format, s.Enum, s.Nullable, s.Items = nil, "", nil, false, nil
	s.MinLength, s.MaxLength, s.MinItems, s.MaxItems = 0, nil, 0, nil
	s.Required, s.Properties, s.AdditionalProperties = nil, nil, openapi3.AdditionalProperties{}
	return bare(s)
}

// bare reports whether a schema lets everything pass: it has words for readers and nothing else.
func bare(s openapi3.Schema) bool {
	s.Extensions, s.Origin, s.Title, s.Description, s.Default, s.Example, s.ExternalDocs = nil, nil, "", "", nil, nil, nil
	s.Deprecated = false
	return reflect.ValueOf(s).IsZero()
}

// limits sets a least and a greatest number, and reports whether they are small enough to be counted.
func limits(least, most *int, low uint64, high *uint64) bool {
	const far = 1 << 30
	if low > far || high != nil && *high > far {
		return false
	}
	*least = int(low)
	if high != nil {
		*most = int(*high) //nolint:gosec // bounded above
	}
	return true
}

func (q *quickSchema) text(s *openapi3.Schema) bool {
	q.kind = 's'
	if !limits(&q.minLength, &q.maxLength, s.MinLength, s.MaxLength) {
		return false
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
	case "date":
		q.format = isDate
	case "date-time":
		q.format = isDateTime
	case "uri":
		q.format = isURI
	default: // a name that nothing checks, unless somebody in this process has told kin-openapi how
		if openapi3.SchemaStringFormats[s.Format] != nil {
			return false
		}
	}
	return s.Pattern == "" || q.matches(s.Pattern)
}

// matches keeps a pattern, and reports whether it is one of Go's. kin-openapi knows another way to escape, too.
func (q *quickSchema) matches(pattern string) bool {
	var err error
	q.pattern, err = regexp.Compile(pattern)
	return err == nil
}

// anyOf makes the check of a schema that is one of several and nothing else. It knows those that it knows.
func (q *quickSchema) anyOf(s openapi3.Schema, above []*openapi3.Schema) bool {
	for _, ref := range s.AnyOf {
		if way := quickOf(ref, above...); way != nil {
			q.ways = append(q.ways, way)
		}
	}
	q.kind, s.AnyOf, s.Nullable = 'c', nil, false
	return len(q.ways) > 0 && bare(s)
}

// holdsCount reports whether an array may have n items.
func (q *quickSchema) holdsCount(n int) bool {
	return n >= q.minItems && (q.maxItems < 0 || n <= q.maxItems)
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
	if n < q.minLength || q.maxLength >= 0 && n > q.maxLength || q.format != nil && !q.format(text) ||
		q.pattern != nil && !q.pattern.Match(text) {
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

// isUUID knows the layout: 8-4-4-4-12 hexadecimal digits. What version and variant they tell (RFC 9562) is for those who
// make them.
func isUUID(text []byte) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range text {
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return false
			}
		case (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'f'):
			return false
		}
	}
	return true
}
