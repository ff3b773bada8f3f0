package rest

import (
	"net/netip"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Regexp is a regular expression that is compiled when it is first needed, so that a table of them costs nothing at the
// start of a program. Make one for each expression and keep it: var ein = &rest.Regexp{Expr: "^[0-9]{9}$"}.
type Regexp struct {
	// Expr is the expression, in the syntax of package regexp. One that is wrong panics at its first use.
	Expr string

	once sync.Once
	re   *regexp.Regexp
}

func (r *Regexp) matches(s string) bool {
	r.once.Do(func() { r.re = regexp.MustCompile(r.Expr) })
	return r.re.MatchString(s)
}

// Pattern refuses a value in which the expression is not found; one for the whole value begins with ^ and ends with $.
func Pattern[S ~string](field string, value S, expr *Regexp) error {
	if !expr.matches(string(value)) {
		return invalid(field, "must match "+expr.Expr)
	}
	return nil
}

// Date refuses a value that is no day of the calendar as RFC 3339 §5.6 writes it (full-date).
func Date[S ~string](field string, value S) error {
	if !isDate(string(value)) {
		return invalid(field, "must be a date such as 2026-01-31")
	}
	return nil
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// clockTime is what follows the date in a date-time of RFC 3339 §5.6: a leap second and small letters are in it.
var clockTime = &Regexp{Expr: `^[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`}

// DateTime refuses a value that is no moment as RFC 3339 §5.6 writes it (date-time), with its offset from UTC.
func DateTime[S ~string](field string, value S) error {
	const day = len(time.DateOnly)
	if len(value) < day || !isDate(string(value[:day])) || !clockTime.matches(string(value[day:])) {
		return invalid(field, "must be a date and time such as 2026-01-31T12:30:00Z")
	}
	return nil
}

// Email refuses a value that does not have one @ with something on both sides. What else an address may be is for the
// provider to say.
func Email[S ~string](field string, value S) error {
	local, domain, found := strings.Cut(string(value), "@")
	if !found || local == "" || domain == "" || strings.Contains(domain, "@") {
		return invalid(field, "must be an e-mail address")
	}
	return nil
}

// URI refuses a value that is not an absolute URI (RFC 3986 §3): a scheme, a colon and what it leads to, without spaces and
// control characters. Letters beyond ASCII are taken.
func URI[S ~string](field string, value S) error {
	scheme, rest, found := strings.Cut(string(value), ":")
	if !found || !isScheme(scheme) || strings.Trim(rest, "/") == "" || strings.ContainsFunc(rest, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return invalid(field, "must be an absolute URI such as https://www.example.com/about")
	}
	return nil
}

// isScheme reports whether s is the scheme of a URI (RFC 3986 §3.1).
func isScheme(s string) bool {
	for i := range len(s) {
		c := s[i]
		if letter := 'a' <= c|0x20 && c|0x20 <= 'z'; !letter && (i == 0 || !isDigit(c) && c != '+' && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// IPv4 refuses a value that is no IPv4 address of four decimal numbers.
func IPv4[S ~string](field string, value S) error {
	if a, err := netip.ParseAddr(string(value)); err != nil || !a.Is4() {
		return invalid(field, "must be an IPv4 address")
	}
	return nil
}
