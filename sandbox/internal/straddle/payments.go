// Charges and payouts: one thing with two names.

package straddle

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
	_ "time/tzdata" // payment dates are those of the US East, and not every machine knows what that is

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// payment is a charge or a payout, which has neither consent nor a check of the balance.
type payment struct {
	straddleapi.UnmaskedCharge
	Kind     straddleapi.PaymentType `json:"payment_type"`
	IsRefund bool                    `json:"is_refund"`
	progress
	Duplicate bool          `json:"duplicate,omitempty"` // one of its kind was made of the original before
	Lines     []fundingLine `json:"lines,omitempty"`     // what of it is in funding events
}

// progress is how far something is on its course.
type progress struct {
	Course string    `json:"course,omitempty"` // a key of courses; empty where nothing happens by itself
	Step   int       `json:"step,omitempty"`   // of the course, that is next
	Since  time.Time `json:"since"`            // when the last one was
}

// paymentKind is what charges and payouts differ in.
type paymentKind struct {
	of                       straddleapi.PaymentType
	name                     string // in operationIds
	masked, unmasked, events func(p *payment) any
}

var (
	charge = paymentKind{straddleapi.PaymentTypeCharge, "Charge", recast[straddleapi.Charge], recast[straddleapi.UnmaskedCharge], recast[chargeEvent]}
	payout = paymentKind{straddleapi.PaymentTypePayout, "Payout", recast[straddleapi.Payout], recast[straddleapi.UnmaskedPayout], recast[payoutEvent]}
)

func (p *payment) kind() paymentKind {
	if p.Kind == charge.of {
		return charge
	}
	return payout
}

// chargeEvent and payoutEvent are what events bring: the code of a status is there, and null where there is none.
type (
	chargeEvent struct {
		straddleapi.ChargeEvent
		StatusDetails statusInEvent `json:"status_details"`
	}
	payoutEvent struct {
		straddleapi.PayoutEvent
		StatusDetails statusInEvent `json:"status_details"`
	}
	statusInEvent struct {
		straddleapi.PaymentEventStatusDetails
		Code *string `json:"code"`
	}
)

// recast returns the members of a payment that another type has. What it returns shares nothing with the payment.
func recast[T any](p *payment) any { return recastAs[T](p) }

func recastAs[T any](from any) *T {
	to := new(T)
	text, _ := json.Marshal(from) //nolint:errchkjson // texts, numbers and times
	_ = json.Unmarshal(text, to)
	return to
}

// shown is the payment without its paykey and the IP address.
func (p *payment) shown() any {
	masked := *p
	masked.Paykey, masked.Device.IPAddress = maskedToken(p.Paykey), maskedIP
	return p.kind().masked(&masked)
}

// paymentHandlers are the operations of charges, of payouts and of both.
func (s *Fake) paymentHandlers() map[string]engine.Handler {
	all := map[string]engine.Handler{
		"listPayments": s.listPayments,
		"refundCharge": s.onPayment(charge, s.refundCharge),
	}
	for _, kind := range []paymentKind{charge, payout} {
		all["create"+kind.name] = func(c *engine.Call) engine.Verdict {
			p := payment{Kind: kind.of}
			c.Decode(&p.UnmaskedCharge) // which has the members of the request
			return s.makePayment(c, p, func(*resource[payment]) {})
		}
		all["get"+kind.name] = s.onPayment(kind, reading(func(r *resource[payment]) any { return r.Value.shown() }))
		all["getUnmasked"+kind.name] = s.onPayment(kind, reading(func(r *resource[payment]) any { return kind.unmasked(&r.Value) }))
		all["update"+kind.name] = s.onPayment(kind, s.updatePayment)
		all["resubmit"+kind.name] = s.onPayment(kind, s.resubmitPayment)
		all["upload"+kind.name+"AuthorizationProof"] = s.onPayment(kind, s.uploadProof)
		for _, by := range []string{"hold", "release", "cancel"} {
			all[by+kind.name] = s.onPayment(kind, func(c *engine.Call, r *resource[payment]) engine.Verdict { return s.movePayment(c, r, by) })
		}
	}
	return all
}

