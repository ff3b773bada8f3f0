package sandbox_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
)

// TestAdded calls the operation that CONTRIBUTING.md adds: through the generated client, the wrapper and the program. The
// sandbox answers by what it remembers.
func TestAdded(t *testing.T) {
	s := sandbox.Start(t)
	st := s.Clients().Straddle
	customer, err := st.Customers.Create(t.Context(), straddleapi.CreateCustomerRequest{
		Name: "Ada", Type: straddleapi.CustomerTypeIndividual, Email: "ada@example.org", Phone: "+12025550199",
		Device: straddleapi.CustomerDevice{IPAddress: "203.0.113.7"},
	})
	require.NoError(t, err)
	want := straddleapi.CustomerContact{Email: "ada@example.org", Phone: "+12025550199"}

	contact, err := st.Customers.GetContact(t.Context(), customer.ID)
	require.NoError(t, err)
	assert.Equal(t, want, *contact)

	api := straddleapi.ClientWithResponses{ClientInterface: st.API()}
	answer, err := api.GetCustomerContactWithResponse(t.Context(), customer.ID, nil)
	require.NoError(t, err)
	require.NotNil(t, answer.JSON200, answer.Status())
	assert.Equal(t, want, answer.JSON200.Data)

	cmd := exec.CommandContext(t.Context(), "go", "run", "../cmd/fintoken", "straddle", "customers", "get-contact", customer.ID, "--transform", "data.email")
	cmd.Env = append(os.Environ(), "STRADDLE_BASE_URL="+s.Straddle(), "STRADDLE_API_KEY="+s.Sandbox().Credentials().Straddle.APIKey)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	assert.Equal(t, `"ada@example.org"`+"\n", string(out))

	for _, op := range s.Sandbox().Operations() {
		if op.ID == "getCustomerContact" {
			assert.Equal(t, sandbox.FromState, op.From)
		}
	}
}
