// What is Acme's alone.

package sandbox

import "github.com/fintoken/fintoken-go/sandbox/internal/acme"

// What Acme's part of [Credentials], [Fixtures] and [State] is made of.
type (
	// AcmeCredentials are a client, and a public token as the widget returns it, which works once.
	AcmeCredentials = acme.Credentials
	// AcmeFixtures are clients and public tokens of Acme.
	AcmeFixtures = acme.Fixtures
	// AcmeClient is a client.
	AcmeClient = acme.Client
	// AcmeState is the state of Acme.
	AcmeState = acme.State
)

// Acme returns the base URL of the fake Acme.
func (s *Server) Acme() string { return s.url + "/" + acme.Name }