// onPayment makes a handler of what answers calls about a payment of a kind.
func (s *Fake) onPayment(kind paymentKind, then func(*engine.Call, *resource[payment]) engine.Verdict) engine.Handler {
	return on(s.payments, string(kind.of), func(c *engine.Call, r *resource[payment]) engine.Verdict {
		if r.Value.Kind != kind.of {
			return notFound(c, string(kind.of))
		}
		return then(c, r)
	})
}

// The limits of what is remembered of a payment: the newest entries stay.
const (
	historyLimit  = 100
	documentLimit = 100
)

// added returns a list with one more at its end, and at most limit of them.
func added[T any](list []T, one T, limit int) []T {
	list = append(list, one)
	return list[max(0, len(list)-limit):]
}

// faultsOf lists what the document lets pass and the provider refuses in a payment.
func faultsOf(c *engine.Call, p *payment) (items []stItem) {
	if p.Currency != "USD" {
		items = append(items, stItem{"currency", "must be USD"})
	}
	if string(p.PaymentDate) < today(c.Now) {
		items = append(items, stItem{"payment_date", "must not be in the past, in US Eastern time"})
	}
	for name := range p.Metadata {
		if len([]rune(name)) > 40 {
			items = append(items, stItem{"metadata", "names must have at most 40 characters"})
			break
		}
	}
	return items
}

// makePayment judges a call that makes a payment. also is called with what was made, before anything happens to it.
func (s *Fake) makePayment(c *engine.Call, p payment, also func(made *resource[payment])) engine.Verdict {
	items, key := faultsOf(c, &p), s.paykeyByToken(c, p.Paykey)
	if key == nil {
		items = append(items, stItem{"paykey", "no such paykey"})
	}
	if len(items) > 0 {
		return unprocessable(c, "The payment is not valid", items...)
	}
	return doing(http.StatusCreated, func() any {
		p.ID, p.PaymentRail, p.CreatedAt = s.IDs.UUID(), straddleapi.PaymentRailACH, stamp(c.Now)
		p.PaykeyDetails, p.CustomerDetails = s.detailsOf(key)
		p.Description, p.ExternalID = engine.Cut(p.Description), engine.Cut(p.ExternalID)
		p.FundingIds, p.TraceIds, p.StatusHistory = []string{}, map[string]string{}, nil
		p.ProcessedAt, p.EffectiveAt, p.Documents = "", "", nil
		r := s.payments.put(c, p.ID, p)
		also(r)
		r.Value.HasRefund, r.Value.HasResubmit = orFalse(r.Value.HasRefund), orFalse(r.Value.HasResubmit)
		r.Value.IsResubmit = orFalse(r.Value.IsResubmit)
		s.begin(r, c.Now)
		return r.Value.shown()
	})
}

// begin puts a new payment where it starts: to be processed, or on hold where it was made so.
func (s *Fake) begin(r *resource[payment], at time.Time) {
	p, first := &r.Value, startsCreated
	p.Course = s.courseOf(r, at, false)
	if hold := p.Config.AutoHold; hold != nil && *hold {
		p.Course, first = "", startsHeld
		first.message = cmp.Or(engine.Cut(p.Config.AutoHoldMessage), first.message)
	}
	s.enter(r, first, at)
}

// detailsOf are what a payment says of its paykey and customer.
func (s *Fake) detailsOf(key *resource[paykey]) (*straddleapi.PaykeyDetails, *straddleapi.CustomerDetails) {
	of := &straddleapi.PaykeyDetails{ID: key.ID, CustomerID: key.Value.CustomerID, Label: key.Value.Label}
	if balance := key.Value.Balance; balance != nil {
		of.Balance = balance.AccountBalance
	}
	customer := s.customerOf(key)
	if customer == nil {
		return of, nil
	}
	v := &customer.Value
	return of, &straddleapi.CustomerDetails{ID: customer.ID, Name: v.Name, CustomerType: v.Type, Email: v.Email, Phone: v.Phone}
}

