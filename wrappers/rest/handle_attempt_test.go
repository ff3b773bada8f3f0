package rest

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// certificateError is what a wrong certificate makes.
func certificateError(t *testing.T) error {
	t.Helper()
	return &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
}

// served returns a client of a real server.
func served(t *testing.T, cfg Config, h http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	c, err := New(s.URL+"/", Bearer(token.Static(secret.New("the-api-key"))), cfg)
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// Requirements C22 and C23: an answer is bounded by its size after decompression, and never cut in silence.
func TestAttemptBoundsTheAnswer(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, _ = z.Write(bytes.Repeat([]byte(" "), 4<<20))
	_ = z.Close()
	require.Less(t, bomb.Len(), TokenMaxBody)
	for name, c := range map[string]struct {
		cfg   Config
		limit int64 // of the operation
		body  []byte
		gzip  bool
		good  bool
	}{
		"at the limit":        {Config{}, 1000, padded(1000), false, true},
		"over the limit":      {Config{}, 1000, padded(1001), false, false},
		"default":             {Config{}, 0, padded(DefaultMaxBody), false, true},
		"over the default":    {Config{}, 0, padded(DefaultMaxBody + 1), false, false},
		"configured":          {Config{MaxBody: 2000}, 1000, padded(2000), false, true},
		"over the configured": {Config{MaxBody: 500}, 1000, padded(501), false, false},
		"bomb":                {Config{}, TokenMaxBody, bomb.Bytes(), true, false},
	} {
		t.Run(name, func(t *testing.T) {
			client := served(t, c.cfg, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("X-Request-Id", "r1")
				if c.gzip {
					w.Header().Set("Content-Encoding", "gzip")
				}
				_, _ = w.Write(c.body)
			})
			op := operation(RepeatFreely)
			op.MaxBody = c.limit
			_, err := post(t.Context(), client, op)
			if c.good {
				assert.NoError(t, err)
				return
			}
			e := failure(t, err)
			assert.ErrorIs(t, err, ErrBadResponse)
			assert.Equal(t, "the answer is larger than the limit of its operation", e.Message)
			assert.Equal(t, 200, e.Status)
			assert.Equal(t, "r1", e.RequestID)
			assert.Equal(t, 1, e.Attempts)
			assert.LessOrEqual(t, len(e.RawBody()), DefaultMaxBody)
		})
	}
}

// padded is an answer of n bytes.
func padded(n int) []byte {
	return append([]byte(`{"value":"x"}`), bytes.Repeat([]byte(" "), n-len(`{"value":"x"}`))...)
}

