package exit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// Next returns what to do about err, in a sentence; "" if nothing is known to help.
func Next(err error, call Call) string {
	var known *Error
	if errors.As(err, &known) {
		return known.Next
	}
	var e *rest.Error
	if !errors.As(err, &e) {
		return ""
	}
	if errors.Is(err, context.Canceled) {
		return interrupted(e, call)
	}
	switch codeOf(e, call) {
	case Usage:
		return "nothing was sent; see the command's --help for what " + or(e.Field, "the field") + " may be"
	case NotFound:
		return "check the ids, and that they belong to this client and environment"
	case Auth:
		return refused(e)
	case Network:
		return "check the address and the network with `fintoken doctor`, or give it more time with --timeout"
	case RateLimited:
		return later(e.RetryAfter)
	case InDoubt:
		return doubt(call)
	}
	return failed(e)
}

// interrupted says what an interruption leaves behind.
func interrupted(e *rest.Error, call Call) string {
	if e.Attempts > 0 && !call.harmless(e) {
		return doubt(call)
	}
	return ""
}

// refused says what to do about a credential that was refused.
func refused(e *rest.Error) string {
	switch {
	case errors.Is(e, rest.ErrVersionMismatch):
		return "use the other --api-version: the client is bound to one of V1 and V2"
	case errors.Is(e, rest.ErrLocked):
		return "the user is locked after too many wrong passwords; its password has to be changed"
	case errors.Is(e, rest.ErrUnauthenticated):
		return "check the credential and that it belongs to this --environment; `fintoken doctor` shows where it comes from"
	}
	return "the credential is known but not allowed to do this"
}

// later says when to come back.
func later(wait time.Duration) string {
	if wait > 0 {
		return fmt.Sprintf("wait %s, then run the command again", wait)
	}
	return "wait a little, then run the command again"
}

// doubt says how to find out what became of a request.
func doubt(call Call) string {
	if call.IdempotencyKey != "" {
		return "run it again with --idempotency-key " + call.IdempotencyKey + " to get the answer that was lost"
	}
	return "the request may have been carried out; running it again may do it twice"
}

// failed says what to do about the other answers of a provider.
func failed(e *rest.Error) string {
	switch {
	case errors.Is(e, rest.ErrUnavailable):
		return "the provider has a problem; try again later"
	case errors.Is(e, rest.ErrBadResponse):
		return "check --base-url; `--format-error raw` shows the answer"
	case errors.Is(e, rest.ErrConflict):
		return "use another --idempotency-key for another request"
	case errors.Is(e, rest.ErrInvalid):
		return "correct what the provider names; --format-error json shows its whole answer"
	}
	return ""
}

func or(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}
