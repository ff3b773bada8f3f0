package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// hiddenFile has the members that are masked, as a list: reading the documents takes longer than a command may.
const hiddenFile = "internal/cli/hidden.go"

// TestHidden: what is masked is what the documents say is secret, of whatever provider; -update writes the list.
func TestHidden(t *testing.T) {
	names := []string{"id_token"} // OpenID Connect has it beside the others; no document does
	for _, doc := range append(specs.All(), sandbox.AdminDocument()) {
		found, err := spectest.Secrets(doc)
		require.NoError(t, err)
		names = append(names, found...)
	}
	slices.Sort(names)
	var b strings.Builder
	b.WriteString("package cli\n\n// hidden are the members that a document says are secret, and id_token. The test TestHidden writes the list.\nvar hidden = []string{\n")
	for _, name := range slices.Compact(names) {
		fmt.Fprintf(&b, "\t%q,\n", name)
	}
	b.WriteString("}\n")
	if *update {
		require.NoError(t, os.WriteFile(hiddenFile, []byte(b.String()), 0o644))
	}
	written, err := os.ReadFile(hiddenFile)
	require.NoError(t, err)
	assert.Equal(t, b.String(), string(written), "go test ./cmd/fintoken -run TestHidden -update writes it anew")
}

// secretsOf returns the values that the document of the admin API says are secret, of whatever provider.
func secretsOf(t *testing.T, credentials sandbox.Credentials) []string {
	t.Helper()
	names, err := spectest.Secrets(sandbox.AdminDocument())
	require.NoError(t, err)
	var secrets []string
	for provider, members := range membersOf(t, credentials) {
		before := len(secrets)
		for name, value := range members {
			if slices.Contains(names, name) {
				secrets = append(secrets, value)
			}
		}
		require.Greater(t, len(secrets), before, "%s has no secret", provider)
	}
	return secrets
}
