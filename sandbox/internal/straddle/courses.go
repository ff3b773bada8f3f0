// What moves payments and funding events: calls, and time.

package straddle

import (
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
)

// The statuses of a payment.
const (
	paymentCreated   = straddleapi.PaymentStatusCreated
	paymentScheduled = straddleapi.PaymentStatusScheduled
	paymentOnHold    = straddleapi.PaymentStatusOnHold
	paymentPending   = straddleapi.PaymentStatusPending
	paymentPaid      = straddleapi.PaymentStatusPaid
	paymentFailed    = straddleapi.PaymentStatusFailed
	paymentReversed  = straddleapi.PaymentStatusReversed
	paymentCancelled = straddleapi.PaymentStatusCancelled
)

// Short names of where a status comes from and why.
const (
	bySystem = straddleapi.PaymentStatusSourceSystem
	byTower  = straddleapi.PaymentStatusSourceWatchtower
	byUser   = straddleapi.PaymentStatusSourceUserAction
	byBank   = straddleapi.PaymentStatusSourceBankDecline
	byPayer  = straddleapi.PaymentStatusSourceCustomerDispute

	isOK     = straddleapi.PaymentStatusReasonOk
	isAsked  = straddleapi.PaymentStatusReasonUserRequest
	isLow    = straddleapi.PaymentStatusReasonInsufficientFunds
	isClosed = straddleapi.PaymentStatusReasonClosedBankAccount
	isDenied = straddleapi.PaymentStatusReasonDisputed
)

// paymentMoves are what a call does to a payment, by the first word of its operationId: without a row it is refused. What has
// no status to go to stays where it is. (Straddle, payment statuses: after pending nothing can be stopped. A release of what
// is not held was seen to change nothing; so was one of a hold by watchtower, which the page keeps for Straddle itself.)
var paymentMoves = []move[straddleapi.PaymentStatus]{
	{in(paymentCreated, paymentScheduled), "hold", in(paymentOnHold), isAsked, byUser, "Held on request."},
	{in(paymentOnHold), "release", in(paymentCreated), isAsked, byUser, "Released on request."},
	{from: in(paymentCreated, paymentScheduled), by: "release"},
	{in(paymentCreated, paymentScheduled, paymentOnHold), "cancel", in(paymentCancelled), isAsked, byUser, "Cancelled on request."},
	{from: in(paymentCreated, paymentScheduled, paymentOnHold), by: "update"},
	{from: in(paymentFailed, paymentReversed, paymentCancelled), by: "resubmit"},
	{from: in(paymentPaid), by: "refund"},
}

func in(statuses ...straddleapi.PaymentStatus) []straddleapi.PaymentStatus { return statuses }

// paymentMove returns the row for a payment, or nil.
func paymentMove(from straddleapi.PaymentStatus, by string) *move[straddleapi.PaymentStatus] {
	for i := range paymentMoves {
		if m := &paymentMoves[i]; m.by == by && slices.Contains(m.from, from) {
			return m
		}
	}
	return nil
}

// step is what happens by itself, some time after what was before it on the course.
type step struct {
	after   time.Duration
	to      straddleapi.PaymentStatus // empty: the bank account is blocked
	reason  straddleapi.PaymentStatusReason
	source  straddleapi.PaymentStatusSource
	code    string // of the bank network
	message string
	daily   bool // in the next window of a day, and not at once
}

func (m step) details(at straddleapi.Timestamp) straddleapi.PaymentStatusDetails {
	return straddleapi.PaymentStatusDetails{Message: m.message, Reason: m.reason, Source: m.source, Code: m.code, ChangedAt: at}
}

func (m step) history(at straddleapi.Timestamp) straddleapi.PaymentStatusHistory {
	return straddleapi.PaymentStatusHistory{Status: m.to, Message: m.message, Reason: m.reason, Source: m.source, Code: m.code, ChangedAt: at}
}

// Where a payment starts.
var (
	startsCreated = step{to: paymentCreated, reason: isOK, source: bySystem, message: "Payment was created and waits for its checks."}
	startsHeld    = step{to: paymentOnHold, reason: straddleapi.PaymentStatusReasonAutoHold, source: byTower, message: "Held as asked for when it was created."}
)

