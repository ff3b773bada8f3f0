package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestEveryRowIsOK(t *testing.T) {
	var rows []Row
	require.NoError(t, Run(t.Context(), Options{}, func(r Row) { rows = append(rows, r) }))
	assert.Len(t, rows, 19)
	for _, r := range rows {
		assert.True(t, r.OK, "%s %s: %v", r.Provider, r.Operation, r.Err)
		assert.True(t, r.SpecChecked)
		assert.NotZero(t, r.Status)
	}
}

// A payment that the bank has not made is no success.
func TestAPaymentThatIsNotPaidSaysSo(t *testing.T) {
	s := sandbox.Start(t)
	ch, err := newChecks(nil, specs.Straddle, "/straddle")
	require.NoError(t, err)
	c, err := straddle.New(straddle.Config{APIKey: secret.New(s.Sandbox().Credentials().Straddle.APIKey), BaseURL: s.Straddle(), HTTP: place{checks: ch}.http()})
	require.NoError(t, err)
	defer c.CloseIdleConnections()
	never := errors.New("the clock stands")
	for _, tt := range []struct {
		later func() error
		says  string
	}{
		{func() error { return nil }, "the charge is created and not paid"},
		{func() error { return never }, never.Error()},
	} {
		s.Sandbox().Reset()
		s.Sandbox().Clock().Freeze()
		var last Row
		for _, step := range paymentSteps(c, ch, tt.later) {
			last = step.run(t.Context(), "straddle")
		}
		assert.False(t, last.OK)
		require.ErrorContains(t, last.Err, tt.says)
	}
}

// A call that is refused, one whose answer breaks its document, and one that was never checked are not OK.
func TestARowThatFailsSaysSo(t *testing.T) {
	s := sandbox.Start(t)
	creds := s.Sandbox().Credentials().Straddle

	t.Run("refused", func(t *testing.T) {
		ch, err := newChecks(nil, specs.Straddle, "/straddle")
		require.NoError(t, err)
		c, err := straddle.New(straddle.Config{APIKey: secret.New("wrong-key"), BaseURL: s.Straddle(), HTTP: place{checks: ch}.http()})
		require.NoError(t, err)
		row := straddleSteps(c, ch, creds.CustomerID, "")[0].run(t.Context(), "straddle")
		assert.False(t, row.OK)
		assert.Equal(t, 401, row.Status)
		assert.NotEmpty(t, row.RequestID, "the error knows it")
		assert.True(t, row.SpecChecked, "the refusal itself is as documented")
		assert.ErrorIs(t, row.Err, rest.ErrUnauthenticated)
		assert.NotContains(t, row.Err.Error(), "wrong-key")
	})
	t.Run("drifted", func(t *testing.T) {
		drifted := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(201)
			_, _ = w.Write([]byte(`{"data":{"bridge_token":"t"},"response_type":"object"}`))
		}))
		defer drifted.Close()
		ch, err := newChecks(nil, specs.Straddle, "")
		require.NoError(t, err)
		c, err := straddle.New(straddle.Config{APIKey: secret.New("key"), BaseURL: drifted.URL, HTTP: place{checks: ch}.http()})
		require.NoError(t, err)
		defer c.CloseIdleConnections()
		row := straddleSteps(c, ch, creds.CustomerID, "")[0].run(t.Context(), "straddle")
		assert.False(t, row.OK)
		assert.False(t, row.SpecChecked)
		assert.ErrorContains(t, row.Err, "against the document")
	})
	t.Run("unanswered", func(t *testing.T) {
		gone := httptest.NewServer(nil)
		gone.Close()
		ch, err := newChecks(nil, specs.Straddle, "")
		require.NoError(t, err)
		config := place{checks: ch}.http()
		config.MaxAttempts = 1
		c, err := straddle.New(straddle.Config{APIKey: secret.New("key"), BaseURL: gone.URL, HTTP: config})
		require.NoError(t, err)
		row := straddleSteps(c, ch, creds.CustomerID, "")[0].run(t.Context(), "straddle")
		assert.False(t, row.OK)
		assert.False(t, row.SpecChecked, "there is no answer to check")
		assert.EqualError(t, row.Err, "straddle: createBridgeToken: no connection could be made")
	})
	t.Run("unchecked", func(t *testing.T) {
		ch, err := newChecks(nil, specs.Straddle, "")
		require.NoError(t, err)
		row := step{"", ch, func(context.Context, *Row, ...rest.Option) error { return nil }}.run(t.Context(), "straddle")
		assert.False(t, row.OK)
		assert.ErrorContains(t, row.Err, "was not checked")
	})
}

func TestLiveRunCallsTheProvidersHost(t *testing.T) {
	w, err := newWorld(Options{Live: true, Getenv: func(string) string { return "00000000-0000-4000-8000-000000000001" }})
	require.NoError(t, err)
	p, err := w.place(specs.Straddle, "/straddle")
	require.NoError(t, err)
	assert.Empty(t, p.url, "the wrapper's own sandbox host")
	for _, provider := range []string{"finogates", "straddle"} {
		steps, err := w.steps(provider)
		require.NoError(t, err)
		assert.Len(t, steps, 2)
	}
	_, err = w.steps("finapi")
	assert.ErrorContains(t, err, "FINAPI_API_VERSION must be V1 or V2")
}

func TestLiveFinAPIWithoutUser(t *testing.T) {
	env := map[string]string{"FINAPI_CLIENT_ID": "id", "FINAPI_CLIENT_SECRET": "secret", "FINAPI_API_VERSION": "v2"}
	w, err := newWorld(Options{Live: true, Getenv: func(k string) string { return env[k] }})
	require.NoError(t, err)
	steps, err := w.steps("finapi")
	require.NoError(t, err)
	assert.Len(t, steps, 1, "the client's token only")
}

func TestPrint(t *testing.T) {
	never, hour := time.Duration(0), time.Hour
	rows := []Row{
		{Provider: "a", Operation: "x", ExpiresIn: &never, SpecChecked: true, OK: true, Status: 200, RequestID: "r"},
		{Provider: "b", Operation: "y", ExpiresIn: &hour, Err: errors.New("no"), Note: "look"},
		{Provider: "c", Operation: "z"},
	}
	var table bytes.Buffer
	require.NoError(t, PrintTable(&table, rows))
	lines := strings.Split(table.String(), "\n")
	assert.Contains(t, lines[1], "never")
	assert.Contains(t, lines[2], "1h0m0s")
	assert.Contains(t, lines[2], "FAILED")
	assert.Contains(t, table.String(), "b look")

	var js bytes.Buffer
	line := PrintJSON(&js)
	for _, r := range rows {
		line(r)
	}
	dec := json.NewDecoder(&js)
	for _, want := range []struct{ expires, failure any }{{0.0, nil}, {3600.0, "no"}, {nil, nil}} {
		var row map[string]any
		require.NoError(t, dec.Decode(&row))
		assert.Equal(t, want.expires, row["expires_in"])
		assert.Equal(t, want.failure, row["error"])
	}
}
