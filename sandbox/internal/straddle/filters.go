// Lists of payments and funding events: what is left out, and in which order the rest comes.

package straddle

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// filters are parameters of a query that leave something out, by name: from the values of one follows what it keeps. A
// parameter that is not given costs nothing.
type filters[T any] map[string]func(values []string) func(*T) bool

// of returns what a call wants to keep.
func (f filters[T]) of(c *engine.Call) func(*resource[T]) bool {
	var keeps []func(*T) bool
	for name := range c.R.URL.Query() {
		if list := slices.DeleteFunc(values(c, name), func(v string) bool { return v == "" }); f[name] != nil && len(list) > 0 {
			keeps = append(keeps, f[name](list))
		}
	}
	return func(r *resource[T]) bool {
		return !slices.ContainsFunc(keeps, func(keep func(*T) bool) bool { return !keep(&r.Value) })
	}
}

// among keeps what has one of the values. Ids are in small letters.
func anyOf[T any, S ~string](get func(*T) S) func([]string) func(*T) bool {
	return func(values []string) func(*T) bool {
		return func(v *T) bool {
			has := string(get(v))
			return slices.ContainsFunc(values, func(value string) bool { return value == has || engine.Lower(value) == has })
		}
	}
}

// has keeps what has a text in one of its own, be it in capitals.
func has[T any](texts func(*T) []string) func([]string) func(*T) bool {
	return func(values []string) func(*T) bool {
		wanted := strings.ToLower(strings.Join(values, ",")) // a text may have a comma
		return func(v *T) bool {
			return slices.ContainsFunc(texts(v), func(text string) bool { return strings.Contains(strings.ToLower(text), wanted) })
		}
	}
}

// atLeast and atMost keep what is not below or above a date or the like. What has none is not kept.
func atLeast[T any, S ~string](get func(*T) S) func([]string) func(*T) bool {
	return bounded(get, func(text string) S { return S(text) }, func(has, bound S) bool { return has >= bound })
}

func atMost[T any, S ~string](get func(*T) S) func([]string) func(*T) bool {
	return bounded(get, func(text string) S { return S(text) }, func(has, bound S) bool { return has <= bound })
}

// notBefore and notAfter keep by time.
func notBefore[T any](get func(*T) time.Time) func([]string) func(*T) bool {
	return bounded(get, timeOf, func(has, bound time.Time) bool { return !has.Before(bound) })
}

func notAfter[T any](get func(*T) time.Time) func([]string) func(*T) bool {
	return bounded(get, timeOf, func(has, bound time.Time) bool { return !has.After(bound) })
}

func bounded[T any, V comparable](get func(*T) V, read func(string) V, keep func(has, bound V) bool) func([]string) func(*T) bool {
	return func(values []string) func(*T) bool {
		var none V
		bound := read(values[0])
		return func(v *T) bool {
			has := get(v)
			return has != none && keep(has, bound)
		}
	}
}

func timeOf[S ~string](text S) time.Time {
	at, _ := straddleapi.Timestamp(text).Time() // the document has seen it
	return at
}

// dateOf is the date of a time, in UTC.
func dateOf(t straddleapi.Timestamp) string { return string(t[:len(time.DateOnly)]) }

// orders are what a list can be ordered by, by the value of sort_by.
type orders[T any] map[string]func(a, b *resource[T]) int

func by[T any, V cmp.Ordered](get func(*T) V) func(a, b *resource[T]) int {
	return func(a, b *resource[T]) int { return cmp.Compare(get(&a.Value), get(&b.Value)) }
}

// shownPage returns the page of resources that a call asks for, in its order, as rows. What is equal comes by its age.
func shownPage[T, Row any](c *engine.Call, all []*resource[T], in orders[T], row func(*resource[T]) Row) engine.Answer {
	query := c.R.URL.Query()
	sortBy := cmp.Or(query.Get("sort_by"), query.Get("default_sort"), "id")
	if in[sortBy] == nil { // platforms may ask for anything
		sortBy = "id"
	}
	slices.SortStableFunc(all, in[sortBy])
	a := pageOf(c, all, sortBy)
	p := a.Data.(page)
	rows := []Row{}
	for _, r := range p.rows.([]*resource[T]) {
		rows = append(rows, row(r))
	}
	p.rows = rows
	a.Data = p
	return a
}
