// The one error of bad input: which field breaks which rule.

package engine

import "fmt"

// InvalidError says which field of an argument, an option, a fault, a fixture or a snapshot breaks which rule. It never
// holds a secret.
type InvalidError struct {
	Field string // such as "faults[0].operation"
	Rule  string // such as "must be an operation of straddle"
}

// Error returns the error as "field: rule".
func (e *InvalidError) Error() string { return e.Field + ": " + e.Rule }

// Invalid returns the error.
func Invalid(field, format string, args ...any) error {
	return &InvalidError{Field: field, Rule: fmt.Sprintf(format, args...)}
}
