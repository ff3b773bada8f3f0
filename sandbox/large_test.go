package sandbox_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/sandboxadmin"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// large adds users with a thousand accounts each, which take 40 KB of a snapshot.
func large(t *testing.T, s *sandbox.Sandbox, users int) {
	t.Helper()
	const cards = 1000
	var f sandbox.Fixtures
	for i := range users {
		u := sandbox.FinogatesUser{UserID: fmt.Sprintf("11111111-1111-4111-8111-%012x", i)}
		for n := range cards {
			u.CardProcessingIDs = append(u.CardProcessingIDs, fmt.Sprintf("22222222-2222-4222-8222-%012x", n))
		}
		f.Finogates.Users = append(f.Finogates.Users, u)
	}
	require.NoError(t, s.Add(f))
}

// A snapshot that is larger than a body that the document can be held against can be taken and put back.
func TestLargeSnapshot(t *testing.T) {
	t.Parallel()
	w := overHTTP(t)
	large(t, w.sand, 30)
	state, err := w.admin().GetStateWithResponse(t.Context())
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, state.StatusCode())
	assert.Less(t, len(state.Body), 1<<20, "long lists are cut")
	longFaults(w, 6)
	w.sand.Clock().Freeze()
	taken, err := w.sand.Snapshot()
	require.NoError(t, err)
	require.Greater(t, len(taken), spectest.MaxBody)
	// Not into the types of the client, which TestAdmin does: that takes seconds, and proves nothing about the size.
	got, err := w.admin().GetSnapshot(t.Context())
	require.NoError(t, err)
	body, err := io.ReadAll(got.Body)
	require.NoError(t, errors.Join(err, got.Body.Close()))
	require.Equal(t, http.StatusOK, got.StatusCode)
	require.True(t, bytes.Equal(taken, body))
	w.sand.Reset()
	put, err := w.admin().RestoreSnapshotWithBody(t.Context(), "application/json", bytes.NewReader(body))
	require.NoError(t, err)
	require.NoError(t, put.Body.Close())
	require.Equal(t, http.StatusNoContent, put.StatusCode)
	again, err := w.sand.Snapshot()
	require.NoError(t, err)
	assert.True(t, bytes.Equal(taken, again))
}

// longFaults adds faults that take 2 MiB each.
func longFaults(w *world, n int) {
	w.t.Helper()
	for range n {
		w.fault(sandbox.Fault{Provider: "*", Kind: sandbox.FaultEmpty, Header: map[string]string{"X-Long": strings.Repeat("x", 2<<20)}})
	}
}

// largest notes the largest piece that was written.
type largest struct{ n int }

func (l *largest) Write(p []byte) (int, error) {
	l.n = max(l.n, len(p))
	return len(p), nil
}

type endless struct{ head, again string }

func (e *endless) Read(p []byte) (int, error) {
	if e.head == "" {
		e.head = e.again
	}
	n := copy(p, e.head)
	e.head = e.head[n:]
	return n, nil
}

// A snapshot goes out in pieces, and a list without an end is not read to its end.
func TestSnapshotIsStreamed(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	large(t, w.sand, 20)
	pieces := &largest{}
	require.NoError(t, w.sand.SnapshotTo(pieces))
	assert.Less(t, pieces.n, 64<<10, "no more than the largest entry")

	state := w.sand.State()
	for list, entry := range map[string]string{
		`"faults":[`:                `{"provider":"*"}`,
		`"finapi":{"clients":[`:     `{"client_id":"a","client_secret":"b","api_version":"V1"}`,
		`"finapi":{"grants":[`:      `{"client":"a"}`,
		`"finogates":{"bearers":[`:  `{"client":"a"}`,
		`"straddle":{"accounts":[`:  `"a"`,
		`"straddle":{"repeats":[`:   `{"key":"a"}`,
		`"straddle":{"customers":[`: `{"customer_id":"a"}`,
	} {
		err := w.sand.RestoreFrom(&endless{head: `{"format":"fintoken-sandbox","version":2,` + list + entry, again: "," + entry})
		require.ErrorContains(t, err, "must have at most", list)
	}
	cut := errors.New("cable cut")
	err := w.sand.RestoreFrom(io.MultiReader(strings.NewReader(`{"format":"fintoken-sandbox","version":2,"faults":[`), broken{}))
	require.ErrorContains(t, err, cut.Error())
	var bad *sandbox.InvalidError
	assert.NotErrorAs(t, err, &bad, "that says nothing of the snapshot")
	assert.Equal(t, state, w.sand.State(), "nothing has changed")

	require.Error(t, w.sand.SnapshotTo(failingWriter{}))
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("disk full") }

// The journal comes in pages, however long its lines are.
func TestJournalPages(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	const calls = 2_000
	for range calls {
		w.do(http.MethodGet, "/"+strings.Repeat("%3C", 255), nil, "") // six bytes each in JSON
	}
	api := w.admin()
	var after int64
	for page := range calls / 1000 {
		got, err := api.ListCallsWithResponse(t.Context(), &sandboxadmin.ListCallsParams{After: &after})
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, got.StatusCode(), string(got.Body[:min(200, len(got.Body))]))
		require.Len(t, got.JSON200.Calls, 1000)
		assert.Equal(t, page < calls/1000-1, got.JSON200.More)
		assert.Equal(t, after+1, got.JSON200.Calls[0].Seq)
		after = got.JSON200.Calls[999].Seq
	}
	assert.EqualValues(t, calls, after)
	limit, status := 7, 404
	got, err := api.ListCallsWithResponse(t.Context(), &sandboxadmin.ListCallsParams{Limit: &limit, Status: &status})
	require.NoError(t, err)
	assert.Len(t, got.JSON200.Calls, limit)
	assert.True(t, got.JSON200.More)
	count := 8
	got, err = api.ListCallsWithResponse(t.Context(), &sandboxadmin.ListCallsParams{Limit: &limit, Count: &count, Status: &status})
	require.NoError(t, err)
	assert.Len(t, got.JSON200.Calls, limit, "a limit is one of what comes back, and not of what is waited for")
	got, err = api.ListCallsWithResponse(t.Context(), &sandboxadmin.ListCallsParams{After: &after})
	require.NoError(t, err)
	assert.Empty(t, got.JSON200.Calls)
	assert.False(t, got.JSON200.More)
}

// A line of the journal is short, whatever the call was.
func TestJournalLinesAreShort(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	w.do(http.MethodPost, bridgePath, with(bearer(w.creds.Straddle.APIKey), "Content-Type", "application/json"), flood(4000))
	w.form(tokenV1, headers{"X-Request-Id": strings.Repeat("€", 255)}, w.v1("grant_type", "client_credentials")...)
	w.do(http.MethodGet, "/"+strings.Repeat("%E2%82%AC", 200), nil, "")
	for _, call := range w.sand.Calls() {
		assert.LessOrEqual(t, len(call.Refused), 1024)
		assert.LessOrEqual(t, len(call.Path), 256)
		assert.Equal(t, strings.ToValidUTF8(call.Path+call.Refused, ""), call.Path+call.Refused, "cut between characters")
	}
	assert.Equal(t, strings.Repeat("€", 255), w.sand.Calls()[1].RequestID, "an id that finAPI takes is whole")
}

// An answer that is too large to be held against the document is sent all the same.
func TestLargeAnswer(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	longFaults(w, 6)
	rules, err := w.admin().ListFaultsWithResponse(t.Context())
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, rules.StatusCode())
	assert.Greater(t, len(rules.Body), spectest.MaxBody)
	assert.Len(t, rules.JSON200.Faults, 6)
}