// enter puts a payment into its next status, and tells so.
func (s *Fake) enter(r *resource[payment], to step, at time.Time) {
	p, now := &r.Value, stamp(at)
	p.Status, p.Since = to.to, at
	p.StatusDetails = to.details(now)
	p.StatusHistory = added(p.StatusHistory, to.history(now), historyLimit)
	switch to.to {
	case paymentPending:
		if p.ProcessedAt == "" {
			p.ProcessedAt, p.TraceIds = now, map[string]string{"ach": s.traceNumber()}
		}
	case paymentPaid:
		p.EffectiveAt = now
	}
	s.changed(r, at)
	s.arrange(r)
	s.fundLater(r, at)
}

// changed tells that a payment has changed.
func (s *Fake) changed(r *resource[payment], at time.Time) {
	p := &r.Value
	if p.UpdatedAt == "" {
		s.note(at, r.Account, string(p.Kind)+".created.v1", s.told(p, at))
	}
	s.note(at, r.Account, string(p.Kind)+".event.v1", s.told(p, at))
}

// told is what an event says of a payment.
func (s *Fake) told(p *payment, at time.Time) any {
	p.UpdatedAt = stamp(at)
	masked := *p
	masked.Device.IPAddress = maskedIP
	return p.kind().events(&masked)
}

// arrange notes when the next step of a payment is due, if there is one.
func (s *Fake) arrange(r *resource[payment]) {
	s.agenda.drop("payment", r.ID)
	if at, ok := r.Value.due(r.Value.PaymentDate); ok {
		s.agenda.add(due{At: at, What: "payment", ID: r.ID})
	}
}

// paymentDue lets the next step of a payment happen.
func (s *Fake) paymentDue(id string, at time.Time) {
	r, ok := s.payments.Get(id)
	if !ok {
		return
	}
	p := &r.Value
	next, ok := p.proceed()
	if !ok {
		return
	}
	key, ok := s.paykeys.Get(p.PaykeyDetails.ID)
	switch {
	case next.to == "" && ok && key.Value.BankData != nil:
		s.block(at, key.Value.BankData.RoutingNumber, key.Value.BankData.AccountNumber, p.StatusDetails.Code)
	case next.to != "":
		if next.reason == straddleapi.PaymentStatusReasonInvalidPaykey && ok {
			next.code = key.Value.BlockedBy
		}
		s.enter(r, next, at)
	}
}

// movePayment judges a call that holds, releases or cancels a payment.
func (s *Fake) movePayment(c *engine.Call, r *resource[payment], by string) engine.Verdict {
	row := paymentMove(r.Value.Status, by)
	if row == nil {
		return cannot(c, r, by)
	}
	var request straddleapi.UpdateChargeStatusRequest
	c.Decode(&request)
	return doing(http.StatusOK, func() any {
		if len(row.to) == 0 {
			return r.Value.shown()
		}
		r.Value.Course, r.Value.Step = "", 0
		if row.to[0] == paymentCreated {
			r.Value.Course = s.courseOf(r, c.Now, true)
		}
		s.enter(r, step{to: row.to[0], reason: row.reason, source: row.source, message: cmp.Or(engine.Cut(request.Reason), row.message)}, c.Now)
		return r.Value.shown()
	})
}

func cannot(c *engine.Call, r *resource[payment], by string) engine.Verdict {
	return unprocessable(c, fmt.Sprintf("The %s is %s: %s is not possible", r.Value.Kind, r.Value.Status, by))
}

// updatePayment judges a call that changes a payment.
func (s *Fake) updatePayment(c *engine.Call, r *resource[payment]) engine.Verdict {
	if paymentMove(r.Value.Status, "update") == nil {
		return cannot(c, r, "update")
	}
	var request straddleapi.UpdateChargeRequest
	c.Decode(&request)
	next := r.Value
	next.Amount, next.PaymentDate, next.Description = request.Amount, request.PaymentDate, engine.Cut(request.Description)
	if request.Metadata.IsSpecified() {
		next.Metadata, _ = request.Metadata.Get() // null is nil
	}
	if items := faultsOf(c, &next); len(items) > 0 {
		return unprocessable(c, "The payment is not valid", items...)
	}
	return doing(http.StatusOK, func() any {
		r.Value = next
		if next.Status == paymentCreated {
			r.Value.Course, r.Value.Step = s.courseOf(r, c.Now, false), 0
		}
		s.changed(r, c.Now)
		s.arrange(r)
		return r.Value.shown()
	})
}

