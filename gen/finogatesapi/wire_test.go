package finogatesapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/internal/gentest"
	"github.com/fintoken/fintoken-go/specs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// printer is a Doer for examples. It sends nothing and prints what would be sent.
type printer = gentest.Printer

// responses returns a client whose answers come from rt.
func responses(t *testing.T, rt http.RoundTripper) *finogatesapi.ClientWithResponses {
	t.Helper()
	c, err := finogatesapi.NewClientWithResponses("https://api.example.com",
		finogatesapi.WithHTTPClient(&http.Client{Transport: rt}), finogatesapi.WithRequestEditorFn(gentest.Sign(exchangePath)))
	require.NoError(t, err)
	return c
}

func TestWire(t *testing.T) {
	gentest.Wire(t, wire, func(base string, doer *gentest.Recorder) (*finogatesapi.Client, error) {
		return finogatesapi.NewClient(base, finogatesapi.WithHTTPClient(doer))
	})
}

// Every answer that the document shows decodes into the field of its status, whole, and into no other. What is sent
// holds to the document as well.
func TestExamplesDecode(t *testing.T) {
	assert.GreaterOrEqual(t, gentest.Answers(t, specs.Finogates, parts, operations, responses), 14)
}
