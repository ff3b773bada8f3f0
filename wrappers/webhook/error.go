package webhook

import (
	"errors"
	"net/http"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// What a request was refused for. Compare with errors.Is.
var (
	// ErrSignature is a request that nobody signed who has the secret, or whose headers say so in a wrong way.
	ErrSignature = errors.New("signature")
	// ErrTime is a request that was signed too long ago, or by a clock that is wrong.
	ErrTime = errors.New("time")
	// ErrSize is a body that is too large, or that did not come whole.
	ErrSize = errors.New("size")
	// ErrShape is a request that was signed, and is not an event that can be read.
	ErrShape = errors.New("shape")
	// ErrConfig is a secret or an option that breaks a rule. It is found at the first request.
	ErrConfig = errors.New("config")
)

// Error is why a request was refused. Its text has nothing of the request in it.
type Error struct {
	// Provider is the name of the provider.
	Provider string
	// Check is what failed: one of the errors of this package.
	Check error
	// Reason says which rule was broken.
	Reason string
	// Err is the cause, if there is one.
	Err error
}

func (e *Error) Error() string {
	return strings.TrimPrefix(e.Provider+": ", ": ") + "webhook: " + e.Check.Error() + ": " + e.Reason
}

func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Check}
	}
	return []error{e.Check, e.Err}
}

// Status is what the sender is told: 401 where the request is not known to be the provider's, 400 where it cannot be read,
// and 500 where the fault is here.
func (e *Error) Status() int {
	switch {
	case errors.Is(e.Check, ErrSignature), errors.Is(e.Check, ErrTime):
		return http.StatusUnauthorized
	case errors.Is(e.Check, ErrSize), errors.Is(e.Check, ErrShape):
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// Signature returns an error that is [ErrSignature].
func Signature(reason string) error { return &Error{Check: ErrSignature, Reason: reason} }

// Time returns an error that is [ErrTime].
func Time(reason string) error {
	return &Error{Check: ErrTime, Reason: "the time of the request " + reason}
}

// Config returns an error that is [ErrConfig].
func Config(reason string) error { return &Error{Check: ErrConfig, Reason: reason} }

// wrap puts the provider's name on an error.
func (s *Scheme[E]) wrap(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Check: ErrSignature, Reason: "the request could not be verified", Err: err}
	}
	own := *e // it may be everybody's
	own.Provider = s.Provider
	return &own
}

// shape returns the error of a body that could not be read, in words of this package.
func shape(err error) error {
	var e *rest.Error
	if !errors.As(err, &e) {
		return &Error{Check: ErrShape, Reason: "the event could not be read", Err: err}
	}
	reason := strings.Replace(e.Message, "the answer", "the body", 1)
	return &Error{Check: ErrShape, Reason: strings.TrimPrefix(e.Field+": "+reason, ": ")}
}
