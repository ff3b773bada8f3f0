package sandbox

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// An operation that a document has and nothing answers gets a 501, whatever the document says of that, and never the
// answer of another operation.
func TestUnhandledOperations(t *testing.T) {
	t.Parallel()
	s, err := New()
	require.NoError(t, err)
	for name, doc := range documents {
		text := strings.Replace(string(doc.YAML()), "\npaths:\n", `
paths:
  /new:
    post:
      operationId: makeNew
      responses:
        '200': {description: Done.}
`, 1)
		spec, err := spectest.New(specs.NewDocument(doc.Name(), text), spectest.BasePath("/"+name))
		require.NoError(t, err)
		p := s.state.Load().providers[name]
		for _, id := range p.spec.Operations() {
			assert.NotNil(t, p.fake.handler(id), id)
		}
		p.spec = spec
		_, err = s.AddFault(Fault{Provider: name, Kind: FaultEmpty, Times: 1})
		require.NoError(t, err)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+name+"/new", nil))
		assert.Equal(t, http.StatusNotImplemented, w.Code, "%s: %s", name, w.Body)
		assert.Contains(t, w.Body.String(), "the sandbox does not answer makeNew")
		call := s.Calls()[len(s.Calls())-1]
		assert.Equal(t, "makeNew", call.Operation)
		assert.Equal(t, http.StatusNotImplemented, call.Status)
		assert.NotEmpty(t, call.Refused)
	}
	assert.Len(t, s.Faults(), len(documents), "no fault meets it")
}
