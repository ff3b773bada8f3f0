package sandbox_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

func TestListen(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"127.0.0.1:0", "localhost:0", "127.8.9.10:0"} {
		server, err := sandbox.Listen(addr)
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(server.URL(), "http://127."), server.URL())
		assert.Equal(t, server.URL()+"/finapi", server.FinAPI())
		assert.Equal(t, server.URL()+"/finogates", server.Finogates())
		assert.Equal(t, server.URL()+"/straddle", server.Straddle())
		assert.NotNil(t, server.Sandbox())
		require.NoError(t, server.Close())
		require.NoError(t, server.Close(), "a second time")
	}
}

func TestListenRefusals(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0"} {
		_, err := sandbox.Listen(addr)
		require.ErrorContains(t, err, "is not a loopback address", addr)
	}
	_, err := sandbox.Listen("127.0.0.1")
	require.ErrorContains(t, err, "missing port")
	taken := sandbox.Start(t)
	_, err = sandbox.Listen(strings.TrimPrefix(taken.URL(), "http://"))
	require.ErrorContains(t, err, "sandbox: ")
}

// failing records what Start tells a test.
type failing struct {
	message string
	cleanup []func()
}

func (f *failing) Helper()                        {}
func (f *failing) Fatalf(format string, _ ...any) { f.message = format }
func (f *failing) Cleanup(clean func())           { f.cleanup = append(f.cleanup, clean) }

func TestStart(t *testing.T) {
	t.Parallel()
	bad := &failing{}
	assert.Nil(t, sandbox.Start(bad, sandbox.Clock(nil)))
	assert.NotEmpty(t, bad.message)
	assert.Empty(t, bad.cleanup)

	good := &failing{}
	server := sandbox.Start(good)
	require.Len(t, good.cleanup, 1)
	good.cleanup[0]()
	assert.Empty(t, good.message)
	_, err := server.Expose("finapi", "127.0.0.1:0")
	require.ErrorContains(t, err, "the server is closed") // its port may be another one's by now
}

func TestRoundTripper(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	transport := w.sand.RoundTripper()

	request := &http.Request{URL: mustURL(t, "https://sandbox.finapi.io/finapi/oauth/token")}
	response, err := transport.RoundTrip(request)
	require.NoError(t, err)
	assert.Equal(t, http.StatusMethodNotAllowed, response.StatusCode, "no method means GET")
	assert.Same(t, request, response.Request)
	assert.Nil(t, request.Body, "the request is left as it was")
	require.NoError(t, response.Body.Close())

	head := w.do(http.MethodHead, tokenV1, nil, "")
	assert.Equal(t, http.StatusMethodNotAllowed, head.status)
	assert.Empty(t, head.text)

	_, err = transport.RoundTrip(&http.Request{})
	require.ErrorContains(t, err, "no URL")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	body := &closing{Reader: strings.NewReader("")}
	late, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://sandbox/finapi/oauth/token", body)
	require.NoError(t, err)
	_, err = transport.RoundTrip(late)
	require.ErrorIs(t, err, context.Canceled)
	assert.True(t, body.closed)
	assert.Len(t, w.sand.Calls(), 2, "a call that was given up does not arrive")
}

type closing struct {
	*strings.Reader
	closed bool
}

func (c *closing) Close() error {
	c.closed = true
	return nil
}
