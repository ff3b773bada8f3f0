package rest

import (
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Requirement F64: seconds and dates; a moment that is past means now.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	longest := time.Duration(math.MaxInt64).Truncate(time.Second)
	for _, c := range []struct {
		value string
		want  time.Duration
		asked bool
	}{
		{"", 0, false},
		{"soon", 0, false},
		{"-1", 0, false},
		{"1.5", 0, false},
		{"+1", 0, false},
		{"0x1", 0, false},
		{"0", 0, true},
		{"7", 7 * time.Second, true},
		{" 7 ", 7 * time.Second, true},
		{"86400", 24 * time.Hour, true},
		{"99999999999999999999999", longest, true},
		{"9223372036854775807", longest, true},
		{"9223372037", longest, true},
		{"9223372036", longest, true},
		{"9223372035", longest - time.Second, true},
		{"Fri, 02 Jan 2026 03:04:12 GMT", 7 * time.Second, true},
		{"Friday, 02-Jan-26 03:04:12 GMT", 7 * time.Second, true},
		{"Fri Jan  2 03:04:12 2026", 7 * time.Second, true},
		{"Thu, 01 Jan 1970 00:00:00 GMT", 0, true},
	} {
		got, asked := parseRetryAfter(c.value, now)
		assert.Equal(t, c.want, got, c.value)
		assert.Equal(t, c.asked, asked, c.value)
	}
	_, asked := retryAfter(nil, now)
	assert.False(t, asked)
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"0", "120", "86400", "9223372036854775808", "Fri, 31 Dec 1999 23:59:59 GMT", "-5", " 3", "٣"} {
		f.Add(s)
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		wait, asked := parseRetryAfter(value, now)
		assert.GreaterOrEqual(t, wait, time.Duration(0))
		assert.True(t, asked || wait == 0)
		if _, err := http.ParseTime(value); err == nil {
			assert.True(t, asked)
		}
	})
}
