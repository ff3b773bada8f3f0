// What the tests share: a transport that answers from a script, and what has to hold for every error.

package straddle_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	apiKey    = "sk_test_canary-key-4c1d" // must never be printed
	customer  = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
	requestID = "4d2d5e0c-2a1b-4b0e-8a4e-0f6d1c2b3a45"
	meta      = `"meta":{"api_request_id":"` + requestID + `","api_request_timestamp":"2026-01-05T10:00:00Z"}`
	// canary stands in bodies that must not get into the text of an error.
	canary = "canary-body-7f3a"
)

var minimal = straddleapi.CreateBridgeTokenRequest{CustomerID: customer}

// reply is one answer of the script.
type reply struct {
	status int
	body   string
	mime   string            // application/json if empty
	header map[string]string // more of it
	err    error             // instead of an answer
	cut    bool              // the body breaks off after what is there
	hangs  bool              // no answer comes
}

func created(token string) reply {
	return reply{status: 201, body: `{"data":{"bridge_token":"` + token + `"},` + meta + `,"response_type":"object"}`}
}

// sent is a request that reached the wire.
type sent struct {
	method, url string
	header      http.Header
	body        string
}

// wire answers from its script, whose last reply repeats, and keeps what was sent.
type wire struct {
	mu     sync.Mutex
	script []reply
	sent   []sent
}

func scripted(script ...reply) *wire { return &wire{script: script} }

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	next := w.take(r)
	if next.hangs {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if next.err != nil {
		return nil, next.err
	}
	resp := &http.Response{
		StatusCode: next.status, Header: http.Header{}, Request: r, ContentLength: -1,
		Body: io.NopCloser(strings.NewReader(next.body)),
	}
	if next.cut {
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(next.body), iotest.ErrReader(io.ErrUnexpectedEOF)))
	}
	resp.Header.Set("Content-Type", next.mime)
	if next.mime == "" {
		resp.Header.Set("Content-Type", "application/json")
	}
	for name, value := range next.header {
		resp.Header.Set(name, value)
	}
	return resp, nil
}

// take keeps the request and returns the reply to it.
func (w *wire) take(r *http.Request) reply {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	next := w.script[min(len(w.sent), len(w.script)-1)]
	w.sent = append(w.sent, sent{r.Method, r.URL.String(), r.Header.Clone(), string(body)})
	return next
}

func (w *wire) requests() []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

// client returns a client whose calls end at rt.
func client(t *testing.T, rt http.RoundTripper, change ...func(*straddle.Config)) *straddle.Client {
	t.Helper()
	cfg := straddle.Config{APIKey: secret.New(apiKey), HTTP: rest.Config{HTTPClient: &http.Client{Transport: rt}}}
	for _, f := range change {
		f(&cfg)
	}
	c, err := straddle.New(cfg)
	require.NoError(t, err)
	return c
}

// fault is what an error has to be like.
type fault struct {
	kind      error
	status    int
	requestID string
	field     string
	says      string // in its text
	attempts  int
}

// requireFault holds err against want. No text of any error has a secret or a body in it.
func requireFault(t *testing.T, err error, want fault) *rest.Error {
	t.Helper()
	var e *rest.Error
	require.ErrorAs(t, err, &e)
	assert.ErrorIs(t, err, want.kind)
	assert.Equal(t, "straddle", e.Provider)
	assert.Equal(t, want.status, e.Status)
	assert.Equal(t, want.requestID, e.RequestID)
	assert.Equal(t, want.field, e.Field)
	assert.Equal(t, want.attempts, e.Attempts)
	assert.Contains(t, err.Error(), want.says)
	for _, text := range texts(err) {
		assert.NotContains(t, text, apiKey)
		assert.NotContains(t, text, canary)
	}
	return e
}

// texts returns what err looks like wherever an error may end up.
func texts(err error) []string {
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Error("failed", "err", err)
	return []string{err.Error(), fmt.Sprintf("%v %+v %#v %q", err, err, err, err), log.String()}
}

// kinds are those of which an error has one, or a few that belong together. What is in doubt is so besides.
var kinds = []error{
	rest.ErrInvalid, rest.ErrUnauthenticated, rest.ErrForbidden, rest.ErrVersionMismatch, rest.ErrNotFound, rest.ErrConflict,
	rest.ErrLocked, rest.ErrRateLimited, rest.ErrUnavailable, rest.ErrBadResponse,
}

func requireKinds(t *testing.T, err error, want ...error) {
	t.Helper()
	var got []error
	for _, kind := range kinds {
		if errors.Is(err, kind) {
			got = append(got, kind)
		}
	}
	require.ElementsMatch(t, want, got)
}
