package rest

import (
	"net/http"
	"time"
)

// Repeat says when an operation may be sent once more, after something went wrong with it. It is declared once for
// each operation, beside its method.
type Repeat uint8

const (
	// RepeatUnprocessed sends again only what certainly was not processed: the connection could not be made, or
	// the provider said to come back later. It is the zero Repeat.
	RepeatUnprocessed Repeat = iota
	// RepeatFreely sends again on every passing failure: doing it twice does no harm.
	RepeatFreely
	// RepeatByKey is RepeatFreely under an idempotency key, which all attempts of a call share. A key is made if
	// the caller gave none. It also repeats on a 409, which then means that the first attempt is still running.
	RepeatByKey
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
	// Public operations are sent without the client's credential.
	Public bool
	// MaxBody is the limit of its answer in bytes. 0 means DefaultMaxBody.
	MaxBody int64
}

// API is what the operations of a provider have in common.
type API struct {
	// Provider is the name that errors and logs show.
	Provider string
	// The headers that carry the values of the call options. An empty one means that the provider has no such
	// header; the option is then refused.
	IdempotencyKey, RequestID, CorrelationID, AccountID string
	// ResponseRequestID is the header of the answer that carries the provider's id of the request.
	ResponseRequestID string
	// Open takes the payload out of the body of a 2xx. An error that it returns should be an *Error; see Bad.
	// nil means that the body is the payload.
	Open func(body []byte) (payload []byte, meta Meta, err error)
	// Explain reads the body of a failure into e: Code, Message, RequestID, Detail and further kinds. It must
	// cope with any body. nil means that errors carry the status alone.
	Explain func(e *Error, header http.Header, body []byte)
}

// Meta is what an envelope tells about an answer.
type Meta struct {
	// RequestID is the provider's id of the request.
	RequestID string
	// Time is when the provider made the answer; zero if it did not say, or not in a readable way.
	Time time.Time
	// Type is the envelope's word for what it holds.
	Type string
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
	// Attempts is how often the call was sent.
	Attempts int
	// Duration is the time from the call to its result, waits included.
	Duration time.Duration
	// Header is the header of the last answer.
	Header http.Header
	// Meta is what the envelope told.
	Meta Meta
}
