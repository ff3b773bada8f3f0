// Webhooks: where events are sent, and what is remembered of that.

package engine

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

const (
	webhookLimit  = 20    // endpoints
	deliveryLimit = 4_000 // deliveries that are remembered, those that still wait included
)

// WebhookScheme is how a provider tells of its events.
type WebhookScheme struct {
	Events []string                          // the types there are, sorted
	Sample func(kind string) json.RawMessage // the data of an event of a type, for those who ask for one

	Account     func(f Fake) string // that an event is about which nothing has led to
	Body        func(e Event) any   // what is sent, as JSON
	Sign        func(secrets []string, e Event, at time.Time, body []byte) http.Header
	Secret      func(f Fake) string      // the demo secret, which signs unless an endpoint has its own
	ValidSecret func(secret string) bool // whether Sign can use it

	Waits    []time.Duration // between an attempt that failed and the next one; then no more are made
	Timeout  time.Duration   // how long an answer may take, in real time
	OffAfter time.Duration   // how long attempts fail in a row until an endpoint is switched off
}

// Webhook is an endpoint that the events of a provider are sent to.
type Webhook struct {
	// ID names the endpoint. Empty when it is added; AddWebhook makes one.
	ID string `json:"id,omitempty"`
	// Provider is whose events are sent. Required.
	Provider string `json:"provider"`
	// URL is where to: http or https, at a loopback host, or at one that was named at the start. Redirects are not followed.
	URL string `json:"url,omitempty"`
	// Handler is called in memory in place of a URL. It runs in a goroutine of the Sandbox.
	Handler http.Handler `json:"-"`
	// Events are the types that are sent; none means all.
	Events []string `json:"events,omitempty"`
	// Secrets sign in place of the demo secret of the provider; each makes a signature of its own, as during a rotation. They
	// are never listed.
	Secrets []string `json:"secrets,omitempty"`
	// Off says that nothing is sent, because attempts have failed for too long. Set by the Sandbox.
	Off bool `json:"off"`
}

// DeliveryState says how far a delivery has come.
type DeliveryState string

const (
	// DeliveryPending waits for its first or its next attempt.
	DeliveryPending DeliveryState = "pending"
	// DeliveryDone was answered with a 2xx.
	DeliveryDone DeliveryState = "delivered"
	// DeliveryFailed has used up its attempts, or its endpoint was switched off.
	DeliveryFailed DeliveryState = "failed"
	// DeliveryDropped was given up, because its endpoint was removed or a snapshot took the place of the state.
	DeliveryDropped DeliveryState = "dropped"
)

// Delivery is an event on its way to an endpoint. It has no data, so no secret is in it.
type Delivery struct {
	ID       string        `json:"id"`
	Seq      uint64        `json:"seq"` // of its latest change; from 1, in the order of the changes
	Webhook  string        `json:"webhook"`
	Provider string        `json:"provider"`
	EventID  string        `json:"event_id"`
	Type     string        `json:"type"`
	State    DeliveryState `json:"state"`
	Attempts int           `json:"attempts"`         // since it began, or was sent again
	Status   int           `json:"status"`           // of the last answer; 0 when there was none
	Error    string        `json:"error"`            // why the last attempt failed; empty when it did not
	Fault    string        `json:"fault"`            // id of the rule that it met last; empty when it met none
	Next     time.Time     `json:"next_at,omitzero"` // when the next attempt is due, by the clock of the Sandbox; zero when there is none
	Time     time.Time     `json:"changed_at"`       // by the clock of the Sandbox
}

// DeliveryFilter says which deliveries are meant. The zero filter means all of them.
type DeliveryFilter struct {
	Webhook  string
	Provider string
	Type     string
	EventID  string
	State    DeliveryState
	Answered bool   // only those with an attempt
	After    uint64 // only those with a higher Seq
}

func (f DeliveryFilter) matches(d *Delivery) bool {
	return (f.Webhook == "" || f.Webhook == d.Webhook) && (f.Provider == "" || f.Provider == d.Provider) &&
		(f.Type == "" || f.Type == d.Type) && (f.EventID == "" || f.EventID == d.EventID) &&
		(f.State == "" || f.State == d.State) && (!f.Answered || d.Attempts > 0) && d.Seq > f.After
}

// scheme returns how a provider tells of its events, or nil.
func (e *Engine) scheme(name string) *WebhookScheme {
	i := slices.IndexFunc(e.config.Providers, func(p Provider) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return e.config.Providers[i].Webhooks
}

// Telling returns the names of the providers that have webhooks.
func (e *Engine) Telling() (names []string) {
	for _, p := range e.config.Providers {
		if p.Webhooks != nil {
			names = append(names, p.Name)
		}
	}
	return names
}

// EventTypes returns the types of events that a provider tells of, sorted; of * those of all.
func (e *Engine) EventTypes(provider string) (all []string) {
	for _, p := range e.config.Providers {
		if p.Webhooks != nil && (provider == "*" || provider == p.Name) {
			all = append(all, p.Webhooks.Events...)
		}
	}
	slices.Sort(all)
	return all
}

// AddWebhook adds an endpoint and returns it with its id and without its secrets. What happens from now on is sent there. It
// fails with an [InvalidError] that names the field, and there can be at most 20 endpoints.
func (e *Engine) AddWebhook(w Webhook) (Webhook, error) {
	if err := e.checkWebhook(&w); err != nil {
		return Webhook{}, err
	}
	e.advance(e.state.Load()) // what was due before is not sent
	return e.hooks.add(w)
}

// Webhooks returns the endpoints, in the order in which they came, without their secrets.
func (e *Engine) Webhooks() []Webhook { return e.hooks.list() }

// RemoveWebhook removes an endpoint and reports whether it was there. What waits for it is dropped, and an attempt that is
// running breaks off.
func (e *Engine) RemoveWebhook(id string) bool { return e.hooks.remove(id) }

// SwitchWebhook switches an endpoint on or off and reports whether it is there. What waits for one that is switched off has
// failed.
func (e *Engine) SwitchWebhook(id string, off bool) bool { return e.hooks.turn(id, off) }

// SendEvent records an event that nothing has led to, and sends it. The data is that of an example unless it is given, and
// with data the type may be one that the provider does not have.
func (e *Engine) SendEvent(provider, kind string, data json.RawMessage) (Event, error) {
	scheme := e.scheme(provider)
	if scheme == nil {
		return Event{}, Invalid("provider", "must be %s", Choice(e.Telling()...))
	}
	if len(data) == 0 {
		data = scheme.Sample(kind)
	}
	switch {
	case data == nil:
		return Event{}, Invalid("type", "must be %s, or come with data", Choice(scheme.Events...))
	case !eventType.MatchString(kind):
		return Event{}, Invalid("type", "must have 1 to 100 letters, digits, dots, dashes and underscores")
	case !json.Valid(data) || len(data) > bodyLimit:
		return Event{}, Invalid("data", "must be JSON of at most 1 MiB")
	}
	var made Event
	err := e.Change(provider, func(f Fake) error {
		made = f.Common().Record(e.clock.Now(), scheme.Account(f), kind, data)
		return nil
	})
	return made, err
}

// deliveryPrefix and webhookPrefix begin ids; a number follows.
const (
	deliveryPrefix = "delivery-"
	webhookPrefix  = "webhook-"
)

func numbered(prefix string, n int) string { return prefix + strconv.Itoa(n) }
