package sandbox_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// callAll makes one call with each of the ready-made clients.
func callAll(t *testing.T, c *sandbox.Clients, creds sandbox.Credentials) {
	t.Helper()
	ctx := t.Context()
	_, err := c.FinAPI.ClientTokens().Token(ctx)
	require.NoError(t, err)
	_, err = c.FinAPIV2.ClientTokens().Token(ctx)
	require.NoError(t, err)
	user := c.FinAPI.UserTokens(creds.FinAPI.Username, secret.New(creds.FinAPI.Password))
	defer user.Close()
	_, err = user.Token(ctx)
	require.NoError(t, err)
	embed, err := c.Finogates.EmbedTokens.Create(ctx, finogates.CreateEmbedTokenRequest{
		UserID: creds.Finogates.UserID, ParentOrigin: "https://app.example.com",
	})
	require.NoError(t, err)
	assert.Equal(t, "sandbox", embed.Mode)
	_, err = c.Straddle.Bridge.Initialize(ctx, straddleapi.CreateBridgeTokenRequest{CustomerID: creds.Straddle.CustomerID})
	require.NoError(t, err)
}

func TestReadyMadeClients(t *testing.T) {
	t.Parallel()
	t.Run("over HTTP", func(t *testing.T) {
		server := sandbox.Start(t)
		callAll(t, server.Clients(), server.Sandbox().Credentials())
		assert.Len(t, server.Sandbox().Calls(), 6)
	})
	t.Run("in memory", func(t *testing.T) {
		s, err := sandbox.New()
		require.NoError(t, err)
		clients, err := s.Clients()
		require.NoError(t, err)
		defer clients.FinAPI.Close()
		callAll(t, clients, s.Credentials())
	})
	t.Run("Unix socket", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s")
		server, err := sandbox.Listen("unix:" + path)
		require.NoError(t, err)
		assert.Equal(t, path, server.Socket())
		assert.Equal(t, "http://localhost/_sandbox/v1", server.Admin())
		info, err := os.Stat(path)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "for its owner alone")
		callAll(t, server.Clients(), server.Sandbox().Credentials())
		_, err = sandbox.Listen("unix:" + path)
		require.ErrorContains(t, err, "is in use")
		require.NoError(t, server.Close())
		_, err = os.Stat(path)
		require.ErrorIs(t, err, os.ErrNotExist)
	})
}

func TestSockets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left := filepath.Join(dir, "left")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: left})
	require.NoError(t, err)
	listener.SetUnlinkOnClose(false)
	require.NoError(t, listener.Close())
	server, err := sandbox.Listen("unix:" + left)
	require.NoError(t, err, "what a dead process left behind is replaced")
	require.NoError(t, server.Close())

	theirs := filepath.Join(dir, "theirs")
	other, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: theirs, Net: "unixgram"})
	require.NoError(t, err)
	before, err := os.Lstat(theirs)
	require.NoError(t, err)
	_, err = sandbox.Listen("unix:" + theirs)
	require.ErrorContains(t, err, "is in use by another program")
	after, err := os.Lstat(theirs)
	require.NoError(t, err, "a socket of another kind is left alone")
	assert.True(t, os.SameFile(before, after))
	require.NoError(t, other.Close())
	server, err = sandbox.Listen("unix:" + theirs)
	require.NoError(t, err, "until its program has ended")
	require.NoError(t, server.Close())

	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, []byte("mine"), 0o600))
	_, err = sandbox.Listen("unix:" + file)
	require.ErrorContains(t, err, "sandbox: ")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "mine", string(text), "other files are left alone")
	_, err = sandbox.Listen("unix:" + filepath.Join(dir, "no", "where"))
	require.Error(t, err)
}

func TestExpose(t *testing.T) {
	t.Parallel()
	server := sandbox.Start(t)
	creds := server.Sandbox().Credentials()
	url, err := server.Expose("straddle", "127.0.0.1:0")
	require.NoError(t, err)
	w := &world{t: t, base: url, client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	body := object{"customer_id": creds.Straddle.CustomerID}
	w.json("/v1/bridge/initialize", bearer(creds.Straddle.APIKey), body).require(t, want{201, "documented", "bridge_token"})
	w.do(http.MethodGet, "/", nil, "").require(t, want{404, "inferred", "no such path"})
	w.do(http.MethodGet, "/_sandbox/v1/state", nil, "").require(t, want{404, "inferred", "no such path"})
	w.do(http.MethodGet, "/a%2Fb", nil, "").require(t, want{404, "inferred", "no such path"})
	assert.Equal(t, "/straddle/v1/bridge/initialize", server.Sandbox().Calls()[0].Path)

	_, err = server.Expose("paypal", "127.0.0.1:0")
	require.ErrorContains(t, err, "provider: must be")
	_, err = server.Expose("finapi", strings.TrimPrefix(url, "http://"))
	require.ErrorContains(t, err, "address already in use")
	_, err = server.Expose("finapi", "0.0.0.0:0")
	require.ErrorContains(t, err, "is not a loopback address")
	require.NoError(t, server.Close())
	_, err = server.Expose("finapi", "127.0.0.1:0")
	require.ErrorContains(t, err, "is closed")
}

func TestAllowRemote(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Listen("0.0.0.0:0", sandbox.AllowRemote("Sandbox", "192.0.2.9"))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(server.URL(), "http://sandbox:"), server.URL())
	own, err := server.Expose("straddle", "127.0.0.1:0")
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(own, "http://sandbox:"), own)
	_, err = server.Clients().FinAPI.ClientTokens().Token(t.Context())
	require.NoError(t, err)
	require.NoError(t, server.Close())
	for _, host := range []string{"", "sandbox:4010", "http://sandbox", "a b", "[::1]", "fe80::1%eth0", "*"} {
		_, err = sandbox.New(sandbox.AllowRemote("sandbox", host))
		assert.ErrorContains(t, err, "AllowRemote: must have names or addresses of hosts", host)
	}
}

