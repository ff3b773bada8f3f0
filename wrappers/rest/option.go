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
	doubtful  bool        // send it again also when in doubt
	madeKey   bool        // its idempotency key is not the caller's
	unchecked bool        // what breaks a rule of the provider or of ours goes out all the same
	broken    error       // the first of the provider's rules for headers that an option breaks
	noContent bool        // a success is one by its status alone
	doubt     bool        // an attempt before this one is in doubt
	header    http.Header // what the options add
	masked    []secret.String
	spare     [3]secret.String // where the first of them are kept
	masker    masker
	capture   *Info

	timeout, attemptTimeout time.Duration // 0: as configured
	maxAttempts             int           // 0: as configured
	credential              credential    // of the attempts; nil for none

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

// Value makes the call a context that knows itself. The options in the caller's context are this call's, and of no call
// within it.
func (c *call) Value(key any) any {
	switch key.(type) {
	case callKey:
		return c
	case optionsKey:
		return nil
	}
	return c.Context.Value(key)
}

// begin starts a call of op and applies the options in ctx to it, and then opts.
func begin(ctx context.Context, op *Operation, opts []Option) (context.Context, *call, error) {
	c := &call{op: op, repeat: op.Repeat, noContent: op.NoContent, begun: time.Now()}
	c.masked = c.spare[:0]
	c.info = Info{Provider: op.API.Provider, Operation: op.Name, Method: op.Method, Path: op.Path}
	c.Context = ctx
	err := First(c.apply(optionsOf(ctx)), c.apply(opts))
	if c.unchecked {
		c.broken = nil
	}
	return c, c, First(c.broken, err)
}

// apply applies opts, all of them, for one may want to know how the call ends. It returns what is wrong with the first
// that is.
func (c *call) apply(opts []Option) (wrong error) {
	for _, o := range opts {
		if o != nil {
			wrong = First(wrong, o(c))
		}
	}
	return wrong
}

// optionsKey is the key of the options in the context of a call.
type optionsKey struct{}

// WithOptions returns a context whose calls get opts: the methods of the provider packages, before the options of their
// own, and what a generated client sends over a [Client]. Options that are there already stay and come first. They are
// not for the calls that such a call makes itself, as for its credential.
//
// Of the options with a header of their own, a raw call of a generated client knows IdempotencyKey alone; for the others
// use the parameters of the generated method, or Header.
func WithOptions(ctx context.Context, opts ...Option) context.Context {
	return context.WithValue(ctx, optionsKey{}, append(slices.Clone(optionsOf(ctx)), opts...))
}

// WithoutOptions returns a context whose calls get no options from it. It is for the [token.Fetch] that makes a call: what
// it brings is for other callers as well, and it may go on when the one whose context it has is gone.
func WithoutOptions(ctx context.Context) context.Context { return apart{ctx} }

// optionsOf returns the options in ctx.
func optionsOf(ctx context.Context) []Option {
	opts, _ := ctx.Value(optionsKey{}).([]Option)
	return opts
}

// IdempotencyKey sends the call under key, which must be visible ASCII and keep to the provider's rule. Without it, an
// operation that takes a key gets one of its own; see Info.IdempotencyKey.
func IdempotencyKey(key string) Option {
	return named("IdempotencyKey", key, keyRule, func(a *API) HeaderRule { return a.IdempotencyKey })
}

// RequestID sends id as your id of the request, as long as the provider takes.
func RequestID(id string) Option {
	return named("RequestID", id, asciiRule, func(a *API) HeaderRule { return a.RequestID })
}

// CorrelationID sends id as your id of a series of requests, as long as the provider takes.
func CorrelationID(id string) Option {
	return named("CorrelationID", id, asciiRule, func(a *API) HeaderRule { return a.CorrelationID })
}

// AccountID makes the call on behalf of an embedded account, in the form that the provider's accounts have.
func AccountID(id string) Option {
	return named("AccountID", id, asciiRule, func(a *API) HeaderRule { return a.AccountID })
}

// named returns the option that sends value in the header that the API has for it. Its own rule comes after the
// provider's, which says more.
func named(option, value string, rule func(string) string, header func(*API) HeaderRule) Option {
	return func(c *call) error {
		h := header(c.op.API)
		if h.Name == "" {
			return invalid(option, "is not an option of "+c.op.API.Provider)
		}
		if !c.op.takes(h.Name) {
			return invalid(option, "is not an option of "+c.op.Name)
		}
		if h.Check != nil {
			c.broken = First(c.broken, h.Check(option, value))
		}
		if err := c.set(option, h.Name, value); err != nil {
			return err
		}
		if broken := rule(value); broken != "" {
			return invalid(option, broken)
		}
		return nil
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
		if slices.Contains(reserved, key) || slices.ContainsFunc([]HeaderRule{a.IdempotencyKey, a.RequestID, a.CorrelationID, a.AccountID},
			func(own HeaderRule) bool { return own.Name != "" && textproto.CanonicalMIMEHeaderKey(own.Name) == key }) {
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

// Timeout ends the call, all attempts and waits included, after d instead of Config.Timeout. One attempt may last as long
// as that, even if Config.AttemptTimeout or the Timeout of Config.HTTPClient is shorter; an attempt that does leaves no
// time for another one. To keep some for retries, give [AttemptTimeout] as well.
func Timeout(d time.Duration) Option {
	return func(c *call) error { return setLimit("Timeout", d, &c.timeout) }
}

// AttemptTimeout ends each attempt of the call after d, instead of Config.AttemptTimeout. The call's own end comes first.
func AttemptTimeout(d time.Duration) Option {
	return func(c *call) error { return setLimit("AttemptTimeout", d, &c.attemptTimeout) }
}

// setLimit sets a limit of the call.
func setLimit(option string, d time.Duration, of *time.Duration) error {
	if d <= 0 {
		return invalid(option, "must be positive")
	}
	*of = d
	return nil
}

// Retries allows n retries instead of those of Config.MaxAttempts; 0 sends the call once, and once more if a 401 turned it
// away. What may not be sent again is not, whatever n is.
func Retries(n int) Option {
	return func(c *call) error {
		if n < 0 {
			return invalid("Retries", "must not be negative")
		}
		c.maxAttempts = min(n, math.MaxInt-1) + 1
		return nil
	}
}

// RepeatInDoubt sends the call again also when its outcome is in doubt, although it may then take effect twice: an embed
// token too many, a refresh token spent and, where the provider watches for that, its grant revoked. It changes nothing
// for operations that are sent again anyway, and is refused for those that must not be, such as sending a password.
// Config.RepeatInDoubt does it for all calls.
func RepeatInDoubt() Option {
	return func(c *call) error {
		if c.op.Repeat == RepeatPassword {
			return invalid("RepeatInDoubt", "is not for an operation that sends a password")
		}
		c.doubtful = true
		return nil
	}
}

// Unchecked sends the call although what was passed breaks a rule of the provider's or, where its error says so, of ours:
// for when the provider has changed and this module has not. The provider then decides. What would not arrive as it was
// passed is refused all the same: a header with control characters or beyond ASCII, and an option that the call does not
// have.
func Unchecked() Option {
	return func(c *call) error {
		c.unchecked = true
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
