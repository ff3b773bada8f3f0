package faults

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

type zstub struct{}

func (zstub) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
	body := embedded
	status := 200
	switch req.URL.Path {
	case exchangePath:
		body = exchange
	case "/v1/bridge/initialize":
		body, status = initialized, 201
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(bytes.NewReader([]byte(body))), ContentLength: int64(len(body)), Request: req}, nil
}

func BenchmarkEmbed(b *testing.B) {
	c, err := finogates.New(finogates.Config{ClientID: "client", ClientSecret: secret.New(clientSecret), BaseURL: "http://127.0.0.1:1", HTTP: rest.Config{HTTPClient: &http.Client{Transport: zstub{}}}})
	must(err)
	b.ReportAllocs()
	for b.Loop() {
		_, err := c.CreateEmbedToken(b.Context(), finogatesapi.CreateEmbedTokenRequest{UserID: someID, ParentOrigin: "https://app.example.com"})
		must(err)
	}
}

func BenchmarkBridge(b *testing.B) {
	c, err := straddle.New(straddle.Config{APIKey: secret.New(apiKey), BaseURL: "http://127.0.0.1:1", HTTP: rest.Config{HTTPClient: &http.Client{Transport: zstub{}}}})
	must(err)
	b.ReportAllocs()
	for b.Loop() {
		_, err := c.InitializeBridge(b.Context(), straddleapi.CreateBridgeTokenRequest{CustomerID: someID})
		must(err)
	}
}
