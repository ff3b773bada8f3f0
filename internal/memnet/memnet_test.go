package memnet

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestHTTP: a server and a client find each other, and the clock moves on while they wait.
func TestHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen()
		assert.Equal(t, "127.0.0.1:80", l.Addr().String())
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Hour)
			_, _ = io.WriteString(w, r.RemoteAddr)
		})}
		ended := make(chan error)
		go func() { ended <- server.Serve(l) }()
		transport := &http.Transport{DialContext: l.Dial}
		begun := time.Now()
		resp, err := (&http.Client{Transport: transport}).Get("http://any.host")
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		assert.Equal(t, "127.0.0.1:80", string(text))
		assert.Equal(t, time.Hour, time.Since(begun))
		transport.CloseIdleConnections()
		require.NoError(t, server.Close())
		assert.ErrorIs(t, <-ended, http.ErrServerClosed)
	})
}

// TestDialEnds: where nobody accepts, Dial ends with its context, and with the listener.
func TestDialEnds(t *testing.T) {
	l := Listen()
	late := errors.New("too late")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(late)
	_, err := l.Dial(ctx, "", "")
	assert.ErrorIs(t, err, late)
	require.NoError(t, l.Close())
	require.NoError(t, l.Close())
	_, err = l.Dial(t.Context(), "", "")
	assert.ErrorIs(t, err, net.ErrClosed)
	_, err = l.Accept()
	assert.ErrorIs(t, err, net.ErrClosed)
}
