package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// TestVendorsAreWhole: every provider of the sandbox and of the documents is one of the program, and the sandbox has each of
// its credentials, of which a client can be made.
func TestVendorsAreWhole(t *testing.T) {
	require.Equal(t, sandbox.Providers(), vendorNames())
	for _, op := range operations.All() {
		_, known := named(op.Provider)
		assert.True(t, known, op.Provider)
	}
	s, err := sandbox.New()
	require.NoError(t, err)
	c := s.Credentials()
	for _, v := range vendors() {
		of := map[string]secret.String{}
		for _, one := range append(v.credentials, v.more...) {
			value := v.member(c, strings.ReplaceAll(one.name, "-", "_"))
			require.NotEmpty(t, value, "%s: the sandbox has no %s", v.name, one.name)
			of[one.field] = secret.New(value)
		}
		for _, production := range []string{sandboxEnvironment, productionEnvironment} {
			assert.NoError(t, v.try(place{environment: production, baseURL: "https://example.com"}, of), v.name)
		}
		assert.NotEmpty(t, v.lines(c))
		assert.Empty(t, v.member(c, "nothing"))
	}
	none := vendor{name: "nobody"}
	assert.Empty(t, none.member(c, "client_id"))
}

// TestTokenOf: what is printed as the token of an answer is a secret that its payload shows.
func TestTokenOf(t *testing.T) {
	type payload struct {
		hidden secret.String
		Name   string
		Token  secret.String
	}
	got, ok := tokenOf(&payload{hidden: secret.New("other"), Token: secret.New("the token")})
	assert.True(t, ok)
	assert.Equal(t, "the token", got.Reveal())
	for _, none := range []any{nil, "text", &struct{ Token string }{"plain"}} {
		_, ok := tokenOf(none)
		assert.False(t, ok)
	}
}
