// What is Straddle's alone.

package sandbox

import (
	"net/http"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/sandbox/internal/straddle"
)

// What Straddle's part of [Credentials], [Fixtures] and [State] is made of.
type (
	// StraddleCredentials are an API key, a customer, and the embedded account that the key may act for.
	StraddleCredentials = straddle.Credentials
	// StraddleFixtures are API keys, embedded accounts and customers of Straddle.
	StraddleFixtures = straddle.Fixtures
	// StraddleAPIKey is an API key.
	StraddleAPIKey = straddle.APIKey
	// StraddleCustomer is a customer.
	StraddleCustomer = straddle.Customer
	// StraddlePaykey is a paykey in a state.
	StraddlePaykey = straddle.Paykey
	// StraddleState is the state of Straddle.
	StraddleState = straddle.State
	// StraddlePlatformResource is something that a platform has made, without names and numbers.
	StraddlePlatformResource = straddle.PlatformResource
	// StraddlePayment is a charge or a payout, without its paykey.
	StraddlePayment = straddle.Payment
	// StraddleFundingEvent is a transfer between Straddle and the bank of an account.
	StraddleFundingEvent = straddle.FundingEvent
	// BridgeSession is what a session token of Straddle's Bridge widget is good for.
	BridgeSession = straddle.BridgeSession
)

// Straddle returns the base URL of the fake Straddle.
func (s *Server) Straddle() string { return s.url + "/" + straddle.Name }

// VerifyBridgeToken does what the Bridge widget behind a session token does: it looks the token up. It fails when the
// token was never issued, or has ended.
func (s *Sandbox) VerifyBridgeToken(token string) (made BridgeSession, err error) {
	err = s.engine.Change(straddle.Name, func(f engine.Fake) error {
		made, err = f.(*straddle.Fake).Verify(token, s.Clock().Now())
		return err
	})
	return made, err
}

var straddleRoutes = adminRoutes{"verifyBridgeToken": (*adminCall).verifyBridgeToken}

func (c *adminCall) verifyBridgeToken() (int, any, error) {
	var request struct {
		Token string `json:"token"`
	}
	if err := c.read(&request); err != nil {
		return 0, nil, err
	}
	made, err := c.sandbox.VerifyBridgeToken(request.Token)
	return http.StatusOK, made, notFound(err)
}
