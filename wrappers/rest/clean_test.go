package rest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// A text of a provider becomes one line, without control characters, of 300 bytes at most.
func TestCleanBounds(t *testing.T) {
	for in, want := range map[string]string{
		strings.Repeat("a", 300):       strings.Repeat("a", 300),
		strings.Repeat("a", 301):       strings.Repeat("a", 300) + "…",
		strings.Repeat("ä", 150):       strings.Repeat("ä", 150),
		strings.Repeat("ä", 150) + "a": strings.Repeat("ä", 150) + "…",
		"a  b":                         "a b",
		" a":                           "a",
		"a ":                           "a",
		"a b ~":                        "a b ~",
		"a\tb":                         "a b",
		"a\x7fb":                       "a b", // DEL
		"a\u0080b\u009fc":              "a b c",
		"a\u00a0b":                     "a\u00a0b", // the first character after those that control
		"a\x1fb":                       "a b",
	} {
		assert.Equal(t, want, clean(in), "%q", in)
	}
}

// Requirement C24: a sample is 120 bytes at most; of what came under a success it shows markup alone.
func TestSampleBounds(t *testing.T) {
	for _, c := range []struct {
		status     int
		body, want string
	}{
		{502, "Bad gateway", "Bad gateway"},
		{200, "Bad gateway", ""},
		{299, "Bad gateway", ""},
		{300, "Bad gateway", "Bad gateway"},
		{199, "Bad gateway", "Bad gateway"},
		{200, "<p>Hello", "<p>Hello"},
		{502, "\ufeff \r\n<p>Hello", "<p>Hello"},
		{502, `["a"]`, ""},
		{502, ` "a"`, ""},
		{502, strings.Repeat("a", 120), strings.Repeat("a", 120)},
		{502, strings.Repeat("a", 121), strings.Repeat("a", 120) + "…"},
	} {
		e := &Error{Status: c.status, sampled: true, body: secret.New(c.body)}
		assert.Equal(t, c.want, e.Sample(), "%d %q", c.status, c.body)
	}
}

// Nothing is shown of what is not known.
func TestErrorShowsNoEmptyParts(t *testing.T) {
	parts := func(e *Error) string {
		text, err := json.Marshal(e)
		require.NoError(t, err)
		return string(text)
	}
	assert.JSONEq(t, `{}`, parts(&Error{}))
	assert.JSONEq(t, `{"status":429,"attempts":1,"retry_after":"1ns"}`, parts(&Error{Status: 429, Attempts: 1, RetryAfter: time.Nanosecond}))
	assert.Equal(t, "429", (&Error{Status: 429}).Error())
	assert.Equal(t, "m", (&Error{Message: "m"}).Error())
}

// Each status is of one kind.
func TestKindOfStatus(t *testing.T) {
	for status, want := range map[int]error{
		100: ErrBadResponse, 302: ErrBadResponse, 399: ErrBadResponse,
		400: ErrInvalid, 401: ErrUnauthenticated, 402: ErrInvalid, 403: ErrForbidden, 404: ErrNotFound, 405: ErrInvalid,
		408: ErrUnavailable, 409: ErrConflict, 415: ErrInvalid, 422: ErrInvalid, 423: ErrLocked, 429: ErrRateLimited, 499: ErrInvalid,
		500: ErrUnavailable, 502: ErrUnavailable, 503: ErrUnavailable, 504: ErrUnavailable, 599: ErrUnavailable,
	} {
		assert.Equal(t, want, kindOf(status), "%d", status)
	}
}
