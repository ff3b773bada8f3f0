package finapi

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// FuzzAccessToken: whatever comes, nothing panics, and a success has a token that fits a header and a life that the
// provider did name.
func FuzzAccessToken(f *testing.F) {
	for _, body := range []string{
		`{"access_token":"a","token_type":"bearer","expires_in":3600,"scope":"all"}`, `{"access_token":"a","refresh_token":"r","expires_in":0}`,
		`{"access_token":"a","expires_in":-1}`, `{"access_token":"a","expires_in":""}`, `{"access_token":"a","expires_in":"null"}`,
		`{"access_token":"a","expires_in":1e3}`, `{"access_token":"a","expires_in":null}`, `{"access_token":"a\n","expires_in":1}`,
		`{"access_token":{}}`, `{"error":"invalid_client","errorDescription":"x"}`, `{"errors":[null,{"message":"API Version mismatch"}]}`,
		`null`, `[]`, `{}`, ``, `<html>`, `{"access_token":"a","expires_in":"-0"}`, `{"access_token":"a","expires_in":-0}`,
	} {
		for _, status := range []int{200, 400, 401, 403} {
			f.Add(status, body)
		}
	}
	op := &rest.Operation{API: apis[V1], Name: "getToken", Method: http.MethodPost, Path: "/oauth/token"}
	f.Fuzz(func(t *testing.T, status int, body string) {
		resp := &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
		}
		got, err := rest.Decode[accessToken](op, resp, nil)
		switch {
		case err != nil && got != nil, err == nil && got == nil:
			t.Fatal("an error and a token, or neither")
		case err != nil:
			_ = err.Error()
			return
		case status/100 != 2:
			t.Fatal("a failure became a success")
		case rest.TokenText("", got.Access) != nil:
			t.Fatal("a success without a usable token")
		}
		if got.ExpiresIn < 0 || !got.lives {
			t.Fatalf("a life of %v", got.ExpiresIn)
		}
	})
}
