package rest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// row is an item of the lists.
type row struct {
	ID int `json:"id"`
}

// pagedAPI has an envelope with the meta of pages.
var pagedAPI = &API{Provider: "acme", Open: func(body []byte) (data []byte, m Meta, err error) {
	err = Members(body, func(name, value []byte) error {
		switch string(name) {
		case "data":
			data = value
		case "id":
			return Text("id", value, &m.RequestID)
		case "page":
			return Int("page", value, &m.PageNumber)
		case "size":
			return Int("size", value, &m.PageSize)
		case "pages":
			return Int("pages", value, &m.TotalPages)
		case "items":
			return Int("items", value, &m.TotalItems)
		}
		return nil
	})
	return data, m, err
}}

var listRows = &Operation{API: pagedAPI, Name: "listRows", Method: http.MethodGet, Path: "/rows", Repeat: RepeatFreely}

// rowsOf returns the answer of a page with the rows from..to and the other members of the envelope.
func rowsOf(from, to int, meta string) string {
	var rows []string
	for id := from; id <= to; id++ {
		rows = append(rows, fmt.Sprintf(`{"id":%d}`, id))
	}
	return `{"data":[` + strings.Join(rows, ",") + `],"id":"r` + strconv.Itoa(from) + `"` + meta + `}`
}

// allRows lists what a server answers with, one answer after the other, the last one from then on.
func allRows(ctx context.Context, t *testing.T, first int, answers ...string) (iter.Seq2[row, error], *wire) {
	t.Helper()
	client, w := newWire(t, Config{}, func(n int, _ *http.Request) (*http.Response, error) {
		return reply(http.StatusOK, answers[min(n, len(answers))-1]), nil
	})
	return Pages(ctx, first, func(ctx context.Context, page int) (*Page[row], error) {
		return CallPage[row](ctx, listRows, nil, nil, func(ctx context.Context) (*http.Response, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%srows?page=%d", client.BaseURL(), page), nil)
			if err != nil {
				return nil, err
			}
			return client.Do(req)
		})
	}), w
}

// collect returns the ids, and the errors in the order in which they came.
func collect(all iter.Seq2[row, error]) (ids []int, errs []error) {
	for r, err := range all {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		ids = append(ids, r.ID)
	}
	return ids, errs
}

func TestCallPage(t *testing.T) {
	client, _ := newWire(t, Config{}, always(200, rowsOf(3, 4, `,"page":2,"size":2,"pages":3,"items":5`)))
	var info Info
	page, err := CallPage[row](t.Context(), listRows, nil, []Option{Capture(&info)}, func(ctx context.Context) (*http.Response, error) {
		req, _ := http.NewRequestWithContext(ctx, http.MethodGet, client.BaseURL()+"rows", nil)
		return client.Do(req)
	})
	require.NoError(t, err)
	assert.Equal(t, []row{{3}, {4}}, page.Items)
	assert.Equal(t, Meta{RequestID: "r3", Paging: Paging{PageNumber: 2, PageSize: 2, TotalPages: 3, TotalItems: 5}}, page.Meta)
	assert.Equal(t, page.Meta, info.Meta)

	_, err = CallPage[row](t.Context(), listRows, Invalid("page_size", "must be positive"), nil, nil)
	assert.Equal(t, "page_size", failure(t, err).Field)
}

