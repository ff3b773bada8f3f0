// What customers and paykeys have in common: how calls name them, their checks, and how they are looked for.

package straddle

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// checksTake is how long checks take that are not made inside of the call. Nothing is published; those of payments were seen
// to take 3 to 9 seconds.
const checksTake = 5 * time.Second

// checkedLater reports whether the checks go on after the call. By the names of the methods, inline ones are over by then and
// background ones are not. Without a method an outcome that was asked for was there at once, and real checks took a while.
func checkedLater(method straddleapi.PaykeyProcessingMode, standard bool) bool {
	return method == straddleapi.PaykeyProcessingModeBackground || method == "" && standard
}

// on makes a handler of what answers calls about a resource that their path names.
func on[T any](all shelf[T], what string, then func(c *engine.Call, r *resource[T]) engine.Verdict) engine.Handler {
	return onParam("id", all.find, what, then)
}

// onParam is on for another parameter of the path, and for what is found in another way.
func onParam[T any](param string, find func(c *engine.Call, id string) *resource[T], what string, then func(c *engine.Call, r *resource[T]) engine.Verdict) engine.Handler {
	return func(c *engine.Call) engine.Verdict {
		id := c.Param(param)
		if status := engine.MagicStatus(id); status != 0 {
			return engine.Refused(c.Magic(status))
		}
		if r := find(c, id); r != nil {
			return then(c, r)
		}
		return notFound(c, what)
	}
}

// reading answers with a view of a resource.
func reading[T any](view func(r *resource[T]) any) func(*engine.Call, *resource[T]) engine.Verdict {
	return func(_ *engine.Call, r *resource[T]) engine.Verdict {
		return doing(http.StatusOK, func() any { return view(r) })
	}
}

// doing is the verdict on a call that is answered with what do returns.
func doing(status int, do func() any) engine.Verdict {
	return engine.Accepted(func() engine.Answer { return engine.Answer{Status: status, Data: do()} })
}

// among returns a filter by a parameter with several values: without one, everything passes.
func among[S ~string](c *engine.Call, name string) func(S) bool {
	list := values(c, name)
	return func(value S) bool { return len(list) == 0 || slices.Contains(list, string(value)) }
}

// equal returns a filter by a parameter with one value, in which capitals make no difference.
func equal(c *engine.Call, name string) func(string) bool {
	want := engine.Lower(c.R.URL.Query().Get(name))
	return func(value string) bool { return want == "" || engine.Lower(value) == want }
}

// containing returns a filter by a parameter with a part of one of some texts.
func containing(c *engine.Call, name string) func(...string) bool {
	part := engine.Lower(c.R.URL.Query().Get(name))
	return func(texts ...string) bool {
		return part == "" || slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(engine.Lower(text), part) })
	}
}

// created returns a filter by the time of creation, of the parameters created_from and created_to.
func created(c *engine.Call) func(time.Time) bool {
	query := c.R.URL.Query()
	from, _ := time.Parse(time.RFC3339, query.Get("created_from")) // the document has seen them
	to, err := time.Parse(time.RFC3339, query.Get("created_to"))
	return func(made time.Time) bool { return !made.Before(from) && (err != nil || !made.After(to)) }
}
