package rest

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Requirement A12, and the rules of the other options: a wrong one fails the call before anything is sent.
func TestOptionsRefused(t *testing.T) {
	long := strings.Repeat("x", 256)
	for _, c := range []struct {
		name, field, rule string
		opt               Option
	}{
		{"key, short", "IdempotencyKey", "must have 10 to 40 characters, has 9", IdempotencyKey("123456789")},
		{"key, long", "IdempotencyKey", "must have 10 to 40 characters, has 256", IdempotencyKey(long)},
		{"key, newline", "IdempotencyKey", "must not hold control characters", IdempotencyKey("0123456789\r\nX: y")},
		{"request id, long", "RequestID", "must have 1 to 255 characters, has 256", RequestID(long)},
		{"request id, empty", "RequestID", "must have 1 to 255 characters, has 0", RequestID("")},
		{"key, beyond ASCII", "IdempotencyKey", "must be visible ASCII", IdempotencyKey(strings.Repeat("ö", 40))},
		{"key, turned around", "IdempotencyKey", "must be visible ASCII", IdempotencyKey("order-\u202e4711-a")},
		{"key, with a space", "IdempotencyKey", "must be visible ASCII", IdempotencyKey("order 4711 a")},
		{"key, with a tab", "IdempotencyKey", "must be visible ASCII", IdempotencyKey("order\t4711 a")},
		{"request id, beyond ASCII", "RequestID", "must be ASCII", RequestID("request-\u202e4711")},
		{"correlation id", "CorrelationID", "must not be empty", CorrelationID("")},
		{"correlation id, with a tab", "CorrelationID", "must be ASCII", CorrelationID("a\tb")},
		{"account id", "AccountID", "must be a UUID", AccountID("me")},
		{"header, name", "Header", "its name is not a header name", Header("a b", "x")},
		{"header, value", "Header", "must not hold control characters", Header("X-A", "a\nb")},
		{"header of the chain", "Header", "Authorization is not for this option", Header("authorization", "x")},
		{"header of an option", "Header", "Idempotency-Key is not for this option", Header("idempotency-key", "x")},
		{"timeout", "Timeout", "must be positive", Timeout(0)},
		{"timeout of an attempt", "AttemptTimeout", "must be positive", AttemptTimeout(-1)},
		{"retries", "Retries", "must not be negative", Retries(-1)},
		{"capture", "Capture", "needs an Info", Capture(nil)},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, w := newWire(t, Config{}, always(200, `{"value":"x"}`))
			_, err := post(t.Context(), client, operation(RepeatFreely), c.opt)
			e := failure(t, err)
			assert.Equal(t, c.field, e.Field)
			assert.Equal(t, c.rule, e.Message)
			assert.ErrorIs(t, err, ErrInvalid)
			assert.Empty(t, w.sent)
		})
	}
}

// A key that comes past the option keeps to the same rule: the length is the provider's, the characters are not.
func TestKeyInTheHeader(t *testing.T) {
	for key, good := range map[string]bool{"short": true, "~!0": true, "order 4711": false, "örder-4711": false, "order-\u202e4711": false} {
		client, w := newWire(t, Config{}, always(200, "{}"))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testURL, nil)
		require.NoError(t, err)
		req.Header.Set("Idempotency-Key", key)
		_, err = client.Do(req)
		if good {
			assert.NoError(t, err)
			assert.Equal(t, key, w.sent[0].Header.Get("Idempotency-Key"))
			continue
		}
		assert.Equal(t, "Idempotency-Key", failure(t, err).Field)
		assert.Equal(t, "must be visible ASCII", failure(t, err).Message)
		assert.Empty(t, w.sent)
	}
}

