package token

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

var (
	// ErrFinal is what errors.Is finds in a failure that asking again cannot mend; see [Final].
	ErrFinal = errors.New("asking again is of no use")
	// ErrClosed is the answer of a Source that was closed.
	ErrClosed = errors.New("token: the source is closed")
	// ErrBadToken is the answer when a Fetch returned something that is no usable token.
	ErrBadToken = errors.New("token: the fetch returned no usable token")
)

// Kinds of final failures, to be given to [Final]. errors.Is finds them.
var (
	// ErrBadClient: the client's id or secret is wrong (RFC 6749 §5.2, invalid_client).
	ErrBadClient = errors.New("the client is not accepted")
	// ErrBadUser: the user's name or password is wrong. Each further try may count towards locking the user.
	ErrBadUser = errors.New("the user is not accepted")
	// ErrDeadGrant: the refresh token has ended, was revoked or was used before (RFC 6749 §5.2, invalid_grant). The
	// user must log in again. A Source looks for a newer one in its [Store] and then starts over before it
	// takes this as final.
	ErrDeadGrant = errors.New("the grant is no longer alive")
	// ErrLocked: the user is locked and must be unlocked elsewhere.
	ErrLocked = errors.New("the user is locked")
	// ErrForbidden: client and user are known and may not have a token.
	ErrForbidden = errors.New("a token is not allowed")
)

// Final marks err as final: a wrong client secret, a locked user, a grant that is dead. A [Source] whose fetch
// fails with it does not ask again until [Source.Reset], unless [Hold] says when; that is what keeps a wrong password from
// locking its user. errors.Is finds [ErrFinal], each of kinds and what is in err. Final(nil) is nil.
func Final(err error, kinds ...error) error {
	if err == nil {
		return nil
	}
	return &finalError{err, append(slices.Clone(kinds), ErrFinal)}
}

// finalError is handed out by its address: what errors are compared with must be comparable.
type finalError struct {
	error
	kinds []error
}

func (e *finalError) Unwrap() error        { return e.error }
func (e *finalError) Is(target error) bool { return slices.Contains(e.kinds, target) }

// Format prints the text of the error under every verb.
func (e *finalError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// Later marks err as one that the provider wants no further try after for the time of wait, such as a 429 with a
// Retry-After. A [Source] waits that long, at most 5 minutes, before it asks again. Later(nil, wait) is nil.
func Later(err error, wait time.Duration) error {
	if err == nil {
		return nil
	}
	return &laterError{err, wait}
}

type laterError struct {
	error
	wait time.Duration
}

func (e *laterError) Unwrap() error { return e.error }

// Format prints the text of the error under every verb.
func (e *laterError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// Hold marks err as one after which the caller's own rule wants no further fetch for a time: after a password that was
// answered, say. A [Source] whose fetch fails with it waits at least that long before it asks again, however long it is,
// in the background as well, and then does ask again even if err is [ErrFinal]. With several waits the first is for the
// first such failure, the second for the next one in a row, and so on; the last is for all that follow. A success and
// [Source.Reset] end the row and the wait. Hold(nil) is nil.
func Hold(err error, waits ...time.Duration) error {
	if err == nil {
		return nil
	}
	return &holdError{err, slices.Clone(waits)}
}

type holdError struct {
	error
	waits []time.Duration
}

func (e *holdError) Unwrap() error { return e.error }

// Format prints the text of the error under every verb.
func (e *holdError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// wait returns how long to wait after so many holds before this one.
func (e *holdError) wait(before int) time.Duration {
	if len(e.waits) == 0 {
		return 0
	}
	return e.waits[min(before, len(e.waits)-1)]
}

// Held returns the last failure marked by [Hold] of the [Source] whose [Fetch] was called with ctx, or nil if there was
// none since its last success and its last Reset. A fetch finds in it what it must not do again.
func Held(ctx context.Context) error {
	err, _ := ctx.Value(heldKey{}).(error)
	return err
}

// PanicError is the error of a fetch that panicked. Its text leaves Value out, which may hold anything.
type PanicError struct {
	// Value is what the fetch panicked with; nil if it ended its goroutine.
	Value any `json:"-"`
	// Stack is the stack of the fetch's goroutine at that moment.
	Stack []byte `json:"-"`
}

// Error names the type of the panic's value.
func (e *PanicError) Error() string {
	return fmt.Sprintf("token: the fetch panicked with a %T", e.Value)
}

// Format prints Error under every verb, for a PanicError as for its address.
func (e PanicError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }
