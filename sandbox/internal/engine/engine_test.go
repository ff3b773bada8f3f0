package engine_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// last returns the newest line of the journal.
func last(e *engine.Engine) engine.Entry {
	calls := e.FindCalls(engine.CallFilter{})
	return calls[len(calls)-1]
}

// TestExamples: an operation without a handler answers by its first example, says so, and is otherwise like any other.
func TestExamples(t *testing.T) {
	t.Parallel()
	e := newShop(t)
	got := call(t, e, "GET", "/shop/things?size=3", "")
	assert.Equal(t, http.StatusOK, got.status)
	assert.JSONEq(t, `[{"name":"lamp"}]`, got.text, "the first by name")
	assert.Equal(t, "example", got.header.Get("Sandbox-Evidence"))
	assert.Equal(t, "answered by the document's example full", last(e).Notes)
	assert.Equal(t, "listThings", last(e).Operation)

	bad := call(t, e, "GET", "/shop/things?size=0", "")
	assert.Equal(t, http.StatusBadRequest, bad.status)
	assert.Equal(t, "documented", bad.header.Get("Sandbox-Evidence"))
	assert.NotContains(t, last(e).Notes, "example")

	_, err := e.AddFault(engine.Fault{Provider: "shop", Operation: "listThings", Kind: engine.FaultError, Status: 503, Times: 1})
	require.NoError(t, err)
	assert.Equal(t, http.StatusBadRequest, call(t, e, "GET", "/shop/things?size=0", "").status, "a refused call uses up no fault")
	assert.Equal(t, http.StatusServiceUnavailable, call(t, e, "GET", "/shop/things", "").status)
	assert.Equal(t, http.StatusOK, call(t, e, "GET", "/shop/things", "").status)
}

// TestNoExample: without an example there is no answer, in the provider's words.
func TestNoExample(t *testing.T) {
	t.Parallel()
	e := newShop(t)
	got := call(t, e, "DELETE", "/shop/things/lamp", "")
	assert.Equal(t, http.StatusNotImplemented, got.status)
	assert.JSONEq(t, `{"why":"the sandbox does not answer dropThing"}`, got.text)
	assert.Equal(t, "dropThing", last(e).Operation)
}

// TestSources: what an operation is said to be answered from is what answers it.
func TestSources(t *testing.T) {
	t.Parallel()
	e := newShop(t)
	said := map[string]engine.Source{}
	for _, op := range e.Sources() {
		assert.Equal(t, "shop", op.Provider)
		said[op.ID] = op.From
	}
	assert.Equal(t, map[string]engine.Source{
		"makeThing": engine.FromState, "getThing": engine.FromState, "isOpen": engine.FromState,
		"listThings": engine.FromExample, "sendThing": engine.FromExample, "dropThing": engine.FromNothing,
	}, said)
}

func TestPathParameters(t *testing.T) {
	t.Parallel()
	e := newShop(t)
	require.NoError(t, e.Add(func(string) any { return []thing{{"a/b c"}} }))
	for path, status := range map[string]int{"/shop/things/a%2Fb%20c": 200, "/shop/things/a%2Fb": 404} {
		assert.Equal(t, status, call(t, e, "GET", path, "").status, path)
	}
	alone, err := e.Provider("shop")
	require.NoError(t, err)
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://shop/things/a%2Fb%20c", http.NoBody)
	response, err := engine.RoundTripper(alone).RoundTrip(r)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, response.StatusCode)
}

// TestDataIsWrittenUnderTheLock: what is answered may be a part of the state.
func TestDataIsWrittenUnderTheLock(t *testing.T) {
	t.Parallel()
	assert.JSONEq(t, `{"name":"locked"}`, call(t, newShop(t), "GET", "/shop/things/watched", "").text)
}

// TestDocuments: a provider keeps to all of its documents.
func TestDocuments(t *testing.T) {
	t.Parallel()
	e := newShop(t)
	open := call(t, e, "GET", "/shop/open", "")
	assert.Equal(t, http.StatusNoContent, open.status)
	assert.Empty(t, open.header.Get("Content-Type"))
	post := call(t, e, "POST", "/shop/open", "")
	assert.Equal(t, http.StatusMethodNotAllowed, post.status)
	assert.Equal(t, "GET", post.header.Get("Allow"))
	assert.Equal(t, http.StatusNotFound, call(t, e, "GET", "/shop/closed", "").status)
	assert.Equal(t, []string{"dropThing", "getThing", "isOpen", "listThings", "makeThing", "sendThing"}, e.Operations("shop"))
	assert.Contains(t, call(t, e, "GET", "/closed", "").text, "the path does not begin with /shop")
	_, err := engine.New(engine.Config{Providers: []engine.Provider{shopProvider(shopDocument, "openapi: 3.1.0")}})
	require.ErrorContains(t, err, "shop.yaml")
}

// TestDriftIsCaught: what breaks the document does not leave the sandbox.
func TestDriftIsCaught(t *testing.T) {
	t.Parallel()
	stricter := strings.Replace(shopDocument, `schema: {$ref: '#/components/schemas/Thing'}}}}
        default`, `schema: {type: object, required: [size], properties: {name: {type: integer}, size: {type: integer}}}}}}
        default`, 1)
	require.NotEqual(t, shopDocument, stricter)
	e, err := engine.New(engine.Config{Providers: []engine.Provider{shopProvider(stricter)}, Now: fixed})
	require.NoError(t, err)
	got := call(t, e, "POST", "/shop/things", `{"name":"lamp"}`)
	assert.Equal(t, http.StatusInternalServerError, got.status)
	assert.Contains(t, got.text, "sandbox drifted from its spec")
	assert.Contains(t, got.text, "body /size: is required")
	assert.Contains(t, got.text, "body /name: must be of type integer")
	assert.Equal(t, http.StatusInternalServerError, last(e).Status)
	assert.Equal(t, "sandbox drifted from its spec", last(e).Refused)
}

// TestEvents: what has happened is remembered with its data, goes with a snapshot, and is gone with a reset.
func TestEvents(t *testing.T) {
	t.Parallel()
	e := newShop(t)
	bare, err := e.Snapshot()
	require.NoError(t, err)
	assert.NotContains(t, string(bare), `"events"`, "an older sandbox can read it")
	assert.Equal(t, http.StatusCreated, call(t, e, "POST", "/shop/things", `{"name":"lamp"}`).status)
	assert.Equal(t, http.StatusBadRequest, call(t, e, "POST", "/shop/things", `{}`).status)
	events := e.Events()
	require.Len(t, events, 1, "what was refused is none")
	assert.NotEmpty(t, events[0].ID)
	assert.Equal(t, engine.Event{
		ID: events[0].ID, Provider: "shop", Type: "thing.made", Time: noon, Data: json.RawMessage(`{"name":"lamp"}`),
	}, events[0])

	taken, err := e.Snapshot()
	require.NoError(t, err)
	other := newShop(t)
	require.NoError(t, other.Restore(taken))
	assert.Equal(t, events, other.Events())
	call(t, other, "POST", "/shop/things", `{"name":"chair"}`)
	assert.Len(t, other.Events(), 2, "and it goes on")
	require.NoError(t, other.Restore(bare))
	assert.Empty(t, other.Events())
	e.Reset()
	assert.Empty(t, e.Events())
}

// TestWhatIsDueHasHappened: who looks at the events or at the state sees what happened by itself until then.
func TestWhatIsDueHasHappened(t *testing.T) {
	t.Parallel()
	e := newShop(t)
	f := e.Fake("shop").(*shop)
	f.late = noon.Add(time.Hour)
	assert.Empty(t, e.Events())
	require.NoError(t, e.Clock().Advance(2*time.Hour))
	taken, err := e.Snapshot()
	require.NoError(t, err)
	assert.NotContains(t, string(taken), "shop.closed", "a snapshot has what was there")
	events := e.Events()
	require.Len(t, events, 1)
	assert.Equal(t, noon.Add(time.Hour), events[0].Time, "when it was due")
	f.late = noon
	assert.Equal(t, 2, e.State(noon, func(string, any) {}).Now["events"])
}

func TestEventsAreBounded(t *testing.T) {
	t.Parallel()
	e := newShop(t)
	f := e.Fake("shop").(*shop)
	for range 4010 {
		f.Record(noon, "", "thing.made", nil)
	}
	assert.Len(t, e.Events(), 4000)
	assert.Equal(t, 10, e.State(noon, func(string, any) {}).Evicted["events"])
}

