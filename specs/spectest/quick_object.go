package spectest

import (
	"maps"
	"math/bits"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

func (q *quickSchema) object(s *openapi3.Schema, above []*openapi3.Schema) bool {
	properties, required := maps.Clone(s.Properties), slices.Clone(s.Required)
	if properties == nil {
		properties = openapi3.Schemas{}
	}
	if s.Format != "" || len(s.Enum) > 0 || len(s.AllOf) > 0 && !merged(s, properties, &required, above) || len(properties) > 64 {
		return false
	}
	q.kind = 'o'
	if ref := s.AdditionalProperties.Schema; ref != nil {
		if q.rest = quickOf(ref, above...); q.rest == nil {
			return false
		}
	}
	for _, name := range sortedKeys(properties) {
		q.members = append(q.members, quickMember{name, quickOf(properties[name], above...)})
	}
	var ok bool
	if q.required, ok = q.bits(required); !ok {
		return false
	}
	for _, one := range s.AnyOf {
		if needs, ok := q.mask(*one.Value); ok {
			q.any = append(q.any, needs)
		}
	}
	return len(s.AnyOf) == 0 == (q.any == nil) && limits(&q.minMembers, &q.maxMembers, s.MinProps, s.MaxProps) && q.chosen(s)
}

// merged adds the members of the parts of an allOf to those of the whole, and reports whether that is all that they say:
// no member twice, and none forbidden.
func merged(s *openapi3.Schema, properties openapi3.Schemas, required *[]string, above []*openapi3.Schema) bool {
	if s.AdditionalProperties != (openapi3.AdditionalProperties{}) {
		return false
	}
	for _, ref := range s.AllOf {
		part := *ref.Value
		if slices.Contains(above, ref.Value) || !part.Type.Permits("object") {
			return false
		}
		for name, member := range part.Properties {
			if properties[name] != nil {
				return false
			}
			properties[name] = member
		}
		*required = append(*required, part.Required...)
		if len(part.AllOf) > 0 && !merged(&part, properties, required, append(slices.Clip(above), ref.Value)) {
			return false
		}
		part.Type, part.Properties, part.Required, part.AllOf, part.Nullable = nil, nil, nil, nil, false
		if !bare(part) {
			return false
		}
	}
	return true
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
func (q *quickSchema) mask(s openapi3.Schema) (mask uint64, ok bool) {
	mask, ok = q.bits(s.Required)
	s.Required = nil
	return mask, ok && bare(s)
}

// bits returns the bits of members, and whether all of them are declared.
func (q *quickSchema) bits(names []string) (mask uint64, ok bool) {
	for _, name := range names {
		i := q.member([]byte(name))
		if i < 0 {
			return 0, false
		}
		mask |= 1 << i
	}
	return mask, true
}

// complete reports whether the members that were seen are all that are required, given the value of the one that decides,
// and with n others not too few or too many.
func (q *quickSchema) complete(seen uint64, n int, choice []byte) bool {
	if n += bits.OnesCount64(seen); n < q.minMembers || q.maxMembers >= 0 && n > q.maxMembers {
		return false
	}
	needs := q.required
	if q.choice >= 0 {
		more, known := q.needs[string(choice)]
		if !known {
			return false
		}
		needs |= more
	}
	if q.any != nil && !slices.ContainsFunc(q.any, func(one uint64) bool { return seen&one == one }) {
		return false
	}
	return seen&needs == needs
}
