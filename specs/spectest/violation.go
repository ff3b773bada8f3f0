package spectest

import "strings"

// Kind says what part of the document a call breaks.
type Kind int

// The kinds of violation.
const (
	UnknownPath Kind = iota + 1 // the document has no such path
	Method                      // the path has no such method
	MediaType                   // the body is of a type that is not declared, or of none
	Parameter                   // a declared parameter has a wrong value, is missing or repeated; or a query key is not declared
	Body                        // the body breaks its schema, or is there where none is declared
	Security                    // credentials are missing, malformed, or sent where none belong
	Status                      // the answer has a status that is not declared
	Header                      // a request header is not declared, or a header of an answer breaks its schema
	Size                        // the body is larger than MaxBody
)

var kinds = [...]string{
	UnknownPath: "unknown path", Method: "method", MediaType: "media type", Parameter: "parameter", Body: "body",
	Security: "security", Status: "status", Header: "header", Size: "size",
}

// String returns the kind in words.
func (k Kind) String() string {
	if k < UnknownPath || int(k) >= len(kinds) {
		return "unknown kind"
	}
	return kinds[k]
}

// Violation is one rule of the document that a call breaks.
type Violation struct {
	Kind Kind
	In   string // where: "path", "method", "query", "header", "body", "form", "security" or "status"
	Name string // the parameter, header or form field, or the JSON pointer of the member, if the rule is about one
	Rule string // what must hold, in words of the document. Never a value of the call.

	// Note says that nothing forbids it: the document is silent, and a provider may well take it. So it is with parameters,
	// headers, form fields and members that are not declared where nothing says that there are no others; with credentials
	// where none are needed; and with what another standard lets pass, such as an empty field of a form.
	Note bool
}

// Error returns the violation as "in name: rule".
func (v Violation) Error() string {
	if v.Name == "" {
		return v.In + ": " + v.Rule
	}
	return v.In + " " + v.Name + ": " + v.Rule
}

// MaxViolations is how many violations of one request or answer are kept, and as many notes. The check stops looking for
// more.
const MaxViolations = 50

// Violations are the rules that one request or answer breaks, each once, and at most [MaxViolations] of them; after them
// as many notes.
type Violations []Violation

// Error returns the violations in one line.
func (vs Violations) Error() string {
	texts := make([]string, len(vs))
	for i, v := range vs {
		texts[i] = v.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the violations one by one, for [errors.As].
func (vs Violations) Unwrap() []error {
	errs := make([]error, len(vs))
	for i, v := range vs {
		errs[i] = v
	}
	return errs
}

// Split returns those that a source forbids, and the notes.
func (vs Violations) Split() (broken, notes Violations) {
	for _, v := range vs {
		if v.Note {
			notes = append(notes, v)
		} else {
			broken = append(broken, v)
		}
	}
	return broken, notes
}

// err returns vs as an error: nil, and not an empty list, when there are none.
func (vs Violations) err() error {
	if len(vs) == 0 {
		return nil
	}
	return vs
}

// hidden stands for a name that is not shown.
const hidden = "…"

// shown returns a name of the caller's choice if it looks like a name, and hidden otherwise. A body sent in the wrong
// form makes a "name" out of a secret, so a name is a short word with at most two digits in it.
func shown(name string) string {
	if len(name) == 0 || len(name) > 32 {
		return hidden
	}
	digits := 0
	for _, r := range name {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r == '-', r == '_', r == '.':
		default:
			return hidden
		}
	}
	if digits > 2 {
		return hidden
	}
	return name
}
