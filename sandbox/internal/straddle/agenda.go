// What is to happen by itself, and when.

package straddle

import (
	"slices"
	"time"
)

// dueLimit is how much a snapshot may have of it: a few things for each resource.
const dueLimit = 100_000

// due is something that happens to a resource when its time has come.
type due struct {
	At   time.Time `json:"at"`
	What string    `json:"what"` // see happenings
	ID   string    `json:"id"`   // of the resource
}

// agenda is what is due, the earliest first.
type agenda struct{ list []due }

// add notes something. What is due at the same time happens in the order in which it was noted.
func (a *agenda) add(d due) {
	at, _ := slices.BinarySearchFunc(a.list, d, func(other, d due) int {
		if other.At.After(d.At) {
			return 1
		}
		return -1
	})
	a.list = slices.Insert(a.list, at, d)
}

// drop forgets what is due of a kind, or of all kinds where what is empty, for a resource.
func (a *agenda) drop(what, id string) {
	a.list = slices.DeleteFunc(a.list, func(d due) bool { return d.ID == id && (what == "" || d.What == what) })
}

// next takes out what is due at a time, the earliest of it, and reports whether there was something.
func (a *agenda) next(now time.Time) (due, bool) {
	if len(a.list) == 0 || a.list[0].At.After(now) {
		return due{}, false
	}
	d := a.list[0]
	a.list = slices.Delete(a.list, 0, 1)
	return d, true
}

// happenings are what can be due, by name. Each is called with the id of the resource, which may be gone, and with the time
// when it was due.
func (s *Fake) happenings() map[string]func(id string, at time.Time) {
	return map[string]func(id string, at time.Time){
		"payment":      s.paymentDue,
		"transfer":     s.transferDue,
		"funding":      s.fundingDue,
		customerChecks: s.customerChecked,
		paykeyChecks:   s.paykeyChecked,
		balanceRead:    s.balanceRead,
	}
}
