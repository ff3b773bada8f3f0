package finogates_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// Requirement I93: every digit at the end of a host makes browsers take the host for an IPv4 address.
func TestParentOriginEndsInANumber(t *testing.T) {
	for _, last := range []string{"0", "9", "0x", "0x0", "0xf"} {
		w := wiretest.Script()
		_, err := client(t, w).EmbedTokens.Create(t.Context(), finogatesapi.CreateEmbedTokenRequest{UserID: user, ParentOrigin: "https://example." + last})
		provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: "parent_origin", Says: "IPv4 address as four numbers"})
		assert.Empty(t, w.Requests())
	}
}
