package rest_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// book returns pages of two rows and how often one was fetched. The rows are numbers, from 1.
func book(rows int, change func(p *rest.Page[int])) (fetch func(context.Context, int64) (*rest.Page[int], error), fetched *[]int64) {
	fetched = new([]int64)
	return func(ctx context.Context, n int64) (*rest.Page[int], error) {
		*fetched = append(*fetched, n)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := &rest.Page[int]{PageMeta: rest.PageMeta{Number: n, Size: 2, TotalPages: int64(rows+1) / 2, TotalItems: int64(rows)}}
		for i := 2*int(n) - 1; i <= min(2*int(n), rows); i++ {
			p.Items = append(p.Items, i)
		}
		if change != nil {
			change(p)
		}
		return p, nil
	}, fetched
}

func TestAllPages(t *testing.T) {
	for name, c := range map[string]struct {
		rows    int
		first   int64
		change  func(p *rest.Page[int])
		want    []int
		fetched []int64
	}{
		"no row":               {0, 0, nil, nil, []int64{1}},
		"half a page":          {1, 0, nil, []int{1}, []int64{1}},
		"one page":             {2, 0, nil, []int{1, 2}, []int64{1}},
		"three pages":          {5, 1, nil, []int{1, 2, 3, 4, 5}, []int64{1, 2, 3}},
		"from the second page": {5, 2, nil, []int{3, 4, 5}, []int64{2, 3}},
		"beyond the last page": {5, 9, nil, nil, []int64{9}},
		"no count of pages, a short page": {
			5, 0, func(p *rest.Page[int]) { p.TotalPages = 0 },
			[]int{1, 2, 3, 4, 5}, []int64{1, 2, 3},
		},
		"no count of pages, a full page": {
			4, 0, func(p *rest.Page[int]) { p.TotalPages = 0 },
			[]int{1, 2, 3, 4}, []int64{1, 2, 3},
		},
		"nothing is said": {
			3, 0, func(p *rest.Page[int]) { p.PageMeta = rest.PageMeta{} },
			[]int{1, 2, 3}, []int64{1, 2, 3},
		},
		"fewer pages than were said": {
			3, 0, func(p *rest.Page[int]) { p.TotalPages = 9 },
			[]int{1, 2, 3}, []int64{1, 2, 3},
		},
		"fewer pages while it reads": {
			6, 0, func(p *rest.Page[int]) { p.TotalPages = 4 - p.Number },
			[]int{1, 2, 3, 4}, []int64{1, 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			fetch, fetched := book(c.rows, c.change)
			for range 2 { // it can be read again
				var got []int
				*fetched = nil
				for row, err := range rest.All(t.Context(), c.first, fetch) {
					require.NoError(t, err)
					got = append(got, row)
				}
				assert.Equal(t, c.want, got)
				assert.Equal(t, c.fetched, *fetched)
			}
		})
	}
}

// A page is fetched when its first row is asked for.
func TestAllIsLazy(t *testing.T) {
	fetch, fetched := book(100, nil)
	rows := rest.All(t.Context(), 0, fetch)
	assert.Empty(t, *fetched)
	for row, err := range rows {
		require.NoError(t, err)
		if row == 3 {
			break
		}
	}
	assert.Equal(t, []int64{1, 2}, *fetched)
}

// An error is yielded once and ends it, also the end of the context.
func TestAllEndsWithAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	fetch, _ := book(100, nil)
	var got []int
	var errs []error
	for row, err := range rest.All(ctx, 0, fetch) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if got = append(got, row); row == 2 {
			cancel()
		}
	}
	assert.Equal(t, []int{1, 2}, got)
	assert.Equal(t, []error{context.Canceled}, errs)
}

// A provider that answers with another page would never come to an end.
func TestAllRefusesAnotherPage(t *testing.T) {
	fetch, fetched := book(100, func(p *rest.Page[int]) { p.Number = 1 })
	var last error
	for _, err := range rest.All(t.Context(), 0, fetch) {
		last = err
	}
	require.ErrorIs(t, last, rest.ErrBadResponse)
	var e *rest.Error
	require.True(t, errors.As(last, &e))
	assert.Equal(t, "meta.page_number", e.Field)
	assert.Equal(t, []int64{1, 2}, *fetched)
}

// However many rows there are, one page at a time is held.
func TestAllHoldsOnePage(t *testing.T) {
	page := &rest.Page[int]{Items: make([]int, 1000), PageMeta: rest.PageMeta{TotalPages: 1000}}
	rows := 0
	n := testing.AllocsPerRun(1, func() {
		rows = 0
		for range rest.All(t.Context(), 0, func(context.Context, int64) (*rest.Page[int], error) { return page, nil }) {
			rows++
		}
	})
	assert.Equal(t, 1_000_000, rows)
	assert.Less(t, n, 100.0)
}
