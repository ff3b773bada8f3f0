package spectest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

const canary = "CANARY-3141592653589793-very-secret"

// silent asserts that err is there and that no way of printing it tells the secret.
func silent(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	for _, format := range []string{"%v", "%+v", "%#v", "%q", "%s"} {
		text, plain := fmt.Sprintf(format, err), strings.ToLower(canary)
		assert.NotContains(t, strings.ToLower(text), plain)
		unescaped, _ := url.QueryUnescape(text)
		assert.NotContains(t, strings.ToLower(unescaped), plain)
		assert.NotContains(t, text, "3141592653589793")
	}
}

func TestRequestKeepsSecrets(t *testing.T) {
	t.Parallel()
	const body = "{" + customer + "}"
	long := strings.Repeat(canary, 8)
	for name, tc := range map[string]struct {
		doc    specs.Document
		target string
		header []string
		body   string
	}{
		"path":                 {specs.Straddle, "/v1/bridge/" + canary, nil, ""},
		"query value":          {specs.FinAPIAccess, "/oauth/revoke?token=t&token_type_hint=" + canary, []string{bearerKey}, ""},
		"repeated query":       {specs.FinAPIAccess, "/oauth/revoke?token=" + canary + "&token=" + canary, []string{bearerKey}, ""},
		"query key":            {specs.Straddle, "/v1/bridge/initialize?" + canary + "=1", []string{bearerKey, jsonType}, body},
		"lone query key":       {specs.Straddle, "/v1/bridge/initialize?" + canary, []string{bearerKey, jsonType}, body},
		"malformed query":      {specs.Straddle, "/v1/bridge/initialize?a=" + canary + "%", []string{bearerKey, jsonType}, body},
		"credentials":          {specs.Straddle, "/v1/bridge/initialize", []string{"Authorization: " + canary, jsonType}, body},
		"two credentials":      {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, "Authorization: Bearer " + canary, jsonType}, body},
		"unwanted credentials": {specs.FinAPIAccess, "/oauth/token", []string{"Authorization: Bearer " + canary, formType}, "grant_type=password&" + client},
		"header value":         {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType, "Idempotency-Key: " + long}, body},
		"form in the query":    {specs.FinAPIAccess, "/oauth/token?client_secret=" + canary + "&username=" + canary, []string{formType}, ""},
		"open member name":     {specs.Finogates, "/v1/platform/auth/token", []string{jsonType}, `{"client_id":"client","client_secret":"0123456789","` + canary + `":1}`},
		"undeclared header":    {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType, "X-Key: " + canary}, body},
		"header name":          {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType, canary + ": 1"}, body},
		"repeated header":      {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType, "Request-Id: " + canary, "Request-Id: " + canary}, body},
		"media type":           {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, "Content-Type: application/" + canary}, body},
		"content coding":       {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType, "Content-Encoding: " + canary}, body},
		"form value":           {specs.FinAPIAccess, "/oauth/token", []string{formType}, "grant_type=" + canary + "&" + client},
		"form field":           {specs.FinAPIAccess, "/oauth/token", []string{formType}, "grant_type=password&" + canary + "=1&" + client},
		"repeated form value":  {specs.FinAPIAccess, "/oauth/token", []string{formType}, "grant_type=password&client_secret=" + canary + "&" + client},
		"malformed form":       {specs.FinAPIAccess, "/oauth/token", []string{formType}, "client_secret=" + canary + "%zz"},
		"JSON as a form":       {specs.FinAPIAccess, "/oauth/token", []string{formType}, `{"client_secret":"` + canary + `"}`},
		"text as a form":       {specs.FinAPIAccess, "/oauth/token", []string{formType}, canary},
		"form as JSON":         {specs.Finogates, "/v1/platform/auth/token", []string{jsonType}, "client_secret=" + canary},
		"member value":         {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType}, `{"customer_id":"` + canary + `"}`},
		"member value below":   {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType}, "{" + customer + `,"config":{"sandbox_outcome":"` + canary + `"}}`},
		"member of wrong type": {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType}, "{" + customer + `,"config":"` + canary + `"}`},
		"long member":          {specs.Finogates, "/v1/platform/auth/token", []string{jsonType}, `{"client_id":"client","client_secret":"` + long + `"}`},
		"undeclared value":     {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType}, "{" + customer + `,"token":"` + canary + `"}`},
		"member name":          {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType}, "{" + customer + `,"` + canary + `":1}`},
		"member name twice":    {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType}, `{"` + canary + `":1,"` + canary + `":1}`},
		"malformed JSON":       {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType}, `{"a":` + canary + `}`},
		"after the JSON":       {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType}, body + canary},
		"bare string":          {specs.Straddle, "/v1/bridge/initialize", []string{bearerKey, jsonType}, `"` + canary + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := checker(t, tc.doc).Request(request("POST", tc.target, tc.header...), []byte(tc.body))
			silent(t, err)
		})
	}
}

func TestLabKeepsSecrets(t *testing.T) {
	t.Parallel()
	c := labChecker(t)
	for name, tc := range map[string]struct{ method, target, field, body string }{
		"path":         {"GET", "/things/" + canary + "?mode=long", bearerKey, ""},
		"query number": {"GET", thing + "?mode=long&page=" + canary, bearerKey, ""},
		"query uri":    {"GET", thing + "?mode=long&link=" + canary, bearerKey, ""},
		"header":       {"GET", thing + "?mode=long", "Trace-Level: " + canary, ""},
		"form number":  {"PUT", thing, formType, "count=" + canary},
		"map key":      {"PUT", thing, "Content-Type: application/merge-patch+json", `{"name":"ab","counts":{"` + canary + `":"x"}}`},
		"pattern":      {"PUT", thing, "Content-Type: application/merge-patch+json", `{"name":"` + canary + `"}`},
		"one of":       {"PUT", thing, "Content-Type: application/merge-patch+json", `{"name":"ab","either":"` + canary + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.Request(request(tc.method, tc.target, tc.field), []byte(tc.body))
			silent(t, err)
		})
	}
}

func TestResponseKeepsSecrets(t *testing.T) {
	t.Parallel()
	c := labChecker(t)
	op, err := c.Request(request("GET", thing+"?mode=long"), nil)
	require.NoError(t, err)
	for name, tc := range map[string]struct{ field, body string }{
		"header":       {"X-Total: " + canary, "{}"},
		"long header":  {"X-Note: " + canary, "{}"},
		"media type":   {"Content-Type: text/" + canary, canary},
		"member":       {jsonType, `{"name":"` + canary + `"}`},
		"member below": {jsonType, `{"name":"ab","parts":[{"size":"` + canary + `"}]}`},
		"write only":   {jsonType, `{"name":"ab","secret":"` + canary + `"}`},
		"malformed":    {jsonType, canary},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			silent(t, c.Response(op, nil, 200, request("GET", "/", tc.field).Header, []byte(tc.body)))
		})
	}
}

func TestTestsKeepSecrets(t *testing.T) {
	t.Parallel()
	tb := &fakeTB{}
	server := httptest.NewServer(Middleware(tb, specs.FinAPIAccess, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":["` + canary + `"]}`))
	})))
	defer server.Close()
	client := &http.Client{Transport: Transport(tb, specs.FinAPIAccess, server.Client().Transport)}
	resp, err := client.PostForm(server.URL+"/oauth/token?a="+canary, url.Values{"client_secret": {canary, canary}, "grant_type": {canary}})
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	failures := tb.end()
	assert.NotEmpty(t, failures)
	assert.NotContains(t, strings.Join(failures, "\n"), canary)
}
