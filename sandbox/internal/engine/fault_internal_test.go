package engine

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestBomb: a gzip bomb unpacks to a huge body of the same size, whatever that is; the reader checks sum and length.
func TestBomb(t *testing.T) {
	t.Parallel()
	const piece = 1 << 20
	for _, n := range []int64{0, 13, 14, piece + 12, piece + 13, 2*piece + 20} {
		want, err := io.ReadAll(huge(n))
		require.NoError(t, err)
		unpacked, err := gzip.NewReader(bytes.NewReader(bomb(n)))
		require.NoError(t, err)
		got, err := io.ReadAll(unpacked)
		require.NoError(t, err)
		assert.Len(t, got, max(int(n), 13))
		assert.True(t, bytes.Equal(want, got), n)
	}
	assert.Equal(t, 7, bytes.Count(bomb(8*piece), deflate(strings.Repeat("x", piece), false)), "packed once")
}
