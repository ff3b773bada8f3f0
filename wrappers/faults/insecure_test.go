package faults

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// Requirement A136: no list opens a server that any of the documents names.
func TestProvidersStayEncrypted(t *testing.T) {
	servers := 0
	for _, d := range specs.All() {
		doc, err := openapi3.NewLoader().LoadFromData(d.YAML())
		require.NoError(t, err)
		all := doc.Servers
		for _, item := range doc.Paths.Map() {
			all = append(all, item.Servers...)
		}
		for _, server := range all {
			u, rule := web.ParseURL(server.URL, nil)
			require.Empty(t, rule)
			_, rule = web.InsecureHostsRule([]string{u.Host})
			assert.Contains(t, rule, "must not be a host of a provider", server.URL)
			servers++
		}
	}
	assert.GreaterOrEqual(t, servers, 6, "two a document")
}