// Requirement F75: the answer before a retry is read and closed, so that its connection serves again.
func TestAttemptKeepsTheConnection(t *testing.T) {
	seen := map[string]bool{}
	n := 0
	client := served(t, Config{MaxRetryWait: time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		seen[r.RemoteAddr] = true
		if n++; n < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, strings.Repeat("busy ", 1000))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"value":"x"}`)
	})
	_, err := post(t.Context(), client, operation(RepeatFreely))
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	assert.Len(t, seen, 1)
}

// A failing status counts however broken its body; a success without content does, too.
func TestAttemptOfABrokenBody(t *testing.T) {
	broken := func(status int) func(int, *http.Request) (*http.Response, error) {
		return func(int, *http.Request) (*http.Response, error) {
			resp := reply(status, "")
			resp.Body = io.NopCloser(&brokenReader{"abc"})
			return resp, nil
		}
	}
	for _, c := range []struct {
		status    int
		noContent bool
		kind      error
		sent      int
	}{{401, false, ErrUnauthenticated, 1}, {400, true, ErrInvalid, 1}, {200, false, ErrInDoubt, 3}, {200, true, nil, 1}} {
		synctest.Test(t, func(t *testing.T) {
			client, w := newWire(t, Config{}, broken(c.status))
			op := operation(RepeatFreely)
			op.NoContent = c.noContent
			_, err := post(t.Context(), client, op)
			if c.kind == nil {
				assert.NoError(t, err)
			} else {
				assert.ErrorIs(t, err, c.kind)
				assert.Equal(t, c.status, failure(t, err).Status)
			}
			assert.Len(t, w.sent, c.sent)
		})
	}
}

// Of a success without content no more is read than the connection is worth.
func TestAttemptDrainsALittle(t *testing.T) {
	op := operation(RepeatFreely)
	op.NoContent = true
	for size, read := range map[int]int{drained: drained, 1 << 20: drained + 1} {
		body := bytes.NewReader(make([]byte, size))
		client, _ := newWire(t, Config{}, func(int, *http.Request) (*http.Response, error) {
			resp := reply(200, "")
			resp.Body, resp.ContentLength = io.NopCloser(body), -1
			return resp, nil
		})
		_, err := post(t.Context(), client, op)
		require.NoError(t, err)
		assert.Equal(t, size-read, body.Len())
	}
}

// Requirement F70: an attempt has its own end, and so has the call.
func TestAttemptTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w := newWire(t, Config{}, func(_ int, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		begun := time.Now()
		_, err := post(t.Context(), client, operation(RepeatFreely))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorIs(t, err, ErrInDoubt)
		assert.ErrorIs(t, err, ErrUnavailable)
		assert.Len(t, w.sent, 3)
		assert.Equal(t, DefaultTimeout, time.Since(begun))

		begun = time.Now()
		_, err = post(t.Context(), client, operation(RepeatUnprocessed))
		assert.ErrorIs(t, err, ErrInDoubt)
		assert.Equal(t, DefaultAttemptTimeout, time.Since(begun))
	})
}

// Requirement F70: the call's own limits win. A longer one for the call lets one attempt last as long.
func TestAttemptTimesOutByOption(t *testing.T) {
	long := Config{HTTPClient: &http.Client{Timeout: 2 * time.Second}}
	for name, c := range map[string]struct {
		cfg     Config
		opts    []Option
		elapsed time.Duration
		sent    int
	}{
		"longer":                   {Config{}, []Option{Timeout(time.Minute)}, time.Minute, 1},
		"longer than the client's": {long, []Option{Timeout(time.Minute)}, time.Minute, 1},
		"a little longer":          {Config{}, []Option{Timeout(11 * time.Second)}, 11 * time.Second, 1},
		"shorter":                  {Config{}, []Option{Timeout(4 * time.Second)}, 4 * time.Second, 1},
		"with time for retries":    {Config{}, []Option{Timeout(time.Minute), AttemptTimeout(2 * time.Second)}, 6 * time.Second, 3},
		"attempts alone":           {Config{}, []Option{AttemptTimeout(25 * time.Second)}, DefaultTimeout, 2},
		"in the Config":            {Config{Timeout: time.Minute}, nil, 3 * DefaultAttemptTimeout, 3},
		"the client's":             {long, nil, 6 * time.Second, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, w := newWire(t, c.cfg, func(_ int, r *http.Request) (*http.Response, error) {
					<-r.Context().Done()
					return nil, r.Context().Err()
				})
				begun := time.Now()
				_, err := post(t.Context(), client, operation(RepeatFreely), c.opts...)
				assert.ErrorIs(t, err, context.DeadlineExceeded)
				assert.GreaterOrEqual(t, time.Since(begun), c.elapsed)
				assert.LessOrEqual(t, time.Since(begun), c.elapsed+1500*time.Millisecond, "what it waits in between")
				assert.Len(t, w.sent, c.sent)
			})
		})
	}
}

func TestAttemptCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client, w := newWire(t, Config{}, func(_ int, r *http.Request) (*http.Response, error) {
			cancel()
			return nil, r.Context().Err()
		})
		_, err := post(ctx, client, operation(RepeatFreely))
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorIs(t, err, ErrInDoubt)
		assert.NotErrorIs(t, err, ErrUnavailable, "it was not the provider")
		assert.Equal(t, "the call was canceled", failure(t, err).Message, "it did not wait for another attempt")
		assert.Len(t, w.sent, 1)
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client, w := newWire(t, Config{}, func(int, *http.Request) (*http.Response, error) {
			resp := reply(200, "")
			resp.Body = io.NopCloser(readFunc(func([]byte) (int, error) {
				cancel()
				return 0, context.Canceled
			}))
			return resp, nil
		})
		_, err := post(ctx, client, operation(RepeatFreely))
		assert.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 200, failure(t, err).Status)
		assert.Len(t, w.sent, 1)
	})
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// A transport that breaks its contract does not break the call.
func TestAttemptOfABadTransport(t *testing.T) {
	client, _ := newWire(t, Config{}, func(int, *http.Request) (*http.Response, error) { return nil, nil })
	_, err := post(t.Context(), client, operation(RepeatUnprocessed))
	assert.ErrorContains(t, err, "the request failed")
	assert.ErrorIs(t, err, errNoResponse)
}

// A transport that asks for a connection and gets none has sent nothing. One that tells nothing may have.
func TestPassage(t *testing.T) {
	var way passage
	trace := httptrace.ContextClientTrace(way.follow(t.Context()))
	assert.False(t, way.neverLeft(), "nobody can tell")
	trace.GetConn("h:1")
	assert.True(t, way.neverLeft())
	trace.GotConn(httptrace.GotConnInfo{})
	assert.False(t, way.neverLeft())
}

// The transport cannot send a body twice by itself.
func TestOutgoing(t *testing.T) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testURL, strings.NewReader("abc"))
	require.NoError(t, err)
	out := outgoing(t.Context(), req)
	assert.Nil(t, out.GetBody, "net/http sends nothing again by itself")
	assert.Equal(t, req.Body, out.Body)
	_, err = req.GetBody()
	assert.NoError(t, err, "we can")

	for method, empty := range map[string]bool{"GET": true, "": true, "HEAD": true, "OPTIONS": true, "POST": false, "DELETE": false} {
		out := outgoing(t.Context(), &http.Request{Method: method})
		assert.Equal(t, empty, out.Body == nil, "%s: what is known to be empty may be sent again", method)
	}
}

// errTurnedAway is what HTTP/2 says of a stream that was refused.
var errTurnedAway = errors.New("http2: Transport: cannot retry err [stream error: stream ID 1; REFUSED_STREAM; received from peer] " +
	"after Request.Body was written; define Request.GetBody to avoid this error")

func TestPeek(t *testing.T) {
	resp := reply(200, "abc")
	assert.Nil(t, peek(resp))
	buffer(resp)
	_, _ = io.ReadAll(resp.Body)
	assert.Equal(t, "abc", string(peek(resp)))
	assert.NoError(t, resp.Body.Close())
}