// Another provider has other headers and other rules, and says so itself.
func TestOptionsOfAnotherProvider(t *testing.T) {
	op := operation(RepeatByKey)
	op.API = &API{
		Provider:       "other",
		IdempotencyKey: HeaderRule{Name: "X-Once", Check: between(1, 3)},
		RequestID:      HeaderRule{Name: "X-Call"},
		AccountID:      HeaderRule{Name: "X-Account", Check: func(field, value string) error { return OneOf(field, value, "a1", "a2") }},
	}
	client, w := newWire(t, Config{}, always(200, `{"value":"x"}`))
	var info Info
	_, err := post(t.Context(), client, op, IdempotencyKey("k"), RequestID(strings.Repeat("my id ", 100)+"~"), AccountID("a1"), Capture(&info))
	require.NoError(t, err)
	assert.Equal(t, "k", w.sent[0].Header.Get("X-Once"))
	assert.Equal(t, "k", info.IdempotencyKey)
	assert.Equal(t, "a1", w.sent[0].Header.Get("X-Account"))
	assert.Len(t, w.sent[0].Header.Get("X-Call"), 601)
	_, err = post(t.Context(), client, op, IdempotencyKey("0123456789"))
	assert.ErrorContains(t, err, "IdempotencyKey: must have 1 to 3 characters")
	_, err = post(t.Context(), client, op, AccountID(someUUID))
	assert.ErrorContains(t, err, "AccountID: must be one of a1, a2")
	_, err = post(t.Context(), client, op, Header("x-once", "k"))
	assert.ErrorContains(t, err, "X-Once is not for this option")
	op.API.IdempotencyKey.Check = nil
	_, err = post(t.Context(), client, op, IdempotencyKey(""))
	assert.ErrorContains(t, err, "IdempotencyKey: must be visible ASCII")
	assert.Len(t, w.sent, 1)
}

// The last one of an option counts, and there is one of each header.
func TestTheLastOptionCounts(t *testing.T) {
	client, w := newWire(t, Config{}, always(200, `{"value":"x"}`))
	ctx := WithOptions(t.Context(), Header("X-A", "1"), IdempotencyKey("0123456789"))
	_, err := post(ctx, client, operation(RepeatByKey), Header("X-A", "2"), Header("X-A", "3"), IdempotencyKey("9876543210"))
	require.NoError(t, err)
	assert.Equal(t, []string{"3"}, w.sent[0].Header.Values("X-A"))
	assert.Equal(t, []string{"9876543210"}, w.sent[0].Header.Values("Idempotency-Key"))
}

func TestOptionsOfNobody(t *testing.T) {
	op := &Operation{API: &API{Provider: "bare"}, Name: "op", Method: http.MethodPost}
	client, w := newWire(t, Config{}, always(200, `{"value":"x"}`))
	for _, opt := range []Option{IdempotencyKey("0123456789"), RequestID("x"), CorrelationID("x"), AccountID(someUUID)} {
		_, err := post(t.Context(), client, op, opt)
		assert.ErrorContains(t, err, "is not an option of bare")
	}
	op.Repeat = RepeatPassword
	_, err := post(t.Context(), client, op, RepeatInDoubt())
	assert.ErrorContains(t, err, "is not for an operation that sends a password")
	assert.Empty(t, w.sent)
}

// Requirement A9, and where the other options go.
func TestOptionsSent(t *testing.T) {
	client, w := newWire(t, Config{UserAgent: "shop/2.1"}, always(200, `{"value":"x"}`, "X-Request-Id: from-them"))
	var info Info
	v, err := post(t.Context(), client, operation(RepeatByKey), nil, IdempotencyKey("0123456789"), RequestID("mine"),
		CorrelationID("series"), AccountID(someUUID), Header("x-more", "1"), Timeout(time.Minute), Retries(0), Capture(&info))
	require.NoError(t, err)
	assert.Equal(t, "x", v.Value)
	h := w.sent[0].Header
	assert.Equal(t, "0123456789", h.Get("Idempotency-Key"))
	assert.Equal(t, "mine", h.Get("Request-Id"))
	assert.Equal(t, "series", h.Get("Correlation-Id"))
	assert.Equal(t, someUUID, h.Get("Acme-Account-Id"))
	assert.Equal(t, "1", h.Get("X-More"))
	assert.Equal(t, "application/json", h.Get("Accept"))
	assert.Equal(t, "Bearer the-api-key", h.Get("Authorization"))
	assert.Regexp(t, `^shop/2\.1 fintoken-go(/v\S+)?$`, h.Get("User-Agent"))
	assert.NotContains(t, w.sent[0].URL.String()+w.bodies[0], "the-api-key")
	assert.Equal(t, Info{
		Provider: "acme", Operation: "makeThing", Method: "POST", Path: "/things/{id}", RequestID: "from-them",
		IdempotencyKey: "0123456789", Status: 200, Attempts: 1, Duration: info.Duration, Header: info.Header,
	}, info)
}

