package straddle

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// FuzzEnvelope: whatever comes, nothing panics, and a success has a token that fits a header.
func FuzzEnvelope(f *testing.F) {
	for _, body := range []string{
		`{"data":{"bridge_token":"t"},"meta":{"api_request_id":"a","api_request_timestamp":"2026-01-05T10:00:00Z"},"response_type":"object"}`,
		`{"data":null,"error":{"title":"T","items":[{"reference":"a","detail":"b"},null]}}`,
		`{"response_type":"error","data":{"type":"x"}}`,
		`{"data":{"bridge_token":"a\u0000b"}}`,
		`{"data":"t"}`, `{"data":[[[[]]]]}`, `null`, `[]`, `{}`, ``, `<html>`, `{"data":{"bridge_token":"t"}}{}`,
		`{"error":"text","meta":7}`, `{"meta":{"api_request_id":{}},"data":{"bridge_token":"t"}}`,
	} {
		f.Add(201, body)
		f.Add(422, body)
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		resp := &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
		}
		got, err := rest.Decode[bridgeToken](createBridgeToken, resp, nil)
		switch {
		case err != nil && got != nil, err == nil && got == nil:
			t.Fatal("an error and a token, or neither")
		case err != nil:
			_ = err.Error()
		case status/100 != 2:
			t.Fatal("a failure became a success")
		case rest.TokenText("", got.Token) != nil:
			t.Fatal("a success without a usable token")
		}
	})
}