// What ends a list, and what servers say that cannot be. The last answer would come again and again.
func TestPages(t *testing.T) {
	const lie = "is not that of the page that was asked for"
	for _, c := range []struct {
		name    string
		first   int
		answers []string
		ids     []int
		sent    int
		rule    string
	}{
		{name: "by the total of pages", answers: []string{rowsOf(1, 2, `,"page":1,"pages":2`), rowsOf(3, 3, `,"page":2,"pages":2`)}, ids: []int{1, 2, 3}, sent: 2},
		{name: "one page", answers: []string{rowsOf(1, 2, `,"page":1,"pages":1`)}, ids: []int{1, 2}, sent: 1},
		{name: "from another page on", first: 2, answers: []string{rowsOf(3, 4, `,"page":2,"pages":2`)}, ids: []int{3, 4}, sent: 1},
		{name: "by the total of items", answers: []string{rowsOf(1, 2, `,"page":1,"size":2,"items":3`), rowsOf(3, 3, `,"page":2,"size":2,"items":3`)}, ids: []int{1, 2, 3}, sent: 2},
		{name: "a full last page, by the total of items", answers: []string{rowsOf(1, 2, `,"size":2,"items":2`)}, ids: []int{1, 2}, sent: 1},
		{name: "nothing told, to the empty page", answers: []string{rowsOf(1, 2, ""), rowsOf(3, 3, ""), rowsOf(1, 0, "")}, ids: []int{1, 2, 3}, sent: 3},
		{name: "its size alone told", answers: []string{rowsOf(1, 2, `,"size":2`), rowsOf(3, 3, `,"size":2`), rowsOf(1, 0, `,"size":2`)}, ids: []int{1, 2, 3}, sent: 3},
		{name: "empty, and says to be another", answers: []string{rowsOf(1, 0, `,"page":7,"pages":9`)}, sent: 1},
		{name: "does not advance, no total told", answers: []string{rowsOf(1, 1, `,"page":1`), rowsOf(2, 2, `,"page":1`)}, ids: []int{1}, sent: 2, rule: lie},
		{name: "no items", answers: []string{rowsOf(1, 0, `,"page":1,"pages":0`)}, sent: 1},
		{name: "empty before the end", answers: []string{rowsOf(1, 2, `,"page":1,"pages":9`), rowsOf(1, 0, `,"page":2,"pages":9`)}, ids: []int{1, 2}, sent: 2},
		{name: "grows meanwhile", answers: []string{rowsOf(1, 1, `,"page":1,"pages":2`), rowsOf(2, 2, `,"page":2,"pages":3`), rowsOf(3, 3, `,"page":3,"pages":3`)}, ids: []int{1, 2, 3}, sent: 3},
		{name: "shrinks meanwhile", answers: []string{rowsOf(1, 1, `,"page":1,"pages":3`), rowsOf(2, 2, `,"page":2,"pages":1`)}, ids: []int{1, 2}, sent: 2},
		{name: "shrinks, and gives the last page instead", answers: []string{rowsOf(1, 1, `,"page":1,"pages":2`), rowsOf(1, 1, `,"page":1,"pages":1`)}, ids: []int{1}, sent: 2},
		{name: "shrinks, without a number", answers: []string{rowsOf(1, 1, `,"page":1,"pages":2`), rowsOf(2, 2, `,"pages":1`)}, ids: []int{1, 2}, sent: 2},
		{name: "does not advance", answers: []string{rowsOf(1, 1, `,"page":1,"pages":3`), rowsOf(2, 2, `,"page":1,"pages":3`)}, ids: []int{1}, sent: 2, rule: lie},
		{name: "leaves out a page", answers: []string{rowsOf(1, 1, `,"page":1,"pages":3`), rowsOf(2, 2, `,"page":3,"pages":3`)}, ids: []int{1}, sent: 2, rule: lie},
		{name: "another first page", first: 2, answers: []string{rowsOf(1, 1, `,"page":1,"pages":3`)}, sent: 1, rule: lie},
		{name: "a negative number", answers: []string{rowsOf(1, 1, `,"page":-1,"pages":3`)}, sent: 1, rule: lie},
		{name: "a page once more", answers: []string{rowsOf(1, 1, `,"page":1,"pages":3`), rowsOf(1, 1, `,"page":2,"pages":3`)}, ids: []int{1}, sent: 2, rule: "the page is the one before once more"},
		{name: "the same page for ever, nothing told", answers: []string{rowsOf(1, 2, "")}, ids: []int{1, 2}, sent: 2, rule: "the page is the one before once more"},
		{name: "not a list", answers: []string{rowsOf(1, 1, `,"page":1,"pages":2`), `{"data":{"id":2},"id":"r2"}`}, ids: []int{1}, sent: 2, rule: "has another JSON type than promised"},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, w := allRows(t.Context(), t, c.first, c.answers...)
			ids, errs := collect(all)
			assert.Equal(t, c.ids, ids)
			require.Len(t, w.sent, c.sent)
			for i, r := range w.sent {
				assert.Equal(t, strconv.Itoa(max(c.first, 1)+i), r.URL.Query().Get("page"))
			}
			if c.rule == "" {
				assert.Empty(t, errs)
				return
			}
			require.Len(t, errs, 1)
			e := failure(t, errs[0])
			assert.Equal(t, c.rule, e.Message)
			assert.ErrorIs(t, e, ErrBadResponse)
			assert.Regexp(t, "^r[0-9]$", e.RequestID)
			assert.Equal(t, "acme listRows", e.Provider+" "+e.Operation)
		})
	}
}

