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
	queue   []*delivery // what is pending, the earliest first
	held    []*delivery // those of the queue that wait for another one to overtake them
	failing time.Time   // since when nothing has succeeded; zero when the last attempt did
}

// delivery is what a Delivery tells, and what it does not.
type delivery struct {
	Delivery
	event Event
	to    *endpoint
	due   time.Time
	tries int  // since the schedule began
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
	if i := slices.Index(p.queue, d); i >= 0 {
		p.queue = slices.Delete(p.queue, i, i+1)
	}
}

// put puts a delivery where it is due. Of what is due at the same time that is first which came first.
func (p *endpoint) put(d *delivery) {
	i, _ := slices.BinarySearchFunc(p.queue, d, func(other, d *delivery) int {
		if other.due.After(d.due) {
			return 1
		}
		return -1
	})
	p.queue = slices.Insert(p.queue, i, d)
}

// first returns what is due first, or nil.
func (p *endpoint) first() *delivery {
	if len(p.queue) == 0 {
		return nil
	}
	return p.queue[0]
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
		h.changed(d, DeliveryPending)
		h.begin(p)
	}
}

// changed notes what has become of a delivery. The caller holds mu.
func (h *hooks) changed(d *delivery, state DeliveryState) {
	h.seq++
	d.Seq, d.State, d.Time, d.Next = h.seq, state, h.engine.clock.Now().UTC(), d.due.UTC()
	d.to.drop(d)
	if state == DeliveryPending {
		d.to.put(d)
	} else {
		d.Next = time.Time{}
	}
	h.log.Put(d.ID, d)
	h.rang()
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
	if h.waits(d) {
		d.due, d.late, d.Fault = h.engine.clock.Now().Add(by), true, fault
		if held {
			d.to.held = append(d.to.held, d)
		}
		h.changed(d, DeliveryPending)
	}
}

// waits reports whether a delivery still does after something was done about it without mu.
func (h *hooks) waits(d *delivery) bool {
	_, remembered := h.log.Get(d.ID)
	return remembered && !d.to.gone && d.State == DeliveryPending
}

// done notes how an attempt went, and when the next one is due.
func (h *hooks) done(d *delivery, status int, failure, fault string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, scheme := d.to, h.engine.scheme(d.Provider)
	if !h.waits(d) {
		return
	}
	at := d.due
	d.tries++
	d.Attempts, d.Status, d.Error, d.Fault, d.late = d.tries, status, failure, fault, false
	h.release(p)
	if failure == "" {
		p.failing = time.Time{}
		h.changed(d, DeliveryDone)
		return
	}
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

// release lets go what has waited for another delivery to overtake it. The caller holds mu.
func (h *hooks) release(p *endpoint) {
	for _, d := range p.held {
		if h.waits(d) {
			d.due = h.engine.clock.Now()
			h.changed(d, DeliveryPending)
		}
	}
	p.held = nil
}

// end ends what waits for an endpoint. The caller holds mu.
func (h *hooks) end(p *endpoint, state DeliveryState, why string) {
	for _, d := range slices.Clone(p.queue) {
		d.Error = why
		h.changed(d, state)
	}
}
