// Funding events: the transfers between Straddle and the account's bank.

package straddle

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// fundingEvent is a transfer. What is in it stands in its payments.
type fundingEvent struct {
	straddleapi.FundingEvent
	progress
}

// fundingLine is what a funding event has of a payment.
type fundingLine struct {
	Event  string                                `json:"event"`
	Amount int64                                 `json:"amount"`
	Reason straddleapi.FundingEventPaymentReason `json:"reason"`
}

// fundingRule says which payments wait for a transfer, by how many they were in before.
type fundingRule struct {
	of     straddleapi.PaymentType
	status []straddleapi.PaymentStatus
	before int
	event  straddleapi.FundingEventType
	way    straddleapi.TransferDirection
	reason straddleapi.FundingEventPaymentReason
	sign   int64 // of the line; a line of nothing makes no transfer by itself
}

// fundingRules are all of them: charges are deposited when they are paid, and payouts withdrawn when they are to be sent;
// what comes back after that goes the other way. (Straddle, funding events; lines were seen with a sign.)
var fundingRules = []fundingRule{
	{charge.of, in(paymentPaid), 0, straddleapi.FundingEventTypeChargeDeposit, straddleapi.TransferDirectionDeposit, straddleapi.FundingEventPaymentReasonCredit, 1},
	{charge.of, in(paymentFailed), 0, straddleapi.FundingEventTypeChargeDeposit, straddleapi.TransferDirectionDeposit, straddleapi.FundingEventPaymentReasonFailed, 0},
	{charge.of, in(paymentReversed), 1, straddleapi.FundingEventTypeChargeReversal, straddleapi.TransferDirectionWithdrawal, straddleapi.FundingEventPaymentReasonReversal, -1},
	{payout.of, in(paymentScheduled, paymentPending, paymentPaid), 0, straddleapi.FundingEventTypePayoutWithdrawal, straddleapi.TransferDirectionWithdrawal, straddleapi.FundingEventPaymentReasonDebit, -1},
	{payout.of, in(paymentFailed, paymentReversed, paymentCancelled), 1, straddleapi.FundingEventTypePayoutReturn, straddleapi.TransferDirectionDeposit, straddleapi.FundingEventPaymentReasonReversal, 1},
}

// waitsFor returns the rule by which a payment waits for a transfer, or nil. What failed before it was sent does not.
func (p *payment) waitsFor() *fundingRule {
	for i := range fundingRules {
		rule := &fundingRules[i]
		if rule.of == p.Kind && rule.before == len(p.Lines) && slices.Contains(rule.status, p.Status) && (rule.sign != 0 || p.ProcessedAt != "") {
			return rule
		}
	}
	return nil
}

// fundLater sees to it that what a payment waits for comes with the next window of a day.
func (s *Fake) fundLater(r *resource[payment], at time.Time) {
	next := due{At: nextWindow(at), What: "funding", ID: string(r.Value.Kind) + " " + r.Account}
	noted := func(d due) bool { return d.What == next.What && d.ID == next.ID }
	if r.Value.waitsFor() != nil && !slices.ContainsFunc(s.agenda.list, noted) {
		s.agenda.add(next)
	}
}

// fundingDue transfers what waits for it: id names the kind of payments and the account.
func (s *Fake) fundingDue(id string, at time.Time) {
	kind, account, _ := strings.Cut(id, " ")
	s.fund(s.waiting(account, straddleapi.PaymentType(kind)), account, "", at)
}

// waiting returns what waits for a transfer, by what it waits for.
func (s *Fake) waiting(account string, kind straddleapi.PaymentType) map[straddleapi.FundingEventType][]*resource[payment] {
	found, moves := map[straddleapi.FundingEventType][]*resource[payment]{}, map[straddleapi.FundingEventType]bool{}
	for _, r := range s.payments.All() {
		if rule := r.Value.waitsFor(); rule != nil && rule.of == kind && r.Account == account {
			found[rule.event] = append(found[rule.event], r)
			moves[rule.event] = moves[rule.event] || rule.sign != 0
		}
	}
	for event := range found {
		if !moves[event] {
			delete(found, event)
		}
	}
	return found
}

