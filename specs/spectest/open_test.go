package spectest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

// Each response that a document shows passes with a member more in each of its objects, and with other words in the place of
// those of an enumeration; in a request the same is refused where the document closes it.
func TestResponsesStayOpen(t *testing.T) {
	t.Parallel()
	for _, doc := range specs.All() {
		checker, err := New(doc)
		require.NoError(t, err)
		changed := 0
		for _, op := range doc.Operations() {
			entry := checker.doc.entry(op.ID)
			words := enums(entry.load())
			for status := 200; status < 300; status++ {
				part := strconv.Itoa(status)
				for _, name := range Examples(doc, op.ID, part) {
					body, media, err := Example(doc, op.ID, part, name)
					require.NoError(t, err)
					var value any
					if json.Unmarshal(body, &value) != nil {
						continue
					}
					value = grown(value, words)
					more, err := json.Marshal(value)
					require.NoError(t, err)
					changed++
					req := httptest.NewRequestWithContext(t.Context(), op.Method, "http://127.0.0.1"+op.Path, nil)
					at := &Operation{ID: op.ID, Method: op.Method, Path: op.Path, loaded: entry.load()}
					err = checker.Response(at, req, status, http.Header{"Content-Type": {media}}, more)
					assert.NoError(t, err, "%s %s %s", op.ID, part, name)
				}
			}
		}
		assert.Positive(t, changed, doc.Name())
	}
}

// enums are the words of the document of an operation.
func enums(l *loaded) map[string]bool {
	words := map[string]bool{}
	for _, ref := range l.route.Spec.Components.Schemas {
		for _, word := range ref.Value.Enum {
			if text, ok := word.(string); ok {
				words[text] = true
			}
		}
	}
	return words
}

// grown returns a value with a member more in each object, and with another word for each of words.
func grown(value any, words map[string]bool) any {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = grown(member, words)
		}
		if len(v) != 1 || v["order"] == nil { // not what is the caller's own
			v["a_new_member"] = "new"
		}
	case []any:
		for i := range v {
			v[i] = grown(v[i], words)
		}
	case string:
		if words[v] {
			return "a_new_word"
		}
	}
	return value
}
