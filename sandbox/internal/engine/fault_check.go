// Which rules for faults are possible. A field that would do nothing is refused: it was meant to do something.

package engine

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	ruleLimit  = 1000
	delayLimit = 5 * time.Minute
	sizeLimit  = 1 << 30
	sizeNormal = 64 << 20

	lateLimit     = 48 * time.Hour // of a webhook that is late
	webhookSize   = 10 << 20
	webhookLimits = 64 << 20 // it is signed as a whole
)

// use says which of the optional fields a kind has use for.
type use struct{ status, text, location, name, size, drip bool }

var kindUses = map[FaultKind]use{
	FaultNone:            {drip: true},
	FaultError:           {status: true, text: true, drip: true},
	FaultResetBefore:     {},
	FaultResetAfter:      {},
	FaultResetInBody:     {},
	FaultDisconnect:      {},
	FaultTruncate:        {},
	FaultWrongLength:     {},
	FaultDuplicateHeader: {name: true, drip: true},
	FaultEmpty:           {status: true},
	FaultGarbage:         {status: true, drip: true},
	FaultHTML:            {status: true, drip: true},
	FaultRedirect:        {status: true, location: true},
	FaultHugeBody:        {size: true},
	FaultGzipBomb:        {size: true},

	FaultWebhookTwice:          {},
	FaultWebhookLate:           {},
	FaultWebhookOutOfOrder:     {},
	FaultWebhookWrongSignature: {},
	FaultWebhookOldTimestamp:   {},
	FaultWebhookHuge:           {size: true},
}

// checkFault fills in what a rule leaves to us, and says what is wrong with the rest.
func (e *Engine) checkFault(f *Fault) error {
	if f.Kind == "" {
		f.Kind = FaultNone
	}
	used, known := kindUses[f.Kind]
	switch {
	case f.ID != "":
		return Invalid("id", "must be empty; the sandbox makes one")
	case !known:
		return Invalid("kind", "must be one of the kinds of faults, such as error or reset_before")
	case f.Kind == FaultNone && f.Delay == nil && f.Drip == 0:
		return Invalid("kind", "is none, so there must be a delay or a drip")
	}
	f.Seen, f.Fired = 0, 0
	if err := e.checkMatch(f); err != nil {
		return err
	}
	if err := checkUse(f, used); err != nil {
		return err
	}
	if err := checkStatus(f); err != nil {
		return err
	}
	if f.told() {
		return checkTold(f)
	}
	return checkDelay(f.Delay, f.longest())
}

// checkTold checks what is different where a rule is about webhooks.
func checkTold(f *Fault) error {
	switch {
	case f.Kind == FaultWebhookLate && f.Delay == nil:
		return Invalid("delay", "is required with the kind %s", f.Kind)
	case f.Kind != FaultWebhookLate && f.Delay != nil:
		return Invalid("delay", "does nothing with the kind %s", f.Kind)
	case f.Delay != nil && f.Delay.Phase != "":
		return Invalid("delay", "must have no phase with the kind %s", f.Kind)
	case f.Size > webhookLimits:
		return Invalid("size", "must be between 0 and %d with the kind %s", webhookLimits, f.Kind)
	}
	return checkDelay(f.Delay, f.longest())
}

// longest is how long a delay may be.
func (f *Fault) longest() time.Duration {
	if f.told() {
		return lateLimit
	}
	return delayLimit
}

// length is how many bytes a webhook has that is huge.
func (f *firing) length() int { return int(cmp.Or(f.Size, webhookSize)) }

func (e *Engine) checkMatch(f *Fault) error {
	if f.Provider == "" {
		return Invalid("provider", "is required: %s, or * for all", strings.Join(e.Names(), ", "))
	}
	if f.Provider != "*" && !e.Knows(f.Provider) {
		return Invalid("provider", "must be %s", Choice(append(e.Names(), "*")...))
	}
	if err := e.checkEvent(f); err != nil {
		return err
	}
	operations := e.Operations(f.Provider)
	if f.Operation != "" && !slices.Contains(operations, f.Operation) {
		return Invalid("operation", "must be one of %s", strings.Join(operations, ", "))
	}
	for name := range f.Header {
		if !headerName(name) {
			return Invalid("header", "must hold names of headers")
		}
	}
	switch {
	case f.Nth < 0:
		return Invalid("nth", "must be 0 or more")
	case f.Times < 0:
		return Invalid("times", "must be 0 or more")
	case f.Nth > 0 && f.Times > 1:
		return Invalid("times", "must be 0 or 1 with nth, which is one call")
	case !(f.Probability >= 0 && f.Probability <= 1): // so put, it refuses NaN as well
		return Invalid("probability", "must be between 0 and 1")
	}
	return nil
}

