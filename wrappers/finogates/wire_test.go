// What the tests share: a client, the answers that it gets, and what its errors are held against.

package finogates_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	clientID     = "fg_test_cl_abcdefghijklmnopqrstuv"
	clientSecret = "fg_test_sk_canary-secret-4c1d" // must never be printed
	user         = "3c90c3cc-0d44-4b50-8888-8dd25736052a"
	stranger     = "7d1b0f3e-52c4-4a8e-9f60-3c5d8e2a1b94" // unknown to a sandbox
	origin       = "https://app.example.com"
	frame        = `"status_code":200,"query_generated_time":1780567200123`
	// canary stands in bodies that must not get into the text of an error.
	canary = "canary-body-7f3a"

	exchangePath = "/v1/platform/auth/token"
	embedPath    = "/v1/platform/embed-tokens"
)

var minimal = finogatesapi.CreateEmbedTokenRequest{UserID: user, ParentOrigin: origin}

// The short names of what the tests have from package wiretest.
type (
	reply = wiretest.Reply
	fault = wiretest.Fault
)

// provider is what every error is held against. All that must not be printed has the word canary in it.
var provider = wiretest.Provider{Name: "finogates", Secret: "canary"}

// ok is an answer with data in the envelope.
func ok(data string) reply { return reply{Status: 200, Body: `{` + frame + `,"data":` + data + `}`} }

// bearer is an answer to the exchange.
func bearer(token string) reply {
	return ok(`{"access_token":"` + token + `","token_type":"bearer","expires_in":900}`)
}

// minted is an answer with an embed token.
func minted(token string) reply {
	return ok(`{"token":"` + token + `","embed_url":"https://embed.example.com/add-card","mode":"sandbox","expires_at":"2026-06-04T10:10:00Z"}`)
}

// client returns a client whose calls end at rt.
func client(t *testing.T, rt http.RoundTripper, change ...func(*finogates.Config)) *finogates.Client {
	t.Helper()
	cfg := finogates.Config{
		ClientID: clientID, ClientSecret: secret.New(clientSecret), HTTP: rest.Config{HTTPClient: &http.Client{Transport: rt}},
		Tokens: token.Config{OnEvent: func(context.Context, token.Event) {}},
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := finogates.New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}
