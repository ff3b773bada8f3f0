// What charges have and payouts have not: refunds.

package straddle

import (
	"cmp"
	"fmt"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// refundCharge judges a call that makes a payout of a charge. A second one is made, too, and cancelled then.
func (s *Fake) refundCharge(c *engine.Call, r *resource[payment]) engine.Verdict {
	if paymentMove(r.Value.Status, "refund") == nil {
		return cannot(c, r, "refund")
	}
	var request straddleapi.RefundChargeRequest
	c.Decode(&request)
	p := again(&r.Value)
	p.Kind, p.IsRefund, p.ConsentType, p.Config.BalanceCheck = payout.of, true, "", ""
	if request.Amount != nil {
		p.Amount = *request.Amount
	}
	if p.Amount < 1 || p.Amount > r.Value.Amount {
		return unprocessable(c, "The refund is not valid", stItem{"amount", fmt.Sprintf("must be from 1 to %d, the amount of the charge", r.Value.Amount)})
	}
	p.Description = cmp.Or(request.Description, "Refund of charge "+r.ID)
	p.ExternalID = cmp.Or(request.ExternalID, r.Value.ExternalID+"-refund-1") // in the way of a resubmit: no page has it
	p.PaymentDate = cmp.Or(request.PaymentDate, straddleapi.Date(today(c.Now)))
	p.Metadata = request.Metadata
	return s.makePayment(c, p, func(made *resource[payment]) { s.relate(c, made, r, straddleapi.PaymentRelationshipRefund) })
}
