package rest

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counted counts what is read of a body.
type counted struct {
	io.Reader
	read   int
	closed bool
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += n
	return n, err
}

func (c *counted) Close() error {
	c.closed = true
	return nil
}

// Requirement C22: of an answer that nobody looks at, only so much is read that its connection can be used again; of one
// that counts, no more than a byte over its limit.
func TestAnswerIsNotReadForNothing(t *testing.T) {
	const limit = 100 << 10
	for name, c := range map[string]struct {
		status    int
		noContent bool
		most      int
	}{
		"success without content": {200, true, drained + 1},
		"refusal without content": {400, true, limit + 1},
		"success":                 {200, false, limit + 1},
	} {
		body := &counted{Reader: bytes.NewReader(make([]byte, 1<<20))}
		client, _ := newWire(t, Config{}, func(int, *http.Request) (*http.Response, error) {
			resp := reply(c.status, "")
			resp.Body, resp.ContentLength = body, -1
			return resp, nil
		})
		op := operation(RepeatRefused)
		op.NoContent, op.MaxBody = c.noContent, limit
		_, err := post(t.Context(), client, op)
		assert.Equal(t, name == "success without content", err == nil, name)
		assert.LessOrEqual(t, body.read, c.most, name)
		assert.GreaterOrEqual(t, body.read, min(c.most, limit), name)
		require.True(t, body.closed, name)
	}
}
