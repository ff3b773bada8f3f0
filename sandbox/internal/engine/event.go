// Events: what has happened, for webhooks to tell.

package engine

import (
	"encoding/json"
	"sync"
	"time"
)

// eventLimit is how many events are remembered.
const eventLimit = 4_000

// Event is something that has happened at a provider.
type Event struct {
	ID       string          `json:"id"`
	Provider string          `json:"provider"`
	Type     string          `json:"type"` // such as customer.created.v1
	Time     time.Time       `json:"time"`
	Data     json.RawMessage `json:"data"`
}

// events are those of a state. It is safe for many goroutines, as the providers have a lock each.
type events struct {
	mu  sync.Mutex
	all *Bounded[string, Event] // by id
}

func newEvents() *events { return &events{all: NewBounded[string, Event](eventLimit)} }

func (e *events) record(b *Base, at time.Time, kind string, data any) {
	text, _ := json.Marshal(data) //nolint:errchkjson // what an answer has as well, and there it is checked
	event := Event{ID: b.IDs.UUID(), Provider: b.name, Type: kind, Time: at.UTC(), Data: text}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all.Put(event.ID, event)
}

func (e *events) count(counts Counts) {
	e.mu.Lock()
	defer e.mu.Unlock()
	CountBounded(counts, "events", e.all)
}

// list returns the events, the oldest first.
func (e *events) list() []Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]Event, 0, e.all.Len())
	for _, event := range e.all.All() {
		all = append(all, event)
	}
	return all
}

// Events returns what has happened, the oldest first: the last 4 000 events. The slice is the caller's.
func (e *Engine) Events() []Event {
	st, now := e.state.Load(), e.clock.Now()
	for _, name := range e.Names() {
		fake := st.providers[name].fake
		fake.Lock()
		fake.Advance(now)
		fake.Unlock()
	}
	return st.events.list()
}