// Info and the event of a call tell how long it took, waits included.
func TestCaptureTellsTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := newWire(t, Config{}, func(n int, _ *http.Request) (*http.Response, error) {
			time.Sleep(2 * time.Second)
			return reply([]int{503, 200}[n-1], `{"value":"x"}`, "Retry-After: 3"), nil
		})
		var info Info
		_, err := post(t.Context(), client, operation(RepeatFreely), Capture(&info))
		require.NoError(t, err)
		assert.Equal(t, 7*time.Second, info.Duration)
	})
}

func TestWithOptions(t *testing.T) {
	client, w := newWire(t, Config{}, inTurn(503, 200))
	var info Info
	ctx := WithOptions(t.Context(), Header("X-A", "1"), IdempotencyKey("0123456789"))
	ctx = WithOptions(ctx, Capture(&info), Mask(secret.New("unused")))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, testURL+"raw", strings.NewReader("{}"))
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	assert.Equal(t, 200, resp.StatusCode)
	assert.Same(t, req, resp.Request, "the signed request stays inside")
	assert.Empty(t, req.Header, "the caller's request is not changed")
	assert.Equal(t, 2, info.Attempts)
	assert.Equal(t, "0123456789", info.IdempotencyKey)
	assert.Equal(t, "1", w.sent[1].Header.Get("X-A"))

	req = req.WithContext(WithOptions(t.Context(), RequestID("x")))
	_, err = client.Do(req)
	assert.ErrorContains(t, err, "is not an option of api.example.com")
}

// The methods of the provider packages get the options of their context, before their own, and nothing within them does.
func TestWithOptionsReachesCall(t *testing.T) {
	inner, seen := newWire(t, Config{}, always(200, `{"value":"x"}`))
	s, err := token.New(func(ctx context.Context, _ *token.Token) (*token.Token, error) {
		v, err := post(ctx, inner, operation(RepeatFreely))
		return &token.Token{Access: secret.New(v.Value)}, err
	}, token.Config{})
	require.NoError(t, err)
	defer s.Close()
	w := &wire{answer: inTurn(500, 200)}
	client, err := New(testURL, Bearer(s), Config{HTTPClient: &http.Client{Transport: w}})
	require.NoError(t, err)
	var first, second Info
	ctx := WithOptions(t.Context(), Header("X-A", "1"), Retries(0), Capture(&first))
	_, err = Call[thing](ctx, operation(RepeatFreely), nil, []Option{Header("X-B", "2"), Capture(&second)}, func(ctx context.Context) (*http.Response, error) {
		_, err := post(ctx, inner, operation(RepeatFreely))
		require.NoError(t, err)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, testURL, nil)
		require.NoError(t, err)
		return client.Do(req)
	})
	assert.Equal(t, 500, failure(t, err).Status)
	assert.Len(t, w.sent, 1)
	assert.Equal(t, "1", w.sent[0].Header.Get("X-A"))
	assert.Equal(t, "2", w.sent[0].Header.Get("X-B"))
	assert.Zero(t, first)
	assert.Equal(t, 500, second.Status, "the later option counts")
	require.Len(t, seen.sent, 2, "one within the call, one for its token")
	for _, r := range seen.sent {
		assert.Empty(t, r.Header.Get("X-A"))
	}

	_, err = post(WithOptions(t.Context(), Timeout(-1)), client, operation(RepeatFreely))
	assert.Equal(t, "Timeout", failure(t, err).Field)
	_, err = post(WithoutOptions(ctx), client, operation(RepeatFreely))
	assert.NoError(t, err)
	assert.Empty(t, w.sent[1].Header.Get("X-A"))
}

