// Package secret holds texts that must not be seen: keys, passwords, tokens. It keeps them out of everything that
// is printed, logged or encoded, and gives the value only to who asks for it by name. It will never encrypt,
// store or fetch one: a value that is revealed is plain text again.
package secret

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// Redacted is what stands for a secret wherever one would be printed. It is the same for every secret, so that it
// tells neither a length nor a part.
const Redacted = "[redacted]"

// String is a secret text. Every fmt verb, slog, encoding/json and other encoders that use encoding.TextMarshaler
// print [Redacted] in its place; only [String.Reveal] gives the value. The zero String holds the empty text.
//
// Two Strings are equal under [String.Equal]; == compares identities and is of no use.
type String struct {
	// Behind a pointer, because fmt prints the unexported fields of a struct around a String without asking
	// String's own methods; it then prints an address.
	value *string
}

// New returns the secret s.
func New(s string) String {
	if s == "" {
		return String{}
	}
	return String{value: &s}
}

// Reveal returns the value. What is done with it is up to the caller.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether the secret is the empty text. Struct fields with the json option omitzero are left out
// by it.
func (s String) IsZero() bool { return s.value == nil }

// Equal reports whether both hold the same value, in a time that depends on the lengths alone.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns [Redacted].
func (String) String() string { return Redacted }

// GoString returns [Redacted].
func (String) GoString() string { return Redacted }

// Format prints [Redacted] under every verb; under %q it is quoted.
func (String) Format(f fmt.State, verb rune) {
	text := Redacted
	if verb == 'q' {
		text = strconv.Quote(Redacted)
	}
	_, _ = io.WriteString(f, text)
}

// LogValue returns [Redacted].
func (String) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText returns [Redacted], which is also what JSON and XML show.
func (String) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// errRedacted is the answer to reading back what MarshalText wrote.
var errRedacted = errors.New("secret: the text is " + Redacted + ", the value was lost when it was written")

// UnmarshalText takes text as the value, so that a String can be read from JSON and the like. It refuses
// [Redacted]: a secret that was written once cannot be read back.
func (s *String) UnmarshalText(text []byte) error {
	if string(text) == Redacted {
		return errRedacted
	}
	*s = New(string(text))
	return nil
}
