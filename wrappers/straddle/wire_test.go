// What the tests share: a client, the answers that it gets, and what its errors are held against.

package straddle_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	apiKey    = "sk_test_canary-key-4c1d" // must never be printed
	customer  = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
	stranger  = "7d1b0f3e-52c4-4a8e-9f60-3c5d8e2a1b94" // unknown to a sandbox
	requestID = "4d2d5e0c-2a1b-4b0e-8a4e-0f6d1c2b3a45"
	meta      = `"meta":{"api_request_id":"` + requestID + `","api_request_timestamp":"2026-01-05T10:00:00Z"}`
	// canary stands in bodies that must not get into the text of an error.
	canary = "canary-body-7f3a"
)

var minimal = straddleapi.CreateBridgeTokenRequest{CustomerID: customer}

// The short names of what the tests have from package wiretest.
type (
	reply = wiretest.Reply
	fault = wiretest.Fault
)

// provider is what every error is held against. All that must not be printed has the word canary in it.
var provider = wiretest.Provider{Name: "straddle", Secret: "canary"}

func created(token string) reply {
	return reply{Status: 201, Body: `{"data":{"bridge_token":"` + token + `"},` + meta + `,"response_type":"object"}`}
}

// client returns a client whose calls end at rt.
func client(t *testing.T, rt http.RoundTripper, change ...func(*straddle.Config)) *straddle.Client {
	t.Helper()
	cfg := straddle.Config{APIKey: secret.New(apiKey), HTTP: rest.Config{HTTPClient: &http.Client{Transport: rt}}}
	for _, f := range change {
		f(&cfg)
	}
	c, err := straddle.New(cfg)
	require.NoError(t, err)
	return c
}
