package sandbox

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// drifting is a fake that answers what its spec does not know.
type drifting struct{ fake }

func (drifting) handler(string) func(*call) answer {
	return func(*call) answer {
		return answer{status: http.StatusCreated, body: map[string]any{"data": map[string]any{"bridge_token": 7}}}
	}
}

func TestDriftIsCaught(t *testing.T) {
	t.Parallel()
	s, err := New()
	require.NoError(t, err)
	s.state.Load().providers["straddle"].fake = drifting{s.state.Load().straddle}
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/straddle/v1/bridge/initialize", strings.NewReader(`{}`))
	r.Header.Set("Content-Type", "application/json")
	s.ServeHTTP(w, r)
	assert.Equal(t, http.StatusInternalServerError, w.Code)
	text, err := io.ReadAll(w.Body)
	require.NoError(t, err)
	assert.Contains(t, string(text), "sandbox drifted from its spec")
	assert.Contains(t, string(text), "body /meta: is required")
	assert.Contains(t, string(text), "body /data/bridge_token: must be of type string")
	call := s.Calls()[0]
	assert.Equal(t, http.StatusInternalServerError, call.Status)
	assert.Equal(t, "sandbox drifted from its spec", call.Refused)
}

func TestUnencodableAnswerIsDrift(t *testing.T) {
	t.Parallel()
	c := &call{header: http.Header{}}
	a, body := (&provider{}).checked(c, answer{status: http.StatusOK, body: func() {}})
	assert.Equal(t, http.StatusInternalServerError, a.status)
	assert.JSONEq(t, `{"error":"sandbox drifted from its spec","violations":[]}`, string(body))
}

func TestBounded(t *testing.T) {
	t.Parallel()
	b := newBounded[int, string](2)
	b.put(1, "one")
	b.put(2, "two")
	b.put(1, "one again") // now the newest
	b.put(3, "three")
	_, ok := b.get(2)
	assert.False(t, ok)
	one, ok := b.get(1)
	assert.True(t, ok)
	assert.Equal(t, "one again", one)
	b.drop(1)
	b.drop(1)
	assert.Len(t, b.entries, 1)
	assert.Equal(t, 1, b.order.Len())
}

func TestStateIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	cfg := defaults()
	creds := newCredentials(cfg.source("credentials"))

	f := newFinAPI(creds.FinAPI, cfg)
	for range 1000 {
		for _, client := range f.clients {
			f.tokens.grant(client, nil, now)
			for _, user := range f.users {
				f.tokens.rotate(f.tokens.grant(client, user, now), now)
			}
		}
		now = now.Add(time.Hour)
	}
	assert.Len(t, f.tokens.grants.entries, 6, "two clients times nobody and two users")
	assert.Len(t, f.tokens.byToken, 6+4)

	fg := newFinogates(creds.Finogates, cfg)
	for range bearerLimit + 10 {
		fg.bearers.put(digestOf(fg.ids.uuid()), fgBearer{ends: now})
	}
	assert.Len(t, fg.bearers.entries, bearerLimit)

	keys := newIdempotency()
	c := &call{r: httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil), header: http.Header{}, now: now}
	for range keyLimit + 10 {
		keys.do(c, scope{key: fg.ids.uuid()}, func() (answer, bool) { return answer{}, true })
	}
	assert.Len(t, keys.records.entries, keyLimit)
}

// Requirement J118: a key collides while its first call is running. The test holds the first request back: in the sandbox it would be over too soon.
func TestRepeatWhileTheFirstIsRunning(t *testing.T) {
	t.Parallel()
	s, err := New(Seed(1))
	require.NoError(t, err)
	st := s.state.Load().straddle
	body := `{"customer_id":"` + s.Credentials().Straddle.CustomerID + `"}`
	send := func() (*http.Response, error) {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://sandbox/straddle/v1/bridge/initialize", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+s.Credentials().Straddle.APIKey)
		r.Header.Set("Idempotency-Key", "0123456789")
		return s.RoundTripper().RoundTrip(r)
	}
	key := scope{apiKey: digestOf(s.Credentials().Straddle.APIKey), key: "0123456789"}
	first := &call{
		r:    httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil),
		path: "/v1/bridge/initialize", body: []byte(body), now: time.Now(), header: http.Header{},
	}
	_, outcome := st.repeats.do(first, key, func() (answer, bool) {
		response, err := send()
		require.NoError(t, err)
		assert.Equal(t, http.StatusConflict, response.StatusCode)
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		assert.Contains(t, string(text), "in progress")
		return answer{status: http.StatusUnprocessableEntity}, true
	})
	assert.Equal(t, fresh, outcome)
}

func TestLower(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "abc": "abc", "ABC-xyz.09": "abc-xyz.09", "alİce": "alİce", "\u212aey": "\u212aey", "Ä@[`{Z": "Ä@[`{z", "\xffA": "\xffa",
	} {
		assert.Equal(t, want, lower(text))
	}
	assert.True(t, loopbackName("LOCALHOST"))
	assert.True(t, loopbackName("App.LocalHost"))
	assert.False(t, loopbackName("lo\u212aalhost"))
}

func TestSnapshotOverHTTPIsBounded(t *testing.T) {
	t.Parallel()
	s, err := New()
	require.NoError(t, err)
	taken, err := s.Snapshot()
	require.NoError(t, err)
	for limit, status := range map[int]int{len(taken): http.StatusNoContent, len(taken) - 1: http.StatusRequestEntityTooLarge} {
		s.admin.(*admin).largest = int64(limit)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, adminPrefix+"/snapshot", bytes.NewReader(taken))
		r.RemoteAddr = ""
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		assert.Equal(t, status, w.Code, w.Body)
	}
}

// The name that a sandbox is told to listen at is one under which its admin API answers.
func TestAdminUnderItsOwnName(t *testing.T) {
	t.Parallel()
	c := config{remote: true}
	for _, addr := range []string{"Sandbox.internal:4010", ":4010", "[::]:4010", "unix:/tmp/s"} {
		c.listensAt(addr)
	}
	assert.True(t, c.admits("sandbox.INTERNAL"))
	for _, host := range []string{"", "internal", "sandbox.internal.example", "192.0.2.1", "unix"} {
		assert.False(t, c.admits(host), host)
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	assert.True(t, same("a", "a"))
	assert.False(t, same("a", "b"))
	assert.False(t, same("", "a"))
}

// TestGrantsAreBounded: the oldest grant goes with its tokens, and is counted.
func TestGrantsAreBounded(t *testing.T) {
	t.Parallel()
	cfg := defaults()
	f := newFinAPI(newCredentials(cfg.source("credentials")).FinAPI, cfg)
	now, client := time.Now(), &finClient{id: "client"}
	first := f.tokens.grant(client, &finUser{}, now).access.value
	for range grantLimit + 9 {
		f.tokens.grant(client, &finUser{name: "new"}, now)
	}
	assert.Nil(t, f.tokens.find(first, now))
	assert.Len(t, f.tokens.grants.entries, grantLimit)
	assert.Len(t, f.tokens.byToken, 2*grantLimit)
	assert.EqualValues(t, 10, f.tokens.grants.evicted)
}
