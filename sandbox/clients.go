// Ready-made clients.

package sandbox

import (
	"net/http"

	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Clients are clients of the three providers with the demo credentials. They belong to one Sandbox and live by its clock:
// a token that the Sandbox has ended is not handed out.
type Clients struct {
	FinAPI    *finapi.Client // bound to V1
	FinAPIV2  *finapi.Client // bound to V2
	Finogates *finogates.Client
	Straddle  *straddle.Client

	closeIdle func()
}

// Clients returns ready-made clients that call the Sandbox in memory, with the demo credentials it has now.
func (s *Sandbox) Clients() (*Clients, error) {
	return newClients(s.Credentials(), "http://localhost", s.RoundTripper(), s.Clock())
}

func newClients(creds Credentials, url string, transport http.RoundTripper, clock *VirtualClock) (*Clients, error) {
	made := &Clients{closeIdle: (&http.Client{Transport: transport}).CloseIdleConnections}
	calls := rest.Config{HTTPClient: &http.Client{Transport: transport}}
	tokens := token.Config{Clock: clock}
	fa, fg, st := creds.FinAPI, creds.Finogates, creds.Straddle
	var err error
	if made.FinAPI, err = finapi.New(finapi.Config{
		ClientID: fa.ClientID, ClientSecret: secret.New(fa.ClientSecret), BaseURL: url + "/finapi", HTTP: calls, Tokens: tokens,
	}); err != nil {
		return nil, err
	}
	if made.FinAPIV2, err = finapi.New(finapi.Config{
		ClientID: fa.V2ClientID, ClientSecret: secret.New(fa.V2ClientSecret), APIVersion: finapi.V2,
		BaseURL: url + "/finapi", HTTP: calls, Tokens: tokens,
	}); err != nil {
		return nil, err
	}
	if made.Finogates, err = finogates.New(finogates.Config{
		ClientID: fg.ClientID, ClientSecret: secret.New(fg.ClientSecret), BaseURL: url + "/finogates", HTTP: calls, Tokens: tokens,
	}); err != nil {
		return nil, err
	}
	made.Straddle, err = straddle.New(straddle.Config{
		APIKey: secret.New(st.APIKey), BaseURL: url + "/straddle", HTTP: calls,
	})
	return made, err
}

// close ends fetches that are running and connections that no call is using.
func (c *Clients) close() {
	c.FinAPI.Close()
	c.FinAPIV2.Close()
	c.Finogates.Close()
	c.closeIdle()
}