// The times of the sandbox, as they were seen in 2026: a payment is scheduled after 3 to 9 seconds, pending after 50, paid or
// failed after 2 minutes and reversed 5 minutes after it was pending; the network's answers come as two more entries. The
// page says: within a few minutes, processed every minute.
var (
	passesChecks   = step{after: 5 * time.Second, to: paymentScheduled, reason: isOK, source: bySystem, message: "Payment passed its checks and is scheduled."}
	isSent         = step{after: 45 * time.Second, to: paymentPending, reason: isOK, source: bySystem, message: "Payment was sent to the network."}
	isPosted       = step{after: 5 * time.Second, to: paymentPending, reason: isOK, source: bySystem, message: "Payment was posted by the network."}
	isReceived     = step{after: 5 * time.Second, to: paymentPending, reason: isOK, source: bySystem, message: "Payment was received by the bank."}
	isFunded       = step{after: time.Minute, to: paymentPaid, reason: isOK, source: bySystem, message: "Payment was funded."}
	waitsForWindow = step{after: 0, to: paymentPending, reason: isOK, source: bySystem, message: "Payment was sent to the network.", daily: true}
	isSettled      = step{after: 24 * time.Hour, to: paymentPaid, reason: isOK, source: bySystem, message: "Payment was funded."} // the funding time next_day
	blocksAccount  = step{after: 2 * time.Second}

	returnedR01 = step{after: time.Minute, to: paymentFailed, reason: isLow, source: byBank, code: "R01", message: "Insufficient funds."}
	returnedR02 = step{after: time.Minute, to: paymentFailed, reason: isClosed, source: byBank, code: "R02", message: "The bank account is closed."}
	returnedR05 = step{after: time.Minute, to: paymentFailed, reason: isDenied, source: byPayer, code: "R05", message: "The customer disputed the payment."}
	returnedR29 = step{after: time.Minute, to: paymentFailed, reason: isDenied, source: byPayer, code: "R29", message: "The customer did not authorize the payment."}
)

// afterwards is a return that comes when the payment was paid already.
func afterwards(s step) step {
	s.after, s.to = 5*time.Minute-70*time.Second, paymentReversed
	return s
}

// onNetwork is a course that begins as all do that lead to the network.
func onNetwork(more ...step) []step {
	return append([]step{passesChecks, isSent, isPosted, isReceived}, more...)
}

// courses are what payments do by themselves after they were created or released. The keys are the values of sandbox_outcome,
// which lead where Straddle's page of the sandbox says; and names of ours for what goes before them.
var courses = map[string][]step{
	"standard":                    {passesChecks, waitsForWindow, isSettled},
	"paid":                        onNetwork(isFunded),
	"on_hold_daily_limit":         {tower(5*time.Second, paymentOnHold, straddleapi.PaymentStatusReasonAmountTooLarge, "The payment exceeds a limit of the account.")},
	"cancelled_for_fraud_risk":    {tower(5*time.Second, paymentCancelled, straddleapi.PaymentStatusReasonPaymentBlocked, "Cancelled for the risk of fraud.")},
	"cancelled_for_balance_check": {tower(8*time.Second, paymentCancelled, isLow, "Cancelled for the balance of the bank account.")},
	"failed_insufficient_funds":   onNetwork(returnedR01),
	"failed_closed_bank_account":  onNetwork(returnedR02),
	"failed_customer_dispute":     onNetwork(returnedR05),
	"failed_not_authorized":       onNetwork(returnedR29, blocksAccount),
	"reversed_insufficient_funds": onNetwork(isFunded, afterwards(returnedR01)), "reversed_closed_bank_account": onNetwork(isFunded, afterwards(returnedR02)),
	"reversed_customer_dispute": onNetwork(isFunded, afterwards(returnedR05)), "reversed_not_authorized": onNetwork(isFunded, afterwards(returnedR29), blocksAccount),

	"unchecked":      onNetwork(), // a payout has no check of the balance to be cancelled for
	"invalid_paykey": {tower(time.Second, paymentFailed, straddleapi.PaymentStatusReasonInvalidPaykey, "The paykey is not active.")},
	"low_balance":    {tower(8*time.Second, paymentFailed, isLow, "The balance is too low or not known.")},
	"risk_review":    {tower(5*time.Second, paymentOnHold, straddleapi.PaymentStatusReasonRiskReview, "The customer or the paykey is in review.")},
	"transfer":       {{to: paymentPaid, reason: isOK, source: bySystem, message: "Transfer has arrived.", daily: true}},
	"duplicate":      {tower(time.Second, paymentCancelled, straddleapi.PaymentStatusReasonPaymentBlocked, "The payment was refunded or submitted again before.")},
}

// tower is what Straddle's own checks do.
func tower(after time.Duration, to straddleapi.PaymentStatus, why straddleapi.PaymentStatusReason, message string) step {
	return step{after: after, to: to, reason: why, source: byTower, message: message}
}

