package token

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// ErrInDoubt tells that nobody knows whether a refresh token was used, because the answer to it was lost: with the connection,
// with the process that had sent it, or on its way into the [Store]. Providers that detect reuse end the whole grant
// when a refresh token comes twice (RFC 9700 §4.14.2), so a [Source] does not send it again: it starts over, and where
// it cannot, it fails with an error that is ErrInDoubt.
var ErrInDoubt = errors.New("it is not known whether the refresh token was used")

// InDoubt marks err as one that leaves open whether the provider used the refresh token that it was sent. It is for the
// errors of a [Fetch]: no answer came, or none that tells, such as a 503 or half a success. errors.Is finds
// [ErrInDoubt] and what is in err. InDoubt(nil) is nil.
func InDoubt(err error) error {
	if err == nil {
		return nil
	}
	return &doubtError{err}
}

// doubtError is handed out by its address: what errors are compared with must be comparable.
type doubtError struct{ error }

func (e *doubtError) Unwrap() error        { return e.error }
func (e *doubtError) Is(target error) bool { return target == ErrInDoubt }

// Format prints the text of the error under every verb.
func (e *doubtError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }

// leavesDoubt reports whether a fetch that failed with err may have used its refresh token. Besides what says so it is
// a fetch that panicked, one that brought no usable token, and one that only tells that its context ended: none of them
// says how far it got.
func leavesDoubt(err error) bool {
	var p *PanicError
	return errors.Is(err, ErrInDoubt) || errors.Is(err, ErrBadToken) || errors.As(err, &p) ||
		err == context.DeadlineExceeded || err == context.Canceled //nolint:errorlint // what wraps them may know more
}