// TestClose has connections of every kind open: silent ones, one in the middle of a request, one whose answer waits, and
// one that does not read. None of them keeps the server until it has what it waits for; TestStopTakes has the times.
func TestClose(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Listen("127.0.0.1:0")
	require.NoError(t, err)
	addr := strings.TrimPrefix(server.URL(), "http://")
	_, err = server.Sandbox().AddFault(sandbox.Fault{Provider: "finapi", Delay: sandbox.FixedDelay(time.Minute)})
	require.NoError(t, err)
	_, err = server.Sandbox().AddFault(sandbox.Fault{Provider: "straddle", Kind: sandbox.FaultHugeBody, Size: 1 << 30})
	require.NoError(t, err)
	creds := server.Sandbox().Credentials()
	form := formed("grant_type", "client_credentials", "client_id", creds.FinAPI.ClientID, "client_secret", creds.FinAPI.ClientSecret)
	bridge := `{"customer_id":"` + creds.Straddle.CustomerID + `"}`
	dial := func(text string) net.Conn {
		conn, err := net.Dial("tcp", addr)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = conn.Write([]byte(text))
		require.NoError(t, err)
		return conn
	}
	for range 200 {
		dial("")
	}
	partial := dial("POST /finapi/oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ngrant")
	dial("POST /finapi/oauth/token HTTP/1.1\r\nHost: loc")
	delayed := dial(fmt.Sprintf("POST /finapi/oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", formType, len(form), form))
	dial(fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		bridgePath, creds.Straddle.APIKey, len(bridge), bridge))
	_, err = server.Sandbox().WaitForCalls(timeLimited(t, time.Minute), sandbox.CallFilter{}, 2)
	require.NoError(t, err)
	require.NoError(t, server.Close())
	for _, conn := range []net.Conn{partial, delayed} {
		answer, _ := io.ReadAll(conn) // the end may be a reset
		assert.Empty(t, string(answer), "it was not waited for")
	}
}

// TestManyIdleConnections: those that are idle are in nobody's way.
func TestManyIdleConnections(t *testing.T) {
	t.Parallel()
	server, err := sandbox.Listen("127.0.0.1:0")
	require.NoError(t, err)
	const many = 400 // `make bench-sandbox` opens ten thousand, for which a process needs more files than it may have here
	var wg sync.WaitGroup
	for range many {
		wg.Go(func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(server.URL(), "http://"))
			if !assert.NoError(t, err) {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			_, err = conn.Write([]byte("GET /finapi/oauth/token HTTP/1.1\r\nHost: localhost\r\n\r\n"))
			assert.NoError(t, err)
		})
	}
	wg.Wait()
	_, err = server.Sandbox().WaitForCalls(timeLimited(t, 2*time.Minute), sandbox.CallFilter{}, many)
	require.NoError(t, err)
	_, err = server.Clients().FinAPI.ClientTokens().Token(t.Context())
	require.NoError(t, err)
	require.NoError(t, server.Close())
}

// A test's own world: clients that are ready, the clock in hand, everything recorded, faults on demand.
func ExampleServer_Clients() {
	server, err := sandbox.Listen("127.0.0.1:0") // in a test: server := sandbox.Start(t)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	ctx := context.Background()
	clients, world := server.Clients(), server.Sandbox()

	_, err = world.AddFault(sandbox.Fault{Provider: "finapi", Kind: sandbox.FaultError, Status: 503, Times: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, err := clients.FinAPI.ClientTokens().Token(ctx) // the first call fails, the client tries again
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.ExpiresIn)
	for _, call := range world.Calls() {
		fmt.Println(call.Operation, call.Status)
	}
	// Output:
	// 1h0m0s
	// getToken 503
	// getToken 200
}