// fund makes transfers, and returns the id of the first.
func (s *Fake) fund(waiting map[straddleapi.FundingEventType][]*resource[payment], account string, outcome straddleapi.SimulatedPaymentOutcome, at time.Time) (first string) {
	for _, rule := range fundingRules {
		payments := waiting[rule.event]
		delete(waiting, rule.event) // two rules have one
		if len(payments) == 0 {
			continue
		}
		r := s.transfer(rule, account, outcome, at)
		for _, p := range payments {
			of := p.Value.waitsFor()
			line := fundingLine{Event: r.ID, Amount: of.sign * p.Value.Amount, Reason: of.reason}
			p.Value.Lines, p.Value.FundingIds = append(p.Value.Lines, line), append(p.Value.FundingIds, r.ID)
			r.Value.Amount += line.Amount
			r.Value.PaymentCount++
			s.changed(p, at)
		}
		r.Value.Amount = max(r.Value.Amount, -r.Value.Amount)
		s.enterFunding(r, step{to: paymentCreated, reason: isOK, source: bySystem, message: "Funding event was created."}, at)
		s.enterFunding(r, step{to: paymentPending, reason: isOK, source: bySystem, message: "Transfer is on its way."}, at)
		if first == "" {
			first = r.ID
		}
	}
	return first
}

// transfer makes a funding event with nothing in it.
func (s *Fake) transfer(rule fundingRule, account string, outcome straddleapi.SimulatedPaymentOutcome, at time.Time) *resource[fundingEvent] {
	e, trace := fundingEvent{}, s.traceNumber()
	e.ID, e.CreatedAt, e.EventType, e.Direction = s.IDs.UUID(), stamp(at), rule.event, rule.way
	e.TransferDate = straddleapi.DateOf(hourOf(at, 0).AddDate(0, 0, 1))
	e.TraceNumbers, e.TraceIds = []string{trace}, map[string]string{"ach": trace}
	e.Config = &straddleapi.FundingEventConfiguration{SandboxOutcome: outcome}
	if bank, ok := s.bankAccounts.Get(s.limitsOf(account, rule.of).LinkedBankAccountID); ok {
		whole := bank.Value.whole()
		e.LinkedBankAccountDetails = &whole
	}
	e.Course, e.Step = transferCourse(outcome)
	r := &resource[fundingEvent]{ID: e.ID, Account: account, Made: at.UTC(), Value: e}
	s.funding.Put(e.ID, r)
	return r
}

// transferCourse is what a transfer does by itself once it is on its way: what a payment does from there on by its outcome,
// or else to be paid on its date. (Straddle, simulate a funding event: it simulates processing if not standard.)
func transferCourse(outcome straddleapi.SimulatedPaymentOutcome) (course string, step int) {
	if outcome == "" || outcome == straddleapi.SimulatedPaymentOutcomeStandard {
		return "transfer", 0
	}
	for i, step := range courses[string(outcome)] {
		if step.to == paymentPaid || step.to == paymentFailed {
			return string(outcome), i
		}
	}
	return "", 0
}

// enterFunding puts a funding event into its next status, and tells so.
func (s *Fake) enterFunding(r *resource[fundingEvent], to step, at time.Time) {
	e, now := &r.Value, stamp(at)
	details := to.details(now)
	e.Status, e.StatusDetails, e.StatusHistory = to.to, &details, added(e.StatusHistory, to.history(now), historyLimit)
	e.Since, e.UpdatedAt = at, now
	if to.to == paymentCreated {
		s.note(at, r.Account, "funding_event.created.v1", recastAs[fundingEventEvent](e))
	}
	s.note(at, r.Account, "funding_event.event.v1", recastAs[fundingEventEvent](e))
	if next, ok := e.due(e.TransferDate); ok && to.to != paymentCreated {
		s.agenda.add(due{At: next, What: "transfer", ID: r.ID})
	}
}

// fundingEventEvent is what events bring.
type fundingEventEvent struct {
	straddleapi.FundingEventEvent
	StatusDetails statusInEvent `json:"status_details"`
}

// transferDue lets the next step of a transfer happen.
func (s *Fake) transferDue(id string, at time.Time) {
	r, ok := s.funding.Get(id)
	if !ok {
		return
	}
	if next, ok := r.Value.proceed(); ok && next.to != "" {
		s.enterFunding(r, next, at)
	}
}

func (s *Fake) fundingHandlers() map[string]engine.Handler {
	return map[string]engine.Handler{
		"listFundingEvents":        s.listFundingEvents,
		"simulateFundingEvent":     s.simulateFundingEvent,
		"listFundingEventPayments": on(s.funding, "funding event", s.listFundingEventPayments),
		"getFundingEvent": on(s.funding, "funding event", reading(func(r *resource[fundingEvent]) any {
			return recastAs[straddleapi.FundingEvent](r.Value)
		})),
	}
}

