package rest

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unmarshalText is unmarshal of a text that was scanned before, as it always is.
func unmarshalText(text []byte, v any) error {
	rule, small := scan(text)
	if rule != "" {
		return Bad(rule)
	}
	return unmarshal(text, v, small)
}

// Where the names of an answer and of a type are small throughout, nothing has to be compared; where one field, however
// deep, is not, it does.
func TestSmallNames(t *testing.T) {
	type small struct {
		A string         `json:"a"`
		B map[string]any `json:"b_2"`
	}
	type list struct {
		Rows []*small `json:"rows"`
		Next *list    `json:"next"`
		At   time.Time
	}
	type capital struct {
		Key string
	}
	type deep struct {
		small
		Next *deep                `json:"next"`
		Rows map[string][]capital `json:"rows"`
	}
	type beyond struct {
		A string `json:"ä"`
	}
	for v, want := range map[any]bool{&small{}: true, &list{}: false, &deep{}: false, &beyond{}: false, new([]small): true, new(string): true} {
		assert.Equal(t, want, smallNames(reflect.TypeOf(v)), "%T", v)
		assert.Equal(t, want, smallNames(reflect.TypeOf(v)), "%T, once more", v)
	}
	for name, want := range map[string]bool{"": true, "a_b-1": true, "aB": false, "Z": false, "A": false, "ä": false, `\u212a`: false, "\x7f": true} {
		assert.Equal(t, want, isSmall(name), name)
	}
	var d deep
	require.NoError(t, unmarshalText([]byte(`{"a":"x","rows":{"key":[{"key":"y"}]},"next":{"rows":{"k":[{"Key":"z"}]}}}`), &d))
	assert.Equal(t, deep{
		small: small{A: "x"}, Rows: map[string][]capital{"key": {{}}}, Next: &deep{Rows: map[string][]capital{"k": {{"z"}}}},
	}, d)
}

// Requirement C129: names are taken by the letter, in whatever the caller decodes into.
func TestDecodeTakesNamesByTheLetter(t *testing.T) {
	decodeTo := func(v any, body string) any {
		require.NoError(t, unmarshalText([]byte(body), v), body)
		return reflect.ValueOf(v).Elem().Interface()
	}
	type inner struct {
		Token string `json:"token"`
	}
	type Base struct {
		ID    string `json:"id"`
		Token int    // deeper than the token of what embeds it
	}
	type own struct {
		Base
		*inner
		Key    string
		List   []inner          `json:"list"`
		ByName map[string]inner `json:"by_name"`
		Next   *own             `json:"next,omitempty"`
		Any    any              `json:"any"`
		At     time.Time        `json:"at"`
		Raw    json.RawMessage  `json:"raw"`
		Odd    string           `json:"o\"dd"` //nolint:staticcheck // which no name can be
		Skip   string           `json:"-"`
		Dash   string           `json:"-,"` //nolint:staticcheck // the name -
		hidden string
	}
	type twins struct {
		A string `json:"kiss"`
		B string `json:"Kiss"`
	}
	for _, c := range []struct{ into, body, want any }{
		{&inner{}, `{"token":"a","TOKEN":"b"}`, inner{"a"}},
		{&inner{}, `{"TOKEN":"b","token":"a"}`, inner{"a"}},
		{&inner{}, `{"TOKEN":"b","Token":"c","to\u212aen":"d"}`, inner{}},
		{&inner{}, `{"to\u006ben":"a"}`, inner{"a"}},
		{&inner{}, "{\"to\u212aen\":\"b\"}", inner{}},
		{&inner{}, `{"more":{"token":"b"},"token":"a"}`, inner{"a"}},
		{&twins{}, "{\"ki\u017fs\":\"c\",\"kiss\":\"a\",\"Kiss\":\"b\",\"KISS\":\"d\"}", twins{"a", "b"}},
		{&[]*inner{}, `[{"TOKEN":"b"}, {"token":"a"} ,null]`, []*inner{{}, {"a"}, nil}},
		{&map[string]inner{}, `{"TOKEN":{"TOKEN":"b","token":"a"}}`, map[string]inner{"TOKEN": {"a"}}},
		{&[2][]inner{}, `[[{"Token":"b"}],[]]`, [2][]inner{{{}}, {}}},
		{&own{}, `{"ID":"x","key":"y","KEY":"z","List":[],"hidden":"h","Skip":"s","-":"d"}`, own{Dash: "d"}},
		{
			&own{}, `{"id":"x","Key":"y","Odd":"o","list":[{"TOKEN":"b"}],"by_name":{"A":{"Token":"b"}},"next":{"key":"n","Key":"m"}}`,
			own{Base: Base{ID: "x"}, Key: "y", Odd: "o", List: []inner{{}}, ByName: map[string]inner{"A": {}}, Next: &own{Key: "m"}},
		},
		{
			&own{}, `{"any":{"TOKEN":"b"},"raw":{"Token":1},"at":"2026-06-04T10:10:00Z"}`,
			own{Any: map[string]any{"TOKEN": "b"}, Raw: json.RawMessage(`{"Token":1}`), At: time.Date(2026, time.June, 4, 10, 10, 0, 0, time.UTC)},
		},
		{&own{}, ` null `, own{}},
		{new(any), `{"TOKEN":1}`, map[string]any{"TOKEN": 1.0}},
		{new(string), `"TOKEN"`, "TOKEN"},
	} {
		assert.Equal(t, c.want, decodeTo(c.into, c.body.(string)), c.body)
	}
	_ = own{}.hidden
}

