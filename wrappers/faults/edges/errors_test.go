package edges

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Requirement G76: a copy of an error tells no more than the error, however it is printed.
func TestErrorByValue(t *testing.T) {
	const body = `{"error":{"detail":"no: canary-api-key","type":"/x","title":"t","status":403},"new_token":"canary-new-token"}`
	st, err := straddle.New(straddle.Config{
		APIKey: secret.New("canary-api-key"), HTTP: rest.Config{HTTPClient: always(403, "application/json", body).client()},
	})
	require.NoError(t, err)
	_, err = st.Bridge.Initialize(t.Context(), straddleapi.CreateBridgeTokenRequest{CustomerID: "3c90c3cc-0d44-4b50-8888-8dd25736052a"})
	e := *asErr(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		text := fmt.Sprintf(verb, e)
		assert.NotContains(t, text, "canary", verb)
		assert.NotContains(t, text, fmt.Sprintf("%x", "canary-new-token"), verb)
		assert.NotContains(t, text, "110 101 119 95 116 111 107 101 110", verb) // new_token
	}
	b, _ := json.Marshal(e)
	assert.NotContains(t, string(b), "canary", "json.Marshal")
	b, _ = json.Marshal(struct{ Err rest.Error }{e})
	assert.NotContains(t, string(b), "canary", "json.Marshal inside")
	var buf bytes.Buffer
	slog.New(slog.NewTextHandler(&buf, nil)).Info("x", "e", e)
	slog.New(slog.NewJSONHandler(&buf, nil)).Info("x", "e", e)
	assert.NotContains(t, buf.String(), "canary", "slog")
}

// Requirement C24: the sample of a body that is not JSON shows no secret, whatever the body really is.
func TestSampleShowsNoSecret(t *testing.T) {
	for name, body := range map[string]string{
		"after white space": strings.Repeat("\n", 70) + `{"access_token":"canary-new-token"}`,
		"an array":          `["canary-new-token"]`,
		"a text":            `"canary-new-token"`,
		"a form":            `access_token=canary-new-token&token_type=bearer`,
		"a prefix":          `)]}',` + "\n" + `{"access_token":"canary-new-token"}`,
		"javascript":        `callback({"access_token":"canary-new-token"})`,
	} {
		c := over(t, rest.Config{}, always(200, "text/html", body))
		_, err := post[thing](t.Context(), c, op(rest.RepeatUnprocessed))
		assert.NotContains(t, asErr(t, err).Sample(), "canary", name)
	}
}

// Requirement G77: nor does it show half of a secret that its end goes through.
func TestSampleCutsNoSecret(t *testing.T) {
	const size = 4096 // of a sample
	body := "<p>" + strings.Repeat(" ", size-len("<p>")-8) + "canary-api-key</p>"
	c := over(t, rest.Config{}, always(502, "text/html", body))
	_, err := post[thing](t.Context(), c, op(rest.RepeatUnprocessed))
	assert.NotContains(t, asErr(t, err).Sample(), "canary", "cut through")
}

var errShared = rest.Bad("the payload is empty")

// shared is an answer whose check has one error for all calls.
type shared struct{}

func (*shared) Check() error { return errShared }

// An error that a package made once and returns each time is not changed by any call: for the race detector, too.
func TestSharedErrorIsNotChanged(t *testing.T) {
	var n atomic.Int32
	c := over(t, rest.Config{}, func(*http.Request) (*http.Response, error) {
		return reply(200, "application/json", fmt.Sprintf(`{"secret-of-call":%d}`, n.Add(1))), nil
	})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { _, _ = post[shared](t.Context(), c, op(rest.RepeatRefused)) })
	}
	wg.Wait()
	assert.Empty(t, errShared.RawBody(), "the body of somebody's call")
	assert.Zero(t, errShared.Status)
	assert.NotErrorIs(t, errShared, rest.ErrInDoubt)
}

// An error of rest that a fetch wrapped keeps the kinds of its wrapper.
func TestKindsOfAWrapper(t *testing.T) {
	src := source(t, func(context.Context, *token.Token) (*token.Token, error) {
		return nil, token.Final(rest.Bad("no such vault"), token.ErrBadClient)
	})
	c := signed(t, base, src, rest.Config{HTTPClient: stub(never).client()})
	_, err := post[thing](t.Context(), c, op(rest.RepeatFreely))
	assert.ErrorIs(t, err, token.ErrBadClient)
	assert.ErrorIs(t, err, token.ErrFinal)
}

// Requirement A11: a key with a line break, as read from a file, is not sent, and the error says no other.
func TestTokenWithLineBreak(t *testing.T) {
	s := jsonServer(t, func(http.ResponseWriter, *http.Request) {})
	c := signed(t, s.URL, token.Static(secret.New("the-key\n")), rest.Config{})
	var info rest.Info
	_, err := post[thing](t.Context(), c, op(rest.RepeatFreely), rest.Capture(&info))
	assert.NotErrorIs(t, err, rest.ErrInDoubt, "nothing was sent")
	assert.NotErrorIs(t, err, rest.ErrUnavailable)
	assert.LessOrEqual(t, info.Attempts, 1)
}

// A call that never left has no attempt.
func TestAttemptsOfWhatNeverLeft(t *testing.T) {
	c := over(t, rest.Config{}, never)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := post[thing](ctx, c, op(rest.RepeatFreely))
	assert.Zero(t, asErr(t, err).Attempts, "Attempts: 0 means that it never left")
}

// An attempt whose connection was refused counts as one.
func TestAttemptsOfARefusedConnection(t *testing.T) {
	c := client(t, "http://127.0.0.1:1", rest.Config{MaxRetryWait: time.Millisecond})
	_, err := post[thing](t.Context(), c, op(rest.RepeatFreely))
	assert.Equal(t, rest.DefaultMaxAttempts, asErr(t, err).Attempts)
}
