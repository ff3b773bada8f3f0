package finogatesapi_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/sandbox"
)

// The generated client alone: the caller exchanges the credentials, keeps the bearer and unwraps the envelope.
func ExampleClientWithResponses_CreateEmbedTokenWithResponse() {
	server, err := sandbox.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer server.Close()
	creds := server.Sandbox().Credentials().Finogates

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client, err := finogatesapi.NewClientWithResponses(server.Finogates(),
		finogatesapi.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		panic(err)
	}

	bearer, err := client.ExchangeClientTokenWithResponse(context.Background(),
		finogatesapi.ExchangeClientTokenRequest{ClientID: creds.ClientID, ClientSecret: creds.ClientSecret})
	if err != nil || bearer.JSON200 == nil {
		fmt.Println(err, bearer.Status())
		return
	}
	sign := func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+bearer.JSON200.Data.AccessToken)
		return nil
	}
	embed, err := client.CreateEmbedTokenWithResponse(context.Background(),
		finogatesapi.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: "https://app.example.com"}, sign)
	if err != nil || embed.JSON200 == nil {
		fmt.Println(err, embed.Status())
		return
	}
	fmt.Println(embed.JSON200.StatusCode, embed.JSON200.Data.EmbedURL, embed.JSON200.Data.Mode)
	// Output: 200 https://embed.sandbox.invalid/add-card sandbox
}

func ExampleClientWithResponses_ExchangeClientTokenWithResponse() {
	server, err := sandbox.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer server.Close()

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client, err := finogatesapi.NewClientWithResponses(server.Finogates(),
		finogatesapi.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		panic(err)
	}
	result, err := client.ExchangeClientTokenWithResponse(context.Background(),
		finogatesapi.ExchangeClientTokenRequest{ClientID: "fg_test_cl_unknown", ClientSecret: "fg_test_sk_unknown"})
	if err != nil {
		panic(err)
	}
	fmt.Println(result.StatusCode(), string(result.JSON401.Data))
	// Output: 401 {"message":"invalid client credentials"}
}

func ExampleClient_ExchangeClientToken() {
	client, err := finogatesapi.NewClient(finogatesapi.ServerURLSandbox, finogatesapi.WithHTTPClient(printer{}))
	if err != nil {
		panic(err)
	}
	resp, err := client.ExchangeClientToken(context.Background(),
		finogatesapi.ExchangeClientTokenRequest{ClientID: "fg_test_cl_1234", ClientSecret: "fg_test_sk_1234"})
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	// Output:
	// POST https://api-sandbox.finogates.com/v1/platform/auth/token
	// {"client_id":"fg_test_cl_1234","client_secret":"fg_test_sk_1234"}
}

func ExampleClient_CreateEmbedToken() {
	client, err := finogatesapi.NewClient(finogatesapi.ServerURLSandbox, finogatesapi.WithHTTPClient(printer{}))
	if err != nil {
		panic(err)
	}
	resp, err := client.CreateEmbedToken(context.Background(), finogatesapi.CreateEmbedTokenRequest{
		UserID: "3c90c3cc-0d44-4b50-8888-8dd25736052a", ParentOrigin: "https://app.example.com", Scope: finogatesapi.EmbedScopeAddCard,
	})
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	// Output:
	// POST https://api-sandbox.finogates.com/v1/platform/embed-tokens
	// {"parent_origin":"https://app.example.com","scope":"add_card","user_id":"3c90c3cc-0d44-4b50-8888-8dd25736052a"}
}
