//go:build linux

package sandbox

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A socket is its owner's from the moment it has a name: nothing needs to be done to it afterwards.
func TestSocketIsBornPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	listener, err := (&net.ListenConfig{Control: ownersAlone}).Listen(t.Context(), "unix", path)
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	info, err := os.Lstat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
