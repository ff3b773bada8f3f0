// What the tests share: a transport that answers from a script, and what has to hold for every error.

package finapi_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	clientID     = "5c1bd1b5-9a1f-4f53-9e0b-3a7b7c6a2f10"
	clientSecret = "canary-client-secret-4c1d" // must never be printed, nor must these
	username     = "user_id"
	password     = "canary-password-91ab"
	refreshToken = "canary-refresh-token-77fe"
	requestID    = "selfgen-0f0a4c0e-6a5b-4a8e-9d5e-1f2e3d4c5b6a"
	// canary stands in bodies that must not get into the text of an error.
	canary = "canary-body-7f3a"
)

// versions are both versions of the API, with what differs in them.
var versions = map[finapi.APIVersion]struct {
	name, tokenOp, tokenPath, revokeOp, revokePath string
}{
	finapi.V1: {"V1", "getToken", "/oauth/token", "revokeToken", "/oauth/revoke"},
	finapi.V2: {"V2", "getTokenV2", "/api/v2/oauth/token", "revokeTokenV2", "/api/v2/oauth/revoke"},
}

// bothVersions runs a test in V1 and in V2.
func bothVersions(t *testing.T, test func(t *testing.T, v finapi.APIVersion)) {
	t.Helper()
	for v, is := range versions {
		t.Run(is.name, func(t *testing.T) { test(t, v) })
	}
}

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

// granted is an answer with a token. The life comes as it stands in the body.
func granted(access, refresh, life string) reply {
	body := `{"access_token":"` + access + `","token_type":"bearer","expires_in":` + life + `,"scope":"all"`
	if refresh != "" {
		body += `,"refresh_token":"` + refresh + `"`
	}
	return reply{status: 200, body: body + "}"}
}

// failed is an error in the shape of all but the 401.
func failed(status int, code, message string) reply {
	return reply{status: status, header: map[string]string{"X-Request-Id": requestID}, body: `{"errors":[{"message":"` + message +
		`","code":"` + code + `","type":"BUSINESS"}],"date":"x","requestId":"` + requestID + `","endpoint":"x","authContext":"1/0"}`}
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
	next   http.RoundTripper // answers in place of the script
	sent   []sent
}

func scripted(script ...reply) *wire { return &wire{script: script} }

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	if w.next != nil {
		return w.next.RoundTrip(w.keep(r))
	}
	w.keep(r)
	next := w.reply()
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

// keep notes the request and returns it with its body unread.
func (w *wire) keep(r *http.Request) *http.Request {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		_ = r.Body.Close()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, sent{r.Method, r.URL.String(), r.Header.Clone(), string(body)})
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	return again
}

func (w *wire) reply() reply {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.script[min(len(w.sent), len(w.script))-1]
}

func (w *wire) requests() []sent {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

// form returns the fields of a request's body.
func (s sent) form(t *testing.T) url.Values {
	t.Helper()
	form, err := url.ParseQuery(s.body)
	require.NoError(t, err)
	return form
}

// grants returns the grant of each request for a token, and "revoke" for the others.
func (w *wire) grants(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, s := range w.requests() {
		all = append(all, cmp.Or(s.form(t).Get("grant_type"), "revoke"))
	}
	return all
}

// client returns a client whose calls end at rt.
func client(t *testing.T, v finapi.APIVersion, rt http.RoundTripper, change ...func(*finapi.Config)) *finapi.Client {
	t.Helper()
	cfg := finapi.Config{
		ClientID: clientID, ClientSecret: secret.New(clientSecret), APIVersion: v,
		HTTP:   rest.Config{HTTPClient: &http.Client{Transport: rt}},
		Tokens: token.Config{OnEvent: func(context.Context, token.Event) {}},
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := finapi.New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
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
	assert.Equal(t, "finapi", e.Provider)
	assert.Equal(t, want.status, e.Status)
	assert.Equal(t, want.requestID, e.RequestID)
	assert.Equal(t, want.field, e.Field)
	assert.Equal(t, want.attempts, e.Attempts)
	assert.Contains(t, err.Error(), want.says)
	for _, text := range texts(err) {
		assert.NotContains(t, text, "canary")
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
