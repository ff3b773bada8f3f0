// Package secret holds texts that must not be seen: keys, passwords, tokens. It keeps them out of everything that
// is printed, logged or encoded, gives the value only to code that asks for it by name, and knows the spellings in which
// one may come back from elsewhere. It will never encrypt, store or fetch one: a value that is revealed is plain text again.
package secret

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"log/slog"
	"strconv"
	"unsafe"
)

// Redacted is what stands for a secret wherever one would be printed. It is the same for every secret, so that it
// tells neither a length nor a part.
const Redacted = "[redacted]"

// String is a secret text. Every fmt verb, slog, encoding/json and other encoders that use encoding.TextMarshaler
// print [Redacted] in its place; only [String.Reveal] gives the value. What looks into values by reflection, such as the
// diff of a failed assertion, finds no part of it and not its length. The zero String holds the empty text.
//
// Two Strings are equal under [String.Equal], and in reflect.DeepEqual if they hold the same value; == compares identities
// and is of no use.
type String struct {
	// The *string, as a pointer to nothing: reflection follows pointers, also those in unexported fields, where no method
	// of ours is asked.
	value *[0]byte
	// What reflect.DeepEqual compares, since it finds all pointers to nothing equal. Without the seed it tells nothing of
	// the value.
	sum uint64
}

// seed is another one in every process.
var seed = maphash.MakeSeed()

// New returns the secret s.
func New(s string) String {
	if s == "" {
		return String{}
	}
	return String{value: (*[0]byte)(unsafe.Pointer(&s)), sum: maphash.String(seed, s)} //nolint:gosec // Reveal is the way back
}

// Reveal returns the value. What is done with it is up to the caller.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *(*string)(unsafe.Pointer(s.value)) //nolint:gosec // it is what New put there
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
