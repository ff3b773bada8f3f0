package spectest

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// options are those of every check of a parameter. Without SkipSettingDefaults the check would rewrite the request.
var options = &openapi3filter.Options{
	MultiError:              true,
	SkipSettingDefaults:     true,
	SchemaValidationOptions: []openapi3.SchemaValidationOption{formats},
}

// explain puts an error of kin-openapi into our words. Its own text holds the offending value and the schema, and how far
// that can be turned off has changed before; so nothing of it is used: the rule comes from the schema.
func (f *findings) explain(err error, at Violation) {
	if err == nil {
		return
	}
	listed := map[object]bool{}
	found, _ := eachSchemaError(err, func(se *openapi3.SchemaError) bool {
		f.explainSchema(se, at, listed)
		return f.next()
	})
	if found {
		return
	}
	switch {
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		at.Rule = "is required"
	case errors.Is(err, openapi3filter.ErrInvalidEmptyValue):
		at.Rule = "must not be empty"
	default:
		at.Rule = "must be readable as its declared type"
	}
	f.add(at)
}

// eachSchemaError calls yield with the innermost schema errors in err, those of the parts of an allOf, say, and not the
// allOf's, until it returns false. It reports whether there was one, and whether it came to the end.
//
//nolint:errorlint // takes the tree of errors apart, one node at a time
func eachSchemaError(err error, yield func(*openapi3.SchemaError) bool) (found, all bool) {
	all = true
	switch e := err.(type) {
	case nil:
		return false, true
	case openapi3.MultiError:
		for i := 0; i < len(e) && all; i++ {
			var one bool
			one, all = eachSchemaError(e[i], yield)
			found = found || one
		}
	default:
		found, all = eachSchemaError(errors.Unwrap(err), yield)
	}
	if se, ok := err.(*openapi3.SchemaError); ok && !found {
		return true, yield(se)
	}
	return found, all
}

func (f *findings) explainSchema(se *openapi3.SchemaError, at Violation, listed map[object]bool) {
	path := se.JSONPointer()
	switch se.SchemaField {
	case "properties":
		f.undeclaredMembers(se, path, at, listed)
		return
	case "discriminator":
		path = append(path, se.Schema.Discriminator.PropertyName)
	}
	if len(path) > 0 {
		at.Name = at.place(path)
	}
	at.Rule = rule(se)
	if at.In == "form" && f.names(at.In, at.Name) { // one fault a field: an empty one is too short as well
		return
	}
	f.add(at)
}

// place names a member: a field of a form by its name, a member of JSON by its pointer. An item of a parameter has the
// name of the parameter.
func (v Violation) place(path []string) string {
	switch {
	case v.Kind == Parameter || v.Kind == Header:
		return v.Name
	case v.In == "form":
		return strings.TrimPrefix(pointer(path), "/")
	}
	return pointer(path)
}

// object is an object as a schema looks at it.
type object struct {
	schema  *openapi3.Schema
	members uintptr
}

// undeclaredMembers names the members that are not declared. The error itself has the name only in its text, and there is
// one for each of them; so the first of them names all.
func (f *findings) undeclaredMembers(se *openapi3.SchemaError, path []string, at Violation, listed map[object]bool) {
	members, _ := se.Value.(map[string]any)
	o := object{se.Schema, reflect.ValueOf(members).Pointer()}
	if listed[o] {
		return
	}
	listed[o] = true
	at.Rule = "is not declared"
	for _, name := range sortedKeys(members) {
		if !f.next() {
			return
		}
		if se.Schema.Properties[name] == nil {
			at.Name = at.place(append(path[:len(path):len(path)], name))
			f.add(at)
		}
	}
}

// rule says in words what the schema asks for.
func rule(se *openapi3.SchemaError) string {
	s := se.Schema
	switch se.SchemaField {
	case "required":
		return "is required"
	case "discriminator":
		if se.Value == nil {
			return "is required"
		}
		return "must be one of " + strings.Join(sortedKeys(s.Discriminator.Mapping), ", ")
	case "nullable":
		return "must not be null"
	case "type":
		return "must be of type " + strings.Join(s.Type.Slice(), " or ")
	case "enum":
		return "must be one of " + list(s.Enum)
	case "anyOf":
		if text := alternatives(s.AnyOf); text != "" {
			return "must have " + text
		}
		return "must hold to the keyword anyOf"
	case "format":
		return "must have the format " + s.Format
	case "pattern":
		return "must match the pattern " + s.Pattern
	case "minLength":
		return fmt.Sprintf("must have at least %d characters", s.MinLength)
	case "maxLength":
		return fmt.Sprintf("must have at most %d characters", *s.MaxLength)
	case "minimum":
		return "must be at least " + number(*s.Min)
	case "maximum":
		return "must be at most " + number(*s.Max)
	case "minItems":
		return fmt.Sprintf("must have at least %d items", s.MinItems)
	case "maxItems":
		return fmt.Sprintf("must have at most %d items", *s.MaxItems)
	default:
		return "must hold to the keyword " + se.SchemaField
	}
}

// alternatives says what an object needs to be one of several, or nothing where that is not all they ask for.
func alternatives(refs openapi3.SchemaRefs) string {
	texts := make([]string, len(refs))
	for i, ref := range refs {
		if len(ref.Value.Required) == 0 {
			return ""
		}
		texts[i] = strings.Join(ref.Value.Required, ", ")
	}
	return strings.Join(texts, "; or ")
}

// number writes a bound as the document does, without an exponent.
func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func list(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return strings.Join(texts, ", ")
}
