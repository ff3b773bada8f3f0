package webhook_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

// What InTx does in a database is shown in sandbox/compat, with a receiver that is killed.
func TestInTxNeedsAnID(t *testing.T) {
	t.Parallel()
	_, err := webhook.InTx(t.Context(), nil, "")
	require.EqualError(t, err, "webhook: InTx: id must not be empty")
}