// due returns when the next step is due of what has a date: it does not go to the network before that, nor into a window.
func (p *progress) due(date straddleapi.Date) (time.Time, bool) {
	if p.Step >= len(courses[p.Course]) {
		return time.Time{}, false
	}
	next := courses[p.Course][p.Step]
	at := p.Since.Add(next.after)
	if day, err := time.ParseInLocation(time.DateOnly, string(date), eastern); err == nil && (next.daily || next.to == paymentPending) && day.After(at) {
		at = day
	}
	if next.daily {
		at = nextWindow(at)
	}
	return at, true
}

// proceed takes the next step, if there is one.
func (p *progress) proceed() (step, bool) {
	if p.Step >= len(courses[p.Course]) {
		return step{}, false
	}
	p.Step++
	return courses[p.Course][p.Step-1], true
}

// onCourse reports whether there is such a course, and as much of it.
func (p *progress) onCourse() bool { return p.Step >= 0 && p.Step <= len(courses[p.Course]) }

// courseOf returns the course of a payment that was created at a time or, if so, released then. What an account's rules say
// goes before what a sandbox_outcome asks for; a release lifts holds.
func (s *Fake) courseOf(r *resource[payment], at time.Time, released bool) string {
	p, outcome := &r.Value, string(r.Value.Config.SandboxOutcome)
	key, ok := s.paykeys.Get(p.PaykeyDetails.ID)
	switch {
	case p.Duplicate:
		return "duplicate"
	case !ok || key.Value.Status != straddleapi.PaykeyStatusActive && key.Value.Status != straddleapi.PaykeyStatusReview:
		return "invalid_paykey"
	case isTooLow(p, key):
		return "low_balance"
	case !released && s.inReview(key):
		return "risk_review"
	case !released && s.exceeds(r, at):
		return "on_hold_daily_limit"
	case outcome == "":
		return "standard"
	case released && outcome == "on_hold_daily_limit":
		return "paid"
	case p.Kind == payout.of && outcome == "cancelled_for_balance_check":
		return "unchecked"
	}
	return outcome
}

// inReview reports whether payments of a paykey wait for a review: of itself, or of its customer.
func (s *Fake) inReview(key *resource[paykey]) bool {
	customer := s.customerOf(key)
	return key.Value.Status == straddleapi.PaykeyStatusReview || customer != nil && customer.Value.Status == straddleapi.CustomerStatusReview
}

// isTooLow reports whether the check of the balance stops a charge: required does if the balance is not known, too.
func isTooLow(p *payment, key *resource[paykey]) bool {
	balance := key.Value.Balance
	if balance == nil || balance.AccountBalance == nil {
		return p.Config.BalanceCheck == straddleapi.BalanceCheckModeRequired
	}
	asked := p.Config.BalanceCheck != "" && p.Config.BalanceCheck != straddleapi.BalanceCheckModeDisabled
	return asked && *balance.AccountBalance < p.Amount
}

// exceeds reports whether a payment exceeds a limit of its account, with what the account has made that day and month.
func (s *Fake) exceeds(r *resource[payment], at time.Time) bool {
	most, day, month, count := s.limitsOf(r.Account, r.Value.Kind), int64(0), int64(0), int64(0)
	morning := hourOf(at, 0)
	first := morning.AddDate(0, 0, 1-morning.Day())
	for _, other := range s.payments.All() {
		if v := &other.Value; other.Made.Before(first) || other.Account != r.Account || v.Kind != r.Value.Kind || v.Status == paymentFailed || v.Status == paymentCancelled {
			continue
		}
		count, month = count+1, month+other.Value.Amount
		if !other.Made.Before(morning) {
			day += other.Value.Amount
		}
	}
	return r.Value.Amount > most.MaxAmount || day > most.DailyAmount || month > most.MonthlyAmount || count > most.MonthlyCount
}

// eastern is the time of payment dates, and of the windows.
var eastern, _ = time.LoadLocation("America/New_York")

// today is the date there.
func today(now time.Time) string { return now.In(eastern).Format(time.DateOnly) }

// windowHour is the hour of a day at which what waits for it goes to the network and is funded. The provider publishes none;
// every day has one, also a Sunday.
const windowHour = 17

// nextWindow returns the first window after a time.
func nextWindow(after time.Time) time.Time {
	at := hourOf(after, windowHour)
	if !at.After(after) {
		at = at.AddDate(0, 0, 1)
	}
	return at
}

// hourOf returns an hour of the day that a time is in.
func hourOf(t time.Time, hour int) time.Time {
	local := t.In(eastern)
	return time.Date(local.Year(), local.Month(), local.Day(), hour, 0, 0, 0, eastern)
}
