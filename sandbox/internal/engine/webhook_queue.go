// The deliveries of webhooks and their order. There is no goroutine but while an endpoint has something due, and then there is
// one for it.

package engine

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// hooks are the endpoints of an Engine and what is on its way to them. It is safe for many goroutines. A fake may be locked
// when it is called, but it never locks one while it holds mu.
type hooks struct {
	engine  *Engine
	watched atomic.Bool // there is an endpoint, or somebody waits for an event
	arming  sync.Mutex  // held while it is found out what comes next; before a fake's lock and mu
	workers sync.WaitGroup

	mu        sync.Mutex
	current   *events // those that are sent: not of a state that was replaced
	endpoints []*endpoint
	log       *Bounded[string, *delivery] // by id, the latest change at the end
	made      int                         // deliveries
	added     int                         // endpoints
	seq       uint64
	waiting   int           // who wait for an event
	news      chan struct{} // closed at the next event or change; nil when nobody waits
	disarm    func() bool   // nil when nothing is due
	closed    bool

	sender http.RoundTripper
}

// endpoint is a webhook, and what waits for it.
type endpoint struct {
	Webhook
	lasting bool // named at the start, so that a reset leaves it
	ctx     context.Context
	cancel  context.CancelFunc
	gone    bool
	working bool
	queue   []*delivery // what is pending, in the order in which it came
	failing time.Time   // since when nothing has succeeded; zero when the last attempt did
}

// delivery is what a Delivery tells, and what it does not.
type delivery struct {
	Delivery
	event Event
	to    *endpoint
	due   time.Time
	tries int  // since the schedule began
	held  bool // until another one was sent
	late  bool // a fault has put it off, so its next attempt meets none
}

func newHooks(e *Engine) *hooks {
	h := &hooks{engine: e, sender: e.newSender()}
	h.newLog()
	return h
}

// newLog forgets every delivery. What leaves the log to make room is not sent any more.
func (h *hooks) newLog() {
	h.log = NewBounded[string, *delivery](deliveryLimit)
	h.log.OnEvict = func(_ string, d *delivery) { d.to.drop(d) }
}

func (p *endpoint) drop(d *delivery) {
	p.queue = slices.DeleteFunc(p.queue, func(other *delivery) bool { return other == d })
}

// rang wakes up who waits for news. The caller holds mu.
func (h *hooks) rang() {
	if h.news != nil {
		close(h.news)
		h.news = nil
	}
}

// listen returns a channel that is closed at the next event or change of a delivery.
func (h *hooks) listen() <-chan struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.news == nil {
		h.news = make(chan struct{})
	}
	return h.news
}

// watch lets things happen when they are due, and not only when somebody looks, until the function it returns is called.
func (h *hooks) watch() (done func()) {
	add := func(n int) {
		h.mu.Lock()
		h.waiting += n
		h.mu.Unlock()
		h.arm()
	}
	add(1)
	return func() { add(-1) }
}

