// What the tests share: a client, the answers that it gets, and what its errors are held against.

package finapi_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	clientID     = "5c1bd1b5-9a1f-4f53-9e0b-3a7b7c6a2f10"
	clientSecret = "canary-client-secret-4c1d" // must never be printed, nor must these
	username     = "user_id"
	password     = "canary-password-91ab"
	refreshToken = "canary-refresh-token-77fe"
	requestID    = "selfgen-0f0a4c0e-6a5b-4a8e-9d5e-1f2e3d4c5b6a"
	// canary stands in bodies that must not get into the text of an error.
	canary = "canary-body-7f3a"
)

// versions are both versions of the API, with what differs in them.
var versions = map[finapi.APIVersion]struct {
	name, tokenOp, tokenPath, revokeOp, revokePath string
}{
	finapi.V1: {"V1", "getToken", "/oauth/token", "revokeToken", "/oauth/revoke"},
	finapi.V2: {"V2", "getTokenV2", "/api/v2/oauth/token", "revokeTokenV2", "/api/v2/oauth/revoke"},
}

// bothVersions runs a test in V1 and in V2.
func bothVersions(t *testing.T, test func(t *testing.T, v finapi.APIVersion)) {
	t.Helper()
	for v, is := range versions {
		t.Run(is.name, func(t *testing.T) { test(t, v) })
	}
}

// The short names of what the tests have from package wiretest.
type (
	reply = wiretest.Reply
	fault = wiretest.Fault
)

// provider is what every error is held against. All that must not be printed has the word canary in it.
var provider = wiretest.Provider{Name: "finapi", Secret: "canary"}

// granted is an answer with a token. The life comes as it stands in the body.
func granted(access, refresh, life string) reply {
	body := `{"access_token":"` + access + `","token_type":"bearer","expires_in":` + life + `,"scope":"all"`
	if refresh != "" {
		body += `,"refresh_token":"` + refresh + `"`
	}
	return reply{Status: 200, Body: body + "}"}
}

// failed is an error in the shape of all but the 401.
func failed(status int, code, message string) reply {
	return reply{Status: status, Header: map[string]string{"X-Request-Id": requestID}, Body: `{"errors":[{"message":"` + message +
		`","code":"` + code + `","type":"BUSINESS"}],"date":"x","requestId":"` + requestID + `","endpoint":"x","authContext":"1/0"}`}
}

// client returns a client whose calls end at rt.
func client(t *testing.T, v finapi.APIVersion, rt http.RoundTripper, change ...func(*finapi.Config)) *finapi.Client {
	t.Helper()
	cfg := finapi.Config{
		ClientID: clientID, ClientSecret: secret.New(clientSecret), APIVersion: v,
		HTTP:   rest.Config{HTTPClient: &http.Client{Transport: rt}},
		Tokens: token.Config{OnEvent: func(context.Context, token.Event) {}},
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := finapi.New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}
