package rest

import (
	"context"
	"log/slog"
	"net/url"
	"strconv"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/internal/clock"
	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// Observer watches calls: what an adapter for traces and metrics implements. What happens to tokens is told by
// token.Config.OnEvent. Its methods run in the goroutine of the call and should be quick. One that panics does no harm
// to the call.
type Observer interface {
	// Start is called before something happens. The context that it returns is the one that the thing runs under
	// and that End gets.
	Start(ctx context.Context, e Event) context.Context
	// End is called after it.
	End(ctx context.Context, e Event)
}

// EventKind says what an [Event] is about.
type EventKind uint8

const (
	// EventCall is a call with all its attempts and waits.
	EventCall EventKind = iota
	// EventAttempt is one request with its answer.
	EventAttempt
	// EventWait is a pause before an attempt.
	EventWait
)

// String returns the kind as a word.
func (k EventKind) String() string {
	switch k {
	case EventAttempt:
		return "attempt"
	case EventWait:
		return "wait"
	}
	return "call"
}

// Event is what an [Observer] and a log get to know. It holds no body, no header, no query and no credential.
type Event struct {
	Kind EventKind
	// Provider and Operation name the call.
	Provider, Operation string
	// Method and Path are those of the operation's document; Path is the template, and empty for a call that no
	// operation describes.
	Method, Path string
	// Scheme, Host and Port are where the call goes.
	Scheme, Host string
	Port         int
	// Attempt counts the attempts of the call, from 1 on; in an EventCall it is their number. In an EventWait
	// it is that of the attempt before.
	Attempt int
	// Status is the HTTP status; 0 before the end and when there was no answer.
	Status int
	// RequestID is the id of the request, if one is known yet.
	RequestID string
	// Duration is how long it took. In an EventWait it is how long it is going to take; End is not called then.
	Duration time.Duration
	// Reason is why a call waits, in an EventWait.
	Reason string
	// Err is how it failed, nil if it did not. An attempt that ended with a failing status did not fail.
	Err error
}

// watcher reports to the observers of a client. Without one, it costs a comparison.
type watcher struct {
	observers []Observer
	scheme    string
	host      string
	port      int
}

// newWatcher returns the watcher of a client for base.
func newWatcher(base *url.URL, cfg Config) watcher {
	w := watcher{scheme: base.Scheme, host: base.Hostname()}
	w.port, _ = strconv.Atoi(web.Port(base))
	if cfg.Logger != nil {
		w.observers = append(w.observers, &logObserver{cfg.Logger})
	}
	if cfg.Observer != nil {
		w.observers = append(w.observers, cfg.Observer)
	}
	return w
}

// off reports whether nobody watches.
func (w *watcher) off() bool { return len(w.observers) == 0 }

// event returns an event of the call as it stands.
func (w *watcher) event(kind EventKind, c *call) Event {
	return Event{
		Kind: kind, Provider: c.info.Provider, Operation: c.info.Operation, Method: c.info.Method, Path: c.info.Path,
		Scheme: w.scheme, Host: w.host, Port: w.port, Attempt: c.info.Attempts, RequestID: c.shown(c.info.RequestID),
	}
}

// start reports a beginning.
func (w *watcher) start(ctx context.Context, e Event) context.Context {
	inner := ctx
	for _, o := range w.observers {
		inner = startOne(inner, o, e) //nolint:fatcontext // one for each observer, of which there are two at most
	}
	return inner
}

// end reports an end, to the observers in reverse.
func (w *watcher) end(ctx context.Context, e Event) {
	for i := len(w.observers) - 1; i >= 0; i-- {
		endOne(ctx, w.observers[i], e)
	}
}

// startOne calls o and survives its panic.
func startOne(ctx context.Context, o Observer, e Event) (out context.Context) {
	out = ctx
	defer func() { _ = recover() }()
	if changed := o.Start(ctx, e); changed != nil {
		out = changed
	}
	return out
}

// endOne calls o and survives its panic.
func endOne(ctx context.Context, o Observer, e Event) {
	defer func() { _ = recover() }()
	o.End(ctx, e)
}

// callStarts reports the beginning of a call.
func (w *watcher) callStarts(ctx context.Context, c *call) context.Context {
	return w.start(ctx, w.event(EventCall, c))
}

// callEnds reports the end of a call.
func (w *watcher) callEnds(ctx context.Context, c *call, err error) {
	e := w.event(EventCall, c)
	e.Status, e.Duration, e.Err = c.info.Status, c.info.Duration, err
	w.end(ctx, e)
}

// wait waits, and returns the cause if ctx ends first.
func (w *watcher) wait(ctx context.Context, c *call, d time.Duration, reason string) error {
	if !w.off() {
		e := w.event(EventWait, c)
		e.Duration, e.Reason, e.Status = d, reason, c.info.Status
		w.start(ctx, e)
	}
	if clock.Sleep(ctx, d) {
		return nil
	}
	return ended(ctx)
}

// logObserver writes events to a log, at level Debug.
type logObserver struct{ log *slog.Logger }

// Start logs a wait, which has no end of its own.
func (l *logObserver) Start(ctx context.Context, e Event) context.Context {
	if e.Kind == EventWait {
		l.End(ctx, e)
	}
	return ctx
}

// End logs what may be logged, and nothing else.
func (l *logObserver) End(ctx context.Context, e Event) {
	if !l.log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs,
		slog.String("provider", e.Provider), slog.String("operation", e.Operation), slog.String("method", e.Method),
		slog.String("path", e.Path), slog.Int("attempt", e.Attempt), slog.Duration("duration", e.Duration))
	if e.Status != 0 {
		attrs = append(attrs, slog.Int("status", e.Status))
	}
	if e.RequestID != "" {
		attrs = append(attrs, slog.String("request_id", e.RequestID))
	}
	if e.Reason != "" {
		attrs = append(attrs, slog.String("reason", e.Reason))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", kindWord(e.Err)))
	}
	l.log.LogAttrs(ctx, slog.LevelDebug, "fintoken "+e.Kind.String(), attrs...)
}
