package token

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// EventKind is what happened.
type EventKind string

// The kinds of events. That a token was handed out is none.
const (
	// EventFetched: a fetch brought a token, which is in use from now on.
	EventFetched EventKind = "fetched"
	// EventLoaded: the Store had a token that is in use from now on.
	EventLoaded EventKind = "loaded"
	// EventFailed: no token could be had. The Source asks again after Event.Wait.
	EventFailed EventKind = "failed"
	// EventGaveUp: no token could be had, and the Source does not ask again until Reset.
	EventGaveUp EventKind = "gave up"
	// EventSaveFailed: the Store did not take a token or its removal. A new refresh token is held back until it does.
	EventSaveFailed EventKind = "save failed"
	// EventInDoubt: a refresh token was sent, by this process or by one that is gone, and nothing tells what came of
	// it. It is not sent again.
	EventInDoubt EventKind = "in doubt"
	// EventInvalidated: the token was dropped because it was refused.
	EventInvalidated EventKind = "invalidated"
	// EventForgotten: the token was dropped because it is being revoked.
	EventForgotten EventKind = "forgotten"
	// EventRevoked: Close has revoked the token, or Config.Discard one that nobody will use.
	EventRevoked EventKind = "revoked"
	// EventRevokeFailed: they could not. The token goes on living until its end.
	EventRevokeFailed EventKind = "revoke failed"
)

// Event tells of something that happened in a [Source]. However it is printed, it shows no text of Err, which may
// come from a fetch of anybody's.
type Event struct {
	Kind EventKind
	// Source is the Name of the Source's Config.
	Source string
	// Background tells that no caller was waiting when the fetch began.
	Background bool
	// Took is how long it took, for a token that was fetched or loaded and for a failure.
	Took time.Duration
	// ExpiresIn is the life of a token that was fetched or loaded; 0 means that it never ends.
	ExpiresIn time.Duration
	// Wait is how long the Source asks no more after an EventFailed.
	Wait time.Duration
	// Generation counts the changes of the token in its Store; 0 without one.
	Generation uint64
	// Err is the failure.
	Err error `json:"-"`
}

// LogValue returns what may be logged of the event.
func (e Event) LogValue() slog.Value { return slog.GroupValue(e.attrs()...) }

// String returns the same as one line.
func (e Event) String() string { return fmt.Sprint("token ", e.Kind, " ", e.attrs()) }

// Format prints String under every verb.
func (e Event) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.String()) }

// attrs lists what may be shown, without what is empty.
func (e Event) attrs() []slog.Attr {
	attrs := []slog.Attr{slog.String("event", string(e.Kind))}
	if e.Source != "" {
		attrs = append(attrs, slog.String("source", e.Source))
	}
	if e.Background {
		attrs = append(attrs, slog.Bool("background", true))
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"took", e.Took}, {"expires_in", e.ExpiresIn}, {"wait", e.Wait}} {
		if d.value != 0 {
			attrs = append(attrs, slog.Duration(d.name, d.value))
		}
	}
	if e.Generation != 0 {
		attrs = append(attrs, slog.Uint64("generation", e.Generation))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("error", loggable(e.Err)))
	}
	return attrs
}

// loggable returns what may be shown of err: what it says of itself for a log, or its kinds, or its type. The text
// of an error of anybody's may hold a token or a secret.
func loggable(err error) slog.Value {
	var valuer slog.LogValuer
	if errors.As(err, &valuer) {
		return valuer.LogValue()
	}
	for _, known := range []error{
		ErrBadClient, ErrBadUser, ErrDeadGrant, ErrLocked, ErrForbidden, ErrStore, ErrInDoubt, ErrBadToken, ErrClosed,
		context.DeadlineExceeded, context.Canceled,
	} {
		if errors.Is(err, known) {
			return slog.StringValue(known.Error())
		}
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return slog.StringValue(fmt.Sprintf("%T", err))
}

// LogEvents returns an OnEvent that writes to logger: failures as warnings, a Source that gave up as an error, all
// else for debugging. nil means the default logger of log/slog at the time of the event.
func LogEvents(logger *slog.Logger) func(context.Context, Event) {
	return func(ctx context.Context, e Event) {
		l := logger
		if l == nil {
			l = slog.Default()
		}
		level := slog.LevelDebug
		switch e.Kind {
		case EventFailed, EventSaveFailed, EventRevokeFailed, EventInDoubt:
			level = slog.LevelWarn
		case EventGaveUp:
			level = slog.LevelError
		}
		l.LogAttrs(ctx, level, "token "+string(e.Kind), e.attrs()[1:]...)
	}
}

// emit tells OnEvent. What that does wrong is its own matter.
func (s *Source) emit(ctx context.Context, e Event) {
	defer func() { _ = recover() }()
	e.Source = s.cfg.Name
	s.cfg.OnEvent(ctx, e)
}
