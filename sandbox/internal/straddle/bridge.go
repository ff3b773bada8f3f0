// Session tokens for the Bridge widget.

package straddle

import (
	"cmp"
	"net/http"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// bridgeLife is how long a session token says it lives, and bridgeLimit how many are remembered. The provider publishes
// nothing.
const (
	bridgeLife  = 30 * time.Minute
	bridgeLimit = 4_000
)

// BridgeSession is what a session token of Straddle's Bridge widget is good for.
type BridgeSession struct {
	CustomerID       string    `json:"customer_id"`
	AccountID        string    `json:"account_id"`        // empty when the call named none
	SandboxOutcome   string    `json:"sandbox_outcome"`   // what the widget must end with; standard when the call named none
	ProcessingMethod string    `json:"processing_method"` // empty when the call named none
	ExternalID       string    `json:"external_id"`       // empty when the call named none
	ExpiresAt        time.Time `json:"expires_at"`
}

type bridgeRequest struct {
	CustomerID string `json:"customer_id"`
	ExternalID string `json:"external_id"`
	Config     struct {
		ProcessingMethod string `json:"processing_method"`
		SandboxOutcome   string `json:"sandbox_outcome"`
	} `json:"config"`
}

type stBridge struct {
	BridgeToken string `json:"bridge_token"`
}

func (s *Fake) bridgeHandlers() map[string]engine.Handler {
	all := map[string]engine.Handler{"createBridgeToken": s.createBridgeToken}
	for id := range links {
		all[id] = s.createPaykey
	}
	return all
}

func (s *Fake) createBridgeToken(c *engine.Call) engine.Verdict {
	var request bridgeRequest
	c.Decode(&request)
	if status := engine.MagicStatus(request.CustomerID); status != 0 {
		return engine.Refused(c.Magic(status))
	}
	customer := s.people.find(c, request.CustomerID)
	if customer == nil {
		return noCustomer(c)
	}
	return engine.Accepted(func() engine.Answer {
		session := &BridgeSession{
			CustomerID: customer.ID, AccountID: c.Scope, SandboxOutcome: cmp.Or(request.Config.SandboxOutcome, "standard"),
			ProcessingMethod: request.Config.ProcessingMethod, ExternalID: engine.Cut(request.ExternalID), ExpiresAt: c.Now.Add(bridgeLife).UTC(),
		}
		token := s.IDs.JWT(engine.Claims{Subject: customer.ID, Outcome: request.Config.SandboxOutcome}, c.Now, bridgeLife)
		s.sessions.Put(engine.DigestOf(token), session)
		c.NoStore()
		return engine.Answer{Status: http.StatusCreated, RequestID: c.RequestID, Data: &stBridge{token}}
	})
}

// Verify looks a session token up, as the Bridge widget behind it does. It is called under the lock.
func (s *Fake) Verify(token string, now time.Time) (BridgeSession, error) {
	made, ok := s.sessions.Get(engine.DigestOf(token))
	switch {
	case !ok:
		return BridgeSession{}, engine.Invalid("token", "is not a session token of this sandbox, or too old to be remembered")
	case !now.Before(made.ExpiresAt):
		return BridgeSession{}, engine.Invalid("token", "has ended")
	}
	return *made, nil
}