// A raw call is sent again when in doubt only if it is harmless by its method or carries a key.
func TestForeignRetries(t *testing.T) {
	for _, c := range []struct {
		method, key string
		attempts    int
	}{{"GET", "", 3}, {"POST", "", 1}, {"POST", "0123456789", 3}, {"DELETE", "", 1}} {
		client, w := newWire(t, Config{MaxRetryWait: time.Millisecond}, always(500, "{}"))
		req, err := http.NewRequestWithContext(t.Context(), c.method, testURL+"raw", strings.NewReader("{}"))
		require.NoError(t, err)
		if c.key != "" {
			req.Header.Set("Idempotency-Key", c.key)
		}
		resp, err := client.Do(req)
		require.NoError(t, err)
		assert.Equal(t, 500, resp.StatusCode)
		assert.Len(t, w.sent, c.attempts, c.method+c.key)
	}
}

// Unchecked sends what breaks a rule of the provider or of ours; what cannot be sent as it is stays refused.
func TestUnchecked(t *testing.T) {
	wrong := First(UUID("id", "me"), OurRule("id", "is odd"))
	send := func(c *Client) func(context.Context) (*http.Response, error) {
		return func(ctx context.Context) (*http.Response, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.BaseURL()+"things/1", nil)
			require.NoError(t, err)
			return c.Do(req)
		}
	}
	for _, opts := range [][]Option{{Unchecked(), IdempotencyKey("k"), AccountID("me")}, {IdempotencyKey("k"), AccountID("me"), Unchecked()}} {
		client, w := newWire(t, Config{}, always(200, `{"value":"x"}`))
		_, err := Call[thing](t.Context(), operation(RepeatByKey), wrong, opts, send(client))
		require.NoError(t, err)
		require.Len(t, w.sent, 1)
		assert.Equal(t, "k", w.sent[0].Header.Get("Idempotency-Key"))

	}
	client, w := newWire(t, Config{}, always(200, `{"value":"x"}`))
	_, err := post(t.Context(), client, operation(RepeatByKey), AccountID("me"), RequestID("fine"))
	assert.Equal(t, "AccountID", failure(t, err).Field, "the next one does not make it good")
	for _, opt := range []Option{IdempotencyKey("a b"), RequestID("é"), Header("X-A", "a\nb"), Timeout(0), Header("Host", "a")} {
		_, err := Call[thing](t.Context(), operation(RepeatByKey), wrong, []Option{Unchecked(), opt}, send(client))
		require.ErrorIs(t, err, ErrInvalid)
	}
	_, err = Call[thing](WithOptions(t.Context(), Unchecked()), operation(RepeatByKey), wrong, nil, send(client))
	require.NoError(t, err, "in the context as well")
	assert.Len(t, w.sent, 1)
	assert.EqualError(t, OurRule("id", "is odd"), "id: is odd (a rule of this module, which rest.Unchecked lifts)")
}

// Some servers say text/plain of JSON. It is read where it is an object, and else refused as before.
func TestTextThatIsJSON(t *testing.T) {
	for body, good := range map[string]bool{
		`{"value":"x"}`: true, "\n{\"value\":\"x\"}\n": true, `created`: false, `"created"`: false, `[1]`: false, `{"value":"x"`: false, ``: false,
		`{"value":"x","value":"y"}`: false,
	} {
		client, _ := newWire(t, Config{}, always(201, body, "Content-Type: text/plain; charset=utf-8"))
		got, err := post(t.Context(), client, operation(RepeatFreely))
		if good {
			require.NoError(t, err, body)
			assert.Equal(t, "x", got.Value)
			continue
		}
		require.ErrorIs(t, err, ErrBadResponse, body)
	}
	client, _ := newWire(t, Config{}, always(201, `{"value":"x"}`, "Content-Type: text/html"))
	_, err := post(t.Context(), client, operation(RepeatFreely))
	require.ErrorIs(t, err, ErrBadResponse)
}
