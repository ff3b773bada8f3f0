package straddle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// An API key is sent as it is: any visible ASCII, spaces inside included.
func TestAPIKeyIsSentAsItIs(t *testing.T) {
	for _, key := range []string{"My API Key", "!canary~", "~", "!"} {
		w := wiretest.Script(created("t"))
		_, err := client(t, w, func(c *straddle.Config) { c.APIKey = secret.New(key) }).Bridge.Initialize(t.Context(), minimal)
		require.NoError(t, err, key)
		assert.Equal(t, "Bearer "+key, w.Requests()[0].Header.Get("Authorization"))
	}
}

// A space at an end of a key is never meant; a header would lose it and the key would not be the same.
func TestAPIKeyWithSpaceAtItsEnds(t *testing.T) {
	for _, key := range []string{" " + apiKey, apiKey + " ", " "} {
		got, err := straddle.New(straddle.Config{APIKey: secret.New(key)})
		assert.Nil(t, got)
		provider.RequireRefusal(t, err, "APIKey", "without spaces at its ends")
	}
}
