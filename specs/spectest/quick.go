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
// from there. What the quick check lets pass, the full check must let pass as well; a fuzz target sees to that.

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
	choice   int           // of an object: the member whose value says what else is required; -1 is none
	needs    map[string]uint64

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
	above = append(slices.Clip(above), s)
	q := &quickSchema{nullable: s.Nullable, maxLength: -1, maxItems: -1, choice: -1}
	known := false
	switch {
	case s.Type == nil && len(s.Properties) > 0: // anything, but usually an object
		known = q.object(s, above)
	case s.Type == nil:
		q.kind, q.digits = '?', 15
		known = s.Format == "" && len(s.Enum) == 0 && s.Items == nil && len(s.Properties)+len(s.Required) == 0 &&
			s.MinLength == 0 && s.MaxLength == nil && s.MinItems == 0 && s.MaxItems == nil &&
			s.AdditionalProperties == openapi3.AdditionalProperties{}
	case s.Type.Is("string"):
		known = q.text(s)
	case s.Type.Is("integer"):
		q.kind, q.digits = 'i', map[string]int{"": 15, "int32": 9, "int64": 15}[s.Format]
		known = q.digits > 0 && len(s.Enum) == 0
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

// plain reports whether a schema has no keyword but those that quickOf knows: with these taken away, nothing is left. A
// minimum of 0 or less holds for every number that the quick check reads.
func plain(s openapi3.Schema) bool {
	if s.Min != nil && *s.Min <= 0 {
		s.Min = nil
	}
	if s.Type.Is("object") {
		s.OneOf, s.Discriminator = nil, nil
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
	return !slices.ContainsFunc(s.Required, func(name string) bool { return s.Properties[name] == nil }) && q.chosen(s)
}

// chosen makes the check of a oneOf that only says, for each value of one member, which others are required.
func (q *quickSchema) chosen(s *openapi3.Schema) bool {
	if len(s.OneOf) == 0 {
		return s.Discriminator == nil
	}
	if s.Discriminator == nil || len(s.Discriminator.Mapping) == 0 {
		return false
	}
	q.choice, q.needs = q.member([]byte(s.Discriminator.PropertyName)), map[string]uint64{}
	for value, target := range s.Discriminator.Mapping {
		i := slices.IndexFunc(s.OneOf, func(one *openapi3.SchemaRef) bool { return one.Ref == target.Ref })
		if i < 0 {
			return false
		}
		needs, ok := q.mask(*s.OneOf[i].Value)
		if !ok {
			return false
		}
		q.needs[value] = needs
	}
	return q.choice >= 0 && q.members[q.choice].schema != nil && q.members[q.choice].schema.decides()
}

// decides reports whether every value of the schema is a text.
func (q *quickSchema) decides() bool { return q.kind == 's' && !q.nullable }

// mask returns the bits of the members that a schema requires, if that is all it says.
func (q *quickSchema) mask(s openapi3.Schema) (bits uint64, ok bool) {
	for _, name := range s.Required {
		i := q.member([]byte(name))
		if i < 0 {
			return 0, false
		}
		bits |= 1 << i
	}
	s.Required = nil
	return bits, bare(s)
}

// complete reports whether the members that were seen are all that are required, given the value of the one that decides.
func (q *quickSchema) complete(seen uint64, choice []byte) bool {
	needs := q.required
	if q.choice >= 0 {
		more, known := q.needs[string(choice)]
		if !known {
			return false
		}
		needs |= more
	}
	return seen&needs == needs
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
