// What a provider brings.

package engine

import (
	"sync"
	"time"

	"github.com/fintoken/fintoken-go/specs"
)

// Provider is a provider that an [Engine] has a fake of.
type Provider struct {
	Name      string // the first segment of its paths, and the name of its part of fixtures, states and snapshots
	Title     string // as a person knows it
	Documents []specs.Document
	New       func(ids *IDs) Fake // makes a fake with nothing in it
	Webhooks  *WebhookScheme      // nil for a provider that sends none
}

// Handler judges a call of one operation, under the lock of its fake, and says what follows if it accepts. c.Violations
// says where the request breaks the document. It may be called twice for a call, so it changes nothing but what a refusal
// changes: all else happens in what it gives to [Accepted].
type Handler func(c *Call) Verdict

// Fake is what providers differ in. It embeds [Base], which has the methods that most do not need, and a lock: all methods
// but Common, Begin, Serve, Handlers and Credentials are called under it.
type Fake interface {
	sync.Locker
	// Common returns the Base of the fake.
	Common() *Base

	// Begin sets the request id and the headers that every answer to this call has.
	Begin(c *Call)
	// Handlers returns what answers the operations of the documents, by operationId. An operation without a handler is
	// answered by its first example of success, or with 501. The map is made once.
	Handlers() map[string]Handler
	// Serve answers a call by a handler: by [Call.Decide], and what must be seen to before and after that for every
	// operation, such as keys and idempotency.
	Serve(c *Call, handle Handler) Answer
	// Envelope returns the body with the data of an answer in it. Like the next three, it looks at the call alone, and is
	// called with and without the lock.
	Envelope(c *Call, status int, data any) any
	// Refuse words what the door refuses by itself, Violated what a request breaks in the document.
	Refuse(c *Call, status int, why string) Answer
	Violated(c *Call) Answer
	// Fail words a failure that was asked for; an empty code stands for the provider's usual one.
	Fail(c *Call, status int, code, message string) Answer

	// Furnish puts in what every new sandbox has, with credentials that are drawn.
	Furnish(draw *IDs)
	// Credentials returns a pointer to the demo credentials, as they stand in JSON.
	Credentials() any
	// Add puts in fixtures, of the provider's own type.
	Add(a *Adding, fixtures any)
	// Save returns the members of the provider's part of a snapshot, with what they are now.
	Save() []Part
	// Restore returns members to read into, and what puts them into the fake, which is new, once all were read.
	Restore() (members []Part, done func(r *Restoring))
	// Advance lets everything happen that is due at a time by itself. It is called when somebody looks at the state or the
	// events; before a call Serve sees to it.
	Advance(now time.Time)
	// Next returns when Advance has something to do next; zero is never.
	Next() time.Time
	// Dump returns what there is, without secrets, of the provider's own type, and counts it.
	Dump(now time.Time, counts Counts) any
	// Page returns what the page shows of the provider, whose calls go to a base URL.
	Page(base string, now time.Time) Page
}

// Base is what a fake embeds: its lock, its ids, and what a provider does that needs nothing of its own.
type Base struct {
	sync.Mutex
	IDs *IDs // those that New gets

	name   string
	events *events
}

// Common returns b itself.
func (b *Base) Common() *Base { return b }

// Advance has nothing to do where nothing happens by itself.
func (b *Base) Advance(time.Time) {}

// Next is never where nothing happens by itself.
func (b *Base) Next() time.Time { return time.Time{} }

// Begin has nothing to do where a provider documents no request id.
func (b *Base) Begin(*Call) {}

// Serve decides.
func (b *Base) Serve(c *Call, handle Handler) Answer {
	a, _ := c.Decide(handle)
	return a
}

// Envelope returns the data: there is no envelope.
func (b *Base) Envelope(_ *Call, _ int, data any) any { return data }

// Record notes that something has happened, for webhooks to tell: the account that it is about, its type such as
// customer.created.v1, and its data, which becomes JSON now.
func (b *Base) Record(at time.Time, account, kind string, data any) Event {
	return b.events.record(b, at, account, kind, data)
}
