package finapiaccess_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/sandbox"
)

// local returns a generated client of a sandbox that runs in this process.
func local(editors ...finapiaccess.ClientOption) (*finapiaccess.ClientWithResponses, sandbox.FinAPICredentials, func()) {
	server, err := sandbox.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	transport := &http.Transport{}
	options := append(editors, finapiaccess.WithHTTPClient(&http.Client{Transport: transport}))
	client, err := finapiaccess.NewClientWithResponses(server.FinAPI(), options...)
	if err != nil {
		panic(err)
	}
	return client, server.Sandbox().Credentials().FinAPI, func() {
		transport.CloseIdleConnections()
		_ = server.Close()
	}
}

// The three grants, by the generated client alone.
func ExampleClientWithResponses_GetTokenWithFormdataBodyWithResponse() {
	client, creds, end := local()
	defer end()

	ctx := context.Background()
	own, err := client.GetTokenWithFormdataBodyWithResponse(ctx, nil, finapiaccess.GetTokenRequest{
		GrantType: finapiaccess.GrantTypeClientCredentials, ClientID: creds.ClientID, ClientSecret: creds.ClientSecret,
	})
	if err != nil || own.JSON200 == nil {
		fmt.Println(err, own.Status())
		return
	}
	user, err := client.GetTokenWithFormdataBodyWithResponse(ctx, nil, finapiaccess.GetTokenRequest{
		GrantType: finapiaccess.GrantTypePassword, ClientID: creds.ClientID, ClientSecret: creds.ClientSecret,
		Username: creds.Username, Password: creds.Password,
	})
	if err != nil || user.JSON200 == nil {
		fmt.Println(err, user.Status())
		return
	}
	renewed, err := client.GetTokenWithFormdataBodyWithResponse(ctx, nil, finapiaccess.GetTokenRequest{
		GrantType: finapiaccess.GrantTypeRefreshToken, ClientID: creds.ClientID, ClientSecret: creds.ClientSecret,
		RefreshToken: user.JSON200.RefreshToken,
	})
	if err != nil || renewed.JSON200 == nil {
		fmt.Println(err, renewed.Status())
		return
	}
	fmt.Println(own.JSON200.TokenType, own.JSON200.Scope, own.JSON200.RefreshToken == "")
	fmt.Println(user.JSON200.RefreshToken != "", renewed.JSON200.AccessToken == user.JSON200.AccessToken)
	// Output:
	// bearer all true
	// true true
}

func ExampleClientWithResponses_GetTokenV2WithFormdataBodyWithResponse() {
	client, creds, end := local()
	defer end()

	ctx := context.Background()
	for _, bound := range []finapiaccess.GetTokenRequest{
		{GrantType: finapiaccess.GrantTypeClientCredentials, ClientID: creds.V2ClientID, ClientSecret: creds.V2ClientSecret},
		{GrantType: finapiaccess.GrantTypeClientCredentials, ClientID: creds.ClientID, ClientSecret: creds.ClientSecret},
	} {
		result, err := client.GetTokenV2WithFormdataBodyWithResponse(ctx, nil, bound)
		switch {
		case err != nil:
			fmt.Println(err)
		case result.JSON200 != nil:
			fmt.Println(result.StatusCode(), result.JSON200.Scope)
		case result.JSON403 != nil:
			fmt.Println(result.StatusCode(), result.JSON403.Errors[0].Message)
		}
	}
	// Output:
	// 200 all
	// 403 API Version mismatch: this client is limited to the scope /api/v1
}

// signed returns an option that signs requests with the token of a client.
func signed(token *string) finapiaccess.ClientOption {
	return finapiaccess.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		if *token != "" {
			r.Header.Set("Authorization", "Bearer "+*token)
		}
		return nil
	})
}