// A list is read as far as it is used.
func TestPagesAreLazy(t *testing.T) {
	all, w := allRows(t.Context(), t, 0, rowsOf(1, 2, `,"page":1,"pages":2`), rowsOf(3, 4, `,"page":2,"pages":2`))
	assert.Empty(t, w.sent)
	for r, err := range all {
		require.NoError(t, err)
		if r.ID == 2 {
			break
		}
	}
	assert.Len(t, w.sent, 1, "no page that nobody asked for")
}

func TestPagesStartAnew(t *testing.T) {
	page := &Page[row]{Items: []row{{1}}, Meta: Meta{Paging: Paging{TotalPages: 1}}}
	all := Pages(t.Context(), 1, func(context.Context, int) (*Page[row], error) { return page, nil })
	for range 2 {
		ids, errs := collect(all)
		assert.Equal(t, []int{1}, ids)
		assert.Empty(t, errs)
	}
}

func TestPagesEndWithTheContext(t *testing.T) {
	t.Run("between items", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		own := errors.New("the caller's reason")
		all, w := allRows(ctx, t, 0, rowsOf(1, 3, `,"page":1,"pages":2`))
		var ids []int
		var errs []error
		for r, err := range all {
			if err != nil {
				errs = append(errs, err)
				continue
			}
			ids = append(ids, r.ID)
			cancel(own)
		}
		assert.Equal(t, []int{1}, ids)
		require.Len(t, errs, 1)
		e := failure(t, errs[0])
		assert.ErrorIs(t, e, context.Canceled)
		assert.ErrorIs(t, e, own)
		assert.NotErrorIs(t, e, ErrUnavailable)
		assert.Equal(t, "acme: listRows: the call was canceled, between the items of a page", e.Error())
		assert.Len(t, w.sent, 1)
	})
	t.Run("by its deadline", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			all, _ := allRows(ctx, t, 0, rowsOf(1, 3, `,"page":1,"pages":2`))
			var last error
			for _, err := range all {
				last = err
				time.Sleep(time.Second)
			}
			assert.ErrorIs(t, last, context.DeadlineExceeded)
			assert.ErrorIs(t, last, ErrUnavailable)
		})
	})
	t.Run("before it begins", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		all, w := allRows(ctx, t, 0, rowsOf(1, 3, ""))
		ids, errs := collect(all)
		assert.Empty(t, ids)
		require.Len(t, errs, 1)
		assert.ErrorIs(t, errs[0], context.Canceled)
		assert.Empty(t, w.sent)
	})
}

func TestPagesOfAFetchWithoutAny(t *testing.T) {
	_, errs := collect(Pages(t.Context(), 1, func(context.Context, int) (*Page[row], error) { return nil, nil })) //nolint:nilnil // that is the point
	require.Len(t, errs, 1)
	assert.ErrorIs(t, errs[0], ErrBadResponse)
}

// However long a list is, no page stays behind, and a row costs no memory beyond its page.
func TestPagesAreNotKept(t *testing.T) {
	const pages = 6
	var kept []weak.Pointer[Page[row]]
	rows := 0
	for _, err := range Pages(t.Context(), 1, func(_ context.Context, n int) (*Page[row], error) {
		runtime.GC()
		if n > 2 {
			assert.Nil(t, kept[n-3].Value(), "page %d is still there when page %d is fetched", n-2, n)
		}
		p := &Page[row]{Items: make([]row, 1000), Meta: Meta{Paging: Paging{PageNumber: n, TotalPages: pages}}}
		kept = append(kept, weak.Make(p))
		return p, nil
	}) {
		require.NoError(t, err)
		rows++
	}
	assert.Equal(t, pages*1000, rows)
}

func TestPagesDoNotAllocateByRow(t *testing.T) {
	page := &Page[row]{Items: make([]row, 1000)}
	allocations := func(pages int) float64 {
		return testing.AllocsPerRun(3, func() {
			rows := 0
			for _, err := range Pages(t.Context(), 1, func(_ context.Context, n int) (*Page[row], error) {
				page.PageNumber, page.TotalPages = n, pages
				return page, nil
			}) {
				if err != nil {
					t.Error(err)
				}
				rows++
			}
			if rows != pages*1000 {
				t.Errorf("%d rows of %d pages", rows, pages)
			}
		})
	}
	assert.InDelta(t, allocations(1), allocations(1000), 0, "a million rows cost no more than a thousand")
}
