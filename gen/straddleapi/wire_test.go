package straddleapi_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/gen/internal/gentest"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/specs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// printer is a Doer for examples. It sends nothing and prints what would be sent.
type printer = gentest.Printer

// responses returns a client whose answers come from rt.
func responses(t *testing.T, rt http.RoundTripper) *straddleapi.ClientWithResponses {
	t.Helper()
	c, err := straddleapi.NewClientWithResponses("https://api.example.com",
		straddleapi.WithHTTPClient(&http.Client{Transport: rt}), straddleapi.WithRequestEditorFn(gentest.Sign()))
	require.NoError(t, err)
	return c
}

func TestWire(t *testing.T) {
	gentest.Wire(t, wire, func(base string, doer *gentest.Recorder) (*straddleapi.Client, error) {
		return straddleapi.NewClient(base, straddleapi.WithHTTPClient(doer))
	})
}

// Every answer that the document shows decodes into the field of its status, whole, and into no other. What is sent
// holds to the document as well.
func TestExamplesDecode(t *testing.T) {
	assert.GreaterOrEqual(t, gentest.Answers(t, specs.Straddle, parts, operations, responses), 10)
}
