// What steers a Sandbox, and what it tells, by the names of the engine that does it.

package sandbox

import (
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// The values that go into a Sandbox and come out of it.
type (
	// Fault is a rule: which calls it meets, and what goes wrong with them. A rule looks only at calls that the provider
	// would accept: they hold to the spec, their credentials are good, and what they name is there. So a call that is
	// refused anyway does not use up a one-shot rule; the repetition of a good call under its idempotency key does. Of
	// several rules the first that fires takes the call, and the later ones do not see it.
	Fault = engine.Fault
	// FaultKind is what goes wrong.
	FaultKind = engine.FaultKind
	// Delay says how long a call waits. Use [FixedDelay], [UniformDelay] or [LognormalDelay].
	Delay = engine.Delay
	// DelayPhase says when a call waits.
	DelayPhase = engine.DelayPhase
	// Call is one line of the journal. It holds neither a body nor a header nor a query, so no secret that was sent where
	// secrets belong can be in it.
	Call = engine.Entry
	// Operation is an operation of a provider's documents, and what a Sandbox answers it from.
	Operation = engine.Operation
	// Source is what an operation is answered from.
	Source = engine.Source
	// CallFilter says which calls of the journal are meant. The zero filter means all of them.
	CallFilter = engine.CallFilter
	// VirtualClock is the time of a [Sandbox], which drives every life, window, retention and date in an answer. Get it with
	// [Sandbox.Clock]; it is safe for many goroutines.
	VirtualClock = engine.VirtualClock
	// ClockState says what a clock shows and how it goes.
	ClockState = engine.ClockState
	// Duration is a time.Duration that is written as text in JSON, such as "1.5s" or "10m".
	Duration = engine.Duration
	// InvalidError says which field of an argument, an option, a fault, a fixture or a snapshot breaks which rule. It never
	// holds a secret.
	InvalidError = engine.InvalidError
)

// What an operation is answered from.
const (
	// FromState is a handler, which answers by what the Sandbox remembers.
	FromState = engine.FromState
	// FromExample is the first example of success in the document, whatever the call asks for.
	FromExample = engine.FromExample
	// FromNothing is neither: the answer is a 501.
	FromNothing = engine.FromNothing
)

// The kinds of faults. Those that are not processed leave the state of the Sandbox as it is; after the others the
// provider has done its work and only the answer suffers, so the caller is in doubt.
const (
	// FaultNone answers as usual; the rule has a Delay or a Drip.
	FaultNone = engine.FaultNone
	// FaultError answers with Status in the provider's own shape. Not processed.
	FaultError = engine.FaultError
	// FaultResetBefore resets the connection before the call is looked at. Not processed.
	FaultResetBefore = engine.FaultResetBefore
	// FaultResetAfter resets the connection after the call was processed, before any answer.
	FaultResetAfter = engine.FaultResetAfter
	// FaultResetInBody resets the connection in the middle of the answer's body. Processed.
	FaultResetInBody = engine.FaultResetInBody
	// FaultDisconnect closes the connection without an answer. Processed.
	FaultDisconnect = engine.FaultDisconnect
	// FaultTruncate breaks a chunked answer off in the middle of its body. Processed.
	FaultTruncate = engine.FaultTruncate
	// FaultWrongLength announces more bytes than the answer has. Processed.
	FaultWrongLength = engine.FaultWrongLength
	// FaultDuplicateHeader sends the answer's header Name a second time, with another value. Processed.
	FaultDuplicateHeader = engine.FaultDuplicateHeader
	// FaultEmpty answers with Status, by default 200, and an empty body. Not processed.
	FaultEmpty = engine.FaultEmpty
	// FaultGarbage answers with Status, by default 200, and bytes that are called JSON and are none. Not processed.
	FaultGarbage = engine.FaultGarbage
	// FaultHTML answers with Status, by default 502, and a page as a proxy shows it. Not processed.
	FaultHTML = engine.FaultHTML
	// FaultRedirect answers with Status, one of 301, 302, 303, 307 and 308, to Location. Not processed.
	FaultRedirect = engine.FaultRedirect
	// FaultHugeBody answers 200 with well-formed JSON of Size bytes. Not processed.
	FaultHugeBody = engine.FaultHugeBody
	// FaultGzipBomb answers 200 with a small gzip body that unpacks to Size bytes of JSON. Not processed.
	FaultGzipBomb = engine.FaultGzipBomb
)

// When a call waits.
const (
	// DelayAfter waits with the answer: the call was processed when it came. The default.
	DelayAfter = engine.DelayAfter
	// DelayBefore waits before the call is processed. Meanwhile its idempotency key is in use, so the same call once more
	// is a conflict. A caller who leaves during the wait was not served: nothing was processed, and the key is free again.
	DelayBefore = engine.DelayBefore
)

// FixedDelay waits always the same time, at most five minutes.
func FixedDelay(d time.Duration) *Delay { return engine.FixedDelay(d) }

// UniformDelay waits between low and high, at most five minutes, each time in between as likely.
func UniformDelay(low, high time.Duration) *Delay { return engine.UniformDelay(low, high) }

// LognormalDelay waits as networks make one wait: half of the calls less than the median, a few much longer. Sigma is
// the standard deviation of the delay's logarithm; 0.5 is usual, 3 the most. No delay is longer than five minutes.
func LognormalDelay(median time.Duration, sigma float64) *Delay {
	return engine.LognormalDelay(median, sigma)
}

// MagicID returns the id with which every call gets the status: as the client_id of finAPI, the user_id of Finogates or
// the customer_id of Straddle. It returns "" for a status that has none; those that have are 400, 401, 403, 404, 409,
// 422, 423, 429, 500, 502, 503 and 504.
func MagicID(status int) string { return engine.MagicID(status) }
