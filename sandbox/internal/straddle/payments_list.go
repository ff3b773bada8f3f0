// The list of charges and payouts.

package straddle

import (
	"strconv"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// paymentFilters are the parameters that leave payments out.
var paymentFilters = filters[payment]{
	"payment_type":     anyOf(func(p *payment) straddleapi.PaymentType { return p.Kind }),
	"payment_status":   anyOf(func(p *payment) straddleapi.PaymentStatus { return p.Status }),
	"status_reason":    anyOf(func(p *payment) straddleapi.PaymentStatusReason { return p.StatusDetails.Reason }),
	"status_source":    anyOf(func(p *payment) straddleapi.PaymentStatusSource { return p.StatusDetails.Source }),
	"payment_id":       anyOf(func(p *payment) string { return p.ID }),
	"customer_id":      anyOf(func(p *payment) string { return p.PaykeyDetails.CustomerID }),
	"paykey_id":        anyOf(func(p *payment) string { return p.PaykeyDetails.ID }),
	"paykey":           anyOf(func(p *payment) string { return p.Paykey }),
	"external_id":      exactly(func(p *payment) string { return p.ExternalID }),
	"search_text":      has(searchedIn),
	"funding_id":       fundedBy,
	"min_amount":       inCents(func(has, bound int64) bool { return has >= bound }),
	"max_amount":       inCents(func(has, bound int64) bool { return has <= bound }),
	"min_payment_date": atLeast(func(p *payment) straddleapi.Date { return p.PaymentDate }),
	"max_payment_date": atMost(func(p *payment) straddleapi.Date { return p.PaymentDate }),
	"min_created_at":   notBefore(func(p *payment) time.Time { return timeOf(p.CreatedAt) }),
	"max_created_at":   notAfter(func(p *payment) time.Time { return timeOf(p.CreatedAt) }),
	"min_updated_at":   notBefore(func(p *payment) time.Time { return timeOf(p.UpdatedAt) }),
	"max_updated_at":   notAfter(func(p *payment) time.Time { return timeOf(p.UpdatedAt) }),
	"min_effective_at": notBefore(func(p *payment) time.Time { return timeOf(p.EffectiveAt) }),
	"max_effective_at": notAfter(func(p *payment) time.Time { return timeOf(p.EffectiveAt) }),
	"is_refund":        whether(func(p *payment) bool { return p.IsRefund }),
	"has_refund":       whether(func(p *payment) bool { return *p.HasRefund }),
	"is_resubmit":      whether(func(p *payment) bool { return *p.IsResubmit }),
	"has_resubmit":     whether(func(p *payment) bool { return *p.HasResubmit }),
}

// searchedIn are the texts of a payment that search_text looks at. No page says which.
func searchedIn(p *payment) []string {
	texts := []string{p.ID, p.ExternalID, p.Description, p.PaykeyDetails.Label}
	if c := p.CustomerDetails; c != nil {
		texts = append(texts, c.Name, c.Email)
	}
	return texts
}

// exactly keeps what is a text that may have a comma.
func exactly(get func(p *payment) string) func([]string) func(*payment) bool {
	return func(values []string) func(*payment) bool {
		wanted := strings.Join(values, ",")
		return func(p *payment) bool { return get(p) == wanted }
	}
}

func fundedBy(ids []string) func(*payment) bool {
	return func(p *payment) bool { return p.lineOf(engine.Lower(ids[0])) != nil }
}

func inCents(keep func(has, bound int64) bool) func([]string) func(*payment) bool {
	return func(values []string) func(*payment) bool {
		bound, _ := strconv.ParseInt(values[0], 10, 64) // the document has seen it
		return func(p *payment) bool { return keep(p.Amount, bound) }
	}
}

func whether(get func(p *payment) bool) func([]string) func(*payment) bool {
	return func(values []string) func(*payment) bool {
		return func(p *payment) bool { return strconv.FormatBool(get(p)) == values[0] }
	}
}

// paymentOrders are what payments can be ordered by.
var paymentOrders = orders[payment]{
	"id":           by(func(p *payment) string { return p.ID }),
	"amount":       by(func(p *payment) int64 { return p.Amount }),
	"payment_date": by(func(p *payment) straddleapi.Date { return p.PaymentDate }),
	"created_at":   func(a, b *resource[payment]) int { return a.Made.Compare(b.Made) },
	"updated_at":   byTimeOf(func(p *payment) straddleapi.Timestamp { return p.UpdatedAt }),
	"effective_at": byTimeOf(func(p *payment) straddleapi.Timestamp { return p.EffectiveAt }),
}

func byTimeOf(get func(p *payment) straddleapi.Timestamp) func(a, b *resource[payment]) int {
	return func(a, b *resource[payment]) int { return timeOf(get(&a.Value)).Compare(timeOf(get(&b.Value))) }
}

func (s *Fake) listPayments(c *engine.Call) engine.Verdict {
	return engine.Accepted(func() engine.Answer {
		metadata := asksMetadata(c)
		return shownPage(c, s.payments.visible(c, paymentFilters.of(c)), paymentOrders, func(r *resource[payment]) straddleapi.PaymentSummary {
			row := r.Value.summary()
			if metadata {
				row.Metadata = r.Value.Metadata
			}
			return row
		})
	})
}

// asksMetadata reports whether a call asks for the metadata of the rows.
func asksMetadata(c *engine.Call) bool { return c.R.URL.Query().Get("include_metadata") == "true" }

// summary is a payment as a row of a list. It is written out as a list may have a thousand.
func (p *payment) summary() straddleapi.PaymentSummary {
	row := straddleapi.PaymentSummary{
		ID: p.ID, PaymentType: p.Kind, PaymentDate: p.PaymentDate, EffectiveAt: p.EffectiveAt, Description: p.Description, ExternalID: p.ExternalID,
		Amount: p.Amount, Currency: p.Currency, CustomerDetails: p.CustomerDetails, Paykey: maskedToken(p.Paykey), PaykeyDetails: p.PaykeyDetails,
		Status: p.Status, StatusDetails: p.StatusDetails, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, FundingIds: p.FundingIds, TraceIds: p.TraceIds,
		RelatedPayments: p.RelatedPayments, IsRefund: &p.IsRefund, HasRefund: p.HasRefund, IsResubmit: p.IsResubmit, HasResubmit: p.HasResubmit,
	}
	if n := len(p.FundingIds); n > 0 {
		row.FundingID = p.FundingIds[n-1]
	}
	return row
}
