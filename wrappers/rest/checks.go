package rest

import (
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
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
	if c.err != nil {
		return
	}
	names := append([]string{}, c.above[:min(c.depth, len(c.above))]...)
	c.err = invalid(strings.Join(append(names, member), "."), rule)
}

// Required refuses a member that is not given.
func (c *Checks) Required(member string, given bool) {
	if !given {
		c.Fail(member, "is required")
	}
}

// SandboxOnly refuses, in production, a member that is given.
func (c *Checks) SandboxOnly(member string, given bool) {
	if given && c.Production {
		c.Fail(member, "is for the sandbox only")
	}
}

// text runs a rule for a text that is given.
func (c *Checks) text(member, value string, rule string, holds func(string) bool) {
	if c.err == nil && value != "" && !holds(value) {
		c.Fail(member, rule)
	}
}

// UUID refuses a text that [UUID] refuses.
func (c *Checks) UUID(member, value string) {
	if c.err != nil || value == "" {
		return
	}
	if rule := uuidRule(value); rule != "" {
		c.Fail(member, rule)
	}
}

// Date refuses a text that is no calendar date (RFC 3339 full-date).
func (c *Checks) Date(member, value string) {
	c.text(member, value, "must be a date such as 2026-01-31", func(v string) bool {
		_, err := time.Parse(time.DateOnly, v)
		return err == nil
	})
}

// DateTime refuses a text that is no point in time (RFC 3339 date-time).
func (c *Checks) DateTime(member, value string) {
	c.text(member, value, "must be a time such as 2026-01-31T15:04:05Z", func(v string) bool {
		_, err := time.Parse(time.RFC3339, v)
		return err == nil
	})
}

// Email refuses a text that cannot be an e-mail address: something, one @ at the end of it, and something without spaces.
func (c *Checks) Email(member, value string) {
	c.text(member, value, "must be an e-mail address", func(v string) bool {
		at := strings.LastIndexByte(v, '@')
		return at > 0 && at < len(v)-1 && !strings.ContainsAny(v[at:], " \t\r\n")
	})
}

// URI refuses a text that is no absolute URI (RFC 3986 §4.3).
func (c *Checks) URI(member, value string) {
	c.text(member, value, "must be an absolute URI such as https://example.com", func(v string) bool {
		u, err := url.Parse(v)
		return err == nil && u.IsAbs() && !strings.ContainsAny(v, " \t\r\n")
	})
}

// IPv4 refuses a text that is no IPv4 address in four decimal parts.
func (c *Checks) IPv4(member, value string) {
	c.text(member, value, "must be an IPv4 address", func(v string) bool {
		ip, err := netip.ParseAddr(v)
		return err == nil && ip.Is4()
	})
}

// Pattern is a regular expression that is compiled at its first use.
type Pattern struct {
	// Text is the expression.
	Text string

	once sync.Once
	re   *regexp.Regexp
}

func (p *Pattern) match(value string) bool {
	p.once.Do(func() { p.re = regexp.MustCompile(p.Text) })
	return p.re.MatchString(value)
}

// Pattern refuses a text that does not match.
func (c *Checks) Pattern(member, value string, pattern *Pattern) {
	if c.err == nil && value != "" && !pattern.match(value) {
		c.Fail(member, "must match "+pattern.Text)
	}
}

// OneOf refuses a word that is not in the list.
func (c *Checks) OneOf(member, value string, list ...string) {
	if c.err != nil || value == "" {
		return
	}
	for _, word := range list {
		if word == value {
			return
		}
	}
	c.Fail(member, "must be one of "+strings.Join(list, ", "))
}

// Length refuses a text of fewer than low or more than high characters. No limit is 0 and math.MaxInt.
func (c *Checks) Length(member, value string, low, high int) {
	if c.err == nil && value != "" {
		c.count(member, "characters", utf8.RuneCountInString(value), low, high)
	}
}

// Items refuses a list of fewer than low or more than high items. No limit is 0 and math.MaxInt.
func (c *Checks) Items(member string, n, low, high int) { c.count(member, "items", n, low, high) }

// count refuses a number of parts.
func (c *Checks) count(member, parts string, n, low, high int) {
	if c.err != nil || n >= low && n <= high {
		return
	}
	rule := fmt.Sprintf("must have %d to %d %s", low, high, parts)
	switch {
	case low == high:
		rule = fmt.Sprintf("must have %d %s", low, parts)
	case high == math.MaxInt:
		rule = fmt.Sprintf("must have %d or more %s", low, parts)
	case low == 0:
		rule = fmt.Sprintf("must have at most %d %s", high, parts)
	}
	c.Fail(member, fmt.Sprintf("%s, has %d", rule, n))
}

// Range refuses a number below low or above high. No limit is math.MinInt64 and math.MaxInt64.
func (c *Checks) Range(member string, n, low, high int64) {
	if c.err != nil || n >= low && n <= high {
		return
	}
	switch {
	case high == math.MaxInt64:
		c.Fail(member, fmt.Sprintf("must be %d or more", low))
	case low == math.MinInt64:
		c.Fail(member, fmt.Sprintf("must be at most %d", high))
	default:
		c.Fail(member, fmt.Sprintf("must be from %d to %d", low, high))
	}
}

// Pairs refuses more than most names, and a value of more than length characters. The error does not show the name.
func (c *Checks) Pairs(member string, pairs map[string]string, most, length int) {
	c.count(member, "pairs", len(pairs), 0, most)
	for _, value := range pairs {
		if utf8.RuneCountInString(value) > length {
			c.Fail(member, fmt.Sprintf("must have values of at most %d characters", length))
		}
	}
}

// OrNil returns a pointer to v, and nil for what is empty: so a parameter of a generated client is left out.
func OrNil[T comparable](v T) *T {
	var empty T
	if v == empty {
		return nil
	}
	return &v
}
