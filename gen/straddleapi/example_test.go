package straddleapi_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
)

// The generated client alone: the caller sees to the credential, to limits and to repeating.
func ExampleClientWithResponses_CreateBridgeTokenWithResponse() {
	server, err := sandbox.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer server.Close()
	creds := server.Sandbox().Credentials().Straddle

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client, err := straddleapi.NewClientWithResponses(server.Straddle(),
		straddleapi.WithHTTPClient(&http.Client{Transport: transport}),
		straddleapi.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+creds.APIKey)
			return nil
		}))
	if err != nil {
		panic(err)
	}

	key := "order-2026-0042"
	params := &straddleapi.CreateBridgeTokenParams{IdempotencyKey: &key}
	for _, customer := range []string{creds.CustomerID, "5f0c2a9e-1b7d-4c83-9f26-0d8e7a4b6c15"} {
		result, err := client.CreateBridgeTokenWithResponse(context.Background(), params,
			straddleapi.CreateBridgeTokenRequest{CustomerID: customer})
		switch {
		case err != nil:
			fmt.Println(err)
		case result.JSON201 != nil:
			fmt.Println(result.StatusCode(), result.JSON201.ResponseType, len(result.JSON201.Data.BridgeToken) > 0)
		case result.JSON409 != nil && result.JSON409.Error != nil:
			fmt.Println(result.StatusCode(), result.JSON409.Error.Type)
		}
	}
	// Output:
	// 201 object true
	// 409 /conflict
}

// The plain method gives the answer as it came.
func ExampleClient_CreateBridgeToken() {
	client, err := straddleapi.NewClient(straddleapi.ServerURLSandbox, straddleapi.WithHTTPClient(printer{}))
	if err != nil {
		panic(err)
	}
	resp, err := client.CreateBridgeToken(context.Background(), nil, straddleapi.CreateBridgeTokenRequest{
		CustomerID: "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e",
		Config:     &straddleapi.PaykeyConfiguration{SandboxOutcome: straddleapi.SimulatedPaykeyOutcomeReview},
	})
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	// Output:
	// POST https://sandbox.straddle.com/v1/bridge/initialize
	// {"config":{"sandbox_outcome":"review"},"customer_id":"182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"}
}

func ExampleClient_CreateBridgeTokenWithBody() {
	client, err := straddleapi.NewClient(straddleapi.ServerURLSandbox, straddleapi.WithHTTPClient(printer{}))
	if err != nil {
		panic(err)
	}
	resp, err := client.CreateBridgeTokenWithBody(context.Background(), nil, "application/json", strings.NewReader(`{"customer_id":"…"}`))
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	// Output:
	// POST https://sandbox.straddle.com/v1/bridge/initialize
	// {"customer_id":"…"}
}
