package straddle

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// Requirement J118: a key collides while its first call is running. The test holds the first request back: in the sandbox it would be over too soon.
func TestRepeatWhileTheFirstIsRunning(t *testing.T) {
	t.Parallel()
	e, err := engine.New(engine.Config{Providers: []engine.Provider{Provider()}, Now: time.Now})
	require.NoError(t, err)
	s := e.Fake(Name).(*Fake)
	body := `{"customer_id":"` + s.credentials.CustomerID + `"}`
	send := func() (*http.Response, error) {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://sandbox/straddle/v1/bridge/initialize", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+s.credentials.APIKey)
		r.Header.Set("Idempotency-Key", "0123456789")
		return engine.RoundTripper(e).RoundTrip(r)
	}
	key := engine.Scope{Caller: engine.DigestOf(s.credentials.APIKey), Key: "0123456789"}
	first := &engine.Call{
		R:    httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil),
		Path: "/v1/bridge/initialize", Body: []byte(body), Now: time.Now(), Header: http.Header{}, Operation: &spectest.Operation{},
	}
	_, outcome := s.repeats.Do(first, key, func() (engine.Answer, bool) {
		response, err := send()
		require.NoError(t, err)
		assert.Equal(t, http.StatusConflict, response.StatusCode)
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		assert.Contains(t, string(text), "in progress")
		return engine.Answer{Status: http.StatusUnprocessableEntity}, true
	})
	assert.Equal(t, engine.Fresh, outcome)
}
