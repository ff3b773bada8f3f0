// What the tests share: a transport that answers from a script, and what has to hold for every error.

package finogates_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	clientID     = "fg_test_cl_abcdefghijklmnopqrstuv"
	clientSecret = "fg_test_sk_canary-secret-4c1d" // must never be printed
	user         = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	origin       = "https://app.example.com"
	frame        = `"status_code":200,"query_generated_time":1780567200123`
	// canary stands in bodies that must not get into the text of an error.
	canary = "canary-body-7f3a"

	exchangePath = "/v1/platform/auth/token"
	embedPath    = "/v1/platform/embed-tokens"
)

var minimal = finogatesapi.CreateEmbedTokenRequest{UserID: user, ParentOrigin: origin}

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

// ok is an answer with data in the envelope.
func ok(data string) reply { return reply{status: 200, body: `{` + frame + `,"data":` + data + `}`} }

// bearer is an answer to the exchange.
func bearer(token string) reply {
	return ok(`{"access_token":"` + token + `","token_type":"bearer","expires_in":900}`)
}

// minted is an answer with an embed token.
func minted(token string) reply {
	return ok(`{"token":"` + token + `","embed_url":"https://embed.example.com/add-card","mode":"sandbox","expires_at":"2026-06-04T10:10:00Z"}`)
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

// at returns the requests that went to a path.
func (w *wire) at(path string) []sent {
	return slices.DeleteFunc(slices.Clone(w.requests()), func(s sent) bool { return !strings.HasSuffix(s.url, path) })
}

// client returns a client whose calls end at rt.
func client(t *testing.T, rt http.RoundTripper, change ...func(*finogates.Config)) *finogates.Client {
	t.Helper()
	cfg := finogates.Config{
		ClientID: clientID, ClientSecret: secret.New(clientSecret), HTTP: rest.Config{HTTPClient: &http.Client{Transport: rt}},
		Tokens: token.Config{OnEvent: func(context.Context, token.Event) {}},
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := finogates.New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// fault is what an error has to be like.
type fault struct {
	kind     error
	status   int
	field    string
	says     string // in its text
	attempts int
}

// requireFault holds err against want. No text of any error has a secret or a body in it.
func requireFault(t *testing.T, err error, want fault) *rest.Error {
	t.Helper()
	var e *rest.Error
	require.ErrorAs(t, err, &e)
	assert.ErrorIs(t, err, want.kind)
	assert.Equal(t, "finogates", e.Provider)
	assert.Equal(t, want.status, e.Status)
	assert.Equal(t, want.field, e.Field)
	assert.Equal(t, want.attempts, e.Attempts)
	assert.Contains(t, err.Error(), want.says)
	for _, text := range texts(err) {
		assert.NotContains(t, text, clientSecret)
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
