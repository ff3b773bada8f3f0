package straddle_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// local returns a client of a sandbox that runs in this process. With a real key, leave BaseURL empty.
func local() (*straddle.Client, sandbox.StraddleCredentials, func()) {
	server, err := sandbox.Listen("127.0.0.1:0", sandbox.Seed(1))
	if err != nil {
		panic(err)
	}
	creds := server.Sandbox().Credentials().Straddle
	c, err := straddle.New(straddle.Config{APIKey: secret.New(creds.APIKey), BaseURL: server.Straddle()})
	if err != nil {
		panic(err)
	}
	return c, creds, func() {
		c.Close()
		_ = server.Close()
	}
}

func ExampleNew() {
	c, err := straddle.New(straddle.Config{APIKey: secret.New("sk_test_1234")})
	fmt.Println(c != nil, err)

	_, err = straddle.New(straddle.Config{APIKey: secret.New("sk_test_1234"), BaseURL: "http://api.example.com"})
	fmt.Println(err)
	// Output:
	// true <nil>
	// straddle: Config: BaseURL: must be https; plain http is for loopback hosts and InsecureHosts only
}

// nowhere is a network that shows where a call would go, and has no one there.
type nowhere struct{}

func (nowhere) RoundTrip(r *http.Request) (*http.Response, error) {
	fmt.Println(r.URL.Scheme + "://" + r.URL.Host)
	return nil, errors.New("no network here")
}

// Production is one field, with the credentials of production.
func ExampleNew_production() {
	c, err := straddle.New(straddle.Config{
		Environment: straddle.Production,
		APIKey:      secret.New("sk_live_1234"),
		HTTP:        rest.Config{HTTPClient: &http.Client{Transport: nowhere{}}, MaxAttempts: 1},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	_, err = c.Bridge.Initialize(context.Background(), straddleapi.CreateBridgeTokenRequest{CustomerID: "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"})
	fmt.Println(errors.Is(err, rest.ErrUnavailable))
	// Output:
	// https://production.straddle.com
	// true
}

func ExampleBridgeService_Initialize() {
	c, creds, end := local()
	defer end()

	var info rest.Info
	token, err := c.Bridge.Initialize(context.Background(),
		straddleapi.CreateBridgeTokenRequest{CustomerID: creds.CustomerID},
		rest.IdempotencyKey("order-2026-0042"), rest.Capture(&info))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(token.Token) // a secret: it goes to the browser by Reveal, and nowhere else
	fmt.Println(len(strings.Split(token.Token.Reveal(), ".")), "parts of a JWT")
	fmt.Println(info.Status, info.IdempotencyKey, info.Attempts, info.Meta.Type)
	// Output:
	// [redacted]
	// 3 parts of a JWT
	// 201 order-2026-0042 1 object
}

// A repeat under the same key gets the first answer again, and the header says so.
func ExampleBridgeService_Initialize_replay() {
	c, creds, end := local()
	defer end()

	body := straddleapi.CreateBridgeTokenRequest{CustomerID: creds.CustomerID}
	for range 2 {
		var info rest.Info
		_, err := c.Bridge.Initialize(context.Background(), body, rest.IdempotencyKey("order-2026-0042"), rest.Capture(&info))
		fmt.Printf("%v %q\n", err, info.Header.Get("Idempotent-Replayed"))
	}
	// Output:
	// <nil> ""
	// <nil> "true"
}

func ExampleBridgeService_Initialize_errors() {
	c, _, end := local()
	defer end()

	_, err := c.Bridge.Initialize(context.Background(),
		straddleapi.CreateBridgeTokenRequest{CustomerID: "5f0c2a9e-1b7d-4c83-9f26-0d8e7a4b6c15"})
	var e *rest.Error
	if errors.As(err, &e) && errors.Is(err, rest.ErrInvalid) {
		fmt.Println(e.Status, e.Code, e.Field)
		fmt.Println(e.Message)
	}

	// What can be seen to be wrong is not sent.
	_, err = c.Bridge.Initialize(context.Background(), straddleapi.CreateBridgeTokenRequest{CustomerID: "42"})
	fmt.Println(err)
	// Output:
	// 422 validation_error customer_id
	// customer_id is unknown [customer_id: no such customer]
	// straddle: createBridgeToken: customer_id: must be a UUID
}

// The generated client is there for whoever wants the whole answer.
func ExampleClient_API() {
	c, creds, end := local()
	defer end()

	resp, err := c.API().CreateBridgeToken(context.Background(), nil, straddleapi.CreateBridgeTokenRequest{CustomerID: creds.CustomerID})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println(resp.StatusCode, resp.Header.Get("Content-Type"))
	// Output: 201 application/json
}

func ExampleClient_Close() {
	c, creds, end := local()
	defer end()

	c.Close()
	_, err := c.Bridge.Initialize(context.Background(), straddleapi.CreateBridgeTokenRequest{CustomerID: creds.CustomerID})
	fmt.Println(errors.Is(err, token.ErrClosed))
	// Output: true
}

func ExampleClient_CloseIdleConnections() {
	c, _, end := local()
	defer end()

	c.CloseIdleConnections() // later calls open new ones
	fmt.Println("closed")
	// Output: closed
}

// Unwrap works with a generated client of your own, too.
func ExampleUnwrap() {
	server, err := sandbox.Listen("127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer server.Close()
	creds := server.Sandbox().Credentials().Straddle

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	api, err := straddleapi.NewClient(server.Straddle(),
		straddleapi.WithHTTPClient(&http.Client{Transport: transport}),
		straddleapi.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+creds.APIKey)
			return nil
		}))
	if err != nil {
		panic(err)
	}

	body := straddleapi.CreateBridgeTokenRequest{CustomerID: creds.CustomerID}
	token, err := straddle.Unwrap[straddleapi.BridgeToken](api.CreateBridgeToken(context.Background(), nil, body))
	fmt.Println(token != nil && token.BridgeToken != "", err)
	// Output: true <nil>
}