// resubmitPayment judges a call that makes a payment once more. A second time it is made, too, and cancelled then.
func (s *Fake) resubmitPayment(c *engine.Call, r *resource[payment]) engine.Verdict {
	if paymentMove(r.Value.Status, "resubmit") == nil {
		return cannot(c, r, "resubmit")
	}
	var request straddleapi.ResubmitChargeRequest
	c.Decode(&request)
	p := again(&r.Value)
	p.Description = cmp.Or(request.Description, r.Value.Description)
	p.ExternalID = cmp.Or(request.ExternalID, r.Value.ExternalID+"-resubmit-1")
	p.PaymentDate = cmp.Or(request.PaymentDate, straddleapi.Date(today(c.Now)))
	return s.makePayment(c, p, func(made *resource[payment]) {
		made.Value.IsResubmit = isTrue()
		s.relate(c, made, r, straddleapi.PaymentRelationshipResubmit)
	})
}

// again is what a payment that follows from another one takes over.
func again(p *payment) payment {
	next := payment{Kind: p.Kind}
	next.Paykey, next.Amount, next.Currency, next.ConsentType, next.Device = p.Paykey, p.Amount, p.Currency, p.ConsentType, p.Device
	next.Config = straddleapi.ChargeConfiguration{BalanceCheck: p.Config.BalanceCheck, SandboxOutcome: straddleapi.SimulatedPaymentOutcomeStandard}
	next.Metadata = p.Metadata
	return next
}

// relate notes that a payment was made from an original one, which lists the first of them alone: the others are cancelled.
func (s *Fake) relate(c *engine.Call, made, original *resource[payment], as straddleapi.PaymentRelationship) {
	p, first := &original.Value, &original.Value.HasResubmit
	if as == straddleapi.PaymentRelationshipRefund {
		first = &original.Value.HasRefund
	}
	made.Value.RelatedPayments = straddleapi.RelatedPayments{{ID: original.ID, PaymentType: p.Kind, Relationship: straddleapi.PaymentRelationshipOriginal}}
	if **first {
		made.Value.Duplicate = true
		return
	}
	*first = isTrue()
	p.RelatedPayments = append(p.RelatedPayments, straddleapi.RelatedPayment{ID: made.ID, PaymentType: made.Value.Kind, Relationship: as})
	s.changed(original, c.Now)
}

func isTrue() *bool { yes := true; return &yes }

func orFalse(given *bool) *bool {
	if given == nil {
		given = new(bool)
	}
	return given
}

// stamp is a time as the API writes it.
func stamp(t time.Time) straddleapi.Timestamp { return straddleapi.TimestampOf(t.UTC()) }

// traceNumber makes one of the network: the bank's first eight digits, and seven of its own.
func (s *Fake) traceNumber() string {
	number := 0
	for _, digit := range s.IDs.UUID() {
		number = (number*31 + int(digit)) % 10_000_000
	}
	return fmt.Sprintf("02100002%07d", number)
}

// restoredPayments looks at the payments and funding events that a snapshot had.
func (s *Fake) restoredPayments(r *engine.Restoring) {
	for id, one := range s.payments.All() {
		p := &one.Value
		whole := p.ID == id && p.Status.Valid() && p.PaykeyDetails != nil && p.CreatedAt != "" && p.UpdatedAt != "" && p.onCourse() && dated(p.Since)
		whole = whole && p.HasRefund != nil && p.HasResubmit != nil && p.IsResubmit != nil
		r.Require(whole, Name+".payments", "must be payments with an id, a status and what they will do")
		get := spectest.Operation{Method: http.MethodGet, Path: "/v1/" + string(p.kind().of) + "s/{id}/unmask"}
		r.Answers(Name, get, enveloped(&engine.Call{RequestID: id}, p.kind().unmasked(p)), Name+".payments")
	}
	for id, one := range s.funding.All() {
		e := &one.Value
		whole := e.ID == id && e.Status.Valid() && e.StatusDetails != nil && e.onCourse() && dated(e.Since)
		r.Require(whole, Name+".funding_events", "must be funding events with an id, a status and what they will do")
	}
}
