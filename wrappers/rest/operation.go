package rest

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Repeat says when an operation may be sent again after something went wrong with it. It is declared once for each
// operation, beside its method.
//
// Whatever it says, a call is sent again if the attempt certainly was not processed: it never left this machine, or the
// server refused its HTTP/2 stream (RFC 9113 §8.7). Whatever it says, a call is not sent again after a fault of a
// certificate or of the TLS version, a redirect, or a refusal such as 400, 403, 404, 422, 423 and 501. All but
// RepeatPassword are sent again after a 429, if the wait is not too long, and once more after a 401, if there is another
// credential by then.
//
// A call is in doubt ([ErrInDoubt]) after an attempt that may have been carried out: no response came, or one that broke
// off, or a 500, 502, 503 or 504. A 503 counts because gateways send it also after the server behind them has worked.
type Repeat uint8

const (
	// RepeatUnprocessed is sent again after a 408, too: the provider did not get the whole request (RFC 9110 §15.5.9).
	// When in doubt it is sent again only if the caller asks for it; see [RepeatInDoubt]. It is the zero Repeat.
	RepeatUnprocessed Repeat = iota
	// RepeatFreely is sent again after every failure that may pass: doing it twice does no harm. A 503 does not leave it
	// in doubt.
	RepeatFreely
	// RepeatByKey is RepeatFreely under an idempotency key, which all attempts of a call share; a 503 leaves it in doubt.
	// A key is made if the caller gave none. A 409 under the caller's key, or after an attempt in doubt, means that
	// the other attempt is still running, and the call is sent again. Under a key that no other attempt can have
	// used, a 409 is a refusal.
	RepeatByKey
	// RepeatRefused is sent again only where that holds for all, unless the caller asks for more; see [RepeatInDoubt].
	// It is for grants that can be used up, and a response to one that cannot be read leaves it in doubt.
	RepeatRefused
	// RepeatPassword is not sent again after any response, nor when in doubt, whatever the caller asks for: each password
	// that arrives may count towards locking its user.
	RepeatPassword
	// RepeatIdempotent is sent again as RepeatFreely is: twice has the effect of once (RFC 9110 §9.2.2). Its response may
	// differ, though: what was canceled, deleted or exchanged already may be refused. So after an attempt in doubt only a
	// success tells; with any refusal, a 400 or 422 as well as a 404 or 409, the call stays in doubt. So does a 503.
	RepeatIdempotent
)

// Operation is one call of an API.
type Operation struct {
	// API is whose operation it is.
	API *API
	// Name is the operationId in the API's document.
	Name string
	// Method and Path are those of the document; Path is the template.
	Method, Path string
	// Repeat says when it may be sent again.
	Repeat Repeat
	// Headers are the headers of the named options that the operation takes. The other options are refused. nil takes
	// all that API has.
	Headers []string
	// Public operations are sent without the client's credential.
	Public bool
	// MaxBody is the limit of its answer in bytes. 0 means DefaultMaxBody.
	MaxBody int64
	// Required are members without which a payload is none, so that an error under a 2xx is not read as an empty success.
	// It is for APIs without an envelope, which would tell.
	Required []string
	// NoContent operations succeed by their status alone. What their answer holds is not looked at.
	NoContent bool

	foreign bool // made up for a request that named none
}

// API is what the operations of a provider have in common.
type API struct {
	// Provider is the name that errors and logs show.
	Provider string
	// The headers that carry the values of the call options. One without a name means that the provider has no such
	// header; the option is then refused.
	IdempotencyKey, RequestID, CorrelationID, AccountID HeaderRule
	// ResponseRequestID is the header of the answer that carries the provider's id of the request.
	ResponseRequestID string
	// Open takes the payload out of the body of a 2xx, which is valid JSON; see Members. An error that it returns
	// should be an *Error; see Bad. nil means that the body is the payload.
	Open func(body []byte) (payload []byte, meta Meta, err error)
	// Explain reads the body of a failure into e: Code, Message, RequestID, Detail, further kinds, or another one than
	// that of the status; see Error.AddKind and Error.SetKind. The body is empty if it is not JSON that a success might
	// be, too. nil means that errors carry the status alone.
	Explain func(e *Error, header http.Header, body []byte)
}

// HeaderRule is a header that a call option sets, and the provider's rule for its value. Whatever that is, a value is
// ASCII, without control characters and without spaces at its ends; an idempotency key has no spaces at all.
type HeaderRule struct {
	// Name is the name of the header.
	Name string
	// Check returns nil or an error that is [ErrInvalid] and names field, never the value; see [Length] and [UUID].
	// nil takes every value but the empty one.
	Check func(field, value string) error
}

// takes reports whether the operation takes an option with that header.
func (op *Operation) takes(header string) bool {
	return op.Headers == nil || slices.Contains(op.Headers, header)
}

// Meta is what an envelope tells about an answer.
type Meta struct {
	// RequestID is the provider's id of the request.
	RequestID string
	// Time is when the provider made the answer; zero if it did not say, or not in a readable way.
	Time time.Time
	// Type is the envelope's word for what it holds.
	Type string
	// Paging is where the answer stands in its list, if it is a page of one.
	Paging
}

// Info is what a caller can learn about a call besides its result; see [Capture].
type Info struct {
	// Provider and Operation name the call.
	Provider, Operation string
	// Method and Path are those of the operation's document.
	Method, Path string
	// RequestID is the provider's id of the request, from the header or the envelope, else the one that was sent.
	RequestID string
	// IdempotencyKey is the key the call was sent under, given or made.
	IdempotencyKey string
	// Status is the HTTP status of the last answer; 0 if there was none.
	Status int
	// Attempts is how many attempts were made.
	Attempts int
	// Duration is the time from the call to its result, waits included.
	Duration time.Duration
	// Header is the header of the last answer.
	Header http.Header
	// Meta is what the envelope told.
	Meta Meta
}

// Format prints, under every verb, what may be logged: everything but Header, which may hold anything.
func (i Info) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, i.Provider+" "+i.Operation+" "+i.Method+" "+i.Path+" "+strconv.Itoa(i.Status)+
		" (request id "+i.RequestID+", attempts "+strconv.Itoa(i.Attempts)+", "+i.Duration.String()+")")
}

// LogValue returns what may be logged.
func (i Info) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("provider", i.Provider), slog.String("operation", i.Operation),
		slog.String("method", i.Method), slog.String("path", i.Path), slog.Int("status", i.Status),
		slog.String("request_id", i.RequestID), slog.Int("attempts", i.Attempts), slog.Duration("duration", i.Duration),
	)
}

// MarshalJSON returns the same parts as LogValue.
func (i Info) MarshalJSON() ([]byte, error) {
	out := map[string]any{}
	for _, a := range i.LogValue().Group() {
		out[a.Key] = a.Value.Any()
	}
	return json.Marshal(out)
}
