package sandbox_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// secretsIn collects the texts of members of these names, wherever they stand.
func secretsIn(v any, names []string) []string {
	var found []string
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if text, ok := member.(string); ok && slices.Contains(names, name) {
				found = append(found, text)
			}
			found = append(found, secretsIn(member, names)...)
		}
	case []any:
		for _, item := range v {
			found = append(found, secretsIn(item, names)...)
		}
	}
	return found
}

// TestNothingTellsSecrets: what a document says is secret is neither in the state nor in the journal nor in what lists the
// faults, whatever provider has it.
func TestNothingTellsSecrets(t *testing.T) {
	t.Parallel()
	var names []string
	for _, doc := range append(specs.All(), sandbox.AdminDocument()) {
		more, err := spectest.Secrets(doc)
		require.NoError(t, err)
		names = append(names, more...)
	}
	w := lived(t)
	answers := []reply{w.userToken(), w.embedded(w.finogatesBearer(), nil), w.bridge(w.customer())}
	w.form(tokenV1, nil, w.v1("grant_type", "password", "username", w.creds.FinAPI.Username, "password", "wrong-"+w.creds.FinAPI.Password)...)
	w.bridge(object{"customer_id": w.creds.Straddle.APIKey})
	taken, err := w.sand.Snapshot()
	require.NoError(t, err)
	secrets := []string{}
	for _, text := range append([]string{string(taken)}, answers[0].text, answers[1].text, answers[2].text) {
		var v any
		require.NoError(t, json.Unmarshal([]byte(text), &v))
		secrets = append(secrets, secretsIn(v, names)...)
	}
	for _, name := range sandbox.Providers() {
		var all map[string]any
		require.NoError(t, json.Unmarshal([]byte(w.do(http.MethodGet, adminPath+"/credentials", nil, "").text), &all))
		assert.NotEmpty(t, secretsIn(all[name], names), "%s has no secret", name)
	}
	state, err := json.Marshal(w.sand.State())
	require.NoError(t, err)
	calls, err := json.Marshal(w.sand.Calls())
	require.NoError(t, err)
	faults, err := json.Marshal(w.sand.Faults())
	require.NoError(t, err)
	assert.Greater(t, len(secrets), 12)
	for _, secret := range secrets {
		for _, text := range []string{string(state), string(calls), string(faults)} {
			assert.NotContains(t, text, secret)
		}
	}
}
