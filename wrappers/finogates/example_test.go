package finogates_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// local returns a client of a sandbox that runs in this process. With real credentials, leave BaseURL empty.
func local() (*finogates.Client, sandbox.FinogatesCredentials, func()) {
	server, err := sandbox.Listen("127.0.0.1:0", sandbox.Seed(1))
	if err != nil {
		panic(err)
	}
	creds := server.Sandbox().Credentials().Finogates
	c, err := finogates.New(finogates.Config{
		ClientID: creds.ClientID, ClientSecret: secret.New(creds.ClientSecret), BaseURL: server.Finogates(),
	})
	if err != nil {
		panic(err)
	}
	return c, creds, func() {
		c.Close()
		_ = server.Close()
	}
}

func ExampleNew() {
	_, err := finogates.New(finogates.Config{ClientID: "fg_test_cl_1234", ClientSecret: secret.New("fg_test_sk_1234")})
	fmt.Println(err)

	_, err = finogates.New(finogates.Config{ClientID: "fg_live_cl_1234", ClientSecret: secret.New("fg_live_sk_1234")})
	fmt.Println(err)
	// Output:
	// <nil>
	// finogates: Config: ClientID: begins with fg_live_ and so belongs to the other Environment
}

// nowhere is a network that shows where a call would go, and has no one there.
type nowhere struct{}

func (nowhere) RoundTrip(r *http.Request) (*http.Response, error) {
	fmt.Println(r.URL.Scheme + "://" + r.URL.Host)
	return nil, errors.New("no network here")
}

// Production is one field, with the credentials of production.
func ExampleNew_production() {
	c, err := finogates.New(finogates.Config{
		Environment: finogates.Production,
		ClientID:    "fg_live_cl_1234", ClientSecret: secret.New("fg_live_sk_1234"),
		HTTP: rest.Config{HTTPClient: &http.Client{Transport: nowhere{}}, MaxAttempts: 1},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	_, err = c.ExchangeClientToken(context.Background())
	fmt.Println(errors.Is(err, rest.ErrUnavailable))
	// Output:
	// https://api.finogates.com
	// true
}

func ExampleClient_CreateEmbedToken() {
	c, creds, end := local()
	defer end()

	token, err := c.EmbedTokens.Create(context.Background(), finogates.CreateEmbedTokenRequest{
		UserID: creds.UserID, ParentOrigin: "https://app.example.com",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.Token, token.EmbedURL, token.Mode)
	// Output: [redacted] https://embed.sandbox.invalid/add-card sandbox
}

func ExampleClient_CreateEmbedToken_errors() {
	c, creds, end := local()
	defer end()

	// What can be seen to be wrong is not sent.
	_, err := c.EmbedTokens.Create(context.Background(), finogates.CreateEmbedTokenRequest{
		UserID: creds.UserID, ParentOrigin: "https://app.example.com/checkout",
	})
	fmt.Println(err)

	_, err = c.EmbedTokens.Create(context.Background(), finogates.CreateEmbedTokenRequest{
		UserID: "5f0c2a9e-1b7d-4c83-9f26-0d8e7a4b6c15", ParentOrigin: "https://app.example.com",
	})
	var e *rest.Error
	if errors.Is(err, rest.ErrNotFound) && errors.As(err, &e) {
		fmt.Println(e.Status, e.Message)
	}
	// Output:
	// finogates: createEmbedToken: parent_origin: must not have a path
	// 404 user not found
}

func ExampleEmbedToken_IframeURL() {
	token := finogates.EmbedToken{
		Token: secret.New("embed-token"), EmbedURL: "https://embed-sandbox.example.com/add-card", Mode: "sandbox",
	}
	fmt.Println(token.IframeURL()) // for the page and nobody else
	// Output: https://embed-sandbox.example.com/add-card#token=embed-token&mode=sandbox
}

// The bearer is fetched, kept and renewed by itself; here it is for calls of one's own.
func ExampleClient_Tokens() {
	c, _, end := local()
	defer end()

	first, err := c.Tokens().Token(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := c.Tokens().Token(context.Background())
	fmt.Println(first.Access, second.Same(first), first.ExpiresIn, err)
	// Output: [redacted] true 15m0s <nil>
}

func ExampleClient_ExchangeClientToken() {
	c, _, end := local()
	defer end()

	token, err := c.ExchangeClientToken(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.Type, token.ExpiresIn, len(strings.Split(token.Access.Reveal(), ".")))
	// Output: bearer 15m0s 3
}

// The generated client is there for whoever wants the whole answer.
func ExampleClient_API() {
	c, creds, end := local()
	defer end()

	resp, err := c.API().CreateEmbedToken(context.Background(),
		finogates.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: "https://app.example.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode)
	// Output: 200
}

func ExampleClient_Close() {
	c, creds, end := local()
	defer end()

	c.Close()
	_, err := c.EmbedTokens.Create(context.Background(),
		finogates.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: "https://app.example.com"})
	fmt.Println(err)
	// Output: finogates: createEmbedToken: the client is closed
}

func ExampleUnwrap() {
	c, creds, end := local()
	defer end()

	body := finogates.CreateEmbedTokenRequest{UserID: creds.UserID, ParentOrigin: "https://app.example.com"}
	token, err := finogates.Unwrap[finogatesapi.EmbedToken](c.API().CreateEmbedToken(context.Background(), body))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.Mode, token.Token != "")
	// Output: sandbox true
}
