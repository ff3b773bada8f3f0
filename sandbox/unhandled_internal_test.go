package sandbox

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs"
)

// An operation that a document has and nothing answers gets a 501, whatever the document says of that, and never the
// answer of another operation.
func TestUnhandledOperations(t *testing.T) {
	t.Parallel()
	cfg := defaults()
	providers := cfg.fakes()
	for i, p := range providers {
		text := strings.Replace(string(p.Documents[0].YAML()), "\npaths:\n", `
paths:
  /new:
    post:
      operationId: makeNew
      responses:
        '200': {description: Done.}
`, 1)
		providers[i].Documents = []specs.Document{specs.NewDocument(p.Documents[0].Name(), text)}
	}
	e, err := engine.New(engine.Config{Providers: providers, Now: time.Now})
	require.NoError(t, err)
	for _, p := range providers {
		_, err = e.AddFault(Fault{Provider: p.Name, Kind: FaultEmpty, Times: 1})
		require.NoError(t, err)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+p.Name+"/new", nil))
		assert.Equal(t, http.StatusNotImplemented, w.Code, "%s: %s", p.Name, w.Body)
		assert.Contains(t, w.Body.String(), "the sandbox does not answer makeNew")
		calls := e.FindCalls(CallFilter{})
		call := calls[len(calls)-1]
		assert.Equal(t, "makeNew", call.Operation)
		assert.Equal(t, http.StatusNotImplemented, call.Status)
		assert.NotEmpty(t, call.Refused)
	}
	assert.Len(t, e.Faults(), len(providers), "no fault meets it")
}
