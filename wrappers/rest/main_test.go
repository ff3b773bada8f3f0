package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testURL is where the clients of the tests believe they send to.
const testURL = "https://api.example.com/v1/"

// wire is a transport that answers by a script and remembers what it was sent.
type wire struct {
	t      *testing.T
	answer func(n int, req *http.Request) (*http.Response, error)

	sent   []*http.Request
	bodies []string
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	seen := req.WithContext(req.Context())
	seen.Header = req.Header.Clone() // the chain may change it for the next attempt
	w.sent = append(w.sent, seen)
	w.bodies = append(w.bodies, string(body))
	return w.answer(len(w.sent), req)
}

// roundTrip is a transport that is a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// reply returns an answer with header fields given as "Name: value".
func reply(status int, body string, fields ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		h.Set(name, value)
	}
	return &http.Response{
		StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// always answers every request alike.
func always(status int, body string, fields ...string) func(int, *http.Request) (*http.Response, error) {
	return func(int, *http.Request) (*http.Response, error) { return reply(status, body, fields...), nil }
}

// inTurn answers with one status after the other, the last one from then on.
func inTurn(statuses ...int) func(int, *http.Request) (*http.Response, error) {
	return func(n int, _ *http.Request) (*http.Response, error) {
		return reply(statuses[min(n, len(statuses))-1], `{"value":"ok"}`), nil
	}
}

// failing fails every request with err, after it was sent.
func failing(err error) func(int, *http.Request) (*http.Response, error) {
	return func(int, *http.Request) (*http.Response, error) { return nil, err }
}

var errBroken = errors.New("broken pipe with secret-in-its-text")

// testAPI is the API of the tests.
var testAPI = &API{
	Provider: "acme", ResponseRequestID: "X-Request-Id",
	IdempotencyKey: HeaderRule{Name: "Idempotency-Key", Check: between(10, 40)},
	RequestID:      HeaderRule{Name: "Request-Id", Check: between(1, 255)},
	CorrelationID:  HeaderRule{Name: "Correlation-Id"},
	AccountID:      HeaderRule{Name: "Acme-Account-Id", Check: UUID},
}

func between(low, high int) func(field, value string) error {
	return func(field, value string) error { return Length(field, value, low, high) }
}

func operation(r Repeat) *Operation {
	return &Operation{API: testAPI, Name: "makeThing", Method: http.MethodPost, Path: "/things/{id}", Repeat: r}
}

// thing is the payload of the tests.
type thing struct {
	Value string `json:"value"`
}

// newWire returns a client over a wire, with the API key "the-api-key".
func newWire(t *testing.T, cfg Config, answer func(int, *http.Request) (*http.Response, error)) (*Client, *wire) {
	t.Helper()
	w := &wire{t: t, answer: answer}
	var own http.Client
	if cfg.HTTPClient != nil {
		own = *cfg.HTTPClient
	}
	own.Transport = w
	cfg.HTTPClient = &own
	c, err := New(testURL, Bearer(token.Static(secret.New("the-api-key"))), cfg)
	require.NoError(t, err)
	return c, w
}

// post makes one call of op, the way a method of a provider package does.
func post(ctx context.Context, c *Client, op *Operation, opts ...Option) (*thing, error) {
	return Call[thing](ctx, op, nil, opts, func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BaseURL()+"things/1", strings.NewReader(`{"a":1}`))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", "application/json")
		return c.Do(req)
	})
}

// failure returns the *Error in err.
func failure(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	return e
}

// source returns a source of the tokens in turn, the last one from then on.
func source(t *testing.T, tokens ...string) *token.Source {
	t.Helper()
	n := 0
	s, err := token.New(func(context.Context, *token.Token) (*token.Token, error) {
		n++
		return &token.Token{Access: secret.New(tokens[min(n, len(tokens))-1]), ExpiresIn: time.Hour}, nil
	}, token.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}
