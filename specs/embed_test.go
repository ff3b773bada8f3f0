package specs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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

func TestDocumentsAreTheFiles(t *testing.T) {
	t.Parallel()
	for _, doc := range specs.All() {
		file, err := os.ReadFile(doc.Name())
		require.NoError(t, err)
		assert.Equal(t, string(file), string(doc.YAML()), doc.Name())
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
	assert.Empty(t, specs.Document{}.Name())
	assert.Empty(t, specs.Document{}.YAML())
}
