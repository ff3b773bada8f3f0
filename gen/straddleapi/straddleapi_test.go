package straddleapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/internal/gentest"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

const (
	customer = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
	account  = "6f1c2a52-8e0d-4f55-9a1b-5d2f7c3e4b66"
	path     = "/v1/bridge/initialize"
)

func ptr(s string) *string { return &s }

var parts = []string{"201", "400", "401", "403", "409", "422", "429", "500", "default"}

// operations calls each operation of the document.
var operations = map[string]func(*straddleapi.ClientWithResponses) (any, error){
	"createBridgeToken": func(c *straddleapi.ClientWithResponses) (any, error) {
		return c.CreateBridgeTokenWithResponse(context.Background(), nil, straddleapi.CreateBridgeTokenRequest{CustomerID: customer})
	},
}

// wire is what each way of calling an operation puts on the wire, to the byte.
var wire = map[string]gentest.Call[*straddleapi.Client]{
	"nil params": {
		Do: func(ctx context.Context, c *straddleapi.Client) (*http.Response, error) {
			return c.CreateBridgeToken(ctx, nil, straddleapi.CreateBridgeTokenRequest{CustomerID: customer})
		},
		Path: path,
		Want: gentest.Sent{Method: "POST", Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"customer_id":"` + customer + `"}`},
	},
	"empty params": {
		Do: func(ctx context.Context, c *straddleapi.Client) (*http.Response, error) {
			return c.CreateBridgeToken(ctx, &straddleapi.CreateBridgeTokenParams{}, straddleapi.CreateBridgeTokenRequest{CustomerID: customer})
		},
		Path: path,
		Want: gentest.Sent{Method: "POST", Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"customer_id":"` + customer + `"}`},
	},
	"everything": {
		Do: func(ctx context.Context, c *straddleapi.Client) (*http.Response, error) {
			return c.CreateBridgeToken(ctx, &straddleapi.CreateBridgeTokenParams{
				CorrelationID: ptr("order-2026-0042"), IdempotencyKey: ptr("0b9f6c1e-41a7-4d7e-8f5e-2f6a1c9d7b30"),
				RequestID: ptr("req-2026-0042"), StraddleAccountID: ptr(account),
			}, straddleapi.CreateBridgeTokenRequest{
				CustomerID: customer, ExternalID: "wallet-77",
				Config: &straddleapi.PaykeyConfiguration{
					ProcessingMethod: straddleapi.PaykeyProcessingModeInline, SandboxOutcome: straddleapi.SimulatedPaykeyOutcomeActive,
				},
			})
		},
		Path: path,
		Want: gentest.Sent{
			Method: "POST",
			Header: http.Header{
				"Content-Type": {"application/json"}, "Correlation-Id": {"order-2026-0042"},
				"Idempotency-Key": {"0b9f6c1e-41a7-4d7e-8f5e-2f6a1c9d7b30"}, "Request-Id": {"req-2026-0042"}, "Straddle-Account-Id": {account},
			},
			Body: `{"config":{"processing_method":"inline","sandbox_outcome":"active"},"customer_id":"` + customer + `","external_id":"wallet-77"}`,
		},
	},
	"half a configuration": {
		Do: func(ctx context.Context, c *straddleapi.Client) (*http.Response, error) {
			return c.CreateBridgeToken(ctx, nil, straddleapi.CreateBridgeTokenRequest{
				CustomerID: customer, Config: &straddleapi.PaykeyConfiguration{ProcessingMethod: straddleapi.PaykeyProcessingModeSkip},
			})
		},
		Path: path,
		Want: gentest.Sent{
			Method: "POST", Header: http.Header{"Content-Type": {"application/json"}},
			Body: `{"config":{"processing_method":"skip"},"customer_id":"` + customer + `"}`,
		},
	},
	"a body of one's own": {
		Do: func(ctx context.Context, c *straddleapi.Client) (*http.Response, error) {
			return c.CreateBridgeTokenWithBody(ctx, &straddleapi.CreateBridgeTokenParams{RequestID: ptr("r")}, "application/json", strings.NewReader(`{"a":1}`))
		},
		Path: path,
		Want: gentest.Sent{Method: "POST", Header: http.Header{"Content-Type": {"application/json"}, "Request-Id": {"r"}}, Body: `{"a":1}`},
	},
}

// The examples of requests are what the generated types say.
func TestRequestExamples(t *testing.T) {
	for _, name := range spectest.Examples(specs.Straddle, "createBridgeToken", "request") {
		body, _, err := spectest.Example(specs.Straddle, "createBridgeToken", "request", name)
		require.NoError(t, err)
		var request straddleapi.CreateBridgeTokenRequest
		require.NoError(t, json.Unmarshal(body, &request))
		again, err := json.Marshal(request)
		require.NoError(t, err)
		assert.JSONEq(t, string(body), string(again))
	}
}

// A provider may add members and values: both decode, and what is declared is still found.
func TestUnknownDecodes(t *testing.T) {
	const body = `{"data":{"bridge_token":"t","new":{"a":[1]}},"meta":{"api_request_id":"not a uuid","api_request_timestamp":"yesterday","page":1},
		"response_type":"session","extra":null}`
	c := responses(t, gentest.Canned{Status: 201, MIME: "application/json; charset=utf-8", Body: body, Header: http.Header{"Idempotent-Replayed": {"true"}}})
	got, err := c.CreateBridgeTokenWithResponse(t.Context(), nil, straddleapi.CreateBridgeTokenRequest{CustomerID: customer})
	require.NoError(t, err)
	require.NotNil(t, got.JSON201)
	assert.Equal(t, "t", got.JSON201.Data.BridgeToken)
	assert.Equal(t, straddleapi.ResponseType("session"), got.JSON201.ResponseType)
	assert.False(t, got.JSON201.ResponseType.Valid())
	assert.Equal(t, "not a uuid", got.JSON201.Meta.APIRequestID)
	require.NotNil(t, got.Headers201.IdempotentReplayed)
	assert.Equal(t, "true", *got.Headers201.IdempotentReplayed)

	for _, known := range []straddleapi.ResponseType{
		straddleapi.ResponseTypeObject, straddleapi.ResponseTypeArray, straddleapi.ResponseTypeError, straddleapi.ResponseTypeNone,
	} {
		assert.True(t, known.Valid())
	}
}

func TestRetryAfterHeader(t *testing.T) {
	c := responses(t, gentest.Canned{Status: 429, MIME: "application/json", Body: `{}`, Header: http.Header{"Retry-After": {"2"}}})
	got, err := c.CreateBridgeTokenWithResponse(t.Context(), nil, straddleapi.CreateBridgeTokenRequest{CustomerID: customer})
	require.NoError(t, err)
	require.NotNil(t, got.Headers429.RetryAfter)
	assert.Equal(t, "2", *got.Headers429.RetryAfter)
}

// The servers are those of the document.
func TestServers(t *testing.T) {
	assert.Equal(t, "https://sandbox.straddle.com", straddleapi.ServerURLSandbox)
	assert.Equal(t, "https://production.straddle.com", straddleapi.ServerURLProduction)
}
