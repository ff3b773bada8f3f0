// Capability requests: what an account asks to be allowed.

package straddle

import (
	"encoding/json"
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

func (s *Fake) capabilityHandlers() map[string]engine.Handler {
	return map[string]engine.Handler{
		"createCapabilityRequest": s.createCapabilityRequest,
		"listCapabilityRequests":  s.listCapabilityRequests,
	}
}

// capabilityLimits are those of a capability for payments, as a request has them: amounts in cents.
type capabilityLimits = straddleapi.ChargeCapabilityRequest

// asked is a capability that a request may name.
type asked struct {
	kind     straddleapi.CapabilityType
	category straddleapi.CapabilityCategory
	plain    *straddleapi.CapabilitySetting // nil: not asked for
	limits   *capabilityLimits              // in its place, of payments
}

// askedFor returns the capabilities, in the order of the document.
func askedFor(r straddleapi.RequestCapabilityRequest) []asked {
	return []asked{
		{straddleapi.CapabilityTypeCharges, straddleapi.CapabilityCategoryPaymentType, nil, r.Charges},
		{straddleapi.CapabilityTypePayouts, straddleapi.CapabilityCategoryPaymentType, nil, (*capabilityLimits)(r.Payouts)},
		{straddleapi.CapabilityTypeIndividuals, straddleapi.CapabilityCategoryCustomerType, r.Individuals, nil},
		{straddleapi.CapabilityTypeBusinesses, straddleapi.CapabilityCategoryCustomerType, r.Businesses, nil},
		{straddleapi.CapabilityTypeSignedAgreement, straddleapi.CapabilityCategoryConsentType, r.SignedAgreement, nil},
		{straddleapi.CapabilityTypeInternet, straddleapi.CapabilityCategoryConsentType, r.Internet, nil},
	}
}

func (s *Fake) createCapabilityRequest(c *engine.Call) engine.Verdict {
	var request straddleapi.RequestCapabilityRequest
	c.Decode(&request)
	account := s.account(c.Param("account_id"))
	if account == nil {
		return notFound(c, "account")
	}
	return engine.Accepted(func() engine.Answer {
		var made []straddleapi.CapabilityRequest
		for _, a := range askedFor(request) {
			of := straddleapi.CapabilityRequest{ID: s.IDs.UUID(), AccountID: account.ID, Type: a.kind, Category: a.category, CreatedAt: stampOf(c.Now)}
			switch {
			case a.plain != nil:
				of.Enable = a.plain.Enable
			case a.limits != nil:
				of.Enable, of.Settings = a.limits.Enable, map[string]any{
					"max_amount": a.limits.MaxAmount, "daily_amount": a.limits.DailyAmount,
					"monthly_amount": a.limits.MonthlyAmount, "monthly_count": a.limits.MonthlyCount,
				}
			default:
				continue
			}
			r := s.capabilities.put(c, of.ID, of)
			s.moveCapability(c.Now, r, "createCapabilityRequest")
			s.agenda.add(due{c.Now.Add(capabilityReview), capabilityDue, r.ID})
			made = append(made, r.Value)
		}
		answer := pageOf(c, made, "id")
		answer.Status = http.StatusCreated
		return answer
	})
}

func (s *Fake) listCapabilityRequests(c *engine.Call) engine.Verdict {
	type row = straddleapi.CapabilityRequest
	account := s.account(c.Param("account_id"))
	if account == nil {
		return notFound(c, "account")
	}
	all := s.capabilities.visible(c, func(r *resource[row]) bool {
		v := r.Value
		return v.AccountID == account.ID && oneOf(c, "type", v.Type) && oneOf(c, "category", v.Category) && oneOf(c, "status", v.Status)
	})
	return listing(c, all, fieldsOf[row]{
		"type":       func(r row) string { return string(r.Type) },
		"category":   func(r row) string { return string(r.Category) },
		"status":     func(r row) string { return string(r.Status) },
		"created_at": func(r row) string { return string(r.CreatedAt) },
		"updated_at": func(r row) string { return string(r.UpdatedAt) },
	}, same)
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
func (s *Fake) moveCapability(at time.Time, r *resource[straddleapi.CapabilityRequest], by string) {
	if next, ok := stageFrom(capabilityStages, by, r.Value.Status, ""); ok {
		r.Value.Status = straddleapi.CapabilityRequestStatus(next.to)
		s.tell(at, "capability_request", &r.Value.UpdatedAt, func() any { return r.Value })
	}
}

// allow gives an account what a request asked for.
func allow(a *straddleapi.Account, r straddleapi.CapabilityRequest) {
	to, settings := *a.Capabilities, *a.Settings
	for kind, capability := range map[straddleapi.CapabilityType]*straddleapi.AccountCapability{
		straddleapi.CapabilityTypeCharges: &to.PaymentTypes.Charges, straddleapi.CapabilityTypePayouts: &to.PaymentTypes.Payouts,
		straddleapi.CapabilityTypeIndividuals: &to.CustomerTypes.Individuals, straddleapi.CapabilityTypeBusinesses: &to.CustomerTypes.Businesses,
		straddleapi.CapabilityTypeSignedAgreement: &to.ConsentTypes.SignedAgreement, straddleapi.CapabilityTypeInternet: &to.ConsentTypes.Internet,
	} {
		if kind == r.Type {
			capability.CapabilityStatus = straddleapi.CapabilityStatus(r.Status)
		}
	}
	switch r.Type {
	case straddleapi.CapabilityTypeCharges:
		settings.Charges = limited(settings.Charges, r.Settings)
	case straddleapi.CapabilityTypePayouts:
		settings.Payouts = straddleapi.AccountPayoutSettings(limited(straddleapi.AccountChargeSettings(settings.Payouts), r.Settings))
	}
	a.Capabilities, a.Settings = &to, &settings
}

// limited returns settings with the limits of a request.
func limited(of straddleapi.AccountChargeSettings, asked map[string]any) straddleapi.AccountChargeSettings {
	var wanted capabilityLimits
	text, _ := json.Marshal(asked) //nolint:errchkjson // numbers
	_ = json.Unmarshal(text, &wanted)
	cents := func(n json.Number) int64 {
		f, _ := n.Float64()
		return int64(max(0, min(f, largestLimit)))
	}
	of.MaxAmount, of.DailyAmount, of.MonthlyAmount = cents(wanted.MaxAmount), cents(wanted.DailyAmount), cents(wanted.MonthlyAmount)
	of.MonthlyCount = max(0, wanted.MonthlyCount)
	return of
}
