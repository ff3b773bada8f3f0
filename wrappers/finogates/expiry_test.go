package finogates_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
)

// Requirement C37: a number below a hundred thousand million is a time in seconds, a larger one in milliseconds: in seconds it would be
// after the year 5138, in milliseconds the other one before March 1973.
func TestExpiryUnits(t *testing.T) {
	for number, want := range map[string]time.Time{
		"1":               time.Unix(1, 0),
		"1780567800":      time.Unix(1780567800, 0),
		"1780567800.25":   time.Unix(1780567800, 250e6),
		"99999999999":     time.Unix(99999999999, 0),
		"100000000000":    time.UnixMilli(100000000000),
		"300000000000":    time.UnixMilli(300000000000),
		"999999999999999": time.UnixMilli(999999999999999),
	} {
		got, err := client(t, wiretest.Script(bearer("b"), ok(`{"token":"t","expires_at":`+number+`}`))).EmbedTokens.Create(t.Context(), minimal)
		require.NoError(t, err)
		assert.True(t, want.Equal(got.ExpiresAt), "%s is %v and not %v", number, got.ExpiresAt, want)
	}
	for _, number := range []string{"0", "1e15", "true"} {
		got, err := client(t, wiretest.Script(bearer("b"), ok(`{"token":"t","expires_at":`+number+`}`))).EmbedTokens.Create(t.Context(), minimal)
		require.NoError(t, err)
		assert.True(t, got.ExpiresAt.IsZero(), "%s is %v", number, got.ExpiresAt)
	}
}
