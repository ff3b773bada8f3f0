package spectest

import (
	"bytes"
	"errors"
	"time"
)

// Dates and times are those of RFC 3339, section 5.6: both checks share these functions, so they cannot differ.

// isDate knows full-date: a day that the calendar has.
func isDate(text []byte) bool {
	if !like(text, "0000-00-00") {
		return false
	}
	year, month, day := two(text)*100+two(text[2:]), two(text[5:]), two(text[8:])
	return month >= 1 && month <= 12 && day >= 1 && day <= time.Date(year, time.Month(month+1), 0, 0, 0, 0, 0, time.UTC).Day()
}

// isDateTime knows date-time: a day of the calendar, T and Z in either case, an offset of less than a day. The second 60
// is there at the end of a month in UTC, and nowhere else.
func isDateTime(text []byte) bool {
	const form = "0000-00-00T00:00:00"
	if len(text) <= len(form) || !isDate(text[:10]) || text[10] != 'T' && text[10] != 't' || !like(text[11:len(form)], "00:00:00") {
		return false
	}
	offset, ok := offsetOf(text[len(form):])
	hour, minute, second := two(text[11:]), two(text[14:]), two(text[17:])
	if !ok || hour > 23 || minute > 59 || second > 60 {
		return false
	}
	return second < 60 || endsMonth(time.Date(two(text)*100+two(text[2:]), time.Month(two(text[5:])), two(text[8:]), hour, minute-offset, second, 0, time.UTC))
}

// endsMonth reports whether the instant is the first of a month, which is where the normalized second 60 leads.
func endsMonth(next time.Time) bool { return next.Day() == 1 && next.Hour() == 0 && next.Minute() == 0 }

// offsetOf reads a fraction of a second, if there is one, and the offset behind it in minutes.
func offsetOf(text []byte) (minutes int, ok bool) {
	if fraction, found := bytes.CutPrefix(text, []byte(".")); found {
		text = bytes.TrimLeft(fraction, "0123456789")
		if len(text) == len(fraction) {
			return 0, false
		}
	}
	switch {
	case len(text) == 1:
		return 0, text[0] == 'Z' || text[0] == 'z'
	case !like(text, "+00:00") && !like(text, "-00:00") || two(text[1:]) > 23 || two(text[4:]) > 59:
		return 0, false
	}
	minutes = two(text[1:])*60 + two(text[4:])
	if text[0] == '-' {
		minutes = -minutes
	}
	return minutes, true
}

// like reports whether a text has a form, in which a 0 stands for any digit.
func like(text []byte, form string) bool {
	if len(text) != len(form) {
		return false
	}
	for i, c := range text {
		if form[i] == '0' && (c < '0' || c > '9') || form[i] != '0' && c != form[i] {
			return false
		}
	}
	return true
}

// two reads the two digits that a text begins with.
func two(text []byte) int { return int(text[0]-'0')*10 + int(text[1]-'0') }

// formatOf makes a check of kin-openapi's out of one of ours. Its error is never shown.
func formatOf(holds func(text []byte) bool) func(string) error {
	return func(s string) error {
		if holds([]byte(s)) {
			return nil
		}
		return errFormat
	}
}

var errFormat = errors.New("breaks its format")
