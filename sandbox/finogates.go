// What is Finogates' alone.

package sandbox

import (
	"net/http"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/sandbox/internal/finogates"
)

// What Finogates' part of [Credentials], [Fixtures] and [State] is made of.
type (
	// FinogatesCredentials are a client, an end user of that client, and the user's approved card-processing account.
	FinogatesCredentials = finogates.Credentials
	// FinogatesFixtures are tenants of Finogates and end users of tenants.
	FinogatesFixtures = finogates.Fixtures
	// FinogatesTenant is a tenant, with a client for the sandbox, one for production, or both.
	FinogatesTenant = finogates.Tenant
	// FinogatesUser is an end user of a tenant.
	FinogatesUser = finogates.User
	// FinogatesState is the state of Finogates.
	FinogatesState = finogates.State
	// FinogatesClientState is a client, with the end users of its tenant.
	FinogatesClientState = finogates.ClientState
	// EmbedToken is what an embed token of Finogates is good for.
	EmbedToken = finogates.EmbedToken
)

// Finogates returns the base URL of the fake Finogates.
func (s *Server) Finogates() string { return s.url + "/" + finogates.Name }

// VerifyEmbedToken does what the iframe behind an embed token does: it looks the token up and holds it against the origin
// of the page around. It fails when the token was never issued, has ended, or is for another origin.
func (s *Sandbox) VerifyEmbedToken(token, parentOrigin string) (made EmbedToken, err error) {
	err = s.engine.Change(finogates.Name, func(f engine.Fake) error {
		made, err = f.(*finogates.Fake).Verify(token, parentOrigin, s.Clock().Now())
		return err
	})
	return made, err
}

var finogatesRoutes = adminRoutes{"verifyEmbedToken": (*adminCall).verifyEmbedToken}

func (c *adminCall) verifyEmbedToken() (int, any, error) {
	var request struct {
		Token        string `json:"token"`
		ParentOrigin string `json:"parent_origin"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	made, err := c.sandbox.VerifyEmbedToken(request.Token, request.ParentOrigin)
	return http.StatusOK, made, notFound(err)
}
