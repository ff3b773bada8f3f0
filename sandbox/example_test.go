package sandbox_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// With a seed, credentials and tokens are the same in every run.
func ExampleNew() {
	s, err := sandbox.New(sandbox.Seed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.HasPrefix(s.Credentials().Finogates.ClientID, "fg_test_cl_"))
	// Output: true
}

// A test's own clock ends a token without waiting for it.
func ExampleClock() {
	now := time.Date(2026, time.January, 5, 10, 0, 0, 0, time.UTC)
	s, err := sandbox.New(sandbox.Clock(func() time.Time { return now }), sandbox.AccessTokenLife(10*time.Minute))
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &http.Client{Transport: s.RoundTripper()}
	for range 3 {
		fmt.Println(expiresIn(client, s.Credentials()))
		now = now.Add(6 * time.Minute)
	}
	// Output:
	// 600
	// 240
	// 600
}

// A token of a user ends without waiting for it: the clients of a Sandbox live by its clock.
func ExampleSandbox_Clients_expiry() {
	s, err := sandbox.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	clients, err := s.Clients()
	if err != nil {
		fmt.Println(err)
		return
	}
	creds := s.Credentials().FinAPI
	user := clients.FinAPI.UserTokens(creds.Username, secret.New(creds.Password))
	defer user.Close()
	first, _ := user.Token(context.Background())
	again, _ := user.Token(context.Background())
	_ = s.Clock().Advance(2 * time.Hour)
	second, err := user.Token(context.Background())
	fmt.Println(again.Same(first), second.Same(first), err)
	// Output: true false <nil>
}

func expiresIn(client *http.Client, creds sandbox.Credentials) int {
	response, err := client.PostForm("http://sandbox/finapi/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {creds.FinAPI.ClientID}, "client_secret": {creds.FinAPI.ClientSecret},
	})
	if err != nil {
		return -1
	}
	defer response.Body.Close()
	var token struct {
		ExpiresIn int `json:"expires_in"`
	}
	if err := json.NewDecoder(response.Body).Decode(&token); err != nil {
		return -1
	}
	return token.ExpiresIn
}

// A served sandbox is called like the provider, at another base URL. In a test, Start does the same and closes it.
func ExampleListen() {
	server, err := sandbox.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	creds := server.Sandbox().Credentials().Finogates
	body := fmt.Sprintf(`{"client_id":%q,"client_secret":%q}`, creds.ClientID, creds.ClientSecret)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	response, err := client.Post(server.Finogates()+"/v1/platform/auth/token", "application/json", strings.NewReader(body))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	fmt.Println(response.Status, response.Header.Get("Sandbox-Evidence"))
	// Output: 200 OK inferred
}

// What the sandbox accepts, for a client of your own.
func ExampleSandbox_Credentials() {
	server, err := sandbox.Listen("127.0.0.1:0", sandbox.Seed(1))
	must(err)
	defer server.Close()

	demo := server.Sandbox().Credentials().Straddle
	client, err := straddle.New(straddle.Config{APIKey: secret.New(demo.APIKey), BaseURL: server.Straddle()})
	must(err)
	defer client.Close()
	_, err = client.Bridge.Initialize(context.Background(), straddleapi.CreateBridgeTokenRequest{CustomerID: demo.CustomerID})
	fmt.Println(demo.CustomerID, err)
	// Output: 182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e <nil>
}

// The providers are below one address: for clients in any language.
func ExampleServer_URL() {
	server, err := sandbox.Listen("127.0.0.1:0")
	must(err)
	defer server.Close()
	fmt.Println(server.URL()+"/finapi" == server.FinAPI())
	fmt.Println(server.URL()+"/finogates" == server.Finogates())
	fmt.Println(server.URL()+"/straddle" == server.Straddle())

	client, err := straddle.New(straddle.Config{APIKey: secret.New("My API Key"), BaseURL: server.URL() + "/straddle"})
	must(err)
	defer client.Close()
	_, err = client.Bridge.Initialize(context.Background(), straddleapi.CreateBridgeTokenRequest{
		CustomerID: "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e", // of the provider's page, like the key
	})
	fmt.Println(err)
	// Output:
	// true
	// true
	// true
	// <nil>
}

// Without a port, any host will do.
func ExampleSandbox_RoundTripper() {
	s, err := sandbox.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	request, err := http.NewRequest(http.MethodPost, "https://straddle.example/straddle/v1/bridge/initialize",
		strings.NewReader(`{"customer_id":"`+s.Credentials().Straddle.CustomerID+`"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	request.Header.Set("Authorization", "Bearer "+s.Credentials().Straddle.APIKey)
	request.Header.Set("Content-Type", "application/json")
	response, err := s.RoundTripper().RoundTrip(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	fmt.Println(response.Status)
	// Output: 201 Created
}

// The journal says what was called and why something was refused.
func ExampleSandbox_Calls() {
	s, err := sandbox.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	client := &http.Client{Transport: s.RoundTripper()}
	response, err := client.Get("http://sandbox/finapi/oauth/token")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	for _, call := range s.Calls() {
		fmt.Println(call.Provider, call.Method, call.Path, call.Status, call.Refused)
	}
	// Output: finapi GET /finapi/oauth/token 405 the path has no such method
}
