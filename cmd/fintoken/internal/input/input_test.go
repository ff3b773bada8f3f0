package input

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestObject(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	require.NoError(t, os.WriteFile(file, []byte("a: {b: c}"), 0o600))
	object := map[string]any{"b": "c"}
	for name, c := range map[string]struct {
		value, stdin string
		want         map[string]any
		err          string
	}{
		"JSON":          {`{"a":1}`, "", map[string]any{"a": json.Number("1")}, ""},
		"long number":   {`{"a":9007199254740993}`, "", map[string]any{"a": json.Number("9007199254740993")}, ""},
		"JSON by tabs":  {"{\n\t\"a\": \"b\"\n}", "", map[string]any{"a": "b"}, ""},
		"YAML":          {"a: b", "", map[string]any{"a": "b"}, ""},
		"file":          {"@" + file, "", map[string]any{"a": map[string]any{"b": "c"}}, ""},
		"stdin":         {"-", "a: b", map[string]any{"a": "b"}, ""},
		"no file":       {"@/nowhere", "", nil, "no such file"},
		"array":         {"[1]", "", nil, "must be an object in JSON or YAML"},
		"text":          {"hello", "", nil, "must be an object in JSON or YAML"},
		"null":          {"null", "", nil, "must be an object in JSON or YAML"},
		"empty":         {"  \n", "", nil, "is empty"},
		"repeated":      {"a: 1\na: 2", "", nil, "see line 2"},
		"never quoted":  {"hunter2: [", "", nil, "see line 1"},
		"long":          {"-", strings.Repeat("x", MaxText+1), nil, "more than"},
		"colon in name": {"a b: 1", "", map[string]any{"a b": 1}, ""},
		"a day":         {"a: 2024-01-01", "", map[string]any{"a": "2024-01-01"}, ""},
		"a time":        {"a: [2024-01-01T00:00:00Z]", "", map[string]any{"a": []any{"2024-01-01T00:00:00Z"}}, ""},
		"an anchor":     {"a: &x {b: c}\nd: *x\ne: {<<: *x, f: g}", "", map[string]any{"a": object, "d": object, "e": map[string]any{"b": "c", "f": "g"}}, ""},
		"tagged text":   {"a: !!str 7", "", map[string]any{"a": "7"}, ""},
		"binary":        {"a: b\nc: !!binary aGVsbG8=", "", nil, "has a YAML tag that JSON has no value for; see line 2"},
		"tagged time":   {"a: !!timestamp 2024-01-01", "", nil, "has a YAML tag"},
		"own tag":       {"a: !hunter2 x", "", nil, "has a YAML tag"},
		"documents":     {"a: b\n---\nc: d", "", nil, "more than one YAML document"},
		"broken second": {"a: b\n---\n[", "", nil, "more than one YAML document"},
		"JSON twice":    {`{"a":1,"b":{"c":[{"d":1,"\u0064":2}]}}`, "", nil, `has the member "d" twice`},
		"JSON alike":    {`{"a":{"a":{"a":"b"}}}`, "", map[string]any{"a": map[string]any{"a": map[string]any{"a": "b"}}}, ""},
		"not UTF-8":     {"a: \xff", "", nil, "must be UTF-8"},
		"UTF-16":        {"\xff\xfea\x00:\x00 \x00b\x00", "", nil, "must be UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Object("--body", c.value, &Stdin{Reader: strings.NewReader(c.stdin)})
			if c.err == "" {
				require.NoError(t, err)
				assert.Equal(t, c.want, got)
				return
			}
			require.Error(t, err)
			assert.Contains(t, err.Error(), "--body")
			assert.Contains(t, err.Error(), c.err)
			assert.NotContains(t, err.Error(), "hunter2")
		})
	}
	_, err := Object("--body", "-", &Stdin{Reader: iotest.ErrReader(errors.New("broken"))})
	assert.ErrorContains(t, err, "broken")
	_, err = ReadFile("--key-file", "/nowhere")
	assert.ErrorContains(t, err, "--key-file")
	assert.Empty(t, where(errors.New("line x: y")))
}