// simulateFundingEvent transfers at once what waits for it in the account of the call.
func (s *Fake) simulateFundingEvent(c *engine.Call) engine.Verdict {
	var request straddleapi.SimulateFundingEventRequest
	c.Decode(&request)
	kind := straddleapi.PaymentType(strings.TrimSuffix(string(request.FundingEventJobType), "s"))
	waiting := s.waiting(c.Scope, kind)
	if len(waiting) == 0 {
		return unprocessable(c, fmt.Sprintf("There are no %s to fund", request.FundingEventJobType))
	}
	return doing(http.StatusCreated, func() any {
		return straddleapi.FundingEventSimulationResult{ID: s.fund(waiting, c.Scope, request.SandboxOutcome, c.Now)}
	})
}

// fundingFilters are the parameters that leave funding events out.
var fundingFilters = filters[fundingEvent]{
	"created_from":  atLeast(func(e *fundingEvent) string { return dateOf(e.CreatedAt) }),
	"created_to":    atMost(func(e *fundingEvent) string { return dateOf(e.CreatedAt) }),
	"direction":     anyOf(func(e *fundingEvent) straddleapi.TransferDirection { return e.Direction }),
	"event_type":    anyOf(func(e *fundingEvent) straddleapi.FundingEventType { return e.EventType }),
	"trace_number":  anyOf(func(e *fundingEvent) string { return e.TraceIds["ach"] }),
	"trace_id":      anyOf(func(e *fundingEvent) string { return e.TraceIds["ach"] }),
	"status":        anyOf(func(e *fundingEvent) straddleapi.PaymentStatus { return e.Status }),
	"status_reason": anyOf(func(e *fundingEvent) straddleapi.PaymentStatusReason { return e.StatusDetails.Reason }),
	"status_source": anyOf(func(e *fundingEvent) straddleapi.PaymentStatusSource { return e.StatusDetails.Source }),
	"search_text":   has(func(e *fundingEvent) []string { return []string{e.ID, string(e.EventType), e.TraceIds["ach"]} }),
}

// fundingOrders are what funding events can be ordered by.
var fundingOrders = orders[fundingEvent]{
	"id":            by(func(e *fundingEvent) string { return e.ID }),
	"amount":        by(func(e *fundingEvent) int64 { return e.Amount }),
	"transfer_date": by(func(e *fundingEvent) straddleapi.Date { return e.TransferDate }),
}

func (s *Fake) listFundingEvents(c *engine.Call) engine.Verdict {
	return engine.Accepted(func() engine.Answer {
		return shownPage(c, s.funding.visible(c, fundingFilters.of(c)), fundingOrders, func(r *resource[fundingEvent]) *straddleapi.FundingEventSummary {
			row := recastAs[straddleapi.FundingEventSummary](r.Value)
			row.TraceNumber = r.Value.TraceIds["ach"]
			return row
		})
	})
}

func (s *Fake) listFundingEventPayments(c *engine.Call, event *resource[fundingEvent]) engine.Verdict {
	return engine.Accepted(func() engine.Answer {
		metadata := asksMetadata(c)
		within := s.payments.visible(c, func(r *resource[payment]) bool { return r.Value.lineOf(event.ID) != nil })
		return shownPage(c, within, paymentOrders, func(r *resource[payment]) straddleapi.FundingEventPayment {
			row := r.Value.inEvent(event.ID)
			if metadata {
				row.Metadata = r.Value.Metadata
			}
			return row
		})
	})
}

// lineOf returns what a funding event has of a payment, or nil.
func (p *payment) lineOf(event string) *fundingLine {
	for i := range p.Lines {
		if p.Lines[i].Event == event {
			return &p.Lines[i]
		}
	}
	return nil
}

// inEvent is a payment as a row of a funding event.
func (p *payment) inEvent(event string) straddleapi.FundingEventPayment {
	line := p.lineOf(event)
	return straddleapi.FundingEventPayment{
		ID: p.ID, PaymentType: p.Kind, PaymentDate: p.PaymentDate, PaymentAmount: p.Amount, Currency: p.Currency, Status: p.Status,
		FundingAmount: line.Amount, Reason: line.Reason, CustomerDetails: p.CustomerDetails, PaykeyDetails: p.PaykeyDetails,
		ExternalID: p.ExternalID, TraceIds: p.TraceIds,
	}
}
