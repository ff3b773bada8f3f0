package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/testenv"
)

// endless serves pages of 100 rows that never end, and counts them.
func endless(pages *atomic.Int32) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		pages.Add(1)
		page := r.URL.Query().Get("page_number")
		rows := strings.Repeat(`,{"id":"`+page+`","paykey":"secret-of-a-row","new_member":1}`, 100)[1:]
		rw.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(rw, `{"data":[%s],"meta":{"page_number":%s,"page_size":100,"total_pages":1000000},"response_type":"array"}`, rows, page)
	}
}

// TestAllIsLazy: a page is fetched when its first row is asked for, and none after the last row of --limit. The rows are
// those that were sent, with what no type knows.
func TestAllIsLazy(t *testing.T) {
	for limit, want := range map[string]int32{"1": 1, "100": 1, "101": 2, "250": 3} {
		w, pages := newWorld(t), atomic.Int32{}
		w.server(endless(&pages))
		r := w.run("", "straddle", "payments", "list", "--all", "--limit", limit)
		require.Equal(t, 0, r.code, r.stderr)
		assert.Equal(t, want, pages.Load(), limit)
		assert.Equal(t, limit, fmt.Sprint(strings.Count(r.stdout, "\n")))
		assert.Contains(t, r.stdout, `"new_member":1`)
	}
	w, pages := newWorld(t), atomic.Int32{}
	w.server(endless(&pages))
	r := w.run("", "straddle", "payments", "list", "--all", "--limit", "2", "--transform", "id", "--redact")
	assert.Equal(t, "\"1\"\n\"1\"\n", r.stdout)
	r = w.run("", "straddle", "payments", "list", "--all", "--limit", "2", "--redact")
	assert.NotContains(t, r.stdout, "secret-of-a-row")
	for _, flags := range []string{"--all --limit -1", "--all --format yaml"} {
		r = w.run("", strings.Fields("straddle payments list "+flags)...)
		assert.Equal(t, 2, r.code, flags)
	}
}

// TestAllStopsWithItsReader: that nobody reads any more ends --all as if it were through.
func TestAllStopsWithItsReader(t *testing.T) {
	testenv.Programs(t, "bash")
	w, pages := newWorld(t), atomic.Int32{}
	w.server(endless(&pages))
	out, err := w.shell("bash", "--norc", "-euo", "pipefail", "-c", "fintoken straddle payments list --all | head -n 1")
	require.NoError(t, err, out)
	assert.Equal(t, 1, strings.Count(out, "\n"), out)
}
