// The rules for faults at work: which call meets which, each firing taken by one call alone.

package engine

import (
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// rules are the faults of a Sandbox. It is safe for many goroutines.
type rules struct {
	count atomic.Int64 // how many there are: without any, a call does not wait for the lock

	mu     sync.Mutex
	faults []*Fault
	made   int
	ids    *IDs
}

// faultPrefix begins the id of a rule; its number follows.
const faultPrefix = "fault-"

func (r *rules) add(f Fault) (Fault, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.faults) >= ruleLimit {
		return Fault{}, Invalid("faults", "must have at most %d rules", ruleLimit)
	}
	r.made++
	f.ID = faultPrefix + strconv.Itoa(r.made)
	f.Header = maps.Clone(f.Header)
	r.faults = append(r.faults, &f)
	r.count.Store(int64(len(r.faults)))
	return f, nil
}

func (r *rules) list() []Fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]Fault, len(r.faults))
	for i, f := range r.faults {
		all[i] = *f
	}
	return all
}

func (r *rules) remove(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.without(func(f *Fault) bool { return f.ID == id })
}

func (r *rules) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.without(func(*Fault) bool { return true })
}

func (r *rules) without(gone func(*Fault) bool) bool {
	before := len(r.faults)
	r.faults = slices.DeleteFunc(r.faults, gone)
	r.count.Store(int64(len(r.faults)))
	return len(r.faults) < before
}

// replace puts other rules in place of those that are there, and draws from another source.
func (r *rules) replace(faults []Fault, made int, ids *IDs) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faults, r.made, r.ids = nil, made, ids
	for _, f := range faults {
		r.faults = append(r.faults, &f)
	}
	r.count.Store(int64(len(r.faults)))
}

// firing is a rule that a call has met, with what was drawn for it.
type firing struct {
	Fault
	wait time.Duration
}

// is reports whether a fault is of a kind.
func (f *firing) is(kind FaultKind) bool { return f != nil && f.Kind == kind }

// id returns the rule of a fault, or nothing.
func (f *firing) id() string {
	if f == nil {
		return ""
	}
	return f.ID
}

// take returns the fault that a call meets, or nil.
func (r *rules) take(provider, operation string, header http.Header) *firing {
	return r.first(func(f *Fault) bool { return f.matches(provider, operation, header) })
}

// takeEvent returns the fault that an attempt to deliver an event meets, or nil.
func (r *rules) takeEvent(provider, event string) *firing {
	return r.first(func(f *Fault) bool { return f.meets(provider, event) })
}

// first returns the fault of the first rule that matches and fires, or nil. Counting, drawing and using a rule up happen in
// one step.
func (r *rules) first(matches func(*Fault) bool) *firing {
	if r.count.Load() == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := 0; i < len(r.faults); i++ {
		f := r.faults[i]
		if !matches(f) {
			continue
		}
		f.Seen++
		if f.Seen < f.Nth {
			continue
		}
		fires := f.Probability == 0 || r.ids.chance() < f.Probability
		if fires {
			f.Fired++
		}
		if f.used() {
			r.faults = slices.Delete(r.faults, i, i+1)
			r.count.Store(int64(len(r.faults)))
			i--
		}
		if fires {
			return &firing{Fault: *f, wait: r.draw(f.Delay, f.longest())}
		}
	}
	return nil
}

// used reports whether a rule has nothing more to do.
func (f *Fault) used() bool {
	return f.Nth > 0 && f.Seen >= f.Nth || f.Times > 0 && f.Fired >= f.Times
}

// draw returns how long one answer waits, or one webhook.
func (r *rules) draw(d *Delay, longest time.Duration) time.Duration {
	switch {
	case d == nil:
		return 0
	case d.Max > 0:
		return time.Duration(float64(d.Min) + r.ids.chance()*float64(d.Max-d.Min))
	case d.Median > 0:
		return min(longest, time.Duration(float64(d.Median)*math.Exp(d.Sigma*r.normal())))
	default:
		return time.Duration(d.Fixed)
	}
}

// normal returns a number from the standard normal distribution (Box and Muller).
func (r *rules) normal() float64 {
	return math.Sqrt(-2*math.Log(1-r.ids.chance())) * math.Cos(2*math.Pi*r.ids.chance())
}
