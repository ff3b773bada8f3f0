package rest

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

func TestMembers(t *testing.T) {
	var got []string
	collect := func(name, value []byte) error {
		got = append(got, string(name)+"="+string(value))
		return nil
	}
	text := " {\"a\" : 1 , \"b\":\"x,}\\\"]\",\"c\":{\"d\":[1,{\"e\":\"}\"}] } ,\"f\":null,\"\":[ ],\"g\":-1.5e3,\"\\u0068\":\"\\\\\"}\n"
	require.NoError(t, Members([]byte(text), collect))
	assert.Equal(t, []string{`a=1`, `b="x,}\"]"`, `c={"d":[1,{"e":"}"}] }`, `f=null`, `=[ ]`, `g=-1.5e3`, `h="\\"`}, got)

	called := func(_, _ []byte) error { t.Error("called"); return nil }
	for _, text := range []string{`{ }`, ` null`, ``} {
		require.NoError(t, Members([]byte(text), called), text)
	}
	for _, text := range []string{`[]`, `"x"`, `7`, `nil`} {
		err := Members([]byte(text), called)
		require.ErrorIs(t, err, ErrBadResponse, text)
		assert.EqualError(t, err, "the answer has another JSON type than promised")
	}

	got = nil
	err := Members([]byte(`{"a":1,"b":2}`), func(name, value []byte) error {
		_ = collect(name, value)
		return io.EOF
	})
	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, []string{"a=1"}, got, "the first error ends it")
}

func TestText(t *testing.T) {
	for value, want := range map[string]string{
		`"x"`: "x", `""`: "", `"a\nb"`: "a\nb", `"\u00e4"`: "ä", "\"\xff\"": "\uFFFD", `null`: "before", ``: "before",
	} {
		got := "before"
		require.NoError(t, Text("f", []byte(value), &got), value)
		assert.Equal(t, want, got)
	}
	for _, value := range []string{`1`, `"`, `{}`, `"a`, `true`} {
		got := "before"
		err := Text("f", []byte(value), &got)
		require.ErrorIs(t, err, ErrBadResponse, value)
		assert.EqualError(t, err, "f: has another JSON type than promised")
		assert.Equal(t, "before", got)
	}
}

func TestInt(t *testing.T) {
	n := 3
	for value, want := range map[string]int{`7`: 7, `-1`: -1, `0`: 0} {
		require.NoError(t, Int("f", []byte(value), &n))
		assert.Equal(t, want, n)
	}
	n = 3
	require.NoError(t, Int("f", []byte(`null`), &n))
	for _, value := range []string{`"7"`, `1.5`, `1e3`, `{}`, `true`, `99999999999999999999`} {
		err := Int("f", []byte(value), &n)
		require.ErrorIs(t, err, ErrBadResponse, value)
		assert.EqualError(t, err, "f: has another JSON type than promised")
	}
	assert.Equal(t, 3, n)
}

func TestSecret(t *testing.T) {
	var got secret.String
	require.NoError(t, Secret("f", []byte(`"abc"`), &got))
	assert.Equal(t, "abc", got.Reveal())
	require.NoError(t, Secret("f", []byte(`null`), &got))
	assert.Equal(t, "abc", got.Reveal())
	require.ErrorIs(t, Secret("f", []byte(`7`), &got), ErrBadResponse)
	err := Secret("f", []byte(`"[redacted]"`), &got)
	require.ErrorIs(t, err, ErrBadResponse)
	assert.ErrorContains(t, err, "f: is [redacted]")
}

// FuzzMembers: of what is valid JSON, the members are those that encoding/json finds; of anything else, nothing panics
// and it ends.
func FuzzMembers(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":1}`, `{"a":{"b":[1,2,"}"]},"c":"\\"}`, `{"a":"\""}`, ` { "a" : [ ] } `, `[1]`, `{"a":tru}`, `{"\u0061":"\ud800"}`,
		`{"`, `{"a`, `{"a"`, `{"a":`, `{"a":"`, `{"a":"\`, `{"a":1,`, `{"a":}`, `{"a"1 "b"}`, `{"\`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got := map[string]string{}
		err := Members(text, func(name, value []byte) error {
			got[string(name)] = string(value)
			var s string
			_ = Text("", value, &s)
			return nil
		})
		if !json.Valid(text) {
			return
		}
		var want map[string]json.RawMessage
		object := json.Unmarshal(text, &want) == nil
		assert.Equal(t, object, err == nil, "%q", text)
		if utf8.Valid(text) { // else names that differ may become the same
			assert.Len(t, got, len(want))
		}
		for name, value := range want {
			if utf8.ValidString(name) && !strings.ContainsRune(name, utf8.RuneError) {
				assert.Equal(t, string(value), got[name], "%q", text)
			}
		}
	})
}
