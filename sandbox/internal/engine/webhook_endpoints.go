// Endpoints come and go.

package engine

import (
	"context"
	"errors"
	"slices"
	"time"
)

// add adds an endpoint that was checked.
func (h *hooks) add(w Webhook) (Webhook, error) {
	defer h.arm()
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return Webhook{}, errors.New("sandbox: webhooks: the sandbox is closed")
	case len(h.endpoints) >= webhookLimit:
		return Webhook{}, Invalid("webhooks", "must be at most %d", webhookLimit)
	}
	return h.put(w, false).listed(), nil
}

// put puts an endpoint in. The caller holds mu.
func (h *hooks) put(w Webhook, lasting bool) *endpoint {
	h.added++
	p := &endpoint{Webhook: w, lasting: lasting}
	p.ID, p.Events, p.Secrets = numbered(webhookPrefix, h.added), slices.Clone(w.Events), slices.Clone(w.Secrets)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	h.endpoints = append(h.endpoints, p)
	return p
}

// listed is what a list has of an endpoint.
func (p *endpoint) listed() Webhook {
	w := p.Webhook
	w.Events, w.Secrets = slices.Clone(w.Events), nil
	return w
}

func (h *hooks) list() []Webhook {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]Webhook, len(h.endpoints))
	for i, p := range h.endpoints {
		all[i] = p.listed()
	}
	return all
}

// find returns an endpoint, or nil. The caller holds mu.
func (h *hooks) find(id string) *endpoint {
	i := slices.IndexFunc(h.endpoints, func(p *endpoint) bool { return p.ID == id })
	if i < 0 {
		return nil
	}
	return h.endpoints[i]
}

func (h *hooks) remove(id string) bool {
	defer h.arm()
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.find(id)
	if p == nil {
		return false
	}
	h.end(p, DeliveryDropped, "the endpoint was removed")
	h.forget(p)
	h.endpoints = slices.DeleteFunc(h.endpoints, func(other *endpoint) bool { return other == p })
	return true
}

// forget breaks off what an endpoint is doing. The caller holds mu.
func (h *hooks) forget(p *endpoint) {
	p.gone = true
	p.cancel()
}

func (h *hooks) turn(id string, off bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := h.find(id)
	if p != nil {
		h.switched(p, off)
	}
	return p != nil
}

// switched switches an endpoint on or off. The caller holds mu.
func (h *hooks) switched(p *endpoint, off bool) {
	p.Off, p.failing = off, time.Time{}
	if off {
		h.end(p, DeliveryFailed, "the endpoint was switched off")
	}
}

// begin puts the endpoints in place that were named at the start, with nothing on its way; events are told from now on. The
// caller holds the engine's swap.
func (h *hooks) restart(of *events, named []Webhook) {
	h.mu.Lock()
	for _, p := range h.endpoints {
		h.forget(p)
	}
	h.endpoints, h.current = nil, of
	h.newLog()
	for _, w := range named {
		h.put(w, true)
	}
	h.rang()
	h.mu.Unlock()
	h.arm()
}

// restored leaves the endpoints as they are and drops what waits: it was due by another clock. The caller holds the engine's
// swap.
func (h *hooks) restored(of *events) {
	h.mu.Lock()
	h.current = of
	for _, p := range h.endpoints {
		h.end(p, DeliveryDropped, "a snapshot was restored")
		p.failing = time.Time{}
	}
	h.rang()
	h.mu.Unlock()
	h.arm()
}

// close ends all that is sent, for good, and waits for that.
func (h *hooks) close() {
	h.mu.Lock()
	h.closed = true
	for _, p := range h.endpoints {
		p.cancel()
	}
	h.mu.Unlock()
	h.arm()
	h.workers.Wait()
}

// count counts the deliveries.
func (h *hooks) count(counts Counts) {
	h.mu.Lock()
	defer h.mu.Unlock()
	CountBounded(counts, "deliveries", h.log)
	counts.Count("webhooks", len(h.endpoints))
}

// again sends a delivery once more, with the schedule from its beginning.
func (h *hooks) again(id string) (Delivery, error) {
	defer h.tick()
	h.mu.Lock()
	defer h.mu.Unlock()
	d, there := h.log.Get(id)
	switch {
	case !there:
		return Delivery{}, Invalid("delivery", NoDelivery)
	case d.to.gone:
		return Delivery{}, Invalid("delivery", "cannot be sent again: its endpoint was removed")
	case d.to.Off:
		return Delivery{}, Invalid("delivery", "cannot be sent again: its endpoint is switched off")
	case d.State == DeliveryPending:
		return Delivery{}, Invalid("delivery", "waits for an attempt already")
	}
	d.due, d.tries, d.late, d.Attempts, d.Status, d.Error = h.engine.clock.Now(), 0, false, 0, 0, ""
	h.changed(d, DeliveryPending)
	return d.Delivery, nil
}

// NoDelivery is the rule that an id breaks which no delivery has.
const NoDelivery = "is not one that is remembered"

// deliveries returns those that match, the one that changed last at the end.
func (h *hooks) deliveries(f DeliveryFilter) []Delivery {
	h.mu.Lock()
	defer h.mu.Unlock()
	found := []Delivery{}
	for _, d := range h.log.All() {
		if f.matches(&d.Delivery) {
			found = append(found, d.Delivery)
		}
	}
	return found
}

// FindDeliveries returns the deliveries that match the filter, the one that changed last at the end: of the last 4 000. The
// slice is the caller's.
func (e *Engine) FindDeliveries(f DeliveryFilter) []Delivery { return e.hooks.deliveries(f) }

// WaitForDeliveries waits until there are n deliveries that match the filter, and returns all that match. When ctx ends first
// it returns those that are there, and the error of ctx.
func (e *Engine) WaitForDeliveries(ctx context.Context, f DeliveryFilter, n int) ([]Delivery, error) {
	for {
		news := e.hooks.listen()
		found := e.FindDeliveries(f)
		if len(found) >= n {
			return found, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return found, ctx.Err()
		}
	}
}

// SendAgain sends a delivery again that is not on its way, under the id that it had, with the schedule from its beginning.
func (e *Engine) SendAgain(delivery string) (Delivery, error) { return e.hooks.again(delivery) }

// Close ends what webhooks send, and waits until that has ended. The Engine goes on answering.
func (e *Engine) Close() { e.hooks.close() }
