package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// provider is a provider that answers every request alike.
func provider(status int, body string, fields ...string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for i := 0; i+1 < len(fields); i += 2 {
			w.Header().Set(fields[i], fields[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
}

// A generated client gets the whole chain by using a Client as its HTTP client: the credential, the limits, the
// retries. The options of a call travel in its context.
func ExampleNew() {
	server := provider(201, `{"response_type":"object","meta":{"api_request_id":"r1","api_request_timestamp":""},"data":{"bridge_token":"the-token"}}`)
	defer server.Close()

	client, err := rest.New(server.URL, rest.Bearer(token.Static(secret.New("the-api-key"))), rest.Config{})
	if err != nil {
		panic(err)
	}
	defer client.CloseIdleConnections()
	api, err := straddleapi.NewClient(client.BaseURL(), straddleapi.WithHTTPClient(client))
	if err != nil {
		panic(err)
	}

	var info rest.Info
	ctx := rest.WithOptions(context.Background(), rest.IdempotencyKey("order-4711-a"), rest.Timeout(5*time.Second), rest.Capture(&info))
	resp, err := api.CreateBridgeToken(ctx, nil, straddleapi.CreateBridgeTokenRequest{CustomerID: "3c90c3cc-0d44-4b50-8888-8dd25736052a"})
	if err != nil {
		panic(err)
	}
	fmt.Println(resp.StatusCode, info.Attempts, info.IdempotencyKey)
	// Output: 201 1 order-4711-a
}

// Decode turns the answer of a raw method into its payload or its error.
func ExampleDecode() {
	server := provider(429, `{}`, "Retry-After", "3600")
	defer server.Close()
	client, err := rest.New(server.URL, nil, rest.Config{})
	if err != nil {
		panic(err)
	}
	defer client.CloseIdleConnections()

	op := &rest.Operation{API: &rest.API{Provider: "acme"}, Name: "getThing", Method: "GET", Path: "/thing"}
	req, err := http.NewRequestWithContext(context.Background(), op.Method, client.BaseURL()+op.Path, nil)
	if err != nil {
		panic(err)
	}
	resp, err := client.Do(req)
	_, err = rest.Decode[struct{ Name string }](op, resp, err)

	var e *rest.Error
	fmt.Println(errors.Is(err, rest.ErrRateLimited), errors.As(err, &e), e.RetryAfter)
	fmt.Println(err)
	// Output:
	// true true 1h0m0s
	// acme: getThing: 429: too many requests (retry after 1h0m0s)
}

// Call is what a method of a provider package consists of.
func ExampleCall() {
	server := provider(200, `{"name":"a thing"}`)
	defer server.Close()
	client, err := rest.New(server.URL, nil, rest.Config{})
	if err != nil {
		panic(err)
	}
	defer client.CloseIdleConnections()

	op := &rest.Operation{
		API: &rest.API{Provider: "acme"}, Name: "getThing", Method: "GET", Path: "/thing", Repeat: rest.RepeatFreely,
	}
	type thing struct {
		Name string `json:"name"` // names go by the letter
	}
	got, err := rest.Call[thing](context.Background(), op, nil, nil, func(ctx context.Context) (*http.Response, error) {
		req, err := http.NewRequestWithContext(ctx, op.Method, client.BaseURL()+op.Path, nil)
		if err != nil {
			return nil, err
		}
		return client.Do(req)
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(got.Name)
	// Output: a thing
}

// Members reads a frame without a copy of what is in it.
func ExampleMembers() {
	err := rest.Members([]byte(`{"status":200,"data":{"token":"x"}}`), func(name, value []byte) error {
		fmt.Printf("%s is %s\n", name, value)
		return nil
	})
	fmt.Println(err)
	// Output:
	// status is 200
	// data is {"token":"x"}
	// <nil>
}

// Text reads a member into a string of any type, and refuses what is not a text.
func ExampleText() {
	var mode string
	fmt.Println(rest.Text("data.mode", []byte(`"sandbox"`), &mode), mode)
	fmt.Println(rest.Text("data.mode", []byte(`7`), &mode))
	// Output:
	// <nil> sandbox
	// data.mode: has another JSON type than promised
}

// Int reads a member that is a whole number.
func ExampleInt() {
	var status int
	fmt.Println(rest.Int("status_code", []byte(`200`), &status), status)
	// Output: <nil> 200
}

// Secret reads a member that nothing prints.
func ExampleSecret() {
	var token secret.String
	fmt.Println(rest.Secret("data.token", []byte(`"a-token"`), &token), token, token.Reveal() == "a-token")
	// Output: <nil> [redacted] true
}

// counter counts attempts.
type counter struct{ attempts int }

func (c *counter) Start(ctx context.Context, _ rest.Event) context.Context { return ctx }

func (c *counter) End(_ context.Context, e rest.Event) {
	if e.Kind == rest.EventAttempt {
		c.attempts++
	}
}

// An Observer gets to know calls, attempts and waits.
func ExampleObserver() {
	server := provider(503, `{}`, "Retry-After", "0")
	defer server.Close()
	var seen counter
	client, err := rest.New(server.URL, nil, rest.Config{Observer: &seen})
	if err != nil {
		panic(err)
	}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL, nil)
	if err != nil {
		panic(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		panic(err)
	}
	fmt.Println(resp.StatusCode, "after", seen.attempts, "attempts")
	// Output: 503 after 3 attempts
}
