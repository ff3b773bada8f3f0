package finapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// local returns a client of a sandbox that runs in this process. With real credentials, leave BaseURL empty.
func local(v finapi.APIVersion) (*finapi.Client, sandbox.FinAPICredentials, func()) {
	server, err := sandbox.Listen("127.0.0.1:0", sandbox.Seed(1))
	if err != nil {
		panic(err)
	}
	creds := server.Sandbox().Credentials().FinAPI
	c, err := finapi.New(finapi.Config{
		ClientID: creds.ClientID, ClientSecret: secret.New(creds.ClientSecret), APIVersion: v, BaseURL: server.FinAPI(),
		Tokens: token.Config{OnEvent: func(context.Context, token.Event) {}},
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
	_, err := finapi.New(finapi.Config{ClientID: "id", ClientSecret: secret.New("secret"), APIVersion: finapi.V2})
	fmt.Println(err)

	_, err = finapi.New(finapi.Config{ClientID: "id"})
	fmt.Println(err)
	// Output:
	// <nil>
	// finapi: Config: ClientSecret: is required
}

// nowhere is a network that shows where a call would go, and has no one there.
type nowhere struct{}

func (nowhere) RoundTrip(r *http.Request) (*http.Response, error) {
	fmt.Println(r.URL.Scheme + "://" + r.URL.Host)
	return nil, errors.New("no network here")
}

// Production is one field, with the credentials of production.
func ExampleNew_production() {
	c, err := finapi.New(finapi.Config{
		Environment: finapi.Production,
		ClientID:    "id", ClientSecret: secret.New("secret"),
		HTTP: rest.Config{HTTPClient: &http.Client{Transport: nowhere{}}, MaxAttempts: 1},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	_, err = c.GetToken(context.Background(), finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypeClientCredentials})
	fmt.Println(errors.Is(err, rest.ErrUnavailable))
	// Output:
	// https://live.finapi.io
	// true
}

// A client that is bound to the other version of the API is told so.
func ExampleNew_version() {
	c, _, end := local(finapi.V2) // with a client of V1
	defer end()

	_, err := c.ClientTokens().Token(context.Background())
	var e *rest.Error
	if errors.Is(err, rest.ErrVersionMismatch) && errors.As(err, &e) {
		fmt.Println(e.Status, e.Field)
		fmt.Println(e.Message)
	}
	// Output:
	// 403 Config.APIVersion
	// this client is bound to another version of the API, set it to finapi.V1 (API Version mismatch: this client is limited to the scope /api/v1)
}

func ExampleClient_ClientTokens() {
	c, _, end := local(finapi.V1)
	defer end()

	first, err := c.ClientTokens().Token(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := c.ClientTokens().Token(context.Background()) // from memory
	fmt.Println(first.Access, second.Same(first), first.Scope, err)
	// Output: [redacted] true all <nil>
}

func ExampleClient_UserTokens() {
	c, creds, end := local(finapi.V1)
	defer end()

	user := c.UserTokens(creds.Username, secret.New(creds.Password))
	defer user.Close()
	t, err := user.Token(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Type, !t.Refresh.IsZero())
	// Output: bearer true
}

// A wrong password is sent once, so that the user does not get locked.
func ExampleClient_UserTokens_wrongPassword() {
	c, creds, end := local(finapi.V1)
	defer end()

	user := c.UserTokens(creds.Username, secret.New("wrong"))
	defer user.Close()
	for range 10 {
		_, err := user.Token(context.Background())
		if !errors.Is(err, token.ErrFinal) {
			fmt.Println("not final:", err)
		}
	}
	_, err := user.Token(context.Background())
	var e *rest.Error
	if errors.As(err, &e) {
		fmt.Println(e.Status, e.Code, e.Message)
	}
	// Output: 400 BAD_REQUEST Bad user credentials
}

// Past every cache, for those who keep tokens themselves.
func ExampleClient_GetToken() {
	c, creds, end := local(finapi.V1)
	defer end()

	var info rest.Info
	t, err := c.GetToken(context.Background(), finapiaccess.GetTokenRequest{
		GrantType: finapiaccess.GrantTypePassword, Username: creds.Username, Password: creds.Password,
	}, rest.RequestID("req-2026-0042"), rest.Capture(&info))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Access, t.Scope, info.Operation, info.Status, info.RequestID)

	_, err = c.GetToken(context.Background(), finapiaccess.GetTokenRequest{GrantType: finapiaccess.GrantTypePassword})
	fmt.Println(err)
	// Output:
	// [redacted] all getToken 200 req-2026-0042
	// finapi: getToken: username: is required for the grant password
}

func ExampleClient_RevokeToken() {
	c, creds, end := local(finapi.V1)
	defer end()

	user := c.UserTokensFunc(creds.Username, func(context.Context) (secret.String, error) {
		return secret.New(creds.Password), nil
	})
	defer user.Close()
	ctx := context.Background()
	first, err := user.Token(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.RevokeToken(ctx, first.Refresh, finapi.HintRefreshToken))

	second, err := user.Token(ctx) // the revoked one is not handed out again
	fmt.Println(err, second != nil && !second.Same(first))
	// Output:
	// <nil>
	// <nil> true
}

// The generated client is there for what the package has no method for, such as the query form of V1's revocation.
func ExampleClient_API() {
	c, _, end := local(finapi.V1)
	defer end()

	resp, err := c.API().RevokeTokenWithFormdataBody(context.Background(), nil, finapiaccess.RevokeTokenRequest{Token: "unknown"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode)
	// Output: 200
}

func ExampleClient_Close() {
	c, _, end := local(finapi.V1)
	defer end()

	c.Close()
	_, err := c.ClientTokens().Token(context.Background())
	fmt.Println(errors.Is(err, token.ErrClosed))
	// Output: true
}

// The password comes from where it is kept, each time the user must log in.
func ExampleClient_UserTokensFunc() {
	c, creds, end := local(finapi.V1)
	defer end()

	vault := func(context.Context) (secret.String, error) { return secret.New(creds.Password), nil }
	user := c.UserTokensFunc(creds.Username, vault)
	defer user.Close()
	t, err := user.Token(context.Background())
	fmt.Println(t.Access, err)
	// Output: [redacted] <nil>
}

// Whether a password is right is for finAPI to say, each time: a source may have a token without it.
func ExampleClient_VerifyPassword() {
	c, creds, end := local(finapi.V1)
	defer end()

	fmt.Println(c.VerifyPassword(context.Background(), creds.Username, secret.New(creds.Password)))
	err := c.VerifyPassword(context.Background(), creds.Username, secret.New("wrong"))
	fmt.Println(errors.Is(err, token.ErrBadUser))
	// Output:
	// <nil>
	// true
}

// A service that kept the refresh token itself goes on with it after a restart, without a password.
func ExampleClient_RefreshTokens() {
	c, creds, end := local(finapi.V1)
	defer end()

	user := c.UserTokens(creds.Username, secret.New(creds.Password))
	before, err := user.Token(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	user.Close()

	user = c.RefreshTokens(creds.Username, before.Refresh)
	defer user.Close()
	t, err := user.Token(context.Background())
	fmt.Println(t.Access, err)
	// Output: [redacted] <nil>
}
