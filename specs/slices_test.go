package specs_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

// The index says what the document says.
func TestIndexes(t *testing.T) {
	t.Parallel()
	for _, doc := range specs.All() {
		spec := load(t, doc)
		assert.True(t, doc.Indexed())
		assert.Equal(t, spec.Info.Title, doc.Title())
		assert.Equal(t, spec.Info.Version, doc.Version())
		want := map[string]specs.Operation{}
		for _, c := range calls(spec) {
			want[c.OperationID] = specs.Operation{ID: c.OperationID, Method: c.method, Path: c.path, Tags: c.Tags}
		}
		got, last := map[string]specs.Operation{}, ""
		for _, op := range doc.Operations() {
			got[op.ID] = op
			assert.Less(t, last, op.ID, "ordered by id")
			last = op.ID
		}
		assert.Equal(t, want, got, doc.Name())
		files, err := filepath.Glob(filepath.Join("bundle", strings.TrimSuffix(doc.Name(), ".yaml"), "*"))
		require.NoError(t, err)
		assert.Len(t, files, len(want), "one slice an operation")
		doc.Operations()[0].ID = "changed"
		assert.NotEqual(t, "changed", doc.Operations()[0].ID, "a copy")
		_, found := doc.Slice("other")
		assert.False(t, found)
	}
}

// A slice is valid by itself, and says of its operation what the whole document says: the same once every reference is
// followed, but for the words for people.
func TestSlicesAgree(t *testing.T) {
	t.Parallel()
	for _, doc := range specs.All() {
		whole := object(t, doc.YAML())
		for _, op := range doc.Operations() {
			text, found := doc.Slice(op.ID)
			require.True(t, found, op.ID)
			spec, err := openapi3.NewLoader().LoadFromData(text)
			require.NoError(t, err, op.ID)
			require.NoError(t, spec.Validate(context.Background(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation(),
				openapi3.EnableSchemaFormatValidation(), openapi3.EnableMultiError()), op.ID)
			require.Len(t, calls(spec), 1, op.ID)

			slice := object(t, text)
			method := strings.ToLower(op.Method)
			for _, part := range []struct {
				name      string
				of, slice any
			}{
				{"operation", below(whole, "paths", op.Path, method), below(slice, "paths", op.Path, method)},
				{"parameters of the path", below(whole, "paths", op.Path, "parameters"), below(slice, "paths", op.Path, "parameters")},
				{"media types", whole["x-json-media-types"], slice["x-json-media-types"]},
				{"version", whole["openapi"], slice["openapi"]},
			} {
				want := silenced(followed(whole, part.of, nil), "")
				assert.Equal(t, want, silenced(followed(slice, part.slice, nil), ""), "%s: %s", op.ID, part.name)
			}
			secured(t, whole, slice, method, op)
		}
	}
}

// secured holds the credentials of a slice against those of the whole.
func secured(t *testing.T, whole, slice map[string]any, method string, op specs.Operation) {
	t.Helper()
	needs := below(whole, "paths", op.Path, method, "security")
	if needs == nil {
		needs = whole["security"]
		assert.Equal(t, needs, slice["security"], op.ID)
	}
	list, _ := needs.([]any)
	for _, need := range list {
		for scheme := range need.(map[string]any) {
			want := silenced(below(whole, "components", "securitySchemes", scheme), "")
			assert.Equal(t, want, below(slice, "components", "securitySchemes", scheme), op.ID)
		}
	}
}

func object(t *testing.T, text []byte) map[string]any {
	t.Helper()
	spec, err := openapi3.NewLoader().LoadFromData(text)
	require.NoError(t, err)
	again, err := json.Marshal(spec) // as JSON has numbers
	require.NoError(t, err)
	var value map[string]any
	require.NoError(t, json.Unmarshal(again, &value))
	return value
}

func below(value any, names ...string) any {
	for _, name := range names {
		members, _ := value.(map[string]any)
		value = members[name]
	}
	return value
}

// followed puts what a reference leads to in its place, but for a schema that contains itself.
func followed(doc map[string]any, value any, above []string) any {
	switch v := value.(type) {
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = followed(doc, item, above)
		}
		return items
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok && strings.HasPrefix(ref, "#/") {
			for _, one := range above {
				if one == ref {
					return ref
				}
			}
			return followed(doc, below(doc, strings.Split(ref[2:], "/")...), append(above[:len(above):len(above)], ref))
		}
		members := map[string]any{}
		for name, one := range v {
			members[name] = followed(doc, one, above)
		}
		return members
	}
	return value
}

// silenced takes away what is for people. A member of a body may be called description, so those of properties stay.
func silenced(value any, name string) any {
	switch v := value.(type) {
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = silenced(item, "")
		}
		return items
	case map[string]any:
		members := map[string]any{}
		for key, one := range v {
			_, words := one.(string)
			if name == "properties" || name == "value" || key != "externalDocs" && (!words || key != "summary" && key != "description") {
				members[key] = silenced(one, key)
			}
		}
		return members
	}
	return value
}

// No file is embedded but for the documents and their slices.
func TestBundleHoldsNothingElse(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("bundle")
	require.NoError(t, err)
	var names, want []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	for _, doc := range specs.All() {
		want = append(want, strings.TrimSuffix(doc.Name(), ".yaml"), doc.Name())
	}
	assert.ElementsMatch(t, want, names)
}
