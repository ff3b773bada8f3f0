// Package input reads what a person or a script hands to a command: bodies and objects as JSON or YAML, from the
// command line, a file or stdin. It will never wait for somebody to type an answer, and never puts a value into an error.
package input

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"unicode/utf8"
)

// MaxText is how much is read from a file or from stdin, in bytes: as much as a sandbox takes for a snapshot.
const MaxText = 10 << 20

// Stdin is the standard input, which one flag can have.
type Stdin struct {
	Reader   io.Reader
	Terminal bool

	taken string
}

// ErrTaken is the kind of the error of a second one that wants stdin.
var ErrTaken = errors.New("cannot both read stdin")

// Take reads all of stdin for what, a flag or a command. It fails for a second one.
func (s *Stdin) Take(what string) ([]byte, error) {
	if s.taken != "" {
		return nil, fmt.Errorf("%s and %s %w", s.taken, what, ErrTaken)
	}
	s.taken = what
	return readAll(what+" from stdin", s.Reader)
}

// readAll reads r up to the limit.
func readAll(what string, r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxText+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if len(text) > MaxText {
		return nil, fmt.Errorf("%s: more than %d bytes", what, MaxText)
	}
	return text, nil
}

// ReadFile reads a file for what, a flag or an argument.
func ReadFile(what, path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	defer func() { _ = f.Close() }()
	return readAll(what, f)
}

// Object returns the object that the value of what, a flag or an argument, stands for: JSON or YAML text, "@file", or "-"
// for stdin.
func Object(what, value string, stdin *Stdin) (map[string]any, error) {
	return read[map[string]any](what, "an object", value, stdin)
}

// List returns the list that the value of what stands for, in the same ways.
func List(what, value string, stdin *Stdin) ([]any, error) {
	return read[[]any](what, "a list", value, stdin)
}

// read reads a value of a kind.
func read[T any](what, kind, value string, stdin *Stdin) (none T, err error) {
	text, err := Text(what, value, stdin)
	switch {
	case err != nil:
		return none, err
	case json.Valid(text):
		return readJSON[T](what, kind, text)
	}
	return readYAML[T](what, kind, text)
}

// IsStdin reports whether a value stands for stdin.
func IsStdin(value string) bool { return value == "-" || value == "@-" }

// Text returns the text that the value of what stands for: itself, that of "@file", or that of "-" or "@-", which is stdin.
func Text(what, value string, stdin *Stdin) ([]byte, error) {
	text := []byte(value)
	var err error
	switch {
	case IsStdin(value):
		text, err = stdin.Take(what)
	case strings.HasPrefix(value, "@"):
		text, err = ReadFile(what, value[1:])
	}
	switch {
	case err != nil:
		return nil, err
	case !utf8.Valid(text):
		return nil, fmt.Errorf("%s must be UTF-8", what)
	case len(bytes.TrimSpace(text)) == 0:
		return nil, fmt.Errorf("%s is empty", what)
	}
	return text, nil
}

// where returns the line of an error of YAML. The rest of its text may quote the value.
func where(err error) string {
	_, rest, found := strings.Cut(err.Error(), "line ")
	number, _, _ := strings.Cut(rest, ":")
	if !found || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return "; see line " + number
}

// Set puts value at the path, whose parts are member names. What is on the way becomes an object.
func Set(object map[string]any, value any, path ...string) {
	for ; len(path) > 1; path = path[1:] {
		next, ok := object[path[0]].(map[string]any)
		if !ok {
			next = map[string]any{}
			object[path[0]] = next
		}
		object = next
	}
	object[path[0]] = value
}

// Decode puts an object into a type of a generated client. Unknown members and members of another type are errors that
// name the member.
func Decode(object map[string]any, into any) error {
	text, err := json.Marshal(object)
	var number *json.UnsupportedValueError
	switch {
	case errors.As(err, &number):
		return errors.New("the body has a number that JSON has not: NaN or one without end")
	case err != nil:
		return errors.New("the body has a member whose name is not a text")
	}
	if err := check("", object, reflect.TypeOf(into)); err != nil {
		return err
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	err = d.Decode(into)
	var typed *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &typed):
		return fmt.Errorf("%s must be %s", typed.Field, kindOf(typed))
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return fmt.Errorf("the body has no member %s", name)
	}
	return errors.New("the body is not what this command sends")
}

// kindOf says what a member must be.
func kindOf(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind() {
	case reflect.String:
		return "text; numbers and true, false, null need quotes to be text"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.Bool:
		return "true or false"
	}
	return "a number"
}
