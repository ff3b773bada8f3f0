package rest

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Requirement F64: seconds that no Duration can hold are the longest wait there is, never a negative one.
func TestRetryAfterBeyondADuration(t *testing.T) {
	const most = math.MaxInt64 / int64(time.Second)
	for value, want := range map[string]int64{
		"9223372036":          most,
		"9223372035":          most - 1,
		"9223372037":          most,
		"18446744074":         most, // twice around the clock
		"9223372036854775807": most,
		"9223372036854775808": most,
	} {
		got, asked := parseRetryAfter(value, time.Now())
		assert.True(t, asked, value)
		assert.Equal(t, time.Duration(want)*time.Second, got, value)
	}
}
