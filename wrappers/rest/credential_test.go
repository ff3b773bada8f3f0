package rest

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/reach"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

const (
	oneCanary = "canary-one+/="
	twoCanary = "canary two"
)

// twoHeaders is a credential of two headers.
func twoHeaders() Credential {
	return Headers(
		HeaderCredential{Name: "x-client-id", Value: secret.New(oneCanary)},
		HeaderCredential{Name: "X-Secret", Value: secret.New(twoCanary)},
	)
}

// newHeaderWire is newWire for a client of two headers.
func newHeaderWire(t *testing.T, cfg Config, answer func(int, *http.Request) (*http.Response, error)) (*Client, *wire) {
	t.Helper()
	w := &wire{t: t, answer: answer}
	cfg.HTTPClient = &http.Client{Transport: w}
	c, err := New(testURL, twoHeaders(), cfg)
	require.NoError(t, err)
	return c, w
}

func TestHeaders(t *testing.T) {
	t.Run("on every attempt, and nothing else", func(t *testing.T) {
		client, w := newHeaderWire(t, Config{}, inTurn(429, 200))
		_, err := post(t.Context(), client, operation(RepeatFreely))
		require.NoError(t, err)
		require.Len(t, w.sent, 2)
		for _, r := range w.sent {
			assert.Equal(t, []string{oneCanary}, r.Header["X-Client-Id"])
			assert.Equal(t, []string{twoCanary}, r.Header["X-Secret"])
			assert.NotContains(t, r.Header, "Authorization")
		}
	})
	t.Run("a 401 is final", func(t *testing.T) {
		client, w := newHeaderWire(t, Config{}, always(401, `{}`))
		_, err := post(t.Context(), client, operation(RepeatFreely))
		assert.ErrorIs(t, err, ErrUnauthenticated)
		assert.Len(t, w.sent, 1)
	})
	t.Run("a public operation has none", func(t *testing.T) {
		client, w := newHeaderWire(t, Config{}, always(200, `{"value":"x"}`))
		op := operation(RepeatFreely)
		op.Public = true
		_, err := post(t.Context(), client, op)
		require.NoError(t, err)
		assert.NotContains(t, w.sent[0].Header, "X-Client-Id")
	})
	t.Run("the names are not for the option Header", func(t *testing.T) {
		client, w := newHeaderWire(t, Config{}, always(200, `{"value":"x"}`))
		public := operation(RepeatFreely)
		public.Public = true
		for _, op := range []*Operation{operation(RepeatFreely), public} {
			_, err := post(t.Context(), client, op, Header("x-SECRET", "mine"))
			assert.Equal(t, "X-Secret is not for this option", failure(t, err).Message)
		}
		assert.Empty(t, w.sent)
		_, err := post(t.Context(), client, public, Header("X-Other", "mine"))
		assert.NoError(t, err)
	})
	t.Run("one that a request brings is replaced", func(t *testing.T) {
		client, w := newHeaderWire(t, Config{}, always(200, `{}`))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, testURL, nil)
		require.NoError(t, err)
		req.Header.Set("X-Secret", "mine")
		_, err = client.Do(req)
		require.NoError(t, err)
		assert.Equal(t, []string{twoCanary}, w.sent[0].Header["X-Secret"])
		assert.Equal(t, "mine", req.Header.Get("X-Secret"))
	})
	t.Run("not to another origin", func(t *testing.T) {
		client, w := newHeaderWire(t, Config{}, always(200, `{}`))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://elsewhere.example.com/", nil)
		require.NoError(t, err)
		_, err = client.Do(req)
		assert.ErrorIs(t, err, ErrInvalid)
		assert.Empty(t, w.sent)
	})
	t.Run("the list may be changed later", func(t *testing.T) {
		list := []HeaderCredential{{Name: "X-A", Value: secret.New("one")}}
		auth := Headers(list...)
		list[0].Value = secret.New("two")
		w := &wire{answer: always(200, `{"value":"x"}`)}
		client, err := New(testURL, auth, Config{HTTPClient: &http.Client{Transport: w}})
		require.NoError(t, err)
		_, err = post(t.Context(), client, operation(RepeatFreely))
		require.NoError(t, err)
		assert.Equal(t, "one", w.sent[0].Header.Get("X-A"))
	})
}

