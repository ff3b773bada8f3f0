package rest

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Checks checks what a caller passed against the rules of a document, and keeps the first rule that is broken. It is what the
// generated checks of a call are made of. Each of its methods takes the name of a member; where the member is one of another
// member, the error names both, as in config.balance_check. What is left out breaks no rule but [Checks.Required].
//
// The zero Checks is ready. While everything is right it allocates nothing.
type Checks struct {
	// Production refuses what is for a sandbox only.
	Production bool

	err   error
	above [8]string // the members that the next one is in
	depth int
}

// Err returns an error that is [ErrInvalid] and names the member and the rule, never the value; or nil.
func (c *Checks) Err() error { return c.err }

// In makes the names that follow those of members of name. [Checks.Out] ends it.
func (c *Checks) In(name string) {
	if c.depth < len(c.above) {
		c.above[c.depth] = name
	}
	c.depth++
}

// InItem is In for an item of a list.
func (c *Checks) InItem(name string, i int) {
	if c.err == nil && c.depth < len(c.above) {
		c.above[c.depth] = name + "[" + strconv.Itoa(i) + "]"
	}
	c.depth++
}

// Out ends the last In.
func (c *Checks) Out() { c.depth-- }

// Fail notes that member breaks rule, unless an earlier one breaks one.
func (c *Checks) Fail(member, rule string) {
	if c.err == nil {
		c.keep(invalid(member, rule))
	}
}

// keep notes the fault of a member, with the names of what it is in.
func (c *Checks) keep(err error) {
	if err == nil || c.err != nil {
		return
	}
	var e *Error
	if !errors.As(err, &e) {
		return
	}
	own := *e
	own.Field = strings.Join(append(slices.Clone(c.above[:min(c.depth, len(c.above))]), e.Field), ".")
	c.err = &own
}

// asks reports whether a text is to be checked.
func (c *Checks) asks(value string) bool { return c.err == nil && value != "" }

// Required refuses a member that is not given.
func (c *Checks) Required(member string, given bool) {
	if !given {
		c.keep(Given(member, false))
	}
}

// SandboxOnly refuses, in production, a member that is given.
func (c *Checks) SandboxOnly(member string, given bool) {
	if given && c.Production {
		c.Fail(member, "is for the sandbox only")
	}
}

// UUID runs the check [UUID].
func (c *Checks) UUID(member, value string) {
	if c.asks(value) {
		c.keep(UUID(member, value))
	}
}

// Date runs the check [Date].
func (c *Checks) Date(member, value string) {
	if c.asks(value) {
		c.keep(Date(member, value))
	}
}

// DateTime runs the check [DateTime].
func (c *Checks) DateTime(member, value string) {
	if c.asks(value) {
		c.keep(DateTime(member, value))
	}
}

// Email runs the check [Email].
func (c *Checks) Email(member, value string) {
	if c.asks(value) {
		c.keep(Email(member, value))
	}
}

// URI runs the check [URI].
func (c *Checks) URI(member, value string) {
	if c.asks(value) {
		c.keep(URI(member, value))
	}
}

// IPv4 runs the check [IPv4].
func (c *Checks) IPv4(member, value string) {
	if c.asks(value) {
		c.keep(IPv4(member, value))
	}
}

// Pattern runs the check [Pattern].
func (c *Checks) Pattern(member, value string, expr *Regexp) {
	if c.asks(value) {
		c.keep(Pattern(member, value, expr))
	}
}

// OneOf runs the check [OneOf].
func (c *Checks) OneOf(member, value string, list ...string) {
	if c.asks(value) {
		c.keep(OneOf(member, value, list...))
	}
}

// Length runs the check [Length].
func (c *Checks) Length(member, value string, low, high int) {
	if c.asks(value) {
		c.keep(Length(member, value, low, high))
	}
}

// Items refuses a list of fewer than low or more than high items. [NoLimit] is none.
func (c *Checks) Items(member string, n, low, high int) { c.keep(size(member, n, low, high, "items")) }

// Min runs the check [Min].
func (c *Checks) Min(member string, n, low int64) { c.keep(Min(member, n, low)) }

// Max runs the check [Max].
func (c *Checks) Max(member string, n, high int64) { c.keep(Max(member, n, high)) }

// Pairs refuses more than most pairs, and a name or a value of more than length characters.
func (c *Checks) Pairs(member string, pairs map[string]string, most, length int) {
	c.keep(Map(member, pairs, most, length, length))
}

// OrNil returns a pointer to v, and nil for what is empty: so a parameter of a generated client is left out.
func OrNil[T comparable](v T) *T {
	var empty T
	if v == empty {
		return nil
	}
	return &v
}
