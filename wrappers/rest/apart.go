package rest

import "context"

// apart is a context that no longer tells of the call, nor of its options: what runs under it may make calls of its own.
type apart struct{ context.Context }

// Value returns what the context has, apart from those two.
func (a apart) Value(key any) any {
	switch key.(type) {
	case callKey, optionsKey:
		return nil
	}
	return a.Context.Value(key)
}
