package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/sandbox/internal/straddle"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// Every provider has its fields, every handler its operation, and every operation an answer.
func TestProvidersAreWhole(t *testing.T) {
	t.Parallel()
	s, err := New()
	require.NoError(t, err)
	assert.Equal(t, s.engine.Names(), Providers())
	cfg := defaults()
	for _, p := range cfg.providers() {
		for _, whole := range []any{&Credentials{}, &Fixtures{}, &State{}} {
			assert.True(t, fieldOf(whole, p.Name).IsValid(), "%T has no field for %s", whole, p.Name)
		}
		operations, handlers := s.engine.Operations(p.Name), s.engine.Fake(p.Name).Handlers()
		assert.Subset(t, operations, slices.Collect(maps.Keys(handlers)), p.Name)
		for _, id := range operations {
			assert.True(t, handlers[id] != nil || hasExample(p.Documents, id), "%s: nothing answers %s: it has neither a handler nor an example", p.Name, id)
		}
	}
	assert.False(t, fieldOf(&State{}, "nobody").IsValid())
}

func hasExample(documents []specs.Document, operation string) bool {
	return slices.ContainsFunc(documents, func(d specs.Document) bool {
		return len(spectest.Examples(d, operation, "200"))+len(spectest.Examples(d, operation, "201"))+len(spectest.Examples(d, operation, "202")) > 0
	})
}

// Every operation of the admin API has a route, and every route an operation.
func TestAdminRoutes(t *testing.T) {
	t.Parallel()
	s, err := New()
	require.NoError(t, err)
	a := s.admin.(*admin)
	spec, err := a.spec()
	require.NoError(t, err)
	streamed := []string{"getSnapshot", "restoreSnapshot"}
	assert.ElementsMatch(t, spec.Operations(), append(slices.Collect(maps.Keys(a.routes)), streamed...))
}

// straddleThings is an operation that Straddle's document might have, and its fake has no handler for.
const straddleThings = `
paths:
  /v1/things/{id}:
    put:
      operationId: putThing
      parameters:
        - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
        - {name: Idempotency-Key, in: header, schema: {type: string, minLength: 10, maxLength: 40}}
        - {name: Straddle-Account-Id, in: header, schema: {type: string}}
      responses:
        '201':
          description: Put.
          content:
            application/json:
              schema: {type: object}
              examples: {done: {value: {data: {status: done}}}}
        default: {description: Refused., content: {application/json: {schema: {type: object}}}}
`

// TestStraddleExamples: what holds for every operation of Straddle holds for one that an example answers.
func TestStraddleExamples(t *testing.T) {
	t.Parallel()
	p := straddle.Provider()
	text := strings.Replace(string(p.Documents[0].YAML()), "\npaths:\n", straddleThings, 1)
	p.Documents = []specs.Document{specs.NewDocument("straddle.yaml", text)}
	now := time.Now()
	e, err := engine.New(engine.Config{Providers: []engine.Provider{p}, Now: func() time.Time { return now }})
	require.NoError(t, err)
	var creds StraddleCredentials
	e.Credentials(func(_ string, c any) { creds = *c.(*StraddleCredentials) })
	put := func(id, bearer string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/straddle/v1/things/"+id, nil)
		r.Header.Set("Authorization", "Bearer "+bearer)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		return w
	}
	id, other := creds.CustomerID, "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26f"
	for status, w := range map[int]*httptest.ResponseRecorder{
		201: put(id, creds.APIKey), 401: put(id, "wrong"), 400: put("x", creds.APIKey), 403: put(id, creds.APIKey, "Straddle-Account-Id", "acct_unknown"),
	} {
		assert.Equal(t, status, w.Code, w.Body)
	}
	first := put(id, creds.APIKey, "Idempotency-Key", "0123456789")
	assert.JSONEq(t, `{"data":{"status":"done"}}`, first.Body.String())
	assert.Equal(t, "example", first.Header().Get("Sandbox-Evidence"))
	for range 2 {
		again := put(id, creds.APIKey, "Idempotency-Key", "0123456789")
		assert.Equal(t, fmt.Sprint(first.Code, first.Body), fmt.Sprint(again.Code, again.Body))
		assert.Equal(t, "true", again.Header().Get("Idempotent-Replayed"))
		assert.Equal(t, http.StatusConflict, put(other, creds.APIKey, "Idempotency-Key", "0123456789").Code)
		taken, err := e.Snapshot()
		require.NoError(t, err)
		require.NoError(t, e.Restore(taken))
	}
	assert.Equal(t, http.StatusBadRequest, put("x", creds.APIKey, "Idempotency-Key", "9876543210").Code)
	assert.Equal(t, http.StatusConflict, put(id, creds.APIKey, "Idempotency-Key", "9876543210").Code, "a 400 burns the key")
}
