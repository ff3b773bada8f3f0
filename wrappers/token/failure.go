package token

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// The pauses after a failure that may pass: at random up to firstPause, doubled for each further failure in a row up
// to Config.Backoff, and never less than leastPause, so that callers who come one after the other share a failure too.
const (
	leastPause = 100 * time.Millisecond
	firstPause = 500 * time.Millisecond
	// longestWait bounds what a provider may ask for; see [Later].
	longestWait = 5 * time.Minute
)

// failure is the last failure of a Source. It is the answer for all who would have to wait, until it is over.
type failure struct {
	err   error // nil if the last fetch went well
	final bool  // until Reset
	count int   // failures in a row
	until time.Time
	held  error // the last one in the row that is marked by Hold
	helds int   // how many of the row are
}

// holds reports whether nothing is to be asked at now.
func (f *failure) holds(now time.Time) bool {
	return f.err != nil && (f.final || now.Before(f.until))
}

// add notes another failure and returns how long it holds; 0 if it does until Reset.
func (f *failure) add(err error, backoff time.Duration, now time.Time) time.Duration {
	var hold *holdError
	held := errors.As(err, &hold)
	f.err, f.final = err, errors.Is(err, ErrFinal) && !held
	if f.final {
		return 0
	}
	wait := pause(f.count, backoff)
	var later *laterError
	if errors.As(err, &later) {
		wait = max(wait, min(later.wait, longestWait))
	}
	if held {
		wait = max(wait, hold.wait(f.helds))
		f.held = err
		f.helds++
	}
	f.count++
	f.until = now.Add(wait)
	return wait
}

// heldKey is the key of the error that [Held] finds in the context of a fetch.
type heldKey struct{}

// under returns ctx for a fetch, with what [Held] tells of it. That is nothing of another Source, whose fetch may be what
// called.
func (f *failure) under(ctx context.Context) context.Context {
	return context.WithValue(ctx, heldKey{}, f.held)
}

// pause returns how long to wait after failure number count, which counts from 0.
func pause(count int, backoff time.Duration) time.Duration {
	most := min(firstPause<<min(count, 20), backoff)
	least := min(leastPause, most)
	return least + rand.N(most-least+1) //nolint:gosec // not a secret, only a spread
}
