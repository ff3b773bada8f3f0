// How fixtures and snapshots get into a fake: all that is in them, or nothing.

package engine

import (
	"fmt"
	"reflect"
	"regexp"
)

// FixtureLimit is how many of each kind a fake takes.
const FixtureLimit = 10_000

// Add puts fixtures into the fakes, all of them or none. fixtures returns those of a provider.
func (e *Engine) Add(fixtures func(name string) any) error {
	e.swap.Lock()
	defer e.swap.Unlock()
	defer e.hooks.rearm()
	a, fakes := newAdding(), e.fakes()
	for _, f := range fakes {
		f.Lock()
	}
	defer func() {
		for _, f := range fakes {
			f.Unlock()
		}
	}()
	for i, f := range fakes {
		f.Add(a, fixtures(e.config.Providers[i].Name))
	}
	if a.err != nil {
		return a.err
	}
	a.done()
	return nil
}

// Adding collects what is to be put into the state, and the first thing that is wrong.
type Adding struct {
	err  error
	puts []func()
	more map[uintptr]int // how many go into each map
}

func newAdding() *Adding { return &Adding{more: map[uintptr]int{}} }

func (a *Adding) done() {
	for _, put := range a.puts {
		put()
	}
}

// Require notes the first rule that does not hold.
func (a *Adding) Require(holds bool, field, rule string, args ...any) {
	if !holds && a.err == nil {
		a.err = Invalid(field, rule, args...)
	}
}

// Put adds one entry to a map when everything is all right.
func Put[K comparable, V any](a *Adding, into map[K]V, key K, value V, field string) {
	_, there := into[key]
	a.Require(!there, field, "is there already")
	to := reflect.ValueOf(into).Pointer()
	a.more[to]++
	a.Require(len(into)+a.more[to] <= FixtureLimit, field, "is one too many: there can be %d of them", FixtureLimit)
	a.puts = append(a.puts, func() { into[key] = value })
}

// PutBounded adds one entry to a map that forgets when everything is all right. It makes room for what comes in, but not
// within one lot of fixtures.
func PutBounded[K comparable, V any](a *Adding, into *Bounded[K, V], key K, value V, field string) {
	_, there := into.Get(key)
	a.Require(!there, field, "is there already")
	to := reflect.ValueOf(into).Pointer()
	a.more[to]++
	a.Require(a.more[to] <= into.limit, field, "is one too many: there can be %d of them", into.limit)
	a.puts = append(a.puts, func() { into.Put(key, value) })
}

var (
	uuidForm   = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)
	bearerForm = regexp.MustCompile(`^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$`) // what a header can carry; a page has a key with spaces
)

// Sendable reports whether a header can carry a text as a bearer.
func Sendable(text string) bool { return bearerForm.MatchString(text) }

// Text requires a length.
func (a *Adding) Text(field, value string, low, high int) {
	n := len([]rune(value))
	a.Require(n >= low && n <= high, field, "must have %d to %d characters", low, high)
}

// Visible requires what a header can carry, of 1 to 255 characters.
func (a *Adding) Visible(field, value string) {
	a.Require(Sendable(value), field, "must be visible ASCII, with spaces inside at most")
	a.Text(field, value, 1, 255)
}

// IsUUID reports whether a text has the form of a UUID.
func IsUUID(text string) bool { return uuidForm.MatchString(text) }

// UUID requires one that is no magic value.
func (a *Adding) UUID(field, value string) {
	a.Require(IsUUID(value), field, "must be a UUID")
	a.Plain(field, value)
}

// Plain refuses a magic value.
func (a *Adding) Plain(field, id string) {
	a.Require(MagicStatus(id) == 0, field, "is a magic value")
}

// Once refuses what comes a second time among the fixtures.
func (a *Adding) Once(seen map[string]bool, key, field string) {
	a.Require(!seen[key], field, "comes twice")
	seen[key] = true
}

func indexed(field string, i int) string { return fmt.Sprintf("%s[%d]", field, i) }
