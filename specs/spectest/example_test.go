package spectest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// exampleTB stands for the *testing.T of a test.
type exampleTB struct{ end []func() }

func (*exampleTB) Helper()                           {}
func (*exampleTB) Name() string                      { return "TestExample" }
func (*exampleTB) Errorf(format string, args ...any) { fmt.Printf("FAIL: "+format+"\n", args...) }
func (t *exampleTB) Cleanup(f func())                { t.end = append(t.end, f) }

func (t *exampleTB) finish() {
	for _, f := range t.end {
		f()
	}
}

func ExampleNew() {
	c, err := spectest.New(specs.Straddle)
	if err != nil {
		fmt.Println(err)
		return
	}
	body := `{"customer_id": "not-a-uuid", "color": "red"}`
	req := httptest.NewRequest("POST", "/v1/bridge/initialize", nil)
	req.Header.Set("Content-Type", "application/json")
	op, err := c.Request(req, []byte(body))
	fmt.Println(op.ID)
	for _, v := range err.(spectest.Violations) {
		fmt.Printf("%v violation: %v\n", v.Kind, v)
	}
	// Output:
	// createBridgeToken
	// security violation: security Authorization: is required
	// body violation: body /color: is not declared
	// body violation: body /customer_id: must have the format uuid
}

// The handler of a test stands behind the middleware, which fails the test where the two sides differ.
func ExampleMiddleware() {
	t := &exampleTB{}
	handler := spectest.Middleware(t, specs.FinAPIAccess, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"access_token": "a", "token_type": "bearer", "scope": "all"}`)
	}))
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"c"}, "client_secret": {"s"}}
	req := httptest.NewRequest("POST", "/oauth/token", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	handler.ServeHTTP(httptest.NewRecorder(), req)
	t.finish()
	// Output:
	// FAIL: finapi-access.yaml: getToken (status 200): body /expires_in: is required
}

// The round tripper sits below the client under test, which knows nothing of it.
func ExampleTransport() {
	t := &exampleTB{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		body, media, _ := spectest.Example(specs.Finogates, "createEmbedToken", "200", "created")
		w.Header().Set("Content-Type", media)
		_, _ = w.Write(body)
	}))
	defer server.Close()
	rt := spectest.Transport(t, specs.Finogates, server.Client().Transport, spectest.Observe(func(e spectest.Exchange) {
		fmt.Println(e.Operation.ID, e.Status, e.Err == nil)
	}))
	client := &http.Client{Transport: rt}

	body, media, _ := spectest.Example(specs.Finogates, "createEmbedToken", "request", "minimal")
	req, _ := http.NewRequest("POST", server.URL+"/v1/platform/embed-tokens", strings.NewReader(string(body)))
	req.Header.Set("Authorization", "Bearer header.payload.signature")
	req.Header.Set("Content-Type", media)
	resp, err := client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()
	t.finish()
	fmt.Println("checked:", rt.Checked())
	// Output:
	// createEmbedToken 200 true
	// checked: 1
}

// Between a client and the sandbox, whose providers are below paths of their own. A test would begin with sandbox.Start.
func ExampleTransport_sandbox() {
	t := &exampleTB{}
	server, err := sandbox.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	demo := server.Sandbox().Credentials().Straddle
	checked := spectest.Transport(t, specs.Straddle, nil, spectest.BasePath("/straddle"))
	client, err := straddle.New(straddle.Config{
		APIKey:  secret.New(demo.APIKey),
		BaseURL: server.Straddle(),
		HTTP:    rest.Config{HTTPClient: &http.Client{Transport: checked}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	_, err = client.Bridge.Initialize(context.Background(), straddleapi.CreateBridgeTokenRequest{CustomerID: demo.CustomerID})
	t.finish()
	fmt.Println(err, "checked:", checked.Checked())
	// Output: <nil> checked: 1
}

func ExampleNewRoundTripper() {
	c, err := spectest.New(specs.Straddle, spectest.BasePath("/straddle"))
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	client := &http.Client{Transport: spectest.NewRoundTripper(c, server.Client().Transport, func(e spectest.Exchange) {
		fmt.Println(e.Status, e.Err)
	})}
	resp, err := client.Get(server.URL + "/straddle/v1/bridge/initialize")
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = resp.Body.Close()
	// Output:
	// 404 method: must be one that the path has in straddle.yaml
}

func ExampleExample() {
	body, media, err := spectest.Example(specs.FinAPIAccess, "revokeToken", "request", "access_token")
	fmt.Println(string(body), media, err)
	// Output:
	// token=token_example&token_type_hint=access_token application/x-www-form-urlencoded <nil>
}

func ExampleExamples() {
	fmt.Println(spectest.Examples(specs.FinAPIAccess, "getToken", "request"))
	// Output:
	// [client_credentials password refresh_token]
}
