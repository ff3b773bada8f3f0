package main

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/memnet"
	"github.com/fintoken/fintoken-go/sandbox"
)

// bubble runs f in a world whose clock moves on only when everybody waits, so that a test of a wait takes no time and has
// an exact end. Whatever is called there, handler answers over a network in memory; nil is a sandbox.
func bubble(t *testing.T, handler http.Handler, f func(t *testing.T, w *world)) {
	t.Helper()
	w := newWorld(t) // its sandbox has a port, and so no place in the bubble
	w.everywhere("http://localhost")
	w.env["FINTOKEN_SANDBOX_URL"] = "http://localhost"
	synctest.Test(t, func(t *testing.T) {
		if handler == nil {
			s, err := sandbox.New()
			require.NoError(t, err)
			handler = s
		}
		l := memnet.Listen()
		server := &http.Server{Handler: handler}
		var serving sync.WaitGroup
		serving.Go(func() { _ = server.Serve(l) }) // its error is that it was closed
		w.t, w.dial = t, l.Dial
		f(t, w)
		_ = server.Close()
		serving.Wait()
	})
}

// atTerminal executes a command line in this process, as if all its streams were a terminal.
func (w *world) atTerminal(args ...string) result {
	w.t.Helper()
	return w.runIn(w.t.Context(), strings.NewReader(""), true, args...)
}
