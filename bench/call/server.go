package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
)

// answers are what the providers say, by path. A generated client of somebody else gets an answer of that API.
var answers = map[string]struct {
	status int
	body   string
}{
	"/oauth/token":              {200, `{"access_token":"` + sample + `","token_type":"bearer","expires_in":3599,"scope":"all"}`},
	"/v1/platform/embed-tokens": {200, `{"status_code":200,"query_generated_time":1767323045000,"data":{"token":"` + sample + `","embed_url":"https://embed.example.com/e","mode":"sandbox","expires_at":"2026-01-02T03:14:05Z"}}`},
	"/v1/platform/auth/token":   {200, `{"status_code":200,"data":{"access_token":"` + sample + `","expires_in":86400}}`},
	"/v1/bridge/initialize":     {201, `{"response_type":"object","meta":{"api_request_id":"3c90c3cc-0d44-4b50-8888-8dd25736052a","api_request_timestamp":"2026-01-02T03:04:05Z"},"data":{"bridge_token":"` + sample + `"}}`},
	"/v1/ephemeral_keys":        {200, `{"id":"ephkey_1","object":"ephemeral_key","created":1767323045,"expires":1767326645,"livemode":false,"secret":"` + sample + `"}`},
	"/admin/recovery/code":      {201, `{"expires_at":"2026-01-02T03:14:05Z","recovery_code":"123456","recovery_link":"https://example.com/` + sample + `"}`},
}

// sample is a token of the usual length.
const sample = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIzYzkwYzNjYy0wZDQ0LTRiNTAtODg4OC04ZGQyNTczNjA1MmEiLCJleHAiOjE3NjczMjY2NDV9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbi13aGljaC1pcy1hLWJpdC1sb25nZXI"

// stub is a transport that answers at once.
type stub struct{}

// RoundTrip reads the request and answers it.
func (stub) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
		_ = req.Body.Close()
	}
	a := answers[req.URL.Path]
	return &http.Response{
		StatusCode: a.status, Status: strconv.Itoa(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(bytes.NewReader([]byte(a.body))),
		ContentLength: int64(len(a.body)), Request: req,
	}, nil
}

// serve answers over loopback until the returned function is called.
func serve() (url string, stop func(), err error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // serves this process alone
		_, _ = io.Copy(io.Discard, r.Body)
		a := answers[r.URL.Path]
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	})}
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}
