package rest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Requirement C29: a hundred years are the longest life, and a second more is none.
func TestSecondsBounds(t *testing.T) {
	const years = 100 * 366 * 24 * time.Hour
	for raw, rule := range map[string]string{`3162240000`: "", `3162240001`: "longer than a hundred years", `1`: "", `-1`: "is negative"} {
		got, err := Seconds("expires_in", json.RawMessage(raw))
		if rule == "" {
			assert.NoError(t, err)
			assert.LessOrEqual(t, got, years)
			assert.Positive(t, got)
		} else {
			assert.ErrorContains(t, err, rule)
		}
	}
	got, _ := Seconds("expires_in", json.RawMessage(`3162240000`))
	assert.Equal(t, years, got)
}

// A UUID has its dashes where they belong and hexadecimal digits between them.
func TestUUIDPlaces(t *testing.T) {
	const some = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	for i := range some {
		other := some[:i] + "x" + some[i+1:]
		assert.ErrorContains(t, UUID("f", other), "UUID", other)
	}
	for _, text := range []string{some + "0", some[:35], "00000000-0000-0000-0000-00000000000"} {
		assert.ErrorContains(t, UUID("f", text), "UUID", text)
	}
	for i := range some {
		if some[i] != '-' { // one digit that is not 0 makes it another one than the nil UUID
			nearly := []byte("00000000-0000-0000-0000-000000000000")
			nearly[i] = '1'
			assert.NoError(t, UUID("f", string(nearly)))
		}
	}
}

// Requirement C27: from the space to the tilde.
func TestTokenTextBounds(t *testing.T) {
	for text, good := range map[string]bool{" ": true, "~": true, "!~": true, "\x1f": false, "\x7f": false, "a\x1f": false, "a\x7f": false} {
		assert.Equal(t, good, TokenText("f", secret.New(text)) == nil, "%q", text)
	}
}

// Requirement A11: the name of a header is a token (RFC 9110 §5.6.2), its value has no control character but the tab.
func TestHeaderBounds(t *testing.T) {
	for r := range rune(0x100) {
		token := strings.ContainsRune("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", r)
		assert.Equal(t, token, validHeaderName("a"+string(r)+"b"), "%q", r)
		text := r >= ' ' && r != 0x7f || r == '\t'
		assert.Equal(t, text, headerValueRule("a"+string(r)+"b") == "", "%q", r)
	}
}

// Requirement A13: a product may have a version, which is a token as well.
func TestProductBounds(t *testing.T) {
	for list, good := range map[string]bool{"a": true, "a/1": true, "a/": false, "/1": false, "a/1/2": false, "a b/2": true, "a b/": false, "a/ b": false} {
		assert.Equal(t, good, productRule(list) == "", list)
	}
}

// Length counts characters, and both bounds belong to it.
func TestLengthBounds(t *testing.T) {
	for text, good := range map[string]bool{"": false, "ä": false, "äö": true, "äöü": true, "äöüß": false} {
		assert.Equal(t, good, Length("f", text, 2, 3) == nil, text)
	}
}
