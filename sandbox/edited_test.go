package sandbox_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

// odd are values that somebody could write into a snapshot by hand.
var odd = []any{
	nil, true, -1, 1, 9223372036854775807, "", "x", "\u0000é", strings.Repeat("x", 3000),
	[]any{},
	object{},
	"9999-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59", "e30=", "100000h",
}

// edits calls yield with a path and the document in which the value there is another one, or a list has its entry twice.
func edits(here any, path string, put func(any), yield func(path string)) {
	for _, value := range odd {
		put(value)
		yield(fmt.Sprintf("%s = %.20v", path, value))
	}
	put(here)
	switch v := here.(type) {
	case object:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			was := v[name]
			delete(v, name)
			yield(path + "." + name + " is gone")
			v[name] = was
			edits(was, path+"."+name, func(x any) { v[name] = x }, yield)
		}
	case []any:
		if len(v) > 0 { // the others are like the first
			edits(v[0], path+"[0]", func(x any) { v[0] = x }, yield)
			put(append(slices.Clone(v), v[0]))
			yield(path + " has one twice")
			put(here)
		}
	}
}

var everyEdit = flag.Int("edits.every", 7, "TestEditedSnapshots makes every nth edit; make test-thorough makes all")

// An edited snapshot is refused at once, or nothing that is called afterwards fails because of it.
func TestEditedSnapshots(t *testing.T) {
	t.Parallel()
	w := lived(t, sandbox.Seed(7))
	require.NoError(t, w.sand.Clock().Advance(1)) // so that the clock is in the snapshot
	w.bridge(object{"customer_id": sandbox.MagicID(429)}, "Idempotency-Key", "magic-key-0")
	user, bearer := w.userToken(), w.finogatesBearer()
	taken, err := w.sand.Snapshot()
	require.NoError(t, err)
	var doc any
	require.NoError(t, json.Unmarshal(taken, &doc))
	taken, err = json.Marshal(doc) // in the spelling of an editor
	require.NoError(t, err)
	require.NoError(t, w.sand.Restore(taken))

	fin, paykey := w.creds.FinAPI, w.sand.State().Straddle.Paykeys[0].PaykeyID
	calls := []func() *http.Request{
		admin(http.MethodGet, "/state"), admin(http.MethodGet, "/faults"), admin(http.MethodGet, "/credentials"),
		admin(http.MethodGet, "/clock"), admin(http.MethodDelete, "/faults"),
		posted(tokenV1, "", formed(w.v1("grant_type", "client_credentials")...)),
		posted(tokenV2, "", formed(w.v2("grant_type", "client_credentials")...)),
		posted(tokenV1, "", formed(w.v1("grant_type", "password", "username", fin.Username, "password", fin.Password)...)),
		posted(tokenV1, "", formed(w.v1("grant_type", "password", "username", "alice", "password", "wrong")...)),
		posted(tokenV1, "", formed(w.v1("grant_type", "refresh_token", "refresh_token", user.text1("refresh_token"))...)),
		posted(revokeV1, w.clientToken().text1("access_token"), "token=x"),
		posted(exchangePath, "", `{"client_id":"`+w.creds.Finogates.ClientID+`","client_secret":"`+w.creds.Finogates.ClientSecret+`"}`),
		posted(embedPath, bearer, `{"user_id":"`+w.creds.Finogates.UserID+`","parent_origin":"https://app.example.com"}`),
		posted(bridgePath, w.creds.Straddle.APIKey, `{"customer_id":"`+w.creds.Straddle.CustomerID+`"}`, "0123456789"),
		posted(bridgePath, w.creds.Straddle.APIKey, `{"customer_id":"`+sandbox.MagicID(429)+`"}`, "magic-key-0"),
		asked(w, "/customers"), asked(w, "/customers/"+w.creds.Straddle.CustomerID), asked(w, "/customers/"+w.creds.Straddle.CustomerID+"/review"),
		asked(w, "/customers/"+w.creds.Straddle.CustomerID+"/unmasked"), asked(w, "/paykeys"), asked(w, "/paykeys/"+paykey),
		asked(w, "/paykeys/"+paykey+"/review"), asked(w, "/paykeys/"+paykey+"/unmasked"), asked(w, "/paykeys/"+paykey+"/reveal"),
		asked(w, "/payments?include_metadata=true&sort_by=effective_at"), asked(w, "/payments?search_text=x"), asked(w, "/funding_events"),
	}
	later := func() *http.Request { // what is due happens
		r := admin(http.MethodPut, "/clock")()
		r.Header.Set("Content-Type", "application/json")
		r.Body = io.NopCloser(strings.NewReader(`{"advance":"72h"}`))
		return r
	}
	n, refused, took := 0, 0, 0
	edits(doc, "snapshot", func(x any) { doc = x }, func(path string) {
		if n++; n%*everyEdit != 0 {
			return
		}
		text, err := json.Marshal(doc)
		require.NoError(t, err)
		if err := w.sand.Restore(text); err != nil {
			var bad *sandbox.InvalidError
			require.ErrorAs(t, err, &bad, path)
			refused++
			return
		}
		took++
		for _, call := range append(calls, later, asked(w, "/payments"), asked(w, "/funding_events"), admin(http.MethodGet, "/state")) {
			answer := httptest.NewRecorder()
			r := call()
			w.sand.ServeHTTP(answer, r)
			require.Less(t, answer.Code, 500, "%s: %s %s: %s", path, r.Method, r.URL, answer.Body)
		}
		again, err := w.sand.Snapshot()
		require.NoError(t, err, path)
		require.NoError(t, w.sand.Restore(again), path)
	})
	t.Logf("of %d edits %d were refused, %d were taken and did no harm", n, refused, took)
	assert.Greater(t, refused, 300)
	assert.Greater(t, took, 100)
}

// asked asks Straddle for something.
func asked(w *world, path string) func() *http.Request {
	return func() *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/straddle/v1"+path, nil)
		r.Header.Set("Authorization", "Bearer "+w.creds.Straddle.APIKey)
		return r
	}
}

func admin(method, path string) func() *http.Request {
	return func() *http.Request {
		r := httptest.NewRequest(method, adminPath+path, nil)
		r.RemoteAddr = ""
		return r
	}
}

// posted makes calls with a body of the type that it looks like, and an idempotency key if there is one.
func posted(path, token, body string, key ...string) func() *http.Request {
	return func() *http.Request {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", formType)
		if strings.HasPrefix(body, "{") {
			r.Header.Set("Content-Type", "application/json")
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		for _, k := range key {
			r.Header.Set("Idempotency-Key", k)
		}
		return r
	}
}
