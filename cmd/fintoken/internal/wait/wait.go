// Package wait waits for what heeds no context: a file, a pipe, a terminal, a keyring. It will never stop the work itself.
package wait

import "context"

// For returns what f returns, or the cause of ctx if that ends first. f is then left behind, and ends with the program.
func For[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}
