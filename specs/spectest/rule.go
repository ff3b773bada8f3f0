package spectest

import (
	"errors"
	"fmt"
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

// violations puts an error of kin-openapi into our words. Its own text holds the offending value and the schema, and
// how far that can be turned off has changed before; so nothing of it is used: the rule comes from the schema.
func violations(err error, at Violation) Violations {
	if err == nil {
		return nil
	}
	var vs Violations
	for _, se := range schemaErrors(err) {
		vs = vs.merge(fromSchema(se, at))
	}
	if len(vs) > 0 {
		return vs
	}
	switch {
	case errors.Is(err, openapi3filter.ErrInvalidRequired):
		at.Rule = "is required"
	case errors.Is(err, openapi3filter.ErrInvalidEmptyValue):
		at.Rule = "must not be empty"
	default:
		at.Rule = "has to be readable as its declared type"
	}
	return Violations{at}
}

// schemaErrors returns the innermost schema errors in err: those of the parts of an allOf, say, and not the allOf's.
//
//nolint:errorlint // takes the tree of errors apart, one node at a time
func schemaErrors(err error) []*openapi3.SchemaError {
	var inner []*openapi3.SchemaError
	switch e := err.(type) {
	case nil:
		return nil
	case openapi3.MultiError:
		for _, one := range e {
			inner = append(inner, schemaErrors(one)...)
		}
	default:
		inner = schemaErrors(errors.Unwrap(err))
	}
	if se, ok := err.(*openapi3.SchemaError); ok && len(inner) == 0 {
		return []*openapi3.SchemaError{se}
	}
	return inner
}

func fromSchema(se *openapi3.SchemaError, at Violation) Violations {
	path := se.JSONPointer()
	if se.SchemaField == "properties" {
		return undeclaredMembers(se, path, at)
	}
	if len(path) > 0 {
		at.Name = pointer(path)
	}
	at.Rule = rule(se)
	return Violations{at}
}

// undeclaredMembers names the members that are not declared: the error itself has their names only in its text.
func undeclaredMembers(se *openapi3.SchemaError, path []string, at Violation) Violations {
	members, _ := se.Value.(map[string]any)
	var vs Violations
	for _, name := range sortedKeys(members) {
		if se.Schema.Properties[name] == nil {
			at.Name, at.Rule = pointer(append(path[:len(path):len(path)], name)), "is not declared"
			vs = vs.merge(Violations{at})
		}
	}
	return vs
}

// rule says in words what the schema asks for.
func rule(se *openapi3.SchemaError) string {
	s := se.Schema
	switch se.SchemaField {
	case "required":
		return "is required"
	case "nullable":
		return "must not be null"
	case "type":
		return "has to be of type " + strings.Join(s.Type.Slice(), " or ")
	case "enum":
		return "has to be one of " + list(s.Enum)
	case "format":
		return "has to have the format " + s.Format
	case "pattern":
		return "has to match the pattern " + s.Pattern
	case "minLength":
		return fmt.Sprintf("has to have at least %d characters", s.MinLength)
	case "maxLength":
		return fmt.Sprintf("has to have at most %d characters", *s.MaxLength)
	case "minimum":
		return "has to be at least " + number(*s.Min)
	case "maximum":
		return "has to be at most " + number(*s.Max)
	case "minItems":
		return fmt.Sprintf("has to have at least %d items", s.MinItems)
	case "maxItems":
		return fmt.Sprintf("has to have at most %d items", *s.MaxItems)
	default:
		return "has to hold to the keyword " + se.SchemaField
	}
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
