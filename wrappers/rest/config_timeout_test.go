package rest

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Requirement F70: of the limits for an attempt, that of the Config and that of its HTTPClient, the shorter one holds.
func TestShorterAttemptTimeout(t *testing.T) {
	for _, c := range []struct{ attempt, client, want time.Duration }{
		{0, 0, DefaultAttemptTimeout},
		{0, time.Second, time.Second},
		{0, time.Hour, DefaultAttemptTimeout},
		{time.Minute, 0, time.Minute},
		{time.Minute, time.Second, time.Second},
		{time.Second, time.Minute, time.Second},
	} {
		got, err := Config{AttemptTimeout: c.attempt, HTTPClient: &http.Client{Timeout: c.client}}.withDefaults()
		require.NoError(t, err)
		assert.Equal(t, c.want, got.AttemptTimeout, "%v", c)
	}
}
