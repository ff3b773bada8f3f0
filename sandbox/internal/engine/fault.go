// Faults on demand: what a rule says.

package engine

import (
	"net/http"
	"strings"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind string

// The kinds of faults. Those that are not processed leave the state of the Sandbox as it is; after the others the
// provider has done its work and only the answer suffers, so the caller is in doubt.
const (
	// FaultNone answers as usual; the rule has a Delay or a Drip.
	FaultNone FaultKind = "none"
	// FaultError answers with Status in the provider's own shape. Not processed.
	FaultError FaultKind = "error"
	// FaultResetBefore resets the connection before the call is looked at. Not processed.
	FaultResetBefore FaultKind = "reset_before"
	// FaultResetAfter resets the connection after the call was processed, before any answer.
	FaultResetAfter FaultKind = "reset_after"
	// FaultResetInBody resets the connection in the middle of the answer's body. Processed.
	FaultResetInBody FaultKind = "reset_in_body"
	// FaultDisconnect closes the connection without an answer. Processed.
	FaultDisconnect FaultKind = "disconnect"
	// FaultTruncate breaks a chunked answer off in the middle of its body. Processed.
	FaultTruncate FaultKind = "truncate"
	// FaultWrongLength announces more bytes than the answer has. Processed.
	FaultWrongLength FaultKind = "wrong_length"
	// FaultDuplicateHeader sends the answer's header Name a second time, with another value. Processed.
	FaultDuplicateHeader FaultKind = "duplicate_header"
	// FaultEmpty answers with Status, by default 200, and an empty body. Not processed.
	FaultEmpty FaultKind = "empty"
	// FaultGarbage answers with Status, by default 200, and bytes that are called JSON and are none. Not processed.
	FaultGarbage FaultKind = "garbage"
	// FaultHTML answers with Status, by default 502, and a page as a proxy shows it. Not processed.
	FaultHTML FaultKind = "html"
	// FaultRedirect answers with Status, one of 301, 302, 303, 307 and 308, to Location. Not processed.
	FaultRedirect FaultKind = "redirect"
	// FaultHugeBody answers 200 with well-formed JSON of Size bytes. Not processed.
	FaultHugeBody FaultKind = "huge_body"
	// FaultGzipBomb answers 200 with a small gzip body that unpacks to Size bytes of JSON. Not processed.
	FaultGzipBomb FaultKind = "gzip_bomb"
)

// The kinds of faults that meet what webhooks send, and no call: each attempt to deliver an event.
const (
	// FaultWebhookTwice sends the event twice.
	FaultWebhookTwice FaultKind = "webhook_twice"
	// FaultWebhookLate sends the event after Delay, by the clock of the Sandbox.
	FaultWebhookLate FaultKind = "webhook_late"
	// FaultWebhookOutOfOrder sends the event after the next one, or after a minute by the clock of the Sandbox.
	FaultWebhookOutOfOrder FaultKind = "webhook_out_of_order"
	// FaultWebhookWrongSignature signs with the right secret, but something else.
	FaultWebhookWrongSignature FaultKind = "webhook_wrong_signature"
	// FaultWebhookOldTimestamp signs rightly, but as of an hour ago.
	FaultWebhookOldTimestamp FaultKind = "webhook_old_timestamp"
	// FaultWebhookHuge fills the body with spaces up to Size bytes, which leaves the JSON as it is.
	FaultWebhookHuge FaultKind = "webhook_huge"
)

// Fault is a rule: which calls it meets, and what goes wrong with them. A rule looks only at calls that the provider would
// accept: they hold to the spec, their credentials are good, and what they name is there. So a call that is refused anyway
// does not use up a one-shot rule; the repetition of a good call under its idempotency key does. Of several rules the
// first that fires takes the call, and the later ones do not see it.
type Fault struct {
	// ID names the rule in the journal. Empty when it is added; AddFault makes one.
	ID string `json:"id,omitempty"`

	// Provider is finapi, finogates, straddle, or * for all. Required.
	Provider string `json:"provider"`
	// Operation is an operation of the provider's spec, such as getToken. Empty means all of them.
	Operation string `json:"operation,omitempty"`
	// Event is a type of event, such as charge.event.v1, of the kinds for webhooks. Empty means all of them.
	Event string `json:"event,omitempty"`
	// Header names request headers and the values they must have; an empty value means that the header is there.
	Header map[string]string `json:"header,omitempty"`
	// Nth is the one matching call that the rule is for, counted from 1; after it the rule is gone. 0 means every call.
	Nth int `json:"nth,omitempty"`
	// Times is how often the rule fires; 0 means until it is removed. A rule that has fired that often is gone. With Nth
	// it is 0 or 1.
	Times int `json:"times,omitempty"`
	// Probability is the chance that the rule fires on a call, above 0 and up to 1; 0 is 1. With Seed the draws repeat.
	Probability float64 `json:"probability,omitempty"`

	// Kind is what goes wrong; empty is FaultNone.
	Kind FaultKind `json:"kind,omitempty"`
	// Status is the status of the answer, where the kind has one to choose.
	Status int `json:"status,omitempty"`
	// Code is the provider's word for the error, of the kind FaultError; empty is the usual one for the status.
	Code string `json:"code,omitempty"`
	// Message is the text of the error, of the kind FaultError.
	Message string `json:"message,omitempty"`
	// RetryAfter is sent in the header Retry-After, of the kind FaultError.
	RetryAfter string `json:"retry_after,omitempty"`
	// Location is where FaultRedirect leads; empty is a host that does not exist.
	Location string `json:"location,omitempty"`
	// Name is the header that FaultDuplicateHeader repeats; empty is Content-Type.
	Name string `json:"name,omitempty"`
	// Size is how large FaultHugeBody and FaultGzipBomb are, in bytes, up to 1 GiB; 0 is 64 MiB. FaultWebhookHuge has up to
	// 64 MiB; 0 is 10 MiB.
	Size int64 `json:"size,omitempty"`
	// Delay is waited for in real time, before the answer or before the call is processed. With FaultWebhookLate, which needs
	// one, it is up to 48 hours, by the clock of the Sandbox.
	Delay *Delay `json:"delay,omitempty"`
	// Drip is how many bytes of the answer's body are sent in a second; 0 is all at once.
	Drip int `json:"drip,omitempty"`

	// Seen is how many calls have matched, and Fired how many of them were taken. Set by the Sandbox.
	Seen  int `json:"seen"`
	Fired int `json:"fired"`
}

// DelayPhase says when a call waits.
type DelayPhase string

const (
	// DelayAfter waits with the answer: the call was processed when it came. The default.
	DelayAfter DelayPhase = "after"
	// DelayBefore waits before the call is processed. Meanwhile its idempotency key is in use, so the same call once more
	// is a conflict. A caller who leaves during the wait was not served: nothing was processed, and the key is free again.
	DelayBefore DelayPhase = "before"
)

// Delay says how long a call waits. Use [FixedDelay], [UniformDelay] or [LognormalDelay].
type Delay struct {
	Phase  DelayPhase `json:"phase,omitempty"`  // empty is DelayAfter
	Fixed  Duration   `json:"fixed,omitempty"`  // always this long
	Min    Duration   `json:"min,omitempty"`    // from Min to Max, each time as likely
	Max    Duration   `json:"max,omitempty"`    //
	Median Duration   `json:"median,omitempty"` // half of the delays are longer, and Sigma says how much, as networks do
	Sigma  float64    `json:"sigma,omitempty"`  // above 0 and up to 3
}

// Before returns the same delay with the phase [DelayBefore].
func (d *Delay) Before() *Delay {
	before := *d
	before.Phase = DelayBefore
	return &before
}

// FixedDelay waits always the same time, at most five minutes.
func FixedDelay(d time.Duration) *Delay { return &Delay{Fixed: Duration(d)} }

// UniformDelay waits between low and high, at most five minutes, each time in between as likely.
func UniformDelay(low, high time.Duration) *Delay {
	return &Delay{Min: Duration(low), Max: Duration(high)}
}

// LognormalDelay waits as networks make one wait: half of the calls less than the median, a few much longer. Sigma is
// the standard deviation of the delay's logarithm; 0.5 is usual, 3 the most. No delay is longer than five minutes.
func LognormalDelay(median time.Duration, sigma float64) *Delay {
	return &Delay{Median: Duration(median), Sigma: sigma}
}

// AddFault adds a rule behind those that are there and returns it with its id. It fails with an [InvalidError] that
// names the field when the rule cannot do what it says, and there can be at most 1000 rules.
func (e *Engine) AddFault(f Fault) (Fault, error) {
	if err := e.checkFault(&f); err != nil {
		return Fault{}, err
	}
	return e.rules.add(f)
}

// Faults returns the rules that are there, in their order.
func (e *Engine) Faults() []Fault { return e.rules.list() }

// RemoveFault removes a rule and reports whether it was there.
func (e *Engine) RemoveFault(id string) bool { return e.rules.remove(id) }

// ClearFaults removes every rule.
func (e *Engine) ClearFaults() { e.rules.clear() }

// processed reports whether the provider does its work before the fault shows.
func (f *Fault) processed() bool {
	switch f.Kind {
	case FaultNone, FaultResetAfter, FaultResetInBody, FaultDisconnect, FaultTruncate, FaultWrongLength, FaultDuplicateHeader:
		return true
	default:
		return false
	}
}

// told reports whether the rule is about webhooks.
func (f *Fault) told() bool { return strings.HasPrefix(string(f.Kind), "webhook_") }

// meets reports whether the rule is about an event.
func (f *Fault) meets(provider, event string) bool {
	return f.told() && (f.Provider == "*" || f.Provider == provider) && (f.Event == "" || f.Event == event)
}

// matches reports whether the rule is about a call.
func (f *Fault) matches(provider, operation string, header http.Header) bool {
	if f.told() || f.Provider != "*" && f.Provider != provider || f.Operation != "" && f.Operation != operation {
		return false
	}
	for name, value := range f.Header {
		values := header.Values(name)
		if len(values) == 0 || value != "" && values[0] != value {
			return false
		}
	}
	return true
}
