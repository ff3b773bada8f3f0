package sandbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/fintoken/fintoken-go/sandbox"
)

// FuzzServeHTTP looks for a request that makes the sandbox fail or drift from its spec.
func FuzzServeHTTP(f *testing.F) {
	s, err := sandbox.New(sandbox.Seed(1))
	if err != nil {
		f.Fatal(err)
	}
	creds := s.Credentials()
	grant := formed("grant_type", "client_credentials", "client_id", creds.FinAPI.ClientID, "client_secret", creds.FinAPI.ClientSecret)
	f.Add("POST", "/finapi/oauth/token", "", formType, "", "request-id", grant)
	f.Add("POST", "/finapi/api/v2/oauth/token", "", formType, "", "", strings.ReplaceAll(grant, "client_credentials", "password"))
	f.Add("POST", "/finapi/oauth/revoke", "token=a&token_type_hint=access_token", formType, "Bearer a", "", "token=a")
	f.Add("POST", "/finogates/v1/platform/auth/token", "", "application/json", "", "",
		`{"client_id":"`+creds.Finogates.ClientID+`","client_secret":"`+creds.Finogates.ClientSecret+`"}`)
	f.Add("POST", "/finogates/v1/platform/embed-tokens", "", "application/json", "Bearer a", "",
		`{"user_id":"`+creds.Finogates.UserID+`","parent_origin":"https://app.example.com","card_processing_id":null}`)
	f.Add("POST", "/straddle/v1/bridge/initialize", "", "application/json", "Bearer "+creds.Straddle.APIKey, "0123456789",
		`{"customer_id":"`+creds.Straddle.CustomerID+`","config":{"sandbox_outcome":"active"}}`)
	f.Add("GET", "//finapi/%2e%2e/straddle", "%zz", "text/plain; charset=", "Basic", "\xff", "\x00")
	f.Fuzz(func(t *testing.T, method, path, query, media, authorization, id, body string) {
		r := &http.Request{
			Method: method, URL: &url.URL{Path: path, RawQuery: query}, Body: io.NopCloser(strings.NewReader(body)),
			Header: http.Header{
				"Content-Type": {media}, "Authorization": {authorization}, "X-Request-Id": {id}, "Idempotency-Key": {id},
			},
		}
		for name, value := range r.Header {
			if value[0] == "" {
				r.Header.Del(name)
			}
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code < 200 || w.Code > 499 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
	})
}