// Requirement G130, for headers: nobody but the transport has them, and what comes back has them masked.
func TestHeadersAreNotShown(t *testing.T) {
	seen := &watching{}
	client, _ := newHeaderWire(t, Config{Observer: seen}, always(422, `{"a":"`+oneCanary+`","b":"`+twoCanary+`"}`))
	var info Info
	_, err := Call[thing](t.Context(), operation(RepeatFreely), nil, []Option{Capture(&info)}, func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, testURL, nil)
		require.NoError(t, err)
		resp, err := client.Do(req)
		for _, text := range append(reach.Texts(req), reach.Texts(resp.Request)...) {
			assert.NotContains(t, text, "canary")
		}
		return resp, err
	})
	e := failure(t, err)
	assert.NotContains(t, string(e.RawBody()), "canary")
	assert.Contains(t, string(e.RawBody()), secret.Redacted)
	for _, v := range []any{client, twoHeaders(), e, info} {
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", v, v, v), "canary")
	}
	for _, text := range append(reach.Texts(seen.contexts), reach.Texts(seen.events)...) {
		assert.NotContains(t, text, "canary")
	}
}

func TestCredentialsRefused(t *testing.T) {
	one := secret.New("canary")
	for _, c := range []struct {
		name        string
		auth        Credential
		field, rule string
	}{
		{"no source", Bearer(nil), "Bearer", "needs a token.Source"},
		{"no headers", Headers(), "Headers", "must not be empty"},
		{"no name", Headers(HeaderCredential{Name: "", Value: one}), "HeaderCredential.Name", "must be a header name"},
		{"no header name", Headers(HeaderCredential{Name: "X Key", Value: one}), "HeaderCredential.Name", "must be a header name"},
		{"one of the chain", Headers(HeaderCredential{Name: "user-agent", Value: one}), "HeaderCredential.Name", "User-Agent is not for credentials"},
		{"cookie", Headers(HeaderCredential{Name: "Cookie", Value: one}), "HeaderCredential.Name", "Cookie is not for credentials"},
		{"twice", Headers(HeaderCredential{Name: "x-key", Value: one}, HeaderCredential{Name: "X-Key", Value: one}), "HeaderCredential.Name", "X-Key is there twice"},
		{"no value", Headers(HeaderCredential{Name: "X-Key", Value: secret.String{}}), "X-Key", "is required"},
		{"line break", Headers(HeaderCredential{Name: "X-Key", Value: secret.New("canary\r\nX-Other: a")}), "X-Key", "must not hold control characters"},
		{"no value of a field", Headers(HeaderCredential{Name: "X-Key", Field: "Key"}), "Key", "is required"},
		{"space in a field", Headers(HeaderCredential{Name: "X-Key", Value: secret.New("canary "), Field: "Key"}), "Key", "must not begin or end with a space"},
		{"space", Headers(HeaderCredential{Name: "X-Key", Value: secret.New("canary ")}), "X-Key", "must not begin or end with a space"},
		{"beyond ASCII", Headers(HeaderCredential{Name: "X-Key", Value: secret.New("canaryä")}), "X-Key", "must be ASCII"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := New(testURL, c.auth, Config{})
			e := failure(t, err)
			assert.Equal(t, c.field, e.Field)
			assert.Equal(t, c.rule, e.Message)
			assert.ErrorIs(t, err, ErrInvalid)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
	_, err := New(testURL, Headers(HeaderCredential{Name: "Authorization", Value: secret.New("Basic YTpi")}), Config{})
	assert.NoError(t, err)
}

// After Close nothing is sent, whatever the credential is.
func TestClose(t *testing.T) {
	for name, auth := range map[string]Credential{"none": nil, "bearer": Bearer(token.Static(secret.New("t"))), "headers": twoHeaders()} {
		t.Run(name, func(t *testing.T) {
			w := &wire{answer: always(200, `{"value":"x"}`)}
			client, err := New(testURL, auth, Config{HTTPClient: &http.Client{Transport: w}})
			require.NoError(t, err)
			_, err = post(t.Context(), client, operation(RepeatFreely))
			require.NoError(t, err)
			client.Close()
			client.Close()
			_, err = post(t.Context(), client, operation(RepeatFreely))
			assert.ErrorIs(t, err, token.ErrClosed)
			assert.Equal(t, "acme: makeThing: the client is closed", err.Error())
			assert.Len(t, w.sent, 1)
		})
	}
	new(Client).Close()
}
