// Reports: counts.

package straddle

import (
	"net/http"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

func (s *Fake) reportHandlers() map[string]engine.Handler {
	return map[string]engine.Handler{"createCustomerStatusTotals": s.createCustomerStatusTotals}
}

func (s *Fake) createCustomerStatusTotals(c *engine.Call) engine.Verdict {
	return engine.Accepted(func() engine.Answer {
		count := map[straddleapi.CustomerStatus]int64{}
		for _, r := range s.people.All() {
			if sees(c, r.Account) {
				count[r.Value.Status]++
			}
		}
		return engine.Answer{Status: http.StatusCreated, Data: straddleapi.CustomerStatusTotals{
			Verified: count[straddleapi.CustomerStatusVerified], Pending: count[straddleapi.CustomerStatusPending],
			Review: count[straddleapi.CustomerStatusReview], Inactive: count[straddleapi.CustomerStatusInactive],
			Rejected: count[straddleapi.CustomerStatusRejected],
		}}
	})
}