func ExampleClientWithResponses_RevokeTokenWithFormdataBodyWithResponse() {
	var bearer string
	client, creds, end := local(signed(&bearer))
	defer end()

	ctx := context.Background()
	own, err := client.GetTokenWithFormdataBodyWithResponse(ctx, nil, finapiaccess.GetTokenRequest{
		GrantType: finapiaccess.GrantTypeClientCredentials, ClientID: creds.ClientID, ClientSecret: creds.ClientSecret,
	})
	if err != nil || own.JSON200 == nil {
		fmt.Println(err, own.Status())
		return
	}
	bearer = own.JSON200.AccessToken

	// The preferred form: the token in the body.
	result, err := client.RevokeTokenWithFormdataBodyWithResponse(ctx, nil,
		finapiaccess.RevokeTokenRequest{Token: "a user's token", TokenTypeHint: finapiaccess.TokenTypeHintAccessToken})
	if err != nil {
		panic(err)
	}
	fmt.Println(result.StatusCode(), len(result.Body))

	// The form of the documented page: the token in the query, which ends in logs.
	token := "another token"
	result, err = client.RevokeTokenWithBodyWithResponse(ctx, &finapiaccess.RevokeTokenParams{Token: &token}, "", nil, withoutType)
	if err != nil {
		panic(err)
	}
	fmt.Println(result.StatusCode(), len(result.Body))
	// Output:
	// 200 0
	// 200 0
}

func ExampleClientWithResponses_RevokeTokenV2WithFormdataBodyWithResponse() {
	client, _, end := local()
	defer end()

	result, err := client.RevokeTokenV2WithFormdataBodyWithResponse(context.Background(), nil,
		finapiaccess.RevokeTokenRequest{Token: "a user's token"}) // without the bearer of the client
	if err != nil {
		panic(err)
	}
	fmt.Println(result.StatusCode(), result.JSON401.Error)
	// Output: 401 invalid_token
}

func ExampleClient_GetTokenWithFormdataBody() {
	show(func(c *finapiaccess.Client) (*http.Response, error) {
		return c.GetTokenWithFormdataBody(context.Background(), nil, finapiaccess.GetTokenRequest{
			GrantType: finapiaccess.GrantTypePassword, ClientID: "id", ClientSecret: "secret", Username: "user", Password: "a&b",
		})
	})
	// Output:
	// POST https://sandbox.finapi.io/oauth/token
	// client_id=id&client_secret=secret&grant_type=password&password=a%26b&username=user
}

func ExampleClient_GetTokenV2WithFormdataBody() {
	show(func(c *finapiaccess.Client) (*http.Response, error) {
		return c.GetTokenV2WithFormdataBody(context.Background(), nil, finapiaccess.GetTokenRequest{
			GrantType: finapiaccess.GrantTypeRefreshToken, ClientID: "id", ClientSecret: "secret", RefreshToken: "token",
		})
	})
	// Output:
	// POST https://sandbox.finapi.io/api/v2/oauth/token
	// client_id=id&client_secret=secret&grant_type=refresh_token&refresh_token=token
}

func ExampleClient_RevokeTokenWithFormdataBody() {
	show(func(c *finapiaccess.Client) (*http.Response, error) {
		return c.RevokeTokenWithFormdataBody(context.Background(), nil, finapiaccess.RevokeTokenRequest{Token: "token"})
	})
	// Output:
	// POST https://sandbox.finapi.io/oauth/revoke
	// token=token
}

func ExampleClient_RevokeTokenV2WithFormdataBody() {
	show(func(c *finapiaccess.Client) (*http.Response, error) {
		return c.RevokeTokenV2WithFormdataBody(context.Background(), nil,
			finapiaccess.RevokeTokenRequest{Token: "token", TokenTypeHint: finapiaccess.TokenTypeHintRefreshToken})
	})
	// Output:
	// POST https://sandbox.finapi.io/api/v2/oauth/revoke
	// token=token&token_type_hint=refresh_token
}

// show makes a call with a client that prints what it would send.
func show(call func(*finapiaccess.Client) (*http.Response, error)) {
	client, err := finapiaccess.NewClient(finapiaccess.ServerURLSandbox, finapiaccess.WithHTTPClient(printer{}))
	if err != nil {
		panic(err)
	}
	resp, err := call(client)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
}
