package rest

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestMembers(t *testing.T) {
	var got []string
	ok := Members([]byte(" {\"a\" : 1 , \"b\":\"x,}\\\"]\",\"c\":{\"d\":[1,{\"e\":\"}\"}] } ,\"f\":null,\"\":[ ],\"g\":-1.5e3}\n"), func(name, value []byte) {
		got = append(got, string(name)+"="+string(value))
	})
	assert.True(t, ok)
	assert.Equal(t, []string{`a=1`, `b="x,}\"]"`, `c={"d":[1,{"e":"}"}] }`, `f=null`, `=[ ]`, `g=-1.5e3`}, got)
	assert.True(t, Members([]byte(`{ }`), func(_, _ []byte) { t.Error("called") }))
	for _, text := range []string{``, `[]`, `null`, `"x"`, `{`, `{"a":1} x`, `{"a"}`} {
		assert.False(t, Members([]byte(text), func(_, _ []byte) { t.Error("called") }), text)
	}
}

func TestText(t *testing.T) {
	for value, want := range map[string]string{`"x"`: "x", `""`: "", `"a\nb"`: "a\nb", `"\u00e4"`: "ä", "\"\xff\"": "\uFFFD"} {
		got, ok := Text([]byte(value))
		assert.True(t, ok, value)
		assert.Equal(t, want, got)
	}
	for _, value := range []string{``, `1`, `null`, `"`, `{}`, `"a`} {
		_, ok := Text([]byte(value))
		assert.False(t, ok, value)
	}
}

func FuzzMembers(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1}`, `{"a":{"b":[1,2,"}"]},"c":"\\"}`, `{"a":"\""}`, ` { "a" : [ ] } `, `[1]`, `{"a":tru}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got := map[string]string{}
		names := 0
		ok := Members(text, func(name, value []byte) {
			names++
			var plain string
			if json.Unmarshal(append(append([]byte{'"'}, name...), '"'), &plain) != nil {
				t.Errorf("%q: %q is no name", text, name)
			}
			got[plain] = string(value)
		})
		var want map[string]json.RawMessage
		if err := json.Unmarshal(text, &want); (err == nil && want != nil) != ok {
			t.Fatalf("%q: %v, but %v", text, ok, err)
		}
		if !ok {
			return
		}
		assert.Len(t, got, len(want))
		for name, value := range want {
			assert.Equal(t, string(value), got[name], "%q", text)
		}
	})
}
