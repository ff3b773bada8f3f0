package spectest

import "github.com/getkin/kin-openapi/openapi3"

// A provider adds members and words to its responses at any time, and a client that breaks on them is of no use. So where a
// document closes a schema, which it may share with requests, that holds for requests alone: a response may have members
// that are not declared, and words that are none of an enumeration.

// openResponses makes the schemas of an operation's responses open.
func openResponses(op *openapi3.Operation) {
	done := map[*openapi3.Schema]*openapi3.Schema{}
	for _, ref := range op.Responses.Map() {
		for _, media := range ref.Value.Content {
			media.Schema = opened(media.Schema, done)
		}
	}
}

// opened returns a copy of a schema that is open. A schema that holds itself is copied once.
func opened(ref *openapi3.SchemaRef, done map[*openapi3.Schema]*openapi3.Schema) *openapi3.SchemaRef {
	if ref == nil || ref.Value == nil {
		return ref
	}
	if copied := done[ref.Value]; copied != nil {
		return &openapi3.SchemaRef{Ref: ref.Ref, Value: copied}
	}
	s := *ref.Value
	done[ref.Value], done[&s] = &s, &s
	if s.Type.Is("string") {
		s.Enum = nil
	}
	if closed := s.AdditionalProperties.Has; closed != nil && !*closed {
		s.AdditionalProperties = openapi3.AdditionalProperties{}
	}
	s.AdditionalProperties.Schema = opened(s.AdditionalProperties.Schema, done)
	s.Items = opened(s.Items, done)
	s.Properties = openedMembers(s.Properties, done)
	s.AllOf, s.AnyOf, s.OneOf = openedAll(s.AllOf, done), openedAll(s.AnyOf, done), openedAll(s.OneOf, done)
	return &openapi3.SchemaRef{Ref: ref.Ref, Value: &s}
}

func openedMembers(members openapi3.Schemas, done map[*openapi3.Schema]*openapi3.Schema) openapi3.Schemas {
	if members == nil {
		return nil
	}
	all := make(openapi3.Schemas, len(members))
	for name, member := range members {
		all[name] = opened(member, done)
	}
	return all
}

func openedAll(parts openapi3.SchemaRefs, done map[*openapi3.Schema]*openapi3.Schema) openapi3.SchemaRefs {
	if parts == nil {
		return nil
	}
	all := make(openapi3.SchemaRefs, len(parts))
	for i, part := range parts {
		all[i] = opened(part, done)
	}
	return all
}
