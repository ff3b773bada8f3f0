package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Requirement C36: trailing data, duplicate members and absurd nesting are refused.
func TestStrict(t *testing.T) {
	const twice, after = "the answer has an object with the same member twice", "the answer goes on after its end"
	invalid := func(from int) string { return fmt.Sprintf("the answer is not valid JSON, from byte %d on", from) }
	many := func(extra string) string {
		var b strings.Builder
		for i := range 40 {
			fmt.Fprintf(&b, `"n%d":%d,`, i, i)
		}
		return "{" + b.String() + extra + "}"
	}
	for _, c := range []struct{ name, text, rule string }{
		{"empty", ``, invalid(1)},
		{"object", `{"a":1,"b":[1,2,{"a":null}],"c":{"a":"a"}}`, ""},
		{"same name in other objects", `[{"a":1},{"a":2},{"b":{"a":1},"a":3}]`, ""},
		{"a text with the looks of a member", `{"a":"\"a\":1","b":"{\"b\":2}"}`, ""},
		{"white space", " {\n\"a\" :\t1 }\r\n", ""},
		{"scalar", `"text"`, ""},
		{"twice", `{"a":1,"a":2}`, twice},
		{"twice with others between", `{"a":1,"b":{"c":1},"a":2}`, twice},
		{"twice, deeper", `{"x":[{"y":{"a":1, "a" : 2}}]}`, twice},
		{"twice, by an escape", `{"token":1,"to\u006ben":2}`, twice},
		{"twice, both escaped", `{"\u0061":1,"\u0061":2}`, twice},
		{"many members", many(`"x":1`), ""},
		{"many members, twice", many(`"n7":1`), twice},
		{"many members, twice at the end", many(`"x":1,"x":2`), twice},
		{"many members, again in the next", "[" + many(`"x":1`) + "," + many(`"x":1`) + "]", ""},
		{"two objects", `{} {}`, after},
		{"object and word", `{"a":1}x`, after},
		{"two words", `1 2`, after},
		{"two texts", `"a""b"`, after},
		{"deep", strings.Repeat("[", 64) + strings.Repeat("]", 64), ""},
		{"too deep", strings.Repeat("[", 65) + strings.Repeat("]", 65), "the answer is nested more than 64 deep"},
		{"too deep, mixed", strings.Repeat(`{"a":[`, 33), "the answer is nested more than 64 deep"},
		{"bomb", strings.Repeat("[", 60000), "the answer is nested more than 64 deep"},
		{"every escape", `"\"\\\/\b\f\n\r\t\u00aF"`, ""},
		{"every number", `[0,-0,10,1.5,-1.50,1e1,1E+10,1.5e-3]`, ""},
		{"every word", `[true,false,null]`, ""},
		{"closed too often", `}}`, invalid(1)},
		{"closed otherwise", `{"a":[1}`, invalid(8)},
		{"not closed", `{"a":[1`, invalid(7)},
		{"no name", `{1:2}`, invalid(2)},
		{"no colon", `{"a" 1}`, invalid(6)},
		{"no value", `{"a":}`, invalid(6)},
		{"no comma", `[1 2]`, invalid(4)},
		{"comma at the end", `[1,]`, invalid(4)},
		{"comma at the end of an object", `{"a":1,}`, invalid(8)},
		{"open text", `{"a`, invalid(3)},
		{"open escape", `{"a\`, invalid(4)},
		{"no escape", `"\x"`, invalid(2)},
		{"half an escape", `"\u00g0"`, invalid(2)},
		{"short escape", `"\u00`, invalid(2)},
		{"line break in a text", "\"a\nb\"", invalid(3)},
		{"half a word", `[tru]`, invalid(2)},
		{"other word", `nil`, invalid(1)},
		{"minus alone", `-`, invalid(1)},
		{"plus", `+1`, invalid(1)},
		{"zero in front", `[01]`, invalid(3)},
		{"no fraction", `1.`, invalid(2)},
		{"no exponent", `1e+`, invalid(3)},
		{"single quotes", `{'a':1}`, invalid(2)},
		{"mark in front", "\uFEFF{}", invalid(1)},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.rule, strict([]byte(c.text))) })
	}
}

// reference does what strict does by way of encoding/json.
func reference(text []byte) (twice bool, depth int) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	type level struct {
		names map[string]bool // nil for an array
		name  bool            // a name comes next
	}
	var open []level
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			return twice, depth
		}
		if err != nil {
			panic(err)
		}
		top := func() *level { return &open[len(open)-1] }
		if d, ok := tok.(json.Delim); ok {
			switch d {
			case '{':
				open = append(open, level{names: map[string]bool{}, name: true})
			case '[':
				open = append(open, level{})
			default:
				open = open[:len(open)-1]
				if len(open) > 0 && top().names != nil {
					top().name = true
				}
			}
			depth = max(depth, len(open))
			continue
		}
		if len(open) == 0 || top().names == nil {
			continue
		}
		if top().name {
			twice = twice || top().names[tok.(string)]
			top().names[tok.(string)] = true
		}
		top().name = !top().name
	}
}

// FuzzStrict: what passes is what encoding/json takes for valid, less what has a member twice or is nested too deep.
func FuzzStrict(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":1,"a":2}`, `{"a":{"b":[1,{"a":2}]},"b":"x"}`, `[[[[]]]]`, `{"\u0061":1,"a":2}`, `{"a\\":1,"a\"":2}`,
		`"x"`, `1 2`, `{"a":1}{`, `{"":1,"":2}`, "{\"a\xff\":1,\"a\xfe\":2}", `{"\ud800":1,"\ud801":2}`,
		`[0,-0,01,1.5e-3,1.,-,1e,true,tru,nul]`, `"\u00aF\x"`, "\"\x1f\"", `[1,]`, `{"a":1,}`, `{,}`, ` `,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		rule := strict(text)
		if !json.Valid(text) {
			assert.NotEmpty(t, rule, "%q", text)
			return
		}
		twice, depth := reference(text)
		want := twice || depth > maxNesting
		if !bytes.ContainsFunc(text, func(r rune) bool { return r == '\uFFFD' }) && !bytes.Contains(text, []byte(`\u`)) {
			assert.Equal(t, want, rule != "", "%q: %s", text, rule)
		} else if rule == "" {
			assert.LessOrEqual(t, depth, maxNesting)
		}
	})
}

func BenchmarkStrict(b *testing.B) {
	text := []byte(`{"meta":{"api_request_id":"3c90c3cc","api_request_timestamp":"2026-01-02T03:04:05Z"},"response_type":"object","data":{"bridge_token":"` + strings.Repeat("x", 300) + `"}}`)
	b.ReportAllocs()
	for b.Loop() {
		strict(text)
	}
}
