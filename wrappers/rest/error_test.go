package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/reach"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

func TestErrorText(t *testing.T) {
	for want, e := range map[string]*Error{
		"rest: error":        {},
		"Field: is wrong":    {Field: "Field", Message: "is wrong"},
		"acme: op: 429 slow": {Provider: "acme", Operation: "op", Status: 429, Code: "slow"},
		"acme: op: 429 slow: field: message (retry after 2s) (request id r1)": {
			Provider: "acme", Operation: "op", Status: 429, Code: "slow", Field: "field", Message: "message",
			RetryAfter: 2 * time.Second, RequestID: "r1",
		},
	} {
		assert.Equal(t, want, e.Error())
	}
}

// Requirements G76 and G130: nothing that prints an Error shows a body, or what hides in its causes.
func TestErrorPrintsNothingElse(t *testing.T) {
	const hush = "canary-in-a-body"
	e := &Error{
		Provider: "acme", Operation: "op", Status: 400, Message: "m", RetryAfter: time.Second, Attempts: 2,
		body: secret.New(hush), Detail: map[string]string{"x": hush},
		cause: hide(&url.Error{Op: "Post", URL: "https://h/?q=" + hush, Err: errors.New(hush)}),
	}
	wrapped := fmt.Errorf("outer: %w", e)
	var all strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&all, verb+verb+"\n", e, wrapped)
	}
	for err := wrapped; err != nil; err = errors.Unwrap(err) {
		fmt.Fprintln(&all, err)
	}
	text, err := json.Marshal(e)
	require.NoError(t, err)
	all.Write(text)
	slog.New(slog.NewJSONHandler(&all, nil)).Info("x", "err", e, "wrapped", wrapped)
	slog.New(slog.NewTextHandler(&all, nil)).Info("x", "err", e, "wrapped", wrapped)
	assert.NotContains(t, all.String(), hush)
	assert.Contains(t, all.String(), "acme: op: 400: m")
	assert.Contains(t, all.String(), `"retry_after":"1s"`)
	assert.Equal(t, `"acme: op: 400: m (retry after 1s)"`, fmt.Sprintf("%q", e))
	assert.Equal(t, hush, string(e.RawBody()), "on request only")
	assert.Empty(t, e.Sample())
	e.Detail = nil
	for _, found := range reach.Texts(e) {
		assert.NotContains(t, found, hush, "by reflection")
	}
}

// Requirement C24: what is not JSON can be looked at, in short and without secrets.
func TestErrorSample(t *testing.T) {
	e := &Error{sampled: true, body: secret.New("<html>\n<body>" + strings.Repeat("ä", 200))}
	assert.Len(t, strings.TrimSuffix(e.Sample(), "…"), 120-1)
	assert.Contains(t, e.Sample(), "<html> <body>ää")
	assert.Empty(t, (&Error{sampled: true}).Sample())
	assert.Empty(t, (&Error{sampled: true, body: secret.New("\n {\"access_token\":\"x\"")}).Sample(), "it looks like JSON")
	assert.Empty(t, (&Error{body: secret.New("<html>")}).Sample(), "it said that it is JSON")
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"as it is":                     "as it is",
		" a \r\n b\x00c\x1b[31m\u0085": "a b c [31m",
		"a\xffb":                       "a?b",
		strings.Repeat("ä", 400):       strings.Repeat("ä", 150) + "…",
		"x" + strings.Repeat("ä", 400): "x" + strings.Repeat("ä", 149) + "…",
	} {
		assert.Equal(t, want, clean(in))
	}
}

// The cause stays to be found, and says no more than it should.
func TestHide(t *testing.T) {
	assert.NoError(t, hide(nil))
	cause := &net.OpError{Op: "read", Err: syscall.ECONNRESET, Net: "secret-net"}
	e := &Error{cause: hide(cause)}
	assert.ErrorIs(t, e, syscall.ECONNRESET)
	var op *net.OpError
	assert.ErrorAs(t, e, &op)
	assert.NotErrorIs(t, e, io.EOF)
	assert.Equal(t, "the connection failed", errors.Unwrap(e).Error())
}

func TestDescribe(t *testing.T) {
	for want, err := range map[string]error{
		"the client is closed":                                  token.ErrClosed,
		"the credential that was fetched is not usable":         fmt.Errorf("x: %w", token.ErrBadToken),
		"the call was canceled":                                 context.Canceled,
		"no answer in time":                                     context.DeadlineExceeded,
		"the host name could not be resolved":                   &net.OpError{Op: "dial", Err: &net.DNSError{}},
		"no connection could be made":                           &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED},
		"the connection ended too early":                        io.EOF,
		"the connection failed":                                 &net.OpError{Op: "write", Err: syscall.EPIPE},
		"the connection ended before the request was processed": errTurnedAway,
		"the request failed":                                    errBroken,
	} {
		assert.Equal(t, want, describe(err))
	}
}

// Requirement G76, for the Info of a call: its header may hold anything.
func TestInfoPrintsNoHeader(t *testing.T) {
	i := Info{Provider: "acme", Operation: "op", RequestID: "r1", Header: map[string][]string{"Set-Cookie": {"canary"}}}
	var all strings.Builder
	fmt.Fprintf(&all, "%v %+v %#v %s", i, i, &i, i)
	slog.New(slog.NewJSONHandler(&all, nil)).Info("x", "info", i)
	text, err := json.Marshal(&i)
	require.NoError(t, err)
	all.Write(text)
	assert.NotContains(t, all.String(), "canary")
	assert.Contains(t, all.String(), "r1")
}

// An Explain may know better than the status. Whether the call is sent again, and in doubt, is not its to say.
func TestSetKind(t *testing.T) {
	gone := errors.New("gone")
	api := &API{Provider: "acme", Explain: func(e *Error, _ http.Header, _ []byte) {
		e.SetKind(ErrNotFound)
		e.AddKind(gone)
	}}
	for status, kind := range map[int]error{400: ErrInvalid, 500: ErrUnavailable} {
		op := operation(RepeatFreely)
		op.API = api
		sent, err := outcomeOf(t, op, always(status, `{}`))
		assert.ErrorIs(t, err, ErrNotFound)
		assert.ErrorIs(t, err, gone)
		assert.NotErrorIs(t, err, kind)
		assert.Equal(t, status == 500, errors.Is(err, ErrInDoubt))
		assert.Equal(t, map[int]int{400: 1, 500: 3}[status], sent)
		assert.Equal(t, "not found", kindWord(err))
	}
	var none Error
	none.SetKind(ErrConflict)
	assert.ErrorIs(t, &none, ErrConflict)
	shared := Bad("x")
	own := *shared
	own.SetKind(ErrConflict)
	assert.ErrorIs(t, shared, ErrBadResponse)
}
