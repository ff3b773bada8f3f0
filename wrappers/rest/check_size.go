package rest

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Number is what the checks of ranges take.
type Number interface {
	~int | ~int32 | ~int64 | ~float32 | ~float64
}

// Between refuses a number under low or over high. No number at all (NaN) is refused by it, by [Min] and by [Max].
func Between[N Number](field string, value, low, high N) error {
	if value >= low && value <= high {
		return nil
	}
	return invalid(field, "must be from "+decimal(low)+" to "+decimal(high))
}

// Min refuses a number under low.
func Min[N Number](field string, value, low N) error {
	if value >= low {
		return nil
	}
	return invalid(field, "must be at least "+decimal(low))
}

// Max refuses a number over high.
func Max[N Number](field string, value, high N) error {
	if value <= high {
		return nil
	}
	return invalid(field, "must be at most "+decimal(high))
}

// decimal writes a limit without an exponent, as a document does.
func decimal[N Number](n N) string {
	if whole := int64(n); N(whole) == n {
		return strconv.FormatInt(whole, 10)
	}
	return strconv.FormatFloat(float64(n), 'f', -1, 64)
}

// Length refuses a value of fewer than low or more than high characters. [NoLimit] is none.
func Length[S ~string](field string, value S, low, high int) error {
	return size(field, utf8.RuneCountInString(string(value)), low, high, "characters")
}

// Map refuses a map of more than pairs pairs, and one with a key or a value of more than key or value characters. A limit
// of 0 is none. The error does not say which pair it is, for the keys are the caller's as well.
func Map[M ~map[string]V, V ~string](field string, m M, pairs, key, value int) error {
	if pairs > 0 && len(m) > pairs {
		return size(field, len(m), NoLimit, pairs, "pairs")
	}
	for k, v := range m {
		if key > 0 && utf8.RuneCountInString(k) > key {
			return invalid(field, "must have keys of at most "+strconv.Itoa(key)+" characters")
		}
		if value > 0 && utf8.RuneCountInString(string(v)) > value {
			return invalid(field, "must have values of at most "+strconv.Itoa(value)+" characters")
		}
	}
	return nil
}

// NoLimit is a limit of [Length] that is none.
const NoLimit = -1

// size refuses a number of what, which is a word in the plural, if it is under low or over high.
func size(field string, n, low, high int, what string) error {
	if n >= low && (n <= high || high == NoLimit) {
		return nil
	}
	limits := strconv.Itoa(low) + " to " + strconv.Itoa(high)
	switch {
	case low <= 0:
		limits = "at most " + strconv.Itoa(high)
	case high == NoLimit:
		limits = "at least " + strconv.Itoa(low)
	case low == high:
		limits = strconv.Itoa(low)
	}
	if max(low, high) == 1 {
		what = strings.TrimSuffix(what, "s")
	}
	return invalid(field, "must have "+limits+" "+what+", has "+strconv.Itoa(n))
}
