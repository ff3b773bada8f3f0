package sandbox_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// must ends an example that cannot go on.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// The next call of an operation fails as the provider fails, once.
func ExampleSandbox_AddFault() {
	s, err := sandbox.New()
	must(err)
	clients, err := s.Clients()
	must(err)
	_, err = s.AddFault(sandbox.Fault{Provider: "straddle", Operation: "createBridgeToken", Kind: sandbox.FaultHTML, Times: 1})
	must(err)
	_, err = clients.Straddle.Bridge.Initialize(context.Background(), straddleapi.CreateBridgeTokenRequest{CustomerID: s.Credentials().Straddle.CustomerID})
	fmt.Println(err == nil, len(s.Calls())) // the client has tried again by itself
	// Output: true 2
}

// A test does not wait for a token to end.
func ExampleSandbox_Clock() {
	s, err := sandbox.New(sandbox.Clock(func() time.Time { return time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC) }))
	must(err)
	must(s.Clock().Advance(90 * time.Minute))
	fmt.Println(s.Clock().Now())
	fmt.Println(s.Clock().Set(time.Date(2026, 1, 5, 11, 0, 0, 0, time.UTC)))
	// Output:
	// 2026-01-05 11:30:00 +0000 UTC
	// time: cannot go back: the clock shows 2026-01-05T11:30:00Z; reset the sandbox, or return to the real time
}

// A sandbox goes on where another one was.
func ExampleSandbox_Snapshot() {
	first, err := sandbox.New()
	must(err)
	must(first.Add(sandbox.Fixtures{FinAPI: sandbox.FinAPIFixtures{Users: []sandbox.FinAPIUser{{Username: "alice", Password: "correct-horse"}}}}))
	taken, err := first.Snapshot()
	must(err)

	second, err := sandbox.New()
	must(err)
	must(second.Restore(taken))
	fmt.Println(second.Credentials() == first.Credentials(), second.State().FinAPI.Users[0].Username)
	// Output: true alice
}

// A test waits for what its program does in the background.
func ExampleSandbox_WaitForCalls() {
	s, err := sandbox.New()
	must(err)
	go func() {
		client := &http.Client{Transport: s.RoundTripper()}
		response, err := client.Get("http://sandbox/finapi/oauth/token")
		must(err)
		must(response.Body.Close())
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	calls, err := s.WaitForCalls(ctx, sandbox.CallFilter{Provider: "finapi"}, 1)
	fmt.Println(len(calls), err)
	// Output: 1 <nil>
}

// Users, clients and customers of one's own.
func ExampleSandbox_Add() {
	s, err := sandbox.New()
	must(err)
	must(s.Add(sandbox.Fixtures{FinAPI: sandbox.FinAPIFixtures{Users: []sandbox.FinAPIUser{{Username: "alice", Password: "correct-horse"}}}}))
	clients, err := s.Clients()
	must(err)
	alice := clients.FinAPI.UserTokens("alice", secret.New("correct-horse"))
	defer alice.Close()
	token, err := alice.Token(context.Background())
	must(err)
	fmt.Println(token.ExpiresIn)
	// Output: 1h0m0s
}

// One provider alone, for a client whose base URL cannot hold a path.
func ExampleSandbox_Provider() {
	s, err := sandbox.New()
	must(err)
	straddle, err := s.Provider("straddle")
	must(err)
	w := httptest.NewRecorder()
	straddle.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/v1/bridge/initialize", nil))
	fmt.Println(w.Code)
	// Output: 405
}

// An id with which every call fails the same way.
func ExampleMagicID() {
	fmt.Println(sandbox.MagicID(http.StatusTooManyRequests))
	// Output: 00000000-0000-4000-8000-000000000429
}
