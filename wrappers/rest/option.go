package rest

import (
	"context"
	"math"
	"net/http"
	"net/textproto"
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Option changes one call. A wrong one makes the call fail before anything is sent.
type Option func(*call) error

// call is a call on its way: what the options asked for, and what the handlers found out.
type call struct {
	op        *Operation
	repeat    Repeat      // of op, unless the request itself says more
	doubtful  bool        // repeat also when in doubt
	noContent bool        // a success is one by its status alone
	doubt     bool        // an attempt before this one is in doubt
	header    http.Header // what the options add
	timeout   time.Duration
	retries   int // -1: as configured
	masked    []secret.String
	spare     [3]secret.String // where the first of them are kept
	masker    masker
	capture   *Info

	credential credential // of the attempts; nil for none

	context.Context         // of the caller, with the call in it
	life            bounded // ends the call, all attempts and waits included
	begun           time.Time
	counted         bool // the budget has seen it
	info            Info
	watch           *watcher        // set when it began for those who watch, with
	watched         context.Context // what they made of its context
}

// callKey is the key of the *call in the context of its request.
type callKey struct{}

// callOf returns the call that ctx belongs to, or nil.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// Value makes the call a context that knows itself.
func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// begin starts a call of op and applies opts to it.
func begin(ctx context.Context, op *Operation, opts []Option) (context.Context, *call, error) {
	c := &call{op: op, repeat: op.Repeat, noContent: op.NoContent, retries: -1, begun: time.Now()}
	c.masked = c.spare[:0]
	c.info = Info{Provider: op.API.Provider, Operation: op.Name, Method: op.Method, Path: op.Path}
	c.Context = ctx
	var wrong error
	for _, o := range opts {
		if o != nil {
			wrong = First(wrong, o(c)) // all of them, for one may want to know how the call ends
		}
	}
	return c, c, wrong
}

// optionsKey is the key of the options in the context of a call that is made past [Call].
type optionsKey struct{}

// WithOptions returns a context whose calls get opts: those that are made by a generated client over a [Client],
// without a method of a provider package. Options that are there already stay and come first. Of the options with a
// header of their own, only IdempotencyKey is known to such a call; for the others use the parameters of the
// generated method, or Header.
func WithOptions(ctx context.Context, opts ...Option) context.Context {
	return context.WithValue(ctx, optionsKey{}, append(slices.Clone(optionsOf(ctx)), opts...))
}

// optionsOf returns the options in ctx.
func optionsOf(ctx context.Context) []Option {
	opts, _ := ctx.Value(optionsKey{}).([]Option)
	return opts
}

// IdempotencyKey sends the call under key, which has to have 10 to 40 characters. Without it, an operation that
// takes a key gets one of its own; see Info.IdempotencyKey.
func IdempotencyKey(key string) Option {
	return named("IdempotencyKey", key, func(a *API) string { return a.IdempotencyKey }, func() error {
		return Length("IdempotencyKey", key, 10, 40)
	})
}

// RequestID sends id as your id of the request, at most 255 characters.
func RequestID(id string) Option {
	return named("RequestID", id, func(a *API) string { return a.RequestID }, func() error {
		return Length("RequestID", id, 1, 255)
	})
}

// CorrelationID sends id as your id of a series of requests, at most 255 characters.
func CorrelationID(id string) Option {
	return named("CorrelationID", id, func(a *API) string { return a.CorrelationID }, func() error {
		return Length("CorrelationID", id, 1, 255)
	})
}

// AccountID makes the call on behalf of an embedded account, a UUID.
func AccountID(id string) Option {
	return named("AccountID", id, func(a *API) string { return a.AccountID }, func() error {
		return UUID("AccountID", id)
	})
}

// named returns the option that sends value in the header that the API has for it.
func named(option, value string, header func(*API) string, check func() error) Option {
	return func(c *call) error {
		name := header(c.op.API)
		if name == "" {
			return invalid(option, "is not an option of "+c.op.API.Provider)
		}
		if err := check(); err != nil {
			return err
		}
		return c.set(option, name, value)
	}
}

// reserved are the headers that the chain and the named options set.
var reserved = []string{
	"Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Length", "Content-Type", "Cookie", "Host",
	"Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "User-Agent",
}

// Header adds a header to the call. Those that the chain sets, and those that have an option of their own, are
// refused.
func Header(name, value string) Option {
	return func(c *call) error {
		if !validHeaderName(name) {
			return invalid("Header", "its name is not a header name")
		}
		key := textproto.CanonicalMIMEHeaderKey(name)
		a := c.op.API
		if slices.Contains(reserved, key) || slices.ContainsFunc([]string{a.IdempotencyKey, a.RequestID, a.CorrelationID, a.AccountID},
			func(own string) bool { return own != "" && textproto.CanonicalMIMEHeaderKey(own) == key }) {
			return invalid("Header", key+" is not for this option")
		}
		return c.set("Header", key, value)
	}
}

// set adds a header after checking its value.
func (c *call) set(option, name, value string) error {
	if rule := headerValueRule(value); rule != "" {
		return invalid(option, rule)
	}
	if c.header == nil {
		c.header = http.Header{}
	}
	c.header.Set(name, value)
	return nil
}

// Timeout ends the call, all attempts and waits included, after d instead of Config.Timeout.
func Timeout(d time.Duration) Option {
	return func(c *call) error {
		if d <= 0 {
			return invalid("Timeout", "has to be positive")
		}
		c.timeout = d
		return nil
	}
}

// Retries allows n further attempts instead of those of Config.MaxAttempts; 0 sends the call once. What may not be
// repeated is not repeated, whatever n is.
func Retries(n int) Option {
	return func(c *call) error {
		if n < 0 {
			return invalid("Retries", "must not be negative")
		}
		c.retries = min(n, math.MaxInt-1)
		return nil
	}
}

// RepeatInDoubt sends the call again also when its outcome is in doubt, although it may then take effect twice: an
// embed token too many, a refresh token spent. It changes nothing for operations that are repeated anyway, and is
// refused for those that never may be, such as sending a password. Config.RepeatInDoubt does it for all calls.
func RepeatInDoubt() Option {
	return func(c *call) error {
		if c.op.Repeat == RepeatPassword {
			return invalid("RepeatInDoubt", "is not for an operation that sends a password")
		}
		c.doubtful = true
		return nil
	}
}

// Capture fills info when the call ends, well or not. It is filled before the call returns.
func Capture(info *Info) Option {
	return func(c *call) error {
		if info == nil {
			return invalid("Capture", "needs an Info")
		}
		c.capture = info
		return nil
	}
}

// Mask hides the secrets in the error of the call, should the provider echo them. The methods of the provider
// packages do this for everything they send; it is for calls of your own.
func Mask(secrets ...secret.String) Option {
	return func(c *call) error {
		c.masked = append(c.masked, secrets...)
		return nil
	}
}
