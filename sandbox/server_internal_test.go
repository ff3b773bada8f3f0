package sandbox

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/memnet"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// A whole request, one whose body does not come, and one whose header does not.
const (
	wholeRequest  = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	withoutBody   = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
	withoutHeader = "GET / HTTP/1.1\r\nHost: loc"
)

// endless is a body without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestStopTakes: connections that nothing is running on are cut at once, others get a moment, and none keeps the server.
func TestStopTakes(t *testing.T) {
	t.Parallel()
	answers := func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }
	waits := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	pours := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.CopyN(w, endless{}, 1<<30) }
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		request string
		read    bool // the answer, up to its end
		want    time.Duration
	}{
		"none":              {answers, "", false, 0},
		"silent":            {answers, "", false, 0},
		"without a header":  {answers, withoutHeader, false, 0},
		"idle":              {answers, wholeRequest, true, 0},
		"without a body":    {answers, withoutBody, false, shutdownTimeout},
		"answer that waits": {waits, wholeRequest, false, shutdownTimeout},
		"answer not read":   {pours, wholeRequest, false, shutdownTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				network := memnet.Listen()
				l := serve(network, c.handler)
				if name != "none" {
					conn := dial(t, network, c.request)
					if c.read {
						resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
						require.NoError(t, err)
						require.NoError(t, resp.Body.Close())
					}
				}
				synctest.Wait()
				begun := time.Now()
				require.NoError(t, l.stop())
				assert.InDelta(t, c.want, time.Since(begun), float64(10*time.Millisecond), "net/http looks every few milliseconds")
			})
		})
	}
}

// TestSlowClientsAreCutOff: a header has five seconds, and a body as long as a request.
func TestSlowClientsAreCutOff(t *testing.T) {
	t.Parallel()
	for request, want := range map[string]time.Duration{withoutHeader: headerTimeout, withoutBody: engine.RequestTimeout} {
		synctest.Test(t, func(t *testing.T) {
			network := memnet.Listen()
			l := serve(network, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if _, err := io.Copy(io.Discard, r.Body); err != nil {
					panic(http.ErrAbortHandler)
				}
			}))
			begun := time.Now()
			text, err := io.ReadAll(dial(t, network, request))
			require.NoError(t, err, "the server ends the connection")
			assert.Equal(t, want, time.Since(begun), request)
			assert.NotContains(t, string(text), " 200 ")
			require.NoError(t, l.stop())
		})
	}
}

// dial opens a connection and sends text.
func dial(t *testing.T, network *memnet.Listener, text string) net.Conn {
	t.Helper()
	conn, err := network.Dial(t.Context(), "", "")
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	return conn
}