// checkEvent checks what tells which events a rule is about, and that no rule is about calls as well.
func (e *Engine) checkEvent(f *Fault) error {
	types := e.EventTypes(f.Provider)
	switch {
	case !f.told() && f.Event != "":
		return Invalid("event", "does nothing with the kind %s", f.Kind)
	case !f.told():
		return nil
	case f.Operation != "":
		return Invalid("operation", "does nothing with the kind %s; event says which events are meant", f.Kind)
	case len(f.Header) > 0:
		return Invalid("header", "does nothing with the kind %s", f.Kind)
	case len(types) == 0:
		return Invalid("provider", "must be %s, or * for all, with the kind %s", Choice(e.Telling()...), f.Kind)
	case f.Event != "" && !slices.Contains(types, f.Event):
		return Invalid("event", "must be %s", Choice(types...))
	}
	return nil
}

func checkUse(f *Fault, used use) error {
	for _, field := range []struct {
		name        string
		given, used bool
	}{
		{"status", f.Status != 0, used.status},
		{"code", f.Code != "", used.text},
		{"message", f.Message != "", used.text},
		{"retry_after", f.RetryAfter != "", used.text},
		{"location", f.Location != "", used.location},
		{"name", f.Name != "", used.name},
		{"size", f.Size != 0, used.size},
		{"drip", f.Drip != 0, used.drip},
	} {
		if field.given && !field.used {
			return Invalid(field.name, "does nothing with the kind %s", f.Kind)
		}
	}
	for _, field := range []struct {
		name, value string
		limit       int
	}{{"code", f.Code, 200}, {"message", f.Message, 1000}, {"retry_after", f.RetryAfter, 100}, {"location", f.Location, 2048}, {"name", f.Name, 200}} {
		if utf8.RuneCountInString(field.value) > field.limit {
			return Invalid(field.name, "must have at most %d characters", field.limit)
		}
	}
	switch {
	case f.Name != "" && (!headerName(f.Name) || slices.Contains(framing, http.CanonicalHeaderKey(f.Name))):
		return Invalid("name", "must be a header that does not frame the message")
	case !headerValue(f.RetryAfter):
		return Invalid("retry_after", "must be the value of a header")
	case f.Size < 0 || f.Size > sizeLimit:
		return Invalid("size", "must be between 0 and %d", sizeLimit)
	case f.Drip < 0:
		return Invalid("drip", "must be 0 or more")
	}
	return nil
}

// framing are the headers that the server writes by itself.
var framing = []string{"Connection", "Content-Length", "Date", "Trailer", "Transfer-Encoding"}

func checkStatus(f *Fault) error {
	switch f.Kind {
	case FaultError:
		if f.Status < 400 || f.Status > 599 {
			return Invalid("status", "must be between 400 and 599")
		}
	case FaultRedirect:
		if !slices.Contains([]int{301, 302, 303, 307, 308}, f.Status) {
			return Invalid("status", "must be 301, 302, 303, 307 or 308")
		}
		if _, err := url.Parse(f.Location); err != nil || !headerValue(f.Location) {
			return Invalid("location", "must be a URL")
		}
	default:
		if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
			return Invalid("status", "must be between 200 and 599")
		}
	}
	return nil
}

// checkDelay checks a delay, which is at most so long.
func checkDelay(d *Delay, most time.Duration) error {
	if d == nil {
		return nil
	}
	kinds := 0
	for _, given := range []bool{d.Fixed != 0, d.Min != 0 || d.Max != 0, d.Median != 0 || d.Sigma != 0} {
		if given {
			kinds++
		}
	}
	for _, length := range []Duration{d.Fixed, d.Min, d.Max, d.Median} {
		if length < 0 || time.Duration(length) > most {
			return Invalid("delay", "must be between 0 and %s", most)
		}
	}
	switch {
	case d.Phase != "" && d.Phase != DelayAfter && d.Phase != DelayBefore:
		return Invalid("delay", "must have the phase before or after")
	case kinds != 1:
		return Invalid("delay", "must be fixed, or min and max, or median and sigma")
	case d.Min > d.Max:
		return Invalid("delay", "must have a min that is not above its max")
	case d.Median != 0 && !(d.Sigma > 0 && d.Sigma <= 3) || d.Sigma != 0 && d.Median == 0:
		return Invalid("delay", "must have a median, and a sigma above 0 and up to 3")
	}
	return nil
}

// headerName reports whether a text can name a header (RFC 9110, section 5.1).
func headerName(name string) bool {
	const symbols = "!#$%&'*+-.^_`|~"
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(symbols, r)
	})
}

// headerValue reports whether a text can be sent as the value of a header.
func headerValue(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' })
}