// TestEveryWriteIsRepeated: a key stands for one request of any operation, also of one that an example answers, and goes
// with a snapshot.
func TestEveryWriteIsRepeated(t *testing.T) {
	t.Parallel()
	e := newShop(t)
	made := call(t, e, "POST", "/shop/things", `{"name":"lamp"}`, "Idempotency-Key", "a")
	sent := call(t, e, "PUT", "/shop/things/lamp", "", "Idempotency-Key", "b")
	for _, round := range []string{"the same", "restored"} {
		again := call(t, e, "POST", "/shop/things", `{"name":"lamp"}`, "Idempotency-Key", "a")
		assert.Equal(t, made.text, again.text, round)
		assert.Equal(t, "true", again.header.Get("Again"), round)
		again = call(t, e, "PUT", "/shop/things/lamp", "", "Idempotency-Key", "b")
		assert.Equal(t, http.StatusAccepted, again.status, round)
		assert.Equal(t, sent.text, again.text, round)
		assert.Equal(t, "true", again.header.Get("Again"), round)
		assert.Equal(t, "example", again.header.Get("Sandbox-Evidence"), round)
		assert.Equal(t, http.StatusConflict, call(t, e, "PUT", "/shop/things/lamp", "", "Idempotency-Key", "a").status, round)
		assert.Equal(t, http.StatusConflict, call(t, e, "PUT", "/shop/things/chair", "", "Idempotency-Key", "b").status, round)
		taken, err := e.Snapshot()
		require.NoError(t, err)
		for from, to := range map[string]string{`"status":202`: `"status":1`, `"path":"/things/{name}"`: `"path":"/thing"`} {
			require.Contains(t, string(taken), from)
			require.ErrorContains(t, e.Restore([]byte(strings.Replace(string(taken), from, to, 1))), "snapshot.shop.repeats[1]")
		}
		e = newShop(t)
		require.NoError(t, e.Restore(taken))
	}
	assert.Len(t, e.Events(), 1, "a repeat makes nothing")
	call(t, e, "GET", "/shop/things/lamp", "", "Idempotency-Key", "a")
	assert.Equal(t, http.StatusOK, last(e).Status, "a key of an operation that takes none is of no account")
}

// TestBodylessAnswerIsRepeated: an answer without a body has none the second time either.
func TestBodylessAnswerIsRepeated(t *testing.T) {
	t.Parallel()
	keyed := strings.Replace(backDocument, "operationId: isOpen", "operationId: isOpen\n      parameters: [{name: Idempotency-Key, in: header, schema: {type: string}}]", 1)
	e, err := engine.New(engine.Config{Providers: []engine.Provider{shopProvider(keyed)}, Now: fixed})
	require.NoError(t, err)
	for range 2 {
		got := call(t, e, "GET", "/shop/open", "", "Idempotency-Key", "a")
		assert.Equal(t, http.StatusNoContent, got.status, got.text)
		assert.Empty(t, got.text)
		taken, err := e.Snapshot()
		require.NoError(t, err)
		require.NoError(t, e.Restore(taken))
	}
}

// TestLaterProvider: a snapshot of before there was a provider leaves that as it is in a new sandbox.
func TestLaterProvider(t *testing.T) {
	t.Parallel()
	e := newShop(t)
	call(t, e, "POST", "/shop/things", `{"name":"lamp"}`)
	taken, err := e.Snapshot()
	require.NoError(t, err)
	later := shopProvider(backDocument)
	later.Name = "later"
	both := newShop(t, later)
	require.NoError(t, both.Restore(taken))
	assert.Equal(t, http.StatusOK, call(t, both, "GET", "/shop/things/lamp", "").status)
	keys := map[string]string{}
	both.Credentials(func(name string, credentials any) { keys[name] = credentials.(*struct{ Key string }).Key })
	assert.NotEmpty(t, keys["later"])
	assert.NotEqual(t, keys["shop"], keys["later"])
	require.Error(t, e.Restore([]byte(strings.Replace(string(taken), `"shop":{"things"`, `"other":{"things"`, 1))), "one that it does not know is refused")
}

func TestPage(t *testing.T) {
	t.Parallel()
	e := newShop(t)
	page := e.Page("http://here", engine.Command{Title: "More", Text: "<more>"})
	for _, part := range []string{
		"A fake of The Shop on this machine", "<h3>The Shop</h3>", "curl http://here/shop/things", "<code>http://here/shop</code>", "&lt;more&gt;",
	} {
		assert.Contains(t, page, part)
	}
	assert.NotContains(t, page, "{{")
}
