package rest

import (
	"context"
	"errors"
	"hash/maphash"
	"iter"
	"net/http"
	"sync"
)

// Page is one page of a list, and what the provider told about it.
type Page[T any] struct {
	// Items are the items of the page, in the provider's order.
	Items []T
	Meta

	op  *Operation
	sum uint64 // of the items as they came; 0 if that is not known
}

// Paging is where a page stands in its list. What the provider did not tell is 0.
type Paging struct {
	// PageNumber counts from 1.
	PageNumber int
	// PageSize is how many items a page has at most.
	PageSize int
	// TotalPages and TotalItems are those of the whole list, at the time of the answer.
	TotalPages, TotalItems int
}

// isLast reports whether nothing follows page n.
func (p Paging) isLast(n int) bool {
	switch {
	case p.TotalPages > 0:
		return n >= p.TotalPages
	case p.TotalItems > 0 && p.PageSize > 0:
		return n >= (p.TotalItems+p.PageSize-1)/p.PageSize
	}
	return false
}

// CallPage is [Call] for an operation whose payload is a list of T, one page of it.
func CallPage[T any](ctx context.Context, op *Operation, check error, opts []Option, send func(context.Context) (*http.Response, error)) (*Page[T], error) {
	list, meta, err := run[listOf[T]](ctx, op, check, opts, send)
	if err != nil {
		return nil, err
	}
	return &Page[T]{Items: list.items, Meta: meta, op: op, sum: list.sum}, nil
}

// listOf is the payload of a page.
type listOf[T any] struct {
	items []T
	sum   uint64
}

// read reads the items and takes their sum.
func (l *listOf[T]) read(data []byte, small bool) error {
	l.sum = maphash.Bytes(seed(), data)
	return unmarshal(data, &l.items, small)
}

var seed = sync.OnceValue(maphash.MakeSeed)

// Pages returns the items of all pages from the page first on; 0 means 1. It fetches a page when its first item is asked
// for, and holds one at a time. Ranging over it again starts anew.
//
// It ends after the last page by what the provider tells, and after an empty one. Pages may be added or removed meanwhile:
// then items can be missed or come twice, as the provider counts pages and not items. It ends with an error, once, when a
// fetch fails, when ctx ends, or when the answers cannot be the pages of a list: one has another number than was asked for,
// or the same content as the page before. Such an error is [ErrBadResponse].
func Pages[T any](ctx context.Context, first int, fetch func(ctx context.Context, page int) (*Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var sum uint64
		for n := max(first, 1); ; n++ {
			page, err := fetch(ctx, n)
			if err == nil {
				err = page.follows(n, sum)
			}
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range page.itemsOf(n) {
				if ctx.Err() != nil {
					yield(none, page.cut(ctx))
					return
				}
				if !yield(item, nil) {
					return
				}
			}
			if len(page.Items) == 0 || page.isLast(n) {
				return
			}
			sum = page.sum
		}
	}
}

// follows refuses a page that cannot be page n, after one with that sum.
func (p *Page[T]) follows(n int, sum uint64) error {
	switch {
	case p == nil:
		return Bad("there is no page")
	case p.beyond(n), len(p.Items) == 0:
		return nil
	case p.PageNumber != 0 && p.PageNumber != n:
		return p.bad("page_number", "is not that of the page that was asked for")
	case p.sum != 0 && p.sum == sum:
		return p.bad("", "the page is the one before once more")
	}
	return nil
}

// beyond reports whether p is another page, given in the place of a page n that is there no longer.
func (p *Page[T]) beyond(n int) bool {
	return p.PageNumber != 0 && p.PageNumber != n && p.TotalPages > 0 && n > p.TotalPages
}

// itemsOf returns the items of page n.
func (p *Page[T]) itemsOf(n int) []T {
	if p.beyond(n) {
		return nil
	}
	return p.Items
}

// bad returns the error of a page that breaks a rule.
func (p *Page[T]) bad(field, rule string) error {
	return p.named(&Error{Field: field, Message: rule, RequestID: p.RequestID, kinds: []error{ErrBadResponse}})
}

// cut returns the error of a list that ended with ctx.
func (p *Page[T]) cut(ctx context.Context) error {
	cause := ended(ctx)
	e := &Error{Message: describe(cause) + ", between the items of a page", cause: hide(cause)}
	if errors.Is(cause, context.DeadlineExceeded) {
		e.kinds = []error{ErrUnavailable}
	}
	return p.named(e)
}

// named gives e the name of the call.
func (p *Page[T]) named(e *Error) error {
	if p.op != nil {
		e.Provider, e.Operation = p.op.API.Provider, p.op.Name
	}
	return e
}
