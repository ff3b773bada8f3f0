// What payouts have and charges have not.

package straddle

import (
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

func (s *Fake) createPayout(c *engine.Call) engine.Verdict {
	p := payment{Kind: payout.of}
	c.Decode(&p.UnmaskedCharge) // the members of the request are among those of a charge
	return s.makePayment(c, p, func(*resource[payment]) {})
}
