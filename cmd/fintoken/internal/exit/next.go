package exit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// Next returns what to do about err, in a sentence; "" if nothing is known to help.
func Next(err error, call Call) string {
	var known *Error
	var unprinted *PrintError
	var e *rest.Error
	called := errors.As(err, &e)
	switch {
	case errors.Is(err, context.Canceled) && called:
		return interrupted(e, call)
	case errors.Is(err, context.Canceled):
		return ""
	case errors.As(err, &unprinted):
		return unprinted.next(call)
	case errors.As(err, &known):
		return known.Next
	case !called:
		return ""
	}
	code := codeOf(e, call)
	if code == Network && strings.HasPrefix(e.Message, "the server's certificate") {
		return "for a sandbox with --tls, set FINTOKEN_CA_FILE as it prints it; else see what stands between with `fintoken doctor`"
	}
	if next := steering(e, code); next != "" {
		return next
	}
	switch code {
	case Usage:
		if e.Field == call.Operation { // the whole call is what breaks a rule
			return "nothing was sent; see what the command's --help says of it"
		}
		return "nothing was sent; see " + flagOf(e.Field, call) + " in the command's --help"
	case NotFound:
		return notFound(e)
	case Auth:
		return refused(e)
	case Network:
		if errors.Is(e, ErrProxy) {
			return "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY, and what the proxy allows"
		}
		return "check the address and the network with `fintoken doctor`, or give it more time with --timeout"
	case RateLimited:
		return later(e.RetryAfter)
	case InDoubt:
		return doubt(call)
	}
	return failed(e)
}

// next says how to get the answer after all.
func (e *PrintError) next(call Call) string {
	var how []string
	if call.IdempotencyKey != "" {
		how = append(how, "with --idempotency-key "+wire.Word(call.IdempotencyKey))
	}
	if e.How != "" {
		how = append(how, e.How)
	}
	again := strings.TrimSpace("run it again " + strings.Join(how, " and "))
	switch {
	case call.IdempotencyKey != "":
		return "the call has worked; " + again + " to get the answer that was lost"
	case call.Operation != "":
		return "the call has worked and its answer is lost; " + again + " for another one"
	}
	return again
}

// ErrProxy is the kind of the error of a proxy that does not let a call through.
var ErrProxy = errors.New("the proxy refuses the connection")

// notFound says what to do about a 404. If it is not in the words of the provider, it may come from somebody else.
func notFound(e *rest.Error) string {
	const next = "check the ids, and that they belong to this client and environment"
	if e.Detail == nil {
		return next + "; and --base-url, if it is not the provider's own"
	}
	return next
}

// steering says what to do about a sandbox that does not let itself be steered; "" if nothing special.
func steering(e *rest.Error, code int) string {
	switch {
	case e.Provider != "sandbox":
	case code == NotFound && e.Operation == "removeFault":
		return "`fintoken sandbox faults` lists the rules"
	case code == NotFound:
		return "give --base-url or FINTOKEN_SANDBOX_URL as `fintoken sandbox` prints it"
	case code == Auth:
		return "`fintoken sandbox --allow-remote-admin` lets other machines steer it"
	case waited(e):
		return "no such call was made in that time; `fintoken sandbox journal` lists those that were"
	case code == Network && errors.Is(e, context.DeadlineExceeded):
		return "give it more time with --timeout, which must be longer than the --wait of a journal; or check --base-url"
	case code == Network:
		return "start `fintoken sandbox`, or correct --base-url or FINTOKEN_SANDBOX_URL"
	case code == API && errors.Is(e, rest.ErrInvalid):
		return "correct what the sandbox names; see the command's --help"
	}
	return ""
}

// Flags are those of the fields that are called otherwise in the Go packages.
var Flags = map[string]string{
	"AccountID":         "--straddle-account-id",
	"Config.APIVersion": "--api-version",
	"CorrelationID":     "--correlation-id",
	"IdempotencyKey":    "--idempotency-key",
	"RequestID":         "--request-id",
}

// flagOf returns the flag of a field, or the argument: of a member of a body, as "config.sandbox_outcome", or of an option.
func flagOf(field string, call Call) string {
	if slices.Contains(call.Arguments, field) {
		return strings.ToUpper(field)
	}
	if flag, ok := Flags[field]; ok {
		return flag
	}
	if field == "" {
		return "the flags"
	}
	field, _, _ = strings.Cut(field, "[") // an item of a list
	return "--" + strings.ReplaceAll(strings.ToLower(field), "_", "-")
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
	case errors.Is(e, rest.ErrLocked) && e.Provider != "finapi":
		return "what the request names is locked; ask the provider"
	case errors.Is(e, rest.ErrLocked):
		return "the user is locked after too many wrong passwords; its password must be changed"
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
		return "run it again with --idempotency-key " + wire.Word(call.IdempotencyKey) + " to get the answer that was lost"
	}
	return "the request may have been carried out; running it again may do it twice"
}

// badAnswer says what to do about an answer that is not what was promised. One of success is never shown.
func badAnswer(e *rest.Error) string {
	if e.Status/100 == 2 {
		return "check --base-url; if it is right, the provider does not keep to its document"
	}
	return "check --base-url; `--format-error raw` shows the answer"
}

// failed says what to do about the other answers of a provider.
func failed(e *rest.Error) string {
	switch {
	case errors.Is(e, rest.ErrUnavailable):
		return "the provider has a problem; try again later"
	case errors.Is(e, rest.ErrBadResponse):
		return badAnswer(e)
	case errors.Is(e, rest.ErrConflict) && e.Provider != "straddle":
		return "the request collides with another one; run it again, and correct what the provider names if that does not help"
	case errors.Is(e, rest.ErrConflict):
		return "use another --idempotency-key for another request"
	case errors.Is(e, rest.ErrInvalid):
		return "correct what the provider names; --format-error json shows its whole answer"
	}
	return ""
}
