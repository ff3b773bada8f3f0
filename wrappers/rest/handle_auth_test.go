package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/reach"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

func signed(w *wire) []string {
	var out []string
	for _, r := range w.sent {
		out = append(out, r.Header.Get("Authorization"))
	}
	return out
}

// Requirements D49 and D52: a refused token is dropped and the call made once more, if there is another token.
func TestAuthorize(t *testing.T) {
	refuse := func(tokens ...string) func(int, *http.Request) (*http.Response, error) {
		return func(_ int, r *http.Request) (*http.Response, error) {
			for _, bad := range tokens {
				if r.Header.Get("Authorization") == "Bearer "+bad {
					return reply(401, `{}`), nil
				}
			}
			return reply(200, `{"value":"x"}`), nil
		}
	}
	for _, c := range []struct {
		name   string
		tokens []string
		answer func(int, *http.Request) (*http.Response, error)
		signed []string
		status int
	}{
		{"accepted", []string{"one"}, refuse(), []string{"Bearer one"}, 200},
		{"refused once", []string{"one", "two"}, refuse("one"), []string{"Bearer one", "Bearer two"}, 200},
		{"refused twice", []string{"one", "two", "three"}, refuse("one", "two"), []string{"Bearer one", "Bearer two"}, 401},
		{"the same again", []string{"one"}, refuse("one"), []string{"Bearer one"}, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &wire{answer: c.answer}
			client, err := New(testURL, Bearer(source(t, c.tokens...)), Config{HTTPClient: &http.Client{Transport: w}})
			require.NoError(t, err)
			_, err = post(t.Context(), client, operation(RepeatUnprocessed))
			if c.status == 200 {
				assert.NoError(t, err)
			} else {
				assert.ErrorIs(t, err, ErrUnauthenticated)
			}
			assert.Equal(t, c.signed, signed(w))
			for _, b := range w.bodies {
				assert.Equal(t, `{"a":1}`, b, "the body is sent again whole")
			}
		})
	}
}

// Somebody else's call may have dropped the token already; this one is made again all the same.
func TestAuthorizeWithAnotherToken(t *testing.T) {
	s := source(t, "one", "two")
	w := &wire{}
	w.answer = func(n int, _ *http.Request) (*http.Response, error) {
		if n == 1 {
			held, err := s.Token(context.Background())
			require.NoError(t, err)
			s.Invalidate(held)
			return reply(401, `{}`), nil
		}
		return reply(200, `{"value":"x"}`), nil
	}
	client, err := New(testURL, Bearer(s), Config{HTTPClient: &http.Client{Transport: w}})
	require.NoError(t, err)
	_, err = post(t.Context(), client, operation(RepeatUnprocessed))
	assert.NoError(t, err)
	assert.Equal(t, []string{"Bearer one", "Bearer two"}, signed(w))
}

func TestAuthorizeFails(t *testing.T) {
	boom := errors.New("boom with a secret")
	n := 0
	s, err := token.New(func(context.Context, *token.Token) (*token.Token, error) {
		if n++; n == 1 {
			return &token.Token{Access: secret.New("one-token")}, nil
		}
		return nil, boom
	}, token.Config{})
	require.NoError(t, err)
	defer s.Close()
	w := &wire{answer: always(401, `{}`)}
	client, err := New(testURL, Bearer(s), Config{HTTPClient: &http.Client{Transport: w}})
	require.NoError(t, err)
	for range 2 { // the second token, then the first
		_, err = post(t.Context(), client, operation(RepeatUnprocessed))
		assert.ErrorIs(t, err, boom)
		assert.NotContains(t, err.Error(), "secret")
	}
	assert.Len(t, w.sent, 1)
}

// A call that an earlier attempt left in doubt stays in doubt when there is no credential for the next one.
func TestAuthorizeFailsInDoubt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom with a secret")
		n := 0
		s, err := token.New(func(context.Context, *token.Token) (*token.Token, error) {
			if n++; n == 1 {
				return &token.Token{Access: secret.New("one-token")}, nil
			}
			return nil, boom
		}, token.Config{})
		require.NoError(t, err)
		defer s.Close()
		w := &wire{answer: lostThen(401)}
		client, err := New(testURL, Bearer(s), Config{HTTPClient: &http.Client{Transport: w}})
		require.NoError(t, err)
		_, err = post(t.Context(), client, operation(RepeatByKey))
		assert.ErrorIs(t, err, boom)
		assert.ErrorIs(t, err, ErrInDoubt)
		assert.Equal(t, "acme: makeThing: there is no credential for another attempt", err.Error())
		assert.Equal(t, 2, failure(t, err).Attempts)
	})
}

func TestAuthorizePublic(t *testing.T) {
	op := operation(RepeatFreely)
	op.Public = true
	client, w := newWire(t, Config{}, always(401, `{}`))
	_, err := post(t.Context(), client, op)
	assert.ErrorIs(t, err, ErrUnauthenticated)
	assert.Equal(t, []string{""}, signed(w))
}

// watching keeps what an observer sees.
type watching struct {
	contexts []context.Context
	events   []Event
}

func (w *watching) Start(ctx context.Context, e Event) context.Context {
	w.contexts, w.events = append(w.contexts, ctx), append(w.events, e)
	return ctx
}

func (w *watching) End(ctx context.Context, e Event) { w.Start(ctx, e) }

// Requirement G130: what an observer and the maker of a request get to see, a context with the call in it, shows no
// credential, and neither does the request.
func TestAuthorizeShowsNoCredential(t *testing.T) {
	const bearer = "canary-bearer"
	seen := &watching{}
	w := &wire{answer: always(200, `{"value":"x"}`)}
	client, err := New(testURL, Bearer(source(t, bearer)), Config{HTTPClient: &http.Client{Transport: w}, Observer: seen})
	require.NoError(t, err)
	_, err = Call[thing](context.Background(), operation(RepeatFreely), nil, nil, func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, testURL, nil)
		require.NoError(t, err)
		resp, err := client.Do(req)
		for _, text := range append(reach.Texts(req), reach.Texts(resp.Request)...) {
			assert.NotContains(t, text, bearer)
		}
		return resp, err
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"Bearer " + bearer}, signed(w))
	assert.NotEmpty(t, seen.contexts)
	for _, text := range append(reach.Texts(seen.contexts), reach.Texts(seen.events)...) {
		assert.NotContains(t, text, bearer)
	}
}

// Without a way to send the body again there is no second attempt of any kind.
func TestAuthorizeAStream(t *testing.T) {
	w := &wire{answer: always(401, `{}`)}
	client, err := New(testURL, Bearer(source(t, "one", "two")), Config{HTTPClient: &http.Client{Transport: w}})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, testURL, io.NopCloser(strings.NewReader("once")))
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	assert.Equal(t, 401, resp.StatusCode)
	assert.Len(t, w.sent, 1)
}
