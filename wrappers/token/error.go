package token

import (
	"errors"
	"fmt"
)

var (
	// ErrFinal is what errors.Is finds in a failure that asking again cannot mend; see [Final].
	ErrFinal = errors.New("asking again is of no use")
	// ErrClosed is the answer of a Source that was closed.
	ErrClosed = errors.New("token: the source is closed")
	// ErrBadToken is the answer when a Fetch returned something that is no usable token.
	ErrBadToken = errors.New("token: the fetch returned no usable token")
)

// Final marks err as final: a wrong client secret, a locked user, a grant that is dead. A [Source] whose fetch
// fails with it does not ask again until [Source.Reset]; that is what keeps a wrong password from locking its user.
// Final(nil) is nil.
func Final(err error) error {
	if err == nil {
		return nil
	}
	return finalError{err}
}

type finalError struct{ error }

func (e finalError) Unwrap() error        { return e.error }
func (e finalError) Is(target error) bool { return target == ErrFinal }

// PanicError is the error of a fetch that panicked. Its text leaves Value out, which may hold anything.
type PanicError struct {
	// Value is what the fetch panicked with; nil if it ended its goroutine.
	Value any
	// Stack is the stack of the fetch's goroutine at that moment.
	Stack []byte
}

// Error names the type of the panic's value.
func (e *PanicError) Error() string { return fmt.Sprintf("token: the fetch panicked with a %T", e.Value) }
