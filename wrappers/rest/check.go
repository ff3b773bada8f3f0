package rest

import (
	"cmp"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// The checks of what a caller passes. Each takes the name of the field and returns nil or an [*Error] that is
// [ErrInvalid] and names the field and the rule, never the value. Generated code runs them through [Checks].
//
// As long as nothing is wrong, none of them allocates. An empty value is a value as any other to them; where it stands for
// one that is left out, [Optional] says so.

// Required refuses the zero value: an empty text, a nil pointer. For lists and maps see [Given].
func Required[T comparable](field string, value T) error {
	var zero T
	return Given(field, value != zero)
}

// Given refuses a value that is not there.
func Given(field string, given bool) error {
	if !given {
		return invalid(field, "is required")
	}
	return nil
}

// UUID refuses an empty value, one that is not a UUID in its usual form (RFC 9562 §4) whatever its version, and, by a rule
// of ours, the one of zeros.
func UUID(field, value string) error {
	if value == "" {
		return invalid(field, "is required")
	}
	if rule := uuidRule(value); rule != "" {
		return invalid(field, rule)
	}
	return nil
}

// uuidRule returns what value breaks as a UUID, or "".
func uuidRule(value string) string {
	if len(value) != 36 {
		return "must be a UUID"
	}
	zero := true
	for i := range len(value) {
		c := value[i]
		switch {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if c != '-' {
				return "must be a UUID"
			}
		case !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)):
			return "must be a UUID"
		case c != '0':
			zero = false
		}
	}
	if zero {
		return ourRule("must not be the nil UUID")
	}
	return ""
}

// OneOf refuses a value that is not in the list.
func OneOf[S ~string](field string, value S, list ...S) error {
	if slices.Contains(list, value) {
		return nil
	}
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return invalid(field, "must be one of "+strings.Join(words, ", "))
}

// TokenText refuses a token of an answer that is empty or holds other characters than visible ASCII and the space
// (RFC 6749 App. A.12). Its error is [ErrBadResponse].
func TokenText(field string, t secret.String) error {
	text := t.Reveal()
	if text == "" {
		return BadField(field, "is missing or empty")
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return BadField(field, "holds characters that a token cannot have")
		}
	}
	return nil
}

// OurRule is [Invalid] for a rule that no provider has: what breaks it can only be a mistake. The error says so, and how to
// go on; see [Unchecked].
func OurRule(field, rule string) error { return invalid(field, ourRule(rule)) }

// ourRule says of a rule that it is ours.
func ourRule(rule string) string {
	return rule + " (a rule of this module, which rest.Unchecked lifts)"
}

// BadField returns an error that is [ErrBadResponse] and says that field of an answer breaks rule.
func BadField(field, rule string) error {
	e := Bad(rule)
	e.Field = field
	return e
}

// Seconds reads a number of seconds out of an answer (RFC 6749 §5.1): a whole number however JSON writes it, such as 3600,
// 3600.0 or 3.6e3, or a text of one. Nothing and null are 0. A negative one, or one over a hundred years, is an error
// that is [ErrBadResponse].
func Seconds(field string, raw json.RawMessage) (time.Duration, error) {
	text := strings.Trim(string(raw), `"`)
	if text == "" || text == "null" {
		return 0, nil
	}
	n, rule := seconds(text)
	if rule != "" {
		return 0, BadField(field, rule)
	}
	return time.Duration(n) * time.Second, nil
}

// maxSeconds is a hundred years, a number of maxDigits digits.
const (
	maxSeconds = 100 * 366 * 24 * 60 * 60
	maxDigits  = 10
)

// number is a number of JSON (RFC 8259 §6): sign, whole part, fraction, exponent.
var number = regexp.MustCompile(`^([+-]?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$`)

// seconds returns the whole number that text writes, exactly, or the rule that it breaks. It moves the point among the
// digits: a float would round, and a power of ten can be too large to write out.
func seconds(text string) (n int64, rule string) {
	const fraction, long = "is not a whole number of seconds", "is longer than a hundred years"
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 && n <= maxSeconds { // as nearly everyone writes it
		return n, ""
	}
	part := number.FindStringSubmatch(text)
	if part == nil {
		return 0, fraction
	}
	digits := strings.TrimLeft(part[2]+part[3], "0")
	significant := strings.TrimRight(digits, "0")
	if significant == "" {
		return 0, ""
	}
	// How many zeros follow the significant digits; if negative, how many of the digits stand behind the point.
	zeros := exponent(part[4], len(text)+maxDigits) - len(part[3]) + len(digits) - len(significant)
	switch {
	case zeros < 0:
		return 0, fraction
	case part[1] == "-":
		return 0, "is negative"
	}
	n, _ = strconv.ParseInt(significant+strings.Repeat("0", zeros), 10, 64) // the largest there is, for too many digits
	if n > maxSeconds {
		return 0, long
	}
	return n, ""
}

// exponent reads an exponent, which an empty text leaves out; beyond the limit it counts no further.
func exponent(text string, limit int) int {
	n, _ := strconv.Atoi(cmp.Or(text, "0")) // the first or the last there is, for too many digits
	return max(-limit, min(n, limit))
}

// First returns the first error of its arguments that is not nil.
func First(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Optional runs check unless value is the zero value: an empty text, 0, a nil pointer.
func Optional[T comparable](value T, check func() error) error {
	var zero T
	if value == zero {
		return nil
	}
	return check()
}

// headerValueRule returns what value breaks as the value of a header, or "" (RFC 9110 §5.5).
func headerValueRule(value string) string {
	for _, r := range value {
		if r < ' ' && r != '\t' || r == 0x7f || r == utf8.RuneError {
			return "must not hold control characters"
		}
	}
	if strings.TrimSpace(value) != value {
		return "must not begin or end with a space"
	}
	return ""
}

// asciiRule returns what value breaks as an id in a header, or "". Beyond ASCII each side may read something else (RFC
// 9110 §5.5), and what a log shows may be turned around.
func asciiRule(value string) string {
	if value == "" {
		return "must not be empty"
	}
	if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "must be ASCII"
	}
	return ""
}

// keyRule returns what value breaks as an idempotency key, or "".
func keyRule(value string) string {
	if value == "" || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "must be visible ASCII"
	}
	return ""
}

// productRule returns what a list of products breaks, or "" (RFC 9110 §10.1.5). A product that looks like a path is
// not one.
func productRule(list string) string {
	if rule := headerValueRule(list); rule != "" {
		return rule
	}
	for product := range strings.FieldsSeq(list) {
		name, version, found := strings.Cut(product, "/")
		if !validHeaderName(name) || found && !validHeaderName(version) {
			return "must be a list of products such as shop/2.1"
		}
	}
	return ""
}

// validHeaderName reports whether name is a token (RFC 9110 §5.6.2).
func validHeaderName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
	})
}
