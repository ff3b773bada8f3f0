package webhook

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// DefaultLease is for how long an event belongs to the one who handles it, unless [Lease] says otherwise.
const DefaultLease = time.Minute

// handling is the part of the options that [Handler] alone uses.
type handling struct {
	claims Claims
	lease  time.Duration
	log    *slog.Logger
}

// Deduplicate is where [Handler] remembers which events were handled. Without it, it is a [Memory] of its own; replicas
// behind one address should share one.
func Deduplicate(claims Claims) Option {
	return func(c *config) error {
		if c.claims = claims; claims == nil {
			return errors.New("Deduplicate must not be nil")
		}
		return nil
	}
}

// Lease is for how long an event belongs to the handler that took it: after that, as after the death of a process, it is
// handed out again when the provider sends it again. It should be longer than a handler takes. It must be positive.
func Lease(d time.Duration) Option {
	return func(c *config) error {
		if c.lease = d; d <= 0 {
			return errors.New("Lease must be positive")
		}
		return nil
	}
}

// Log is where [Handler] says why a request was refused and how a handler failed. Without it, that is slog.Default().
func Log(l *slog.Logger) Option {
	return func(c *config) error {
		if c.log = l; l == nil {
			return errors.New("Log must not be nil")
		}
		return nil
	}
}

// Handler returns a handler that hands the events of a provider to handle.
//
// Delivery is at least once: the provider is told of a success (200) only after handle has returned nil, and of a failure
// (500) if it returned an error or panicked, so that the event is sent again. An event that was handled is not handed out
// again, and one that is being handled is answered 503, as far as the [Claims] of [Deduplicate] knows. A process can end
// after handle and before that is noted; for an effect that must happen once, see [InTx].
//
// A request that is refused is answered 400 or 401, with no word of why; the log has the reason. A secret or an option that
// breaks a rule is answered 500, and logged, at every request.
func Handler[E any](s *Scheme[E], handle func(context.Context, E) error, opts ...Option) http.Handler {
	h := &handler[E]{scheme: s, handle: handle}
	h.config, h.err = configOf(opts)
	if h.err != nil {
		h.config, _ = configOf(nil)
	}
	if h.claims == nil {
		h.claims = NewMemory(MemoryConfig{})
	}
	if h.lease == 0 {
		h.lease = DefaultLease
	}
	if h.log == nil {
		h.log = slog.Default()
	}
	return h
}

type handler[E any] struct {
	*config
	scheme *Scheme[E]
	handle func(context.Context, E) error
	err    error // of the options
}

func (h *handler[E]) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.err != nil {
		h.refuse(w, r, h.scheme.wrap(h.err))
		return
	}
	event, err := h.scheme.parse(r, h.config)
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	w.WriteHeader(h.take(r.Context(), event))
}

// refuse answers a request that is no event.
func (h *handler[E]) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusInternalServerError
	var e *Error
	if errors.As(err, &e) {
		status = e.Status()
	}
	h.log.LogAttrs(r.Context(), slog.LevelWarn, "webhook refused", slog.Int("status", status), slog.String("error", err.Error()))
	w.WriteHeader(status)
}

// take hands out an event that is new, and returns the status of the answer.
func (h *handler[E]) take(ctx context.Context, event E) int {
	id := h.scheme.ID(event)
	if id == "" {
		return h.done(ctx, h.safely(ctx, event))
	}
	id = h.scheme.Provider + " " + id
	owner := rand.Text()
	state, err := h.claims.Claim(ctx, id, owner, h.lease)
	switch {
	case err != nil:
		return h.done(ctx, fmt.Errorf("the event cannot be claimed: %w", err))
	case state == Done:
		return http.StatusOK
	case state == Busy:
		return http.StatusServiceUnavailable
	}
	err = h.safely(ctx, event)
	ctx = context.WithoutCancel(ctx) // it is known how it ended, even if nobody waits for the answer any more
	if err != nil {
		return h.done(ctx, errors.Join(err, h.claims.Release(ctx, id, owner)))
	}
	if err := h.claims.Confirm(ctx, id, owner); err != nil {
		// The event was handled: to have it sent again would only handle it twice.
		h.log.LogAttrs(ctx, slog.LevelError, "webhook handled, but not noted", slog.String("provider", h.scheme.Provider), slog.String("error", err.Error()))
	}
	return http.StatusOK
}

// done logs an error of handling, and returns the status.
func (h *handler[E]) done(ctx context.Context, err error) int {
	if err == nil {
		return http.StatusOK
	}
	h.log.LogAttrs(ctx, slog.LevelError, "webhook not handled", slog.String("provider", h.scheme.Provider), slog.String("error", err.Error()))
	return http.StatusInternalServerError
}

// safely calls handle, and makes an error of a panic. What was panicked with may be a secret, and is not in its text.
func (h *handler[E]) safely(ctx context.Context, event E) (err error) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			err = http.ErrAbortHandler
		default:
			err = fmt.Errorf("the handler panicked with a value of type %T\n%s", v, debug.Stack())
		}
	}()
	return h.handle(ctx, event)
}
