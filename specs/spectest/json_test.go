package spectest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDuplicates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`1`:                                nil,
		`"a"`:                              nil,
		`[]`:                               nil,
		`{}`:                               nil,
		`{"a":1,"b":1}`:                    nil,
		`{"a":{"a":{"a":1}}}`:              nil,
		`[{"a":1},{"a":1}]`:                nil,
		`{"a":"b","b":"a"}`:                nil,
		`{"a":["a","a",null,"b"],"b":[1]}`: nil,
		`{"a":1,"A":2}`:                    nil,

		`{"a":1,"a":2}`:               {"/a"},
		`{"a":1,"\u0061":2}`:          {"/a"},
		`{"a":1,"b":{"a":[]},"a":{}}`: {"/a"},
		`{"a":{"b":1,"b":1}}`:         {"/a/b"},
		`[0,[{"a":1},{"b":1,"b":2}]]`: {"/1/1/b"},
		`{"a":1,"a":2,"a":3}`:         {"/a"},
		`{"":1,"":2}`:                 {"/…"},
	} {
		assert.Equal(t, want, new(findings).duplicates([]byte(text)), text)
	}
}

func TestDuplicatesGoDeep(t *testing.T) {
	t.Parallel()
	const depth = 5000
	text := strings.Repeat(`{"a":`, depth) + `{"b":1,"b":1}` + strings.Repeat("}", depth)
	assert.Equal(t, []string{strings.Repeat("/a", depth) + "/b"}, new(findings).duplicates([]byte(text)))
}

// FuzzDuplicates holds the scanner against the decoder: that keeps one of two members of the same name, so the text
// it writes has fewer colons between members than the text it read.
func FuzzDuplicates(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1,"a":2}`, `[{"a":{"b":[1,{"c":2,"c":3}]}}]`, `{"a:":"b:\"","\u0061:":1}`, `{"":"","":{}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var value any
		if json.Unmarshal([]byte(text), &value) != nil {
			return
		}
		again, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		lost := colons(text) != colons(string(again))
		if found := new(findings).duplicates([]byte(text)); (len(found) > 0) != lost {
			t.Errorf("%q: found %q, but members were lost: %t", text, found, lost)
		}
	})
}

// colons counts the colons outside of strings.
func colons(text string) int {
	n, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			inString = !inString
		case ':':
			if !inString {
				n++
			}
		}
	}
	return n
}
