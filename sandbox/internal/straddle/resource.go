// What resources have in common: they are of an account, are found by id, and are listed in pages.

package straddle

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// shelfLimit is how many resources of a kind are remembered.
const shelfLimit = 4_000

// resource is something that a call has made.
type resource[T any] struct {
	ID      string    `json:"id"`
	Account string    `json:"account,omitempty"` // that it belongs to; empty means that every call finds it
	Made    time.Time `json:"made"`
	Value   T         `json:"value"` // without a mask
}

// shelf is the resources of a kind, by id.
type shelf[T any] struct {
	*engine.Bounded[string, *resource[T]]
}

func newShelf[T any]() shelf[T] {
	return shelf[T]{engine.NewBounded[string, *resource[T]](shelfLimit)}
}

// put makes a resource of the call's account.
func (s shelf[T]) put(c *engine.Call, id string, value T) *resource[T] {
	r := &resource[T]{ID: id, Account: c.Scope, Made: c.Now.UTC(), Value: value}
	s.Put(id, r)
	return r
}

// find returns a resource that the call may see, or nil.
func (s shelf[T]) find(c *engine.Call, id string) *resource[T] {
	r, ok := s.Get(engine.Lower(id))
	if !ok || !sees(c, r.Account) {
		return nil
	}
	return r
}

// has reports whether there is a resource.
func (s shelf[T]) has(id string) bool {
	_, there := s.Get(id)
	return there
}

// visible returns the resources that the call may see and that keep passes, the oldest first.
func (s shelf[T]) visible(c *engine.Call, keep func(*resource[T]) bool) (list []*resource[T]) {
	for _, r := range s.All() {
		if sees(c, r.Account) && keep(r) {
			list = append(list, r)
		}
	}
	return list
}

// sees reports whether a call may see what belongs to an account.
func sees(c *engine.Call, account string) bool { return account == "" || account == c.Scope }

// The words of refusals that all resources have.

func notFound(c *engine.Call, what string) engine.Verdict {
	return engine.Refused(stError(c, http.StatusNotFound, "/not_found", "There is no such "+what))
}

func unprocessable(c *engine.Call, detail string, items ...stItem) engine.Verdict {
	return engine.Refused(stError(c, http.StatusUnprocessableEntity, "validation_error", detail, items...))
}

// page is the rows of an answer that is a page, and where it is among all.
type page struct {
	rows                any
	number, size, total int
	sortBy, sortOrder   string
}

// maxPageSize is the largest page there is, and usualPageSize that of a call that names none.
const (
	usualPageSize = 100
	maxPageSize   = 1000
)

// pageOf returns the page of rows that the call asks for. They are in the order of sortBy already, the first one first; in
// the descending order that a call may ask for the last one comes first.
func pageOf[T any](c *engine.Call, rows []T, sortBy string) engine.Answer {
	query := c.R.URL.Query()
	p := page{number: number(query.Get("page_number"), 1), size: min(number(cmp.Or(query.Get("page_size"), query.Get("default_page_size")), usualPageSize), maxPageSize), total: len(rows), sortBy: sortBy, sortOrder: "asc"}
	if cmp.Or(query.Get("sort_order"), query.Get("default_sort_order")) == "desc" {
		rows, p.sortOrder = slices.Clone(rows), "desc"
		slices.Reverse(rows)
	}
	from := min((p.number-1)*p.size, len(rows))
	p.rows = append([]T{}, rows[from:min(from+p.size, len(rows))]...)
	return engine.Answer{Status: http.StatusOK, Data: p}
}

// number reads a number that the document has seen, or takes the usual one.
func number(text string, usual int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return usual
	}
	return min(n, 1<<30)
}

// values returns the values of a parameter that may have several: given once for each, or as one list with commas.
func values(c *engine.Call, name string) (list []string) {
	for _, v := range c.R.URL.Query()[name] {
		list = append(list, strings.Split(v, ",")...)
	}
	return list
}

// stPageMeta is the meta of a page.
type stPageMeta struct {
	stMeta
	TotalItems  int    `json:"total_items"`
	PageNumber  int    `json:"page_number"`
	PageSize    int    `json:"page_size"`
	MaxPageSize int    `json:"max_page_size"`
	SortBy      string `json:"sort_by"`
	SortOrder   string `json:"sort_order"`
	TotalPages  int    `json:"total_pages"`
}

// stPage is the envelope of a page.
type stPage struct {
	Data         any        `json:"data"`
	Meta         stPageMeta `json:"meta"`
	ResponseType string     `json:"response_type"`
}

func (p page) envelope(c *engine.Call) *stPage {
	return &stPage{p.rows, stPageMeta{metaOf(c), p.total, p.number, p.size, maxPageSize, p.sortBy, p.sortOrder, (p.total + p.size - 1) / p.size}, "array"}
}
