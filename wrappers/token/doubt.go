package token

import (
	"errors"
	"fmt"
	"io"
)

// ErrInDoubt is what errors.Is finds in a failure after which nobody knows whether the refresh token was used; see
// [InDoubt].
var ErrInDoubt = errors.New("it is not known whether the refresh token was used")

// InDoubt marks err as one that leaves open whether the refresh token of the fetch was used: the request left, and its
// answer was lost. errors.Is finds [ErrInDoubt] and what is in err. InDoubt(nil) is nil.
func InDoubt(err error) error {
	if err == nil {
		return nil
	}
	return &doubtError{err}
}

type doubtError struct{ error }

func (e *doubtError) Unwrap() error        { return e.error }
func (e *doubtError) Is(target error) bool { return target == ErrInDoubt }

// Format prints the text of the error under every verb.
func (e *doubtError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }
