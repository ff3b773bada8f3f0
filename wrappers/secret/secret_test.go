package secret_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/reach"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

const canary = "canary-5b1f-value"

type exported struct {
	Key  secret.String
	Ptr  *secret.String
	List []secret.String
	Map  map[string]secret.String
	Any  any
}

type unexported struct {
	key  secret.String
	list []secret.String
}

// Requirement G76: no verb, encoder or logger prints a secret, wherever it sits.
func TestNothingPrintsASecret(t *testing.T) {
	s := secret.New(canary)
	values := map[string]any{
		"value":      s,
		"pointer":    &s,
		"exported":   exported{Key: s, Ptr: &s, List: []secret.String{s}, Map: map[string]secret.String{"k": s}, Any: s},
		"unexported": unexported{key: s, list: []secret.String{s}},
		"nested":     struct{ inner *unexported }{&unexported{key: s}},
	}
	for name, v := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "%e", "%t", "%p", "%T", "%10.3v", "%-40s"} {
			t.Run(name+verb, func(t *testing.T) {
				out := fmt.Sprintf(verb, v)
				assert.NotContains(t, out, canary)
				assert.NotContains(t, out, fmt.Sprintf("%x", canary))
				assert.NotContains(t, out, fmt.Sprintf("%d", []byte(canary)))
			})
		}
		t.Run(name+"/slog", func(t *testing.T) {
			var text, js bytes.Buffer
			slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", v)
			slog.New(slog.NewJSONHandler(&js, nil)).Info("x", "v", v)
			assert.NotContains(t, text.String(), canary)
			assert.NotContains(t, js.String(), canary)
		})
		t.Run(name+"/json", func(t *testing.T) {
			out, err := json.Marshal(v)
			require.NoError(t, err)
			assert.NotContains(t, string(out), canary)
		})
	}
}

// failures keeps what assertions say.
type failures struct{ strings.Builder }

func (f *failures) Errorf(format string, args ...any) { fmt.Fprintf(f, format, args...) }

// Requirements G76 and G130: nor does what prints by reflection, such as the diff of a failed assertion, which asks no method. It
// shows neither the value nor its length.
func TestReflectionFindsNoSecret(t *testing.T) {
	same := func(s secret.String) []any {
		return []any{
			s, &s,
			exported{Key: s, Ptr: &s, Any: s, List: []secret.String{s}, Map: map[string]secret.String{"k": s}},
			&unexported{key: s, list: []secret.String{s}},
			struct{ inner *unexported }{&unexported{key: s}},
		}
	}
	one, other := secret.New(canary), secret.New(canary+"-2")
	for i, v := range same(one) {
		for _, text := range reach.Texts(v) {
			assert.NotContains(t, text, canary)
		}
		var said failures
		assert.NotEqual(&said, v, same(secret.New(strings.Clone(canary)))[i])
		assert.NotEmpty(t, said.String(), "equal values are deeply equal")
		said.Reset()
		assert.Equal(&said, v, same(other)[i])
		assert.NotEmpty(t, said.String(), "other values are not")
		assert.NotContains(t, said.String(), canary)
		assert.NotContains(t, said.String(), fmt.Sprintf("% x", canary[:8]), "in the bytes of a dump")
		assert.NotContains(t, said.String(), fmt.Sprintf("len=%d", len(canary)))
	}
}

func TestRedactedForms(t *testing.T) {
	s := secret.New(canary)
	for verb, want := range map[string]string{
		"%v": "[redacted]", "%+v": "[redacted]", "%#v": "[redacted]", "%s": "[redacted]", "%d": "[redacted]",
		"%q": `"[redacted]"`,
	} {
		assert.Equal(t, want, fmt.Sprintf(verb, s), verb)
	}
	assert.Equal(t, secret.Redacted, s.String())
	assert.Equal(t, secret.Redacted, s.GoString())
	js, err := json.Marshal(s)
	require.NoError(t, err)
	assert.Equal(t, `"[redacted]"`, string(js))
	x, err := xml.Marshal(exported{Key: s}.Key)
	require.NoError(t, err)
	assert.NotContains(t, string(x), canary)
}

// Requirement G79: the mask is the same whatever the secret, so it shows no prefix, suffix or length.
func TestMaskTellsNothing(t *testing.T) {
	assert.Equal(t, fmt.Sprint(secret.New("a")), fmt.Sprint(secret.New(canary)))
	assert.Equal(t, fmt.Sprint(secret.String{}), fmt.Sprint(secret.New(canary)))
}

func TestReveal(t *testing.T) {
	assert.Equal(t, canary, secret.New(canary).Reveal())
	assert.Empty(t, secret.String{}.Reveal())
	assert.True(t, secret.New("").IsZero())
	assert.False(t, secret.New(" ").IsZero())
}

// A value that only a secret holds on to stays.
func TestRevealAfterCollections(t *testing.T) {
	all := make([]secret.String, 10_000)
	for i := range all {
		all[i] = secret.New(fmt.Sprint("canary-", i))
	}
	for range 3 {
		runtime.GC()
		_ = bytes.Repeat([]byte("garbage"), 1<<20)
	}
	for i, s := range all {
		require.Equal(t, fmt.Sprint("canary-", i), s.Reveal())
	}
}

func TestEqual(t *testing.T) {
	assert.True(t, secret.New(canary).Equal(secret.New(canary)))
	assert.False(t, secret.New(canary).Equal(secret.New(canary+"x")))
	assert.True(t, secret.String{}.Equal(secret.New("")))
	one, other := secret.New(canary), secret.New(strings.Clone(canary))
	assert.Equal(t, one, other, "deep equality follows the value")
	assert.NotEqual(t, one, secret.New(canary+"x"))
	assert.NotEqual(t, secret.String{}, one)
	assert.Equal(t, secret.String{}, secret.New(""))
}

func TestReadFromJSON(t *testing.T) {
	var got struct {
		Key  secret.String `json:"key"`
		None secret.String `json:"none"`
	}
	require.NoError(t, json.Unmarshal([]byte(`{"key":"`+canary+`","none":null}`), &got))
	assert.Equal(t, canary, got.Key.Reveal())
	assert.True(t, got.None.IsZero())

	err := json.Unmarshal([]byte(`{"key":"[redacted]"}`), &got)
	assert.ErrorContains(t, err, "the value was lost when it was written")
}

func TestOmitZero(t *testing.T) {
	out, err := json.Marshal(struct {
		A secret.String `json:"a,omitzero"`
		B secret.String `json:"b,omitzero"`
	}{B: secret.New(canary)})
	require.NoError(t, err)
	assert.JSONEq(t, `{"b":"[redacted]"}`, string(out))
}

// What compares by reflection, such as an assertion, tells two secrets apart, also those of one length.
func TestReflectionComparesValues(t *testing.T) {
	for _, other := range []string{"hunter3", "", "hunter", "hunter22"} {
		assert.False(t, reflect.DeepEqual(secret.New("hunter2"), secret.New(other)), other)
	}
	assert.True(t, reflect.DeepEqual(secret.New("hunter2"), secret.New("hunter"+"2")))
	assert.True(t, reflect.DeepEqual(secret.New(""), secret.String{}))
}
