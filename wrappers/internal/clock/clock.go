// Package clock waits, for the token source and the HTTP chain alike. It does nothing else.
package clock

import (
	"context"
	"time"
)

// Sleep waits for d, or until ctx ends, and reports whether it was the former.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
