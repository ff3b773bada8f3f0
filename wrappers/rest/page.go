package rest

import (
	"context"
	"iter"
	"net/http"
)

// PageMeta is where a page is among all. What the provider did not say is 0.
type PageMeta struct {
	// Number is the page, from 1, and Size how many rows a page has.
	Number, Size int64
	// TotalPages and TotalItems count all pages and their rows, at the time of the response.
	TotalPages, TotalItems int64
}

// Page is one page of a list.
type Page[T any] struct {
	// Items are the rows.
	Items []T
	// PageMeta is where the page is among all.
	PageMeta
	// Meta is what the envelope told.
	Meta Meta
}

// last reports whether no page comes after p, which is page n. Where the provider counts no pages, a short one is the last.
func (p *Page[T]) last(n int64) bool {
	if p.TotalPages > 0 {
		return n >= p.TotalPages
	}
	return p.Size > 0 && int64(len(p.Items)) < p.Size
}

// CallPage is [Call] for an operation whose payload is a page.
func CallPage[T any](ctx context.Context, op *Operation, check error, opts []Option, send func(context.Context) (*http.Response, error)) (*Page[T], error) {
	items, meta, err := exchangeMeta[[]T](ctx, op, check, opts, send)
	if err != nil {
		return nil, err
	}
	return &Page[T]{Items: *items, PageMeta: meta.Page, Meta: meta}, nil
}

// All goes through the rows of all pages, from page first on, which is 1 if it is 0. A page is fetched when its first row is
// asked for, and let go of when the next one is. It ends after the last page, at an empty one, when the loop ends, and with
// the first error, such as that of ctx, which it yields once. A response with another page than the one that was asked for
// is an error that is [ErrBadResponse]: the loop would never end.
//
// Rows that come and go meanwhile move the others: one may be seen twice, or not at all.
func All[T any](ctx context.Context, first int64, fetch func(ctx context.Context, page int64) (*Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for n := max(first, 1); ; n++ {
			p, err := fetch(ctx, n)
			if err == nil && p.Number != 0 && p.Number != n {
				err = BadField("meta.page_number", "is that of another page")
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range p.Items {
				if !yield(row, nil) {
					return
				}
			}
			if len(p.Items) == 0 || p.last(n) {
				return
			}
		}
	}
}
