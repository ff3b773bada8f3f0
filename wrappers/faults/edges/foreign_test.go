package edges

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// A request without a header map gets one.
func TestNilHeader(t *testing.T) {
	c := over(t, rest.Config{}, always(200, "application/json", `{}`))
	assert.NotPanics(t, func() {
		_, err := c.Do(&http.Request{Method: http.MethodGet, URL: parse(t, base+"/x")})
		assert.NoError(t, err)
	})
}

// An empty method means GET (net/http), which is safe to repeat.
func TestEmptyMethodIsGET(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int32
		c := over(t, rest.Config{MaxRetryWait: time.Millisecond}, func(*http.Request) (*http.Response, error) {
			n.Add(1)
			return reply(500, "application/json", `{}`), nil
		})
		_, _ = c.Do(&http.Request{URL: parse(t, base+"/x"), Header: http.Header{}})
		assert.EqualValues(t, 3, n.Load(), "an empty method is GET, which is safe")
	})
}

// Requirement F73: a header name that cannot be sent is an error of the caller and is not tried again.
func TestBadHeaderName(t *testing.T) {
	s := jsonServer(t, func(http.ResponseWriter, *http.Request) {})
	c := client(t, s.URL, rest.Config{})
	var info rest.Info
	req := request(rest.WithOptions(t.Context(), rest.Capture(&info)), t, http.MethodGet, s.URL, nil)
	req.Header["bad name"] = []string{"x"}
	_, err := c.Do(req)
	assert.ErrorIs(t, err, rest.ErrInvalid)
	assert.NotErrorIs(t, err, rest.ErrInDoubt)
	assert.LessOrEqual(t, info.Attempts, 1)
}

// The body of a request that is not sent is closed, as http.Client does: who writes into its pipe need not wait.
func TestBodyIsClosedWhenNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := over(t, rest.Config{}, never)
		pr, pw := io.Pipe()
		done := make(chan error, 1)
		go func() { _, err := pw.Write([]byte("x")); done <- err }()
		_, err := c.Do(request(t.Context(), t, http.MethodPost, "https://other.example.com", pr))
		require.Error(t, err)
		synctest.Wait()
		assert.Len(t, done, 1, "the writer of the body hangs: its goroutine is leaked")
		pr.Close()
	})
}

// Requirement D49: a 401 drops the token also where the call cannot be made again, because its body is a stream.
func TestRefusedTokenOfAStreamIsDropped(t *testing.T) {
	n := 0
	src := source(t, func(context.Context, *token.Token) (*token.Token, error) {
		n++
		return &token.Token{Access: secret.New(fmt.Sprint("token-", n)), ExpiresIn: time.Hour}, nil
	})
	transport := stub(func(r *http.Request) (*http.Response, error) {
		if r.Header.Get("Authorization") == "Bearer token-1" {
			return reply(401, "application/json", `{}`), nil
		}
		return reply(200, "application/json", `{}`), nil
	})
	c := signed(t, base, src, rest.Config{HTTPClient: transport.client()})
	var status []int
	for range 3 {
		resp, err := c.Do(request(t.Context(), t, http.MethodPost, base+"/x", io.NopCloser(strings.NewReader("a stream"))))
		require.NoError(t, err)
		status = append(status, resp.StatusCode)
	}
	assert.Equal(t, []int{401, 200, 200}, status)
}

// A base URL names a host; a port alone is none.
func TestEmptyHostBaseURL(t *testing.T) {
	for _, u := range []string{"https://:8443", "https://:8443/v1"} {
		_, err := rest.ParseBaseURL("BaseURL", u)
		assert.Error(t, err, u)
	}
}

// Capture fills its Info also when another option is wrong, before or after it.
func TestCaptureWhenAnOptionIsWrong(t *testing.T) {
	c := over(t, rest.Config{}, never)
	var info rest.Info
	ctx := rest.WithOptions(t.Context(), rest.Capture(&info), rest.Timeout(-1))
	_, err := c.Do(request(ctx, t, http.MethodGet, base, nil))
	require.Error(t, err)
	assert.NotEmpty(t, info.Operation, "Do: Capture fills info when the call ends, well or not")
	info = rest.Info{}
	_, err = post[thing](t.Context(), c, op(rest.RepeatFreely), rest.Timeout(-1), rest.Capture(&info))
	require.Error(t, err)
	assert.NotEmpty(t, info.Operation, "Call: Capture after the wrong one")
}
