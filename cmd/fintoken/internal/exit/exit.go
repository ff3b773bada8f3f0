// Package exit turns the outcome of a command into the exit code of the program and into what to do next. It will
// never look at a text to decide: the kinds of an error decide.
package exit

import (
	"context"
	"errors"
	"net/http"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// The exit codes of the program. They are part of its contract: scripts depend on them.
const (
	OK          = 0   // it worked
	Failed      = 1   // a check did not hold: demo, doctor, spec validate, webhooks verify; or the answer could not be printed
	Usage       = 2   // the command line or the body is wrong; nothing was sent
	NotFound    = 3   // what the request names does not exist
	Auth        = 4   // the provider refuses the credential, or what it wants to do
	API         = 5   // the provider refuses the request, fails, or answers nonsense
	Network     = 6   // no answer: no connection, or not in time
	RateLimited = 7   // too many requests
	InDoubt     = 8   // the request left, and nothing tells whether it was carried out
	Config      = 10  // a credential or a setting is missing or unusable
	Interrupted = 130 // Ctrl-C
)

// Meanings lists the codes for people.
var Meanings = []struct {
	Code    int
	Meaning string
}{
	{OK, "it worked"},
	{Failed, "a check did not hold (demo, doctor, spec validate, webhooks verify), or the answer could not be printed"},
	{Usage, "the command line or the body is wrong; nothing was sent"},
	{NotFound, "what the request names does not exist"},
	{Auth, "the provider refuses the credential, or what it wants to do"},
	{API, "the provider refuses the request, fails, or answers something else than promised"},
	{Network, "no answer: no connection, or not in time"},
	{RateLimited, "too many requests"},
	{InDoubt, "the request left, and nothing tells whether it was carried out"},
	{Config, "a credential or a setting is missing or unusable"},
	{Interrupted, "interrupted"},
}

// Error is an error that knows its exit code and, if there is something to do about it, what.
type Error struct {
	Code int
	Err  error
	Next string // what to do next; empty if nothing helps
}

// Error returns the text of the error alone.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the error itself.
func (e *Error) Unwrap() error { return e.Err }

// UsageError returns err as one of the command line. A nil err stays nil.
func UsageError(err error, next string) error { return with(Usage, err, next) }

// ConfigError returns err as one of the configuration. A nil err stays nil.
func ConfigError(err error, next string) error { return with(Config, err, next) }

// PrintError is the error of an answer that could not be printed. What must be done to get it depends on the call.
type PrintError struct {
	Err error
	How string // what to do other than before; empty if there is nothing
}

// Error returns the text of the error alone.
func (e *PrintError) Error() string { return e.Err.Error() }

// Unwrap returns the error itself.
func (e *PrintError) Unwrap() error { return e.Err }

func with(code int, err error, next string) error {
	if err == nil {
		return nil
	}
	return &Error{Code: code, Err: err, Next: next}
}

// errFailed is the cause of a check that did not hold and has said so itself.
var errFailed = errors.New("a check did not hold")

// ErrFailed ends a command that has told already what is wrong.
var ErrFailed error = &Error{Code: Failed, Err: errFailed}

// Silent reports whether err was told already.
func Silent(err error) bool { return errors.Is(err, errFailed) }

// Call is what must be known of a call to judge its failure.
type Call struct {
	// Operation is the call that the command is about. A failure of another one, which fetches the bearer for it, is
	// never in doubt.
	Operation string
	// Harmless calls may be made again whatever became of the first, so they are never in doubt.
	Harmless bool
	// Arguments are the fields of errors that are arguments of the command, and not flags.
	Arguments []string
	// IdempotencyKey is the key that the call was sent under, if any.
	IdempotencyKey string
}

// Code returns the exit code of err.
func Code(err error, call Call) int {
	var known *Error
	var unprinted *PrintError
	switch {
	case err == nil:
		return OK
	case errors.Is(err, context.Canceled):
		return Interrupted // wherever that was
	case errors.As(err, &unprinted):
		return Failed
	case errors.As(err, &known):
		return known.Code
	}
	var e *rest.Error
	if !errors.As(err, &e) {
		return Config // a constructor, a store or a file
	}
	return codeOf(e, call)
}

// codeOf returns the exit code of a call.
func codeOf(e *rest.Error, call Call) int {
	is := func(kind error) bool { return errors.Is(e, kind) }
	switch {
	case is(rest.ErrInvalid) && e.Attempts == 0:
		return Usage
	case is(rest.ErrRateLimited):
		return RateLimited
	case is(rest.ErrUnauthenticated), is(rest.ErrForbidden), is(rest.ErrLocked):
		return Auth
	case is(rest.ErrNotFound):
		return NotFound
	case is(rest.ErrInDoubt) && !call.harmless(e):
		return InDoubt
	case e.Status == 0 && !is(rest.ErrBadResponse), waited(e):
		return Network
	}
	return API
}

// waited reports whether what a sandbox was to wait for did not happen in time.
func waited(e *rest.Error) bool {
	return e.Provider == "sandbox" && e.Status == http.StatusRequestTimeout
}

// harmless reports whether the call that failed with e can be made again whatever became of it.
func (c Call) harmless(e *rest.Error) bool {
	return c.Harmless || c.Operation != "" && e.Operation != c.Operation
}
