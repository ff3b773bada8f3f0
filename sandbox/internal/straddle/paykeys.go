// Paykeys: tokens for the bank accounts of customers, and the verification of the accounts.

package straddle

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// paykey is a paykey, and what the provider knows of it and does not tell. What its pointers lead to is replaced, never
// changed: answers on their way out have it as well.
type paykey struct {
	straddleapi.UnmaskedPaykey
	Unblocked bool   `json:"unblocked,omitempty"`  // a block was lifted once
	BlockedBy string `json:"blocked_by,omitempty"` // the return code
}

// Short names of the statuses.
const (
	paykeyPending  = straddleapi.PaykeyStatusPending
	paykeyActive   = straddleapi.PaykeyStatusActive
	paykeyReview   = straddleapi.PaykeyStatusReview
	paykeyRejected = straddleapi.PaykeyStatusRejected
	paykeyBlocked  = straddleapi.PaykeyStatusBlocked
	paykeyInactive = straddleapi.PaykeyStatusInactive
)

// byReturn is what a block comes by: a payment of the bank account was returned.
const byReturn = "return"

// paykeyMoves is what may become of a paykey. The pages name no more than these; by what else one can be canceled is unknown,
// so everything but canceled ones can.
var paykeyMoves = []move[straddleapi.PaykeyStatus]{
	{nil, byCreation, paykeyPending, straddleapi.PaymentStatusReasonValidating, straddleapi.PaymentStatusSourceSystem, "The bank account is being verified"},
	{nil, byCreation, paykeyActive, straddleapi.PaymentStatusReasonOk, straddleapi.PaymentStatusSourceSystem, "The bank account is verified"},
	{nil, byCreation, paykeyReview, straddleapi.PaymentStatusReasonRequireReview, straddleapi.PaymentStatusSourceWatchtower, "The bank account must be reviewed"},
	{nil, byCreation, paykeyRejected, straddleapi.PaymentStatusReasonFailedVerification, straddleapi.PaymentStatusSourceWatchtower, "The bank account could not be verified"},
	{checkedPaykeys, byTime, paykeyActive, straddleapi.PaymentStatusReasonOk, straddleapi.PaymentStatusSourceSystem, "The bank account is verified"},
	{checkedPaykeys, byTime, paykeyReview, straddleapi.PaymentStatusReasonRequireReview, straddleapi.PaymentStatusSourceWatchtower, "The bank account must be reviewed"},
	{checkedPaykeys, byTime, paykeyRejected, straddleapi.PaymentStatusReasonFailedVerification, straddleapi.PaymentStatusSourceWatchtower, "The bank account could not be verified"},
	{[]straddleapi.PaykeyStatus{paykeyReview}, "setPaykeyVerificationDecision", paykeyActive, straddleapi.PaymentStatusReasonOk, straddleapi.PaymentStatusSourceUserAction, "The review was decided"},
	{[]straddleapi.PaykeyStatus{paykeyReview}, "setPaykeyVerificationDecision", paykeyRejected, straddleapi.PaymentStatusReasonFailedVerification, straddleapi.PaymentStatusSourceUserAction, "The review was decided"},
	{[]straddleapi.PaykeyStatus{paykeyPending, paykeyActive, paykeyReview, paykeyRejected, paykeyBlocked}, "cancelPaykey", paykeyInactive, straddleapi.PaymentStatusReasonCancelRequest, straddleapi.PaymentStatusSourceUserAction, "The paykey was canceled"},
	{[]straddleapi.PaykeyStatus{paykeyPending, paykeyActive, paykeyReview}, byReturn, paykeyBlocked, straddleapi.PaymentStatusReasonDisputed, straddleapi.PaymentStatusSourceWatchtower, "A payment of the bank account was returned"},
	{[]straddleapi.PaykeyStatus{paykeyBlocked}, "unblockPaykey", paykeyActive, straddleapi.PaymentStatusReasonOk, straddleapi.PaymentStatusSourceUserAction, "The block was lifted"},
}

// checkedPaykeys are those whose status follows from the checks: a block and a cancellation are stronger.
var checkedPaykeys = []straddleapi.PaykeyStatus{paykeyPending, paykeyActive, paykeyReview, paykeyRejected}

// paykeyByToken returns the paykey that has a token, if the call may see it, or nil.
func (s *Fake) paykeyByToken(c *engine.Call, token string) *resource[paykey] {
	return s.paykeys.find(c, s.tokens[engine.DigestOf(token)])
}

// customerOf returns the customer whose paykey it is, or nil when there is none any more.
func (s *Fake) customerOf(p *resource[paykey]) *resource[straddleapi.UnmaskedCustomer] {
	customer, _ := s.people.Get(p.Value.CustomerID)
	return customer
}

// forgetPaykey drops what else is known of a paykey that is gone.
func (s *Fake) forgetPaykey(id string, p *resource[paykey]) {
	delete(s.tokens, engine.DigestOf(p.Value.Paykey))
	s.agenda.drop("", id)
}

// movePaykey gives a paykey another status, if the table of moves has it. A code is the return code that it comes by.
func (s *Fake) movePaykey(at time.Time, p *resource[paykey], by string, to straddleapi.PaykeyStatus, code string) bool {
	m := find(paykeyMoves, p.Value.Status, by, to)
	if m == nil {
		return false
	}
	p.Value.Status, p.Value.StatusDetails = to, m.details(at, code)
	s.paykeyChanged(at, p)
	return true
}

// paykeyChanged notes that a paykey has changed, and tells of it.
func (s *Fake) paykeyChanged(at time.Time, p *resource[paykey]) {
	p.Value.UpdatedAt = straddleapi.TimestampOf(at.UTC())
	s.Record(at, "paykey.event.v1", paykeyEvent(p.Value))
}

// paykeyEvent is what events tell of a paykey: with its token, without its configuration and your id.
func paykeyEvent(p paykey) straddleapi.PaykeyEvent {
	e := straddleapi.PaykeyEvent{
		ID: p.ID, CustomerID: p.CustomerID, Label: p.Label, Source: p.Source, InstitutionName: p.InstitutionName, Status: p.Status,
		ExpiresAt: p.ExpiresAt, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, Paykey: p.Paykey, Metadata: eventMetadata(p.Metadata),
		StatusDetails: eventDetails(p.StatusDetails),
	}
	if bank := maskedBank(p.BankData); bank != nil {
		event := straddleapi.PaykeyBankDetailsEvent(*bank)
		e.BankData = &event
	}
	if b := p.Balance; b != nil {
		e.Balance = &straddleapi.PaykeyBalanceEventDetails{Status: b.Status, UpdatedAt: b.UpdatedAt}
		if b.AccountBalance != nil {
			number := json.Number(strconv.FormatInt(*b.AccountBalance, 10))
			e.Balance.AccountBalance = &number
		}
	}
	return e
}

// block blocks every paykey of a bank account, whoever has it, because of a return code.
func (s *Fake) block(now time.Time, routing, account, code string) {
	for _, p := range s.paykeys.All() {
		if bank := p.Value.BankData; bank == nil || bank.RoutingNumber != routing || bank.AccountNumber != account {
			continue
		}
		if s.movePaykey(now, p, byReturn, straddleapi.PaykeyStatusBlocked, code) {
			p.Value.BlockedBy = code
		}
	}
}
