// Webhooks: what a Sandbox sends by itself.

package sandbox

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// What webhooks are steered by, and what they tell.
type (
	// Webhook is an endpoint that the events of a provider are sent to: a URL, or a handler in the same process.
	Webhook = engine.Webhook
	// Event is something that has happened at a provider. Its data is what the provider's webhooks tell, secrets included.
	Event = engine.Event
	// EventFilter says which events are meant. The zero filter means all of them.
	EventFilter = engine.EventFilter
	// Delivery is an event on its way to an endpoint. It has no data, so no secret is in it.
	Delivery = engine.Delivery
	// DeliveryState says how far a delivery has come.
	DeliveryState = engine.DeliveryState
	// DeliveryFilter says which deliveries are meant. The zero filter means all of them.
	DeliveryFilter = engine.DeliveryFilter
)

// How far a delivery has come.
const (
	// DeliveryPending waits for its first or its next attempt.
	DeliveryPending = engine.DeliveryPending
	// DeliveryDone was answered with a 2xx.
	DeliveryDone = engine.DeliveryDone
	// DeliveryFailed has used up its attempts, or its endpoint was switched off.
	DeliveryFailed = engine.DeliveryFailed
	// DeliveryDropped was given up, because its endpoint was removed or a snapshot took the place of the state.
	DeliveryDropped = engine.DeliveryDropped
)

// The kinds of faults that meet what webhooks send, and no call: each attempt to deliver an event.
const (
	// FaultWebhookTwice sends the event twice.
	FaultWebhookTwice = engine.FaultWebhookTwice
	// FaultWebhookLate sends the event after Delay, by the clock of the Sandbox.
	FaultWebhookLate = engine.FaultWebhookLate
	// FaultWebhookOutOfOrder sends the event after the next one, or after a minute by the clock of the Sandbox.
	FaultWebhookOutOfOrder = engine.FaultWebhookOutOfOrder
	// FaultWebhookWrongSignature signs with the right secret, but something else.
	FaultWebhookWrongSignature = engine.FaultWebhookWrongSignature
	// FaultWebhookOldTimestamp signs rightly, but as of an hour ago.
	FaultWebhookOldTimestamp = engine.FaultWebhookOldTimestamp
	// FaultWebhookHuge fills the body with spaces up to Size bytes, which leaves the JSON as it is.
	FaultWebhookHuge = engine.FaultWebhookHuge
)

// EventTypes returns the types of the events that a provider's webhooks tell of, sorted; none for a provider without webhooks.
func EventTypes(provider string) []string {
	for _, p := range new(config).fakes() {
		if p.Name == provider && p.Webhooks != nil {
			return slices.Clone(p.Webhooks.Events)
		}
	}
	return nil
}

// WebhookURL sends the events of a provider to a URL, from the start and after each [Sandbox.Reset]. It may be given several
// times. The rules are those of [Sandbox.AddWebhook].
func WebhookURL(provider, url string) Option {
	return func(c *config) { c.webhooks = append(c.webhooks, Webhook{Provider: provider, URL: url}) }
}

// WebhookHosts names hosts, without a port, that webhooks may be sent to besides this machine, such as those of other
// containers. It may be given several times.
func WebhookHosts(hosts ...string) Option {
	return func(c *config) { c.webhookHosts = append(c.webhookHosts, lowered(hosts)...) }
}

// AddWebhook adds an endpoint and returns it with its id and without its secrets. Every event that happens from now on becomes
// a delivery there, signed as the provider signs, with the real time; of the providers, Straddle has webhooks so far.
//
// An answer with a 2xx within the provider's time (Straddle: 15 seconds) is a success; any other one, and a redirect, which is
// not followed, leads to another attempt by the provider's schedule (Straddle: after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and
// 10 h), which [Sandbox.Clock] drives. An endpoint at which nothing succeeds for Straddle's 5 days is switched off. The order
// of events is not promised, and each is sent at least once, always under the same id.
//
// A URL must be at a loopback host or at one of [WebhookHosts]. AddWebhook fails with an [InvalidError] that names the field;
// there can be at most 20 endpoints.
//
// Endpoints are not part of a snapshot, and [Sandbox.Restore] leaves them as they are, but drops what waits for another
// attempt. [Sandbox.Reset] removes all but those of [WebhookURL]. A goroutine runs for each endpoint while it has something to
// send, and none at other times; [Server.Close] and [Sandbox.Close] end them.
func (s *Sandbox) AddWebhook(w Webhook) (Webhook, error) { return s.engine.AddWebhook(w) }

// Webhooks returns the endpoints, in the order in which they came, without their secrets.
func (s *Sandbox) Webhooks() []Webhook { return s.engine.Webhooks() }

// RemoveWebhook removes an endpoint and reports whether it was there. What waits for it is dropped, and an attempt that is
// running breaks off.
func (s *Sandbox) RemoveWebhook(id string) bool { return s.engine.RemoveWebhook(id) }

// SwitchWebhook switches an endpoint on or off and reports whether it is there. What waits for one that is switched off has
// failed.
func (s *Sandbox) SwitchWebhook(id string, off bool) bool { return s.engine.SwitchWebhook(id, off) }

// FindDeliveries returns the deliveries that match the filter, the one that changed last at the end, of the last 4 000. The
// slice is the caller's.
func (s *Sandbox) FindDeliveries(f DeliveryFilter) []Delivery { return s.engine.FindDeliveries(f) }

// WaitForDeliveries waits until there are n deliveries that match the filter, and returns all that match. When ctx ends first
// it returns those that are there, and the error of ctx.
func (s *Sandbox) WaitForDeliveries(ctx context.Context, f DeliveryFilter, n int) ([]Delivery, error) {
	return s.engine.WaitForDeliveries(ctx, f, n)
}

// SendAgain sends a delivery again that is not on its way, under the id that it had, with the schedule from its beginning. It
// fails with an [InvalidError] when that cannot be done.
func (s *Sandbox) SendAgain(delivery string) (Delivery, error) { return s.engine.SendAgain(delivery) }

// FindEvents returns what has happened and matches the filter, the oldest first, of the last 4 000 events. The slice is the
// caller's.
func (s *Sandbox) FindEvents(f EventFilter) []Event { return s.engine.FindEvents(f) }

// WaitForEvent returns the oldest event that matches the filter, and waits until there is one; no webhook is needed. When ctx
// ends first it returns the error of ctx. What happens by itself does so when the clock has come there, be it that it runs or
// that it is set.
func (s *Sandbox) WaitForEvent(ctx context.Context, f EventFilter) (Event, error) {
	return s.engine.WaitForEvent(ctx, f)
}

// SendEvent records an event that nothing has led to, and sends it to the endpoints. The data is that of an example unless it
// is given. With data, the type may be one that the provider does not have. It fails with an [InvalidError].
func (s *Sandbox) SendEvent(provider, kind string, data json.RawMessage) (Event, error) {
	return s.engine.SendEvent(provider, kind, data)
}

// Close ends what webhooks send, for good, and waits until that has ended. The Sandbox goes on answering. It is of use to a
// Sandbox without a server, as [Server.Close] does it, and does nothing where there was no webhook.
func (s *Sandbox) Close() { s.engine.Close() }
