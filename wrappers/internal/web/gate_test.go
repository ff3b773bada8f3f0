package web

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// answers is a client that always answers alike.
type answers struct{ *http.Response }

func (a answers) Do(*http.Request) (*http.Response, error) { return a.Response, nil }

// body tells whether it was closed.
type body struct {
	io.Reader
	closed bool
}

func (b *body) Close() error { b.closed = true; return nil }

func TestGate(t *testing.T) {
	answer := &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}
	g := NewGate(answers{answer})
	send := func(b io.Reader) (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.example.com", b)
		require.NoError(t, err)
		return g.Do(req)
	}
	b := &body{Reader: strings.NewReader("a")}
	resp, err := send(b)
	require.NoError(t, err)
	assert.Same(t, answer, resp)
	assert.False(t, b.closed, "what is behind the gate closes it")
	require.NoError(t, resp.Body.Close())

	g.Shut(io.EOF)
	for _, from := range []io.Reader{nil, b} {
		resp, err := send(from)
		assert.Nil(t, resp)
		assert.Equal(t, io.EOF, err)
	}
	assert.True(t, b.closed)
}