func TestSetAndDecode(t *testing.T) {
	object := map[string]any{"a": "scalar"}
	Set(object, 1, "a", "b")
	Set(object, 2, "a", "c")
	assert.Equal(t, map[string]any{"a": map[string]any{"b": 1, "c": 2}}, object)

	var into struct {
		ID     string            `json:"id"`
		Nested struct{ B int }   `json:"nested"`
		When   time.Time         `json:"when"`
		List   []string          `json:"list"`
		Yes    bool              `json:"yes"`
		Text   map[string]string `json:"text"`
	}
	require.NoError(t, Decode(map[string]any{"id": "x", "nested": map[string]any{"B": 1}}, &into))
	assert.Equal(t, "x", into.ID)
	for want, object := range map[string]map[string]any{
		"id must be text":                         {"id": 7},
		"nested must be an object":                {"nested": "x"},
		"nested.B must be a number":               {"nested": map[string]any{"B": "x"}},
		"list must be a list":                     {"list": "x"},
		"yes must be true or false":               {"yes": "x"},
		`the body has no member "hunter"`:         {"hunter": "2"},
		"a member whose name is not a text":       {"text": map[any]any{1: 2}},
		"the body is not what this command sends": {"when": "soon"},
		`the body has no member "ID"`:             {"id": "x", "ID": "y"},
		`the body has no member "nested.b"`:       {"nested": map[string]any{"b": 1}},
		"the body has no member \"li\u017ft\"":    {"li\u017ft": []any{}},
		"a number that JSON has not":              {"nested": map[string]any{"B": math.NaN()}},
		"text.a is not UTF-8":                     {"text": map[string]any{"a": "\xff"}},
		"list is not UTF-8":                       {"list": []any{"a", "\xff"}},
	} {
		assert.ErrorContains(t, Decode(object, &into), want)
	}
}

// FuzzObject: whatever comes, it is an object or an error that names the flag.
func FuzzObject(f *testing.F) {
	for _, s := range []string{`{"a":1}`, "a: b", "-", "@x", "[", "a: &b [*b]", "? ? :", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.HasPrefix(text, "@") {
			return
		}
		object, err := Object("--body", text, &Stdin{Reader: strings.NewReader(text)})
		if err != nil {
			assert.Contains(t, err.Error(), "--body")
			return
		}
		require.NotNil(t, object)
		var into struct{ A string }
		_ = Decode(object, &into)
	})
}

// TestList: a list in JSON or YAML, from the command line, a file or stdin.
func TestList(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list.yaml")
	require.NoError(t, os.WriteFile(file, []byte("- a\n- {b: 1}\n"), 0o600))
	for value, want := range map[string]string{
		"[a, b]": `["a","b"]`, `["a",1]`: `["a",1]`, "[]": `[]`, "@" + file: `["a",{"b":1}]`, "@-": `["x"]`, "-": `["x"]`,
	} {
		list, err := List("--tags", value, &Stdin{Reader: strings.NewReader("[x]")})
		require.NoError(t, err, value)
		text, err := json.Marshal(list)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(text), value)
	}
	for value, want := range map[string]string{
		"{a: b}": "--tags must be a list in JSON or YAML", "null": "--tags must be a list", "[": "--tags must be a list", `{"a":1}`: "--tags must be a list",
		" ": "--tags is empty", "@nowhere": "--tags: open nowhere", `[{"a":1,"a":2}]`: `the member "a" twice`, "[!!binary a]": "has a YAML tag",
	} {
		_, err := List("--tags", value, &Stdin{})
		assert.ErrorContains(t, err, want, value)
	}
}

// TestDecodeNullable: a member that may be null is held against its type like any other.
func TestDecodeNullable(t *testing.T) {
	type inner struct {
		A string `json:"a"`
	}
	type body struct {
		N nullable.Nullable[inner] `json:"n,omitempty"`
	}
	var into body
	require.NoError(t, Decode(map[string]any{"n": map[string]any{"a": "x"}}, &into))
	assert.Equal(t, inner{"x"}, into.N.MustGet())
	require.NoError(t, Decode(map[string]any{"n": nil}, &into))
	assert.True(t, into.N.IsNull())
	assert.ErrorContains(t, Decode(map[string]any{"n": map[string]any{"b": "x"}}, &into), `the body has no member "n.b"`)
}
