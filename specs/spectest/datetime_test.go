package spectest

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestDates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"2026-02-28": true, "2024-02-29": true, "2000-02-29": true, "0000-12-31": true,
		"2026-02-29": false, "2026-02-31": false, "1900-02-29": false, "2026-04-31": false, "2026-00-01": false, "2026-13-01": false,
		"2026-01-00": false, "2026-1-05": false, "2026-01-05Z": false, "２026-01-05": false, "": false,
	} {
		assert.Equal(t, want, isDate([]byte(text)), text)
	}
}

func TestDateTimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"2026-01-05T10:00:00Z": true, "2026-01-05T10:00:00.123Z": true, "2026-12-31T23:59:59.1Z": true,
		"2026-01-05t10:00:00z": true, "2026-01-05T10:00:00.5z": true, "2026-01-05t10:00:00+01:00": true,
		"2026-01-05T10:00:00+01:00": true, "2026-01-05T10:00:00-23:59": true, "2026-01-05T10:00:00-00:00": true,
		"2016-12-31T23:59:60Z": true, "2016-12-31T23:59:60.5Z": true, "2017-01-01T00:59:60+01:00": true, "2016-12-31T15:59:60-08:00": true,

		"2026-02-31T10:00:00Z": false, "2026-02-29T10:00:00Z": false, "2026-13-05T10:00:00Z": false, "2026-01-32T10:00:00Z": false,
		"2026-01-00T10:00:00Z": false, "2026-01-05T24:00:00Z": false, "2026-01-05T10:60:00Z": false, "2026-01-05T10:00:61Z": false,
		"2026-01-05T10:00:60Z": false, "2026-01-05T23:59:60Z": false, "2017-01-01T00:59:60Z": false, "2016-12-31T23:59:60+01:00": false,
		"2026-01-05T10:00:00+99:99": false, "2026-01-05T10:00:00+24:00": false, "2026-01-05T10:00:00+01:60": false,
		"2026-01-05T10:00:00+0100": false, "2026-01-05T10:00:00+01": false, "2026-01-05T10:00:00": false, "2026-01-05T10:00:00 Z": false,
		"2026-01-05 10:00:00Z": false, "2026-01-05T10:00:00.Z": false, "2026-01-05T10:00:00,1Z": false, "2026-01-05T10:00:00.1xZ": false,
		"2026-01-05T10:00Z": false, "Z": false, "": false,
	} {
		assert.Equal(t, want, isDateTime([]byte(text)), text)
	}
}

// dateTime is the grammar of RFC 3339, with the ranges that it gives in words.
var dateTime = regexp.MustCompile(`(?i)^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// FuzzDateTime holds our reading of RFC 3339 against the grammar and the standard library, which knows the calendar. It
// knows no leap second.
func FuzzDateTime(f *testing.F) {
	for _, seed := range []string{
		"2026-01-05T10:00:00Z", "2024-02-29t23:59:59.999999999+23:59", "2026-02-31T10:00:00Z", "2016-12-31T23:59:60Z", "2026-01-05T10:00:00+99:99",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, plain := isDateTime([]byte(text)), dateTime.MatchString(text)
		if len(text) > 19 && text[17:19] == "60" {
			if got && !plain {
				t.Errorf("%q passes", text)
			}
			return
		}
		_, err := time.Parse(time.RFC3339, strings.ToUpper(text))
		if want := plain && err == nil; got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
		if isDate([]byte(text)) {
			if _, err := time.Parse(time.DateOnly, text); err != nil {
				t.Errorf("%q passes as a date: %v", text, err)
			}
		}
	})
}
