package specs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/fintoken/fintoken-go/specs"
)

func TestAllIsComplete(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var names []string
	for _, doc := range specs.All() {
		names = append(names, doc.Name())
	}
	assert.Equal(t, files, names, "every document of the folder, ordered by name")
}

// What is in the handwritten files is in the document, and nothing else: else make generate was forgotten.
func TestDocumentsAreTheFiles(t *testing.T) {
	t.Parallel()
	for _, doc := range specs.All() {
		parts, err := filepath.Glob(filepath.Join(strings.TrimSuffix(doc.Name(), ".yaml"), "*.yaml"))
		require.NoError(t, err)
		whole := readYAML(t, doc.Name())
		for _, part := range parts {
			add(whole, readYAML(t, part))
		}
		var text map[string]any
		require.NoError(t, yaml.Unmarshal(doc.YAML(), &text))
		assert.Equal(t, whole, text, "%s: run make generate", doc.Name())
	}
}

func readYAML(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var value map[string]any
	require.NoError(t, yaml.Unmarshal(text, &value), path)
	return value
}

// add puts the members of a file into those of the whole.
func add(whole, part map[string]any) {
	for name, value := range part {
		switch v := value.(type) {
		case map[string]any:
			if there, ok := whole[name].(map[string]any); ok {
				add(there, v)
				continue
			}
		case []any:
			there, _ := whole[name].([]any)
			whole[name] = append(there, v...)
			continue
		}
		whole[name] = value
	}
}

func TestYAMLIsACopy(t *testing.T) {
	t.Parallel()
	text := specs.Straddle.YAML()
	clear(text)
	assert.NotEqual(t, text, specs.Straddle.YAML())
	all := specs.All()
	all[0] = specs.Document{}
	assert.NotEqual(t, all[0], specs.All()[0])
}

func TestZeroDocument(t *testing.T) {
	t.Parallel()
	for _, doc := range []specs.Document{{}, specs.NewDocument("", "")} {
		assert.Empty(t, doc.Name())
		assert.Empty(t, doc.YAML())
		assert.False(t, doc.Indexed())
		assert.Empty(t, doc.Title()+doc.Version())
		assert.Empty(t, doc.Operations())
		_, found := doc.Slice("createBridgeToken")
		assert.False(t, found)
	}
}

func TestNewDocumentHasNoIndex(t *testing.T) {
	t.Parallel()
	doc := specs.NewDocument(specs.Straddle.Name(), "a: b")
	assert.Equal(t, "a: b", string(doc.YAML()))
	assert.Empty(t, doc.Operations())
	assert.NotEqual(t, specs.Straddle, doc)
}
