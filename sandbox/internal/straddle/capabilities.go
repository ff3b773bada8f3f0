// Capability requests: what an account asks to be allowed.

package straddle

import (
	"encoding/json"
	"math"
	"net/http"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// capabilityReview is how long a capability request is in review. The provider says neither how long that takes nor how it
// ends: here every request is granted.
const capabilityReview = time.Minute

// capabilityDue is what is due then.
const capabilityDue = "capability request"

// capabilityStages are what may become of a capability request. Which status it begins with the provider does not tell.
var capabilityStages = []stage{
	{from: "", by: "createCapabilityRequest", to: "in_review"},
	{from: "in_review", by: "time, enable", to: "active"},
	{from: "in_review", by: "time, disable", to: "inactive"},
}

type capability = resource[straddleapi.CapabilityRequest]

// capabilityLimits are those of a capability for payments, as a request has them: amounts in cents.
type capabilityLimits = straddleapi.ChargeCapabilityRequest

// askedFor returns the requests of the capabilities that a call names, in the order of the document.
func askedFor(r straddleapi.RequestCapabilityRequest) (all []straddleapi.CapabilityRequest) {
	payments := func(kind straddleapi.CapabilityType, asked *capabilityLimits) {
		if asked != nil {
			all = append(all, straddleapi.CapabilityRequest{
				Type: kind, Category: straddleapi.CapabilityCategoryPaymentType, Enable: asked.Enable, Settings: map[string]any{
					"max_amount": asked.MaxAmount, "daily_amount": asked.DailyAmount, "monthly_amount": asked.MonthlyAmount, "monthly_count": asked.MonthlyCount,
				},
			})
		}
	}
	plain := func(kind straddleapi.CapabilityType, category straddleapi.CapabilityCategory, asked *straddleapi.CapabilitySetting) {
		if asked != nil {
			all = append(all, straddleapi.CapabilityRequest{Type: kind, Category: category, Enable: asked.Enable})
		}
	}
	payments(straddleapi.CapabilityTypeCharges, r.Charges)
	payments(straddleapi.CapabilityTypePayouts, (*capabilityLimits)(r.Payouts))
	plain(straddleapi.CapabilityTypeIndividuals, straddleapi.CapabilityCategoryCustomerType, r.Individuals)
	plain(straddleapi.CapabilityTypeBusinesses, straddleapi.CapabilityCategoryCustomerType, r.Businesses)
	plain(straddleapi.CapabilityTypeSignedAgreement, straddleapi.CapabilityCategoryConsentType, r.SignedAgreement)
	plain(straddleapi.CapabilityTypeInternet, straddleapi.CapabilityCategoryConsentType, r.Internet)
	return all
}

func (s *Fake) createCapabilityRequest(c *engine.Call, account *embeddedAccount) engine.Verdict {
	var request straddleapi.RequestCapabilityRequest
	c.Decode(&request)
	return engine.Accepted(func() engine.Answer {
		var made []straddleapi.CapabilityRequest
		for _, a := range askedFor(request) {
			a.ID, a.AccountID, a.CreatedAt = s.IDs.UUID(), account.ID, stamp(c.Now)
			r := s.capabilities.put(c, a.ID, a)
			s.moveCapability(c.Now, r, "createCapabilityRequest")
			s.agenda.add(due{c.Now.Add(capabilityReview), capabilityDue, r.ID})
			made = append(made, r.Value)
		}
		answer := pageOf(c, made, "id")
		answer.Status = http.StatusCreated
		return answer
	})
}

var (
	capabilityFilters = filters[straddleapi.CapabilityRequest]{
		"type":     anyOf(func(r *straddleapi.CapabilityRequest) straddleapi.CapabilityType { return r.Type }),
		"category": anyOf(func(r *straddleapi.CapabilityRequest) straddleapi.CapabilityCategory { return r.Category }),
		"status":   anyOf(func(r *straddleapi.CapabilityRequest) straddleapi.CapabilityRequestStatus { return r.Status }),
	}
	capabilityOrders = orders[straddleapi.CapabilityRequest]{
		"id":         by(func(r *straddleapi.CapabilityRequest) string { return r.ID }),
		"type":       by(func(r *straddleapi.CapabilityRequest) straddleapi.CapabilityType { return r.Type }),
		"status":     by(func(r *straddleapi.CapabilityRequest) straddleapi.CapabilityRequestStatus { return r.Status }),
		"created_at": by(func(r *straddleapi.CapabilityRequest) straddleapi.Timestamp { return r.CreatedAt }),
	}
)

func (s *Fake) listCapabilityRequests(c *engine.Call, account *embeddedAccount) engine.Verdict {
	return engine.Accepted(func() engine.Answer {
		keep := capabilityFilters.of(c)
		all := s.capabilities.visible(c, func(r *capability) bool { return r.Value.AccountID == account.ID && keep(r) })
		return shownPage(c, all, capabilityOrders, func(r *capability) straddleapi.CapabilityRequest { return r.Value })
	})
}

// decideCapability grants a request whose review is over: the capability of its account follows it, and so do the limits.
func (s *Fake) decideCapability(id string, at time.Time) {
	r, ok := s.capabilities.Get(id)
	if !ok {
		return
	}
	by := "time, disable"
	if r.Value.Enable {
		by = "time, enable"
	}
	s.moveCapability(at, r, by)
	if account := s.account(r.Value.AccountID); account != nil {
		allow(&account.Value, r.Value)
		s.accountChanged(at, account)
	}
}

// moveCapability puts a request into the status that the table has.
func (s *Fake) moveCapability(at time.Time, r *capability, by string) {
	if next, ok := stageFrom(capabilityStages, by, r.Value.Status, ""); ok {
		r.Value.Status = straddleapi.CapabilityRequestStatus(next.to)
		s.tell(at, r.Value.AccountID, "capability_request", &r.Value.UpdatedAt, func() any { return r.Value })
	}
}

// allow gives an account what a request asked for, or takes it.
func allow(a *straddleapi.Account, r straddleapi.CapabilityRequest) {
	can, settings := *a.Capabilities, *a.Settings
	if capability := map[straddleapi.CapabilityType]*straddleapi.AccountCapability{
		straddleapi.CapabilityTypeCharges: &can.PaymentTypes.Charges, straddleapi.CapabilityTypePayouts: &can.PaymentTypes.Payouts,
		straddleapi.CapabilityTypeIndividuals: &can.CustomerTypes.Individuals, straddleapi.CapabilityTypeBusinesses: &can.CustomerTypes.Businesses,
		straddleapi.CapabilityTypeSignedAgreement: &can.ConsentTypes.SignedAgreement, straddleapi.CapabilityTypeInternet: &can.ConsentTypes.Internet,
	}[r.Type]; capability != nil {
		capability.CapabilityStatus = straddleapi.CapabilityStatus(r.Status)
	}
	switch {
	case r.Enable && r.Type == straddleapi.CapabilityTypeCharges:
		settings.Charges = limited(settings.Charges, r.Settings)
	case r.Enable && r.Type == straddleapi.CapabilityTypePayouts:
		settings.Payouts = straddleapi.AccountPayoutSettings(limited(limits(settings.Payouts), r.Settings))
	}
	a.Capabilities, a.Settings = &can, &settings
}

// limited returns limits with those of a request in their place.
func limited(of limits, asked map[string]any) limits {
	var wanted capabilityLimits
	text, _ := json.Marshal(asked) //nolint:errchkjson // numbers
	_ = json.Unmarshal(text, &wanted)
	cents := func(n json.Number) int64 {
		f, _ := n.Float64()
		return int64(max(0, min(f, math.MaxInt32))) // what an answer can hold
	}
	of.MaxAmount, of.DailyAmount, of.MonthlyAmount = cents(wanted.MaxAmount), cents(wanted.DailyAmount), cents(wanted.MonthlyAmount)
	of.MonthlyCount = max(0, wanted.MonthlyCount)
	return of
}