// arm sees to it that the clock calls when the next thing is due: an attempt, or what a fake lets happen by itself.
func (h *hooks) arm() {
	h.arming.Lock()
	defer h.arming.Unlock()
	h.mu.Lock()
	watched := !h.closed && h.waiting+len(h.endpoints) > 0
	h.watched.Store(watched)
	h.mu.Unlock()
	var next time.Time
	if watched {
		next = h.engine.next()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.disarm != nil {
		h.disarm()
		h.disarm = nil
	}
	if !watched || h.closed {
		return
	}
	for _, p := range h.endpoints {
		if d := p.first(); d != nil && !p.working {
			next = earlier(next, d.due)
		}
	}
	if !next.IsZero() {
		h.disarm = h.engine.clock.AfterFunc(next.Sub(h.engine.clock.Now()), h.tick)
	}
}

// rearm is arm after something that may have put a new thing on the agenda of a fake.
func (h *hooks) rearm() {
	if h.watched.Load() {
		h.arm()
	}
}

// next returns when the fakes let the next thing happen by themselves; zero is never.
func (e *Engine) next() (next time.Time) {
	for _, f := range e.fakes() {
		f.Lock()
		at := f.Next()
		f.Unlock()
		next = earlier(next, at)
	}
	return next
}

// earlier returns the earlier of two times, of which a zero one is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// tick lets happen what is due, and begins to send it.
func (h *hooks) tick() {
	h.engine.advance(h.engine.state.Load())
	h.mu.Lock()
	for _, p := range h.endpoints {
		h.begin(p)
	}
	h.mu.Unlock()
	h.arm()
}

// tell puts an event on its way to every endpoint that wants it.
func (h *hooks) tell(of *events, event Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if of != h.current {
		return
	}
	h.rang()
	for _, p := range h.endpoints {
		if p.Off || p.Provider != event.Provider || len(p.Events) > 0 && !slices.Contains(p.Events, event.Type) {
			continue
		}
		h.made++
		d := &delivery{event: event, to: p, due: event.Time, Delivery: Delivery{
			ID: numbered(deliveryPrefix, h.made), Webhook: p.ID, Provider: p.Provider, EventID: event.ID, Type: event.Type,
		}}
		p.queue = append(p.queue, d)
		h.changed(d, DeliveryPending)
		h.begin(p)
	}
}

// changed notes what has become of a delivery. The caller holds mu.
func (h *hooks) changed(d *delivery, state DeliveryState) {
	h.seq++
	d.Seq, d.State, d.Time, d.Next = h.seq, state, h.engine.clock.Now().UTC(), d.due.UTC()
	if state != DeliveryPending {
		d.Next = time.Time{}
		d.to.drop(d)
	}
	h.log.Put(d.ID, d)
	h.rang()
}

// first returns what is due first, or nil. Of what is due at the same time that is first which came first.
func (p *endpoint) first() (first *delivery) {
	for _, d := range p.queue {
		if first == nil || d.due.Before(first.due) {
			first = d
		}
	}
	return first
}

// begin starts the worker of an endpoint that has something due. The caller holds mu.
func (h *hooks) begin(p *endpoint) {
	if d := p.first(); d == nil || p.working || h.closed || d.due.After(h.engine.clock.Now()) {
		return
	}
	p.working = true
	h.workers.Go(func() { h.work(p) })
}

// work sends what is due at an endpoint, one after the other.
func (h *hooks) work(p *endpoint) {
	for d, late := h.take(p); d != nil; d, late = h.take(p) {
		h.deliver(d, late)
	}
	h.arm()
}

// take returns what is due next at an endpoint, and whether a fault has put it off; nil when the worker may go.
func (h *hooks) take(p *endpoint) (d *delivery, late bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d = p.first()
	if d == nil || p.gone || h.closed || d.due.After(h.engine.clock.Now()) {
		p.working = false
		return nil, false
	}
	return d, d.late
}

// postpone puts a delivery off. held means until another one was sent to the endpoint, or until then.
func (h *hooks) postpone(d *delivery, by time.Duration, held bool, fault string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	d.due, d.late, d.held, d.Fault = h.engine.clock.Now().Add(by), true, held, fault
	if !d.to.gone {
		h.changed(d, DeliveryPending)
	}
}

// done notes how an attempt went, and when the next one is due.
func (h *hooks) done(d *delivery, status int, failure, fault string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, scheme := d.to, h.engine.scheme(d.Provider)
	if p.gone || d.State != DeliveryPending {
		return
	}
	d.tries++
	d.Attempts, d.Status, d.Error, d.Fault, d.late, d.held = d.tries, status, failure, fault, false, false
	for _, other := range p.queue {
		if other.held {
			other.held, other.due = false, h.engine.clock.Now()
		}
	}
	if failure == "" {
		p.failing = time.Time{}
		h.changed(d, DeliveryDone)
		return
	}
	at := d.due
	if p.failing.IsZero() {
		p.failing = at
	}
	if d.tries > len(scheme.Waits) {
		h.changed(d, DeliveryFailed)
	} else {
		d.due = at.Add(scheme.Waits[d.tries-1])
		h.changed(d, DeliveryPending)
	}
	if at.Sub(p.failing) >= scheme.OffAfter {
		h.switched(p, true)
	}
}

// end ends what waits for an endpoint. The caller holds mu.
func (h *hooks) end(p *endpoint, state DeliveryState, why string) {
	for _, d := range slices.Clone(p.queue) {
		d.Error = why
		h.changed(d, state)
	}
}
