package cli

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// patience is how long a wait may be before a person is told what it is for.
const patience = time.Second

// slow tells on a terminal what the program waits for and how long at most, if that takes more than a second. The function
// that it returns ends the wait.
func (a *app) slow(what string, limit time.Duration) (ended func()) {
	if !a.StderrTerminal || a.flags.quiet {
		return func() {}
	}
	told := make(chan struct{})
	timer := time.AfterFunc(patience, func() {
		defer close(told)
		a.tell("waiting for %s, at most %s", what, limit)
	})
	return sync.OnceFunc(func() {
		if !timer.Stop() {
			<-told // so that it does not write in the middle of what comes next
		}
	})
}

// waits tells of pauses between attempts, and of answers that take their time.
type waits struct{ app *app }

// endOfWait is the key that the end of an attempt finds its beginning by.
type endOfWait struct{}

// Start tells of a pause of more than a second, and begins to wait for an answer.
func (w *waits) Start(ctx context.Context, e rest.Event) context.Context {
	a := w.app
	switch {
	case e.Kind == rest.EventAttempt:
		limit := cmp.Or(a.flags.timeout, rest.DefaultAttemptTimeout)
		return context.WithValue(ctx, endOfWait{}, a.slow("the answer of "+e.Provider, limit))
	case e.Kind == rest.EventWait && e.Duration > patience && a.StderrTerminal && !a.flags.quiet:
		a.tell("waiting %s before trying again: %s", e.Duration.Round(100*time.Millisecond), e.Reason)
	}
	return ctx
}

// End ends the wait for an answer.
func (w *waits) End(ctx context.Context, e rest.Event) {
	if ended, ok := ctx.Value(endOfWait{}).(func()); ok && e.Kind == rest.EventAttempt {
		ended()
	}
}