// asItCame keeps what it is read from.
type asItCame struct{ text string }

func (a *asItCame) UnmarshalJSON(b []byte) error { a.text = string(b); return nil }

// ByTag and ByName have a field of one name each, and one has a tag.
type (
	ByTag struct {
		X struct{ Inner string } `json:"X"`
	}
	ByName struct{ X struct{ Other string } }
	Below  struct {
		ByTag
		ByName
		Y struct{ Other string }
	}
)

// Which field of a name counts decides which names are right within it.
func TestDecodeWithinTheRightField(t *testing.T) {
	var v struct {
		ByName
		ByTag
		Own asItCame
	}
	require.NoError(t, unmarshalText([]byte(`{"X":{"Inner":"a","inner":"b"},"Own":{"TOKEN":1}}`), &v))
	assert.Equal(t, "a", v.ByTag.X.Inner)
	assert.Equal(t, `{"TOKEN":1}`, v.Own.text, "a type that reads itself gets what came")

	var above struct {
		Below
		Y struct{ Inner string }
	}
	require.NoError(t, unmarshalText([]byte(`{"Y":{"Inner":"a","inner":"b"},"X":{"Inner":"c"}}`), &above))
	assert.Equal(t, "a", above.Y.Inner)
	assert.Equal(t, "c", above.ByTag.X.Inner)
}

// Answers without a name that is only like another one are not even copied.
func TestExactlyLeavesTheRest(t *testing.T) {
	body := []byte(`{"value":"x"}`)
	assert.Same(t, &body[0], &exactly(body, reflect.TypeFor[*thing]())[0])
	odd := []byte(`{"Value":"x"}`)
	exactly(odd, reflect.TypeFor[*thing]())
	assert.Equal(t, `{"Value":"x"}`, string(odd), "the answer stays as it came")
}

// Embedded structs, at every depth and with every way of hiding each other.
type (
	Deep struct {
		A string `json:"a"`
		C string
		D string
		*Deep2
	}
	Deep2 struct {
		E string `json:"e"`
		*Deep
	}
	Other struct {
		B string `json:"C"`
		D string
		E string `json:"E"`
	}
	both struct {
		Deep
		*Other
		A string `json:"A"`
		F string `json:"d"`
	}
)

func TestFieldsOf(t *testing.T) {
	text := reflect.TypeFor[string]()
	assert.Equal(t, map[string]reflect.Type{
		"A": text, "a": text, "C": text, "D": nil, "d": text, "e": text, "E": text,
	}, fieldsOf(reflect.TypeFor[both]()))
}

// FuzzExactly: of a text that is valid, each field gets the member that has its very name, whatever else is there.
func FuzzExactly(f *testing.F) {
	for _, s := range []string{
		`{"a":"1","A":"2","C":"3","c":"4","D":"5","d":"6","e":"7","E":"8"}`, `{"D":"x"}`, `{"\u0061":"1"}`, `{"Deep":{"a":"1"}}`, `[]`, `null`,
		"{\"\x7f\":\"1\"}", "{\"\xff\":\"1\"}", `{"":"1"}`, `{"Deep2":{"E":"1"},"Other":null,"F":"2"}`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var members map[string]json.RawMessage
		if strict([]byte(text)) != "" || json.Unmarshal([]byte(text), &members) != nil || !utf8.ValidString(text) {
			return
		}
		want := map[string]string{}
		for _, name := range []string{"A", "a", "C", "d", "e", "E"} {
			var s string
			if raw, ok := members[name]; ok && json.Unmarshal(raw, &s) != nil {
				return
			}
			want[name] = s
		}
		var v both
		require.NoError(t, unmarshalText([]byte(text), &v))
		got := map[string]string{"A": v.A, "a": v.Deep.A, "d": v.F, "C": "", "e": "", "E": ""}
		if v.Other != nil {
			got["C"], got["E"] = v.B, v.Other.E //nolint:staticcheck // one of two
		}
		if v.Deep2 != nil {
			got["e"] = v.Deep2.E
		}
		assert.Equal(t, want, got)
		assert.Empty(t, v.C+v.Deep.D, "hidden")
		assert.False(t, strings.ContainsRune(v.A, 0x7f) && !strings.ContainsRune(text, 0x7f) && !strings.Contains(text, `\u007`))
	})
}
