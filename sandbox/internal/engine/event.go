// Events: what has happened, for webhooks to tell.

package engine

import (
	"context"
	"encoding/json"
	"sync"
	"time"
)

// eventLimit is how many events are remembered.
const eventLimit = 4_000

// Event is something that has happened at a provider. Its data is what the provider's webhooks tell, secrets included.
type Event struct {
	ID       string          `json:"id"`
	Provider string          `json:"provider"`
	Account  string          `json:"account,omitempty"` // of the provider's, that it is about; empty where there are none
	Type     string          `json:"type"`              // such as customer.created.v1
	Time     time.Time       `json:"time"`              // when it was due, by the clock of the Sandbox
	Data     json.RawMessage `json:"data"`
}

// EventFilter says which events are meant. The zero filter means all of them.
type EventFilter struct {
	Provider string
	Type     string
	After    string           // only those behind the event with this id, if that is still remembered
	Match    func(Event) bool // only those that it returns true for; nil means all; it must not call the Sandbox
}

func (f EventFilter) matches(e Event) bool {
	return (f.Provider == "" || f.Provider == e.Provider) && (f.Type == "" || f.Type == e.Type) && (f.Match == nil || f.Match(e))
}

// events are those of a state. It is safe for many goroutines, as the providers have a lock each.
type events struct {
	hooks *hooks // which are told of each

	mu  sync.Mutex
	all *Bounded[string, Event] // by id
}

func newEvents(h *hooks) *events {
	return &events{hooks: h, all: NewBounded[string, Event](eventLimit)}
}

func (e *events) record(b *Base, at time.Time, account, kind string, data any) Event {
	text, _ := json.Marshal(data) //nolint:errchkjson // what an answer has as well, and there it is checked
	event := Event{ID: b.IDs.UUID(), Provider: b.name, Account: account, Type: kind, Time: at.UTC(), Data: text}
	e.mu.Lock()
	e.all.Put(event.ID, event)
	e.mu.Unlock()
	e.hooks.tell(e, event)
	return event
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

// advance lets everything happen at the fakes of a state that is due by itself.
func (e *Engine) advance(st *state) {
	now := e.clock.Now()
	for _, name := range e.Names() {
		fake := st.providers[name].fake
		fake.Lock()
		fake.Advance(now)
		fake.Unlock()
	}
}

// Events returns what has happened, the oldest first: the last 4 000 events. The slice is the caller's.
func (e *Engine) Events() []Event {
	st := e.state.Load()
	e.advance(st)
	return st.events.list()
}

// FindEvents returns the events that match the filter, the oldest first. The slice is the caller's.
func (e *Engine) FindEvents(f EventFilter) []Event {
	found := []Event{}
	for _, event := range e.Events() {
		switch {
		case event.ID == f.After:
			found = found[:0]
		case f.matches(event):
			found = append(found, event)
		}
	}
	return found
}

// WaitForEvent returns the oldest event that matches the filter, and waits until there is one. When ctx ends first it returns
// the error of ctx. What happens by itself does so when the clock has come there, be it that it runs or that it is set.
func (e *Engine) WaitForEvent(ctx context.Context, f EventFilter) (Event, error) {
	defer e.hooks.watch()()
	for {
		news := e.hooks.listen()
		if found := e.FindEvents(f); len(found) > 0 {
			return found[0], nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return Event{}, ctx.Err()
		}
	}
}
