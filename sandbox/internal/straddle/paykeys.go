// Paykeys: tokens for the bank accounts of customers, and the verification of the accounts.

package straddle

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
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

// paykeyMoves is what may become of a paykey. Of which statuses one can be canceled, but for an active one, is unknown: here
// it can be of all but the last.
var paykeyMoves = []move[straddleapi.PaykeyStatus]{
	{nil, byCreation, only(paykeyPending), "validating", "system", "The bank account is being verified"},
	{nil, byCreation, only(paykeyActive), "ok", "system", "The bank account is verified"},
	{nil, byCreation, only(paykeyReview), "require_review", "watchtower", "The bank account must be reviewed"},
	{nil, byCreation, only(paykeyRejected), "failed_verification", "watchtower", "The bank account could not be verified"},

	{checkedPaykeys, byTime, only(paykeyActive), "ok", "system", "The bank account is verified"},
	{checkedPaykeys, byTime, only(paykeyReview), "require_review", "watchtower", "The bank account must be reviewed"},
	{checkedPaykeys, byTime, only(paykeyRejected), "failed_verification", "watchtower", "The bank account could not be verified"},

	{only(paykeyReview), "setPaykeyVerificationDecision", only(paykeyActive), "ok", "user_action", "The bank account was accepted"},
	{only(paykeyReview), "setPaykeyVerificationDecision", only(paykeyRejected), "failed_verification", "user_action", "The bank account was rejected"},

	{openPaykeys, byReturn, only(paykeyBlocked), "disputed", "watchtower", "A payment of the bank account was returned"},
	{only(paykeyBlocked), "unblockPaykey", only(paykeyActive), "ok", "user_action", "The block was lifted"},
	{append(only(paykeyBlocked), checkedPaykeys...), "cancelPaykey", only(paykeyInactive), "cancel_request", "user_action", "The paykey was canceled"},
}

// Some statuses together: those that follow from the checks, which a block and a cancellation do not yield to, and those of
// paykeys that can be used now or later.
var (
	checkedPaykeys = []straddleapi.PaykeyStatus{paykeyPending, paykeyActive, paykeyReview, paykeyRejected}
	openPaykeys    = []straddleapi.PaykeyStatus{paykeyPending, paykeyActive, paykeyReview}
)

func only[S ~string](status S) []S { return []S{status} }

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

// movePaykey gives a paykey another status, if the table of moves has it. Checks that are running end by that. A message
// stands in place of that of the table; a code is the return code that it comes by.
func (s *Fake) movePaykey(at time.Time, p *resource[paykey], by string, to straddleapi.PaykeyStatus, message, code string) bool {
	m := find(paykeyMoves, p.Value.Status, by, to)
	if m == nil {
		return false
	}
	details := m.details(at, code)
	details.Message = cmp.Or(message, details.Message)
	p.Value.Status, p.Value.StatusDetails = to, details
	s.agenda.drop(paykeyChecks, p.ID)
	s.paykeyChanged(at, p, "paykey.event.v1")
	return true
}

// paykeyChanged notes that a paykey has changed, and tells of it.
func (s *Fake) paykeyChanged(at time.Time, p *resource[paykey], kinds ...string) {
	p.Value.UpdatedAt = straddleapi.TimestampOf(at.UTC())
	for _, kind := range kinds {
		s.note(at, p.Account, kind, paykeyEvent(p.Value))
	}
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
		if isOf(p, routing, account) && s.movePaykey(now, p, byReturn, paykeyBlocked, "", code) {
			p.Value.BlockedBy = code
		}
	}
}

// isOf reports whether a paykey is of a bank account.
func isOf(p *resource[paykey], routing, account string) bool {
	bank := p.Value.BankData
	return bank != nil && bank.RoutingNumber == routing && bank.AccountNumber == account
}

// The things that are due for a paykey.
const (
	paykeyChecks = "paykey checks"
	balanceRead  = "balance read"
)

// liftable is the return code after which a block can be lifted, once.
const liftable = "R29"

func (p *paykey) unblockEligible() *bool {
	if p.Status != paykeyBlocked {
		return nil
	}
	eligible := p.BlockedBy == liftable && !p.Unblocked
	return &eligible
}

func (s *Fake) paykeyHandlers() map[string]engine.Handler {
	const what = "paykey"
	return map[string]engine.Handler{
		"listPaykeys":                   s.listPaykeys,
		"getPaykey":                     on(s.paykeys, what, reading(func(p *resource[paykey]) any { return maskedPaykey(p) })),
		"revealPaykey":                  on(s.paykeys, what, reading(revealedPaykey)),
		"getUnmaskedPaykey":             on(s.paykeys, what, reading(func(p *resource[paykey]) any { return p.Value.UnmaskedPaykey })), // allow_data_unmask is on in the sandbox
		"cancelPaykey":                  on(s.paykeys, what, s.cancelPaykey),
		"getPaykeyReview":               on(s.paykeys, what, reading(s.paykeyReviewed)),
		"setPaykeyVerificationDecision": on(s.paykeys, what, s.decidePaykey),
		"refreshPaykeyReview":           on(s.paykeys, what, s.refreshPaykey),
		"refreshPaykeyBalance":          on(s.paykeys, what, s.refreshBalance),
		"unblockPaykey":                 on(s.paykeys, what, s.unblockPaykey),
	}
}

func (s *Fake) cancelPaykey(c *engine.Call, p *resource[paykey]) engine.Verdict {
	var request straddleapi.CancelPaykeyRequest
	c.Decode(&request)
	return s.movingPaykey(c, p, paykeyInactive, request.Reason, nil)
}

func (s *Fake) decidePaykey(c *engine.Call, p *resource[paykey]) engine.Verdict {
	var request straddleapi.SetPaykeyVerificationDecisionRequest
	c.Decode(&request)
	return s.movingPaykey(c, p, straddleapi.PaykeyStatus(request.Status), "", nil)
}

func (s *Fake) unblockPaykey(c *engine.Call, p *resource[paykey]) engine.Verdict {
	var request straddleapi.UnblockPaykeyRequest
	c.Decode(&request)
	if eligible := p.Value.unblockEligible(); eligible == nil || !*eligible {
		return unprocessable(c, "A block can be lifted once, after the return code "+liftable)
	}
	return s.movingPaykey(c, p, paykeyActive, request.Message, func() { p.Value.Unblocked, p.Value.BlockedBy = true, "" })
}

// movingPaykey is the verdict on an operation that gives a paykey another status, with a message of the caller's if there is
// one, and that notes something along with it.
func (s *Fake) movingPaykey(c *engine.Call, p *resource[paykey], to straddleapi.PaykeyStatus, message string, note func()) engine.Verdict {
	if find(paykeyMoves, p.Value.Status, c.Operation.ID, to) == nil {
		return unprocessable(c, "The paykey is "+string(p.Value.Status)+", which does not allow this")
	}
	return doing(http.StatusOK, func() any {
		if note != nil {
			note()
		}
		s.movePaykey(c.Now, p, c.Operation.ID, to, message, "")
		return maskedPaykey(p)
	})
}

func (s *Fake) refreshPaykey(c *engine.Call, p *resource[paykey]) engine.Verdict {
	return doing(http.StatusAccepted, func() any {
		s.agenda.drop(paykeyChecks, p.ID)
		s.agenda.add(due{c.Now.Add(checksTake), paykeyChecks, p.ID})
		return maskedPaykey(p)
	})
}

// paykeyChecked is what happens when the checks are over.
func (s *Fake) paykeyChecked(id string, at time.Time) {
	if p, ok := s.paykeys.Get(id); ok {
		outcome, _ := paykeyOutcome(&p.Value)
		s.movePaykey(at, p, byTime, outcome, "", "")
	}
}

// refreshBalance answers with the old balance, and the new one is read later.
func (s *Fake) refreshBalance(c *engine.Call, p *resource[paykey]) engine.Verdict {
	return doing(http.StatusAccepted, func() any {
		before := maskedPaykey(p)
		s.agenda.drop(balanceRead, p.ID)
		s.agenda.add(due{c.Now.Add(checksTake), balanceRead, p.ID})
		s.setBalance(c.Now, p, straddleapi.PaykeyBalanceRefreshStatusPending)
		return before
	})
}

// balanceRead is what happens when the balance was read: of an account that does not come from the bank itself it cannot be.
func (s *Fake) balanceRead(id string, at time.Time) {
	if p, ok := s.paykeys.Get(id); ok && banked(p.Value.Source) {
		s.setBalance(at, p, straddleapi.PaykeyBalanceRefreshStatusCompleted)
	} else if ok {
		s.setBalance(at, p, straddleapi.PaykeyBalanceRefreshStatusFailed)
	}
}

// setBalance notes how far the reading of a balance is. The amount is always the same one.
func (s *Fake) setBalance(at time.Time, p *resource[paykey], status straddleapi.PaykeyBalanceRefreshStatus) {
	next := straddleapi.PaykeyBalanceDetails{}
	if old := p.Value.Balance; old != nil {
		next = *old
	}
	next.Status = status
	if status == straddleapi.PaykeyBalanceRefreshStatusCompleted {
		next.UpdatedAt = straddleapi.TimestampOf(at.UTC())
	}
	p.Value.Balance = &next
	s.paykeyChanged(at, p, "paykey.event.v1")
}

func (s *Fake) listPaykeys(c *engine.Call) engine.Verdict {
	customer, status, source := equal(c, "customer_id"), among[straddleapi.PaykeyStatus](c, "status"), among[straddleapi.PaykeySource](c, "source")
	text, within, eligible := containing(c, "search_text"), created(c), equal(c, "unblock_eligible")
	list := s.paykeys.visible(c, func(p *resource[paykey]) bool {
		v := &p.Value
		lifts := "" // of one that is not blocked, which is neither
		if e := v.unblockEligible(); e != nil {
			lifts = strconv.FormatBool(*e)
		}
		return customer(v.CustomerID) && status(v.Status) && source(v.Source) && eligible(lifts) && within(p.Made) &&
			text(v.Label, v.InstitutionName, v.ExternalID, v.ID)
	})
	by := straddleapi.PaykeySortBy(cmp.Or(c.R.URL.Query().Get("sort_by"), string(straddleapi.PaykeySortByCreatedAt)))
	slices.SortStableFunc(list, func(a, b *resource[paykey]) int {
		switch by {
		case straddleapi.PaykeySortByInstitutionName:
			return cmp.Compare(a.Value.InstitutionName, b.Value.InstitutionName)
		case straddleapi.PaykeySortByExpiresAt:
			return cmp.Compare(a.Value.ExpiresAt, b.Value.ExpiresAt)
		default:
			return a.Made.Compare(b.Made)
		}
	})
	rows := make([]straddleapi.PaykeySummary, len(list))
	for i, p := range list {
		rows[i] = paykeySummary(maskedPaykey(p))
	}
	return engine.Accepted(func() engine.Answer { return pageOf(c, rows, string(by)) })
}

// wholePaykey is a paykey with its token; the bank account is masked.
func wholePaykey(p *resource[paykey]) straddleapi.Paykey {
	v := &p.Value
	return straddleapi.Paykey{
		ID: v.ID, CustomerID: v.CustomerID, Label: v.Label, Source: v.Source, InstitutionName: v.InstitutionName, Status: v.Status,
		StatusDetails: v.StatusDetails, ExpiresAt: v.ExpiresAt, CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt, Paykey: v.Paykey,
		BankData: maskedBank(v.BankData), Metadata: v.Metadata, Config: v.Config, Balance: v.Balance, ExternalID: v.ExternalID,
		UnblockEligible: v.unblockEligible(),
	}
}

// maskedPaykey is a paykey as most calls see it.
func maskedPaykey(p *resource[paykey]) straddleapi.Paykey {
	masked := wholePaykey(p)
	masked.Paykey = maskedToken(masked.Paykey)
	return masked
}

func revealedPaykey(p *resource[paykey]) any {
	whole := wholePaykey(p)
	whole.UnblockEligible = nil // what it does not have
	return whole
}

// paykeySummary is a paykey in a list.
func paykeySummary(p straddleapi.Paykey) straddleapi.PaykeySummary {
	return straddleapi.PaykeySummary{
		ID: p.ID, CustomerID: p.CustomerID, Label: p.Label, Source: p.Source, InstitutionName: p.InstitutionName, Status: p.Status,
		StatusDetails: p.StatusDetails, ExpiresAt: p.ExpiresAt, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, BankData: p.BankData,
		Paykey: p.Paykey, Config: p.Config, ExternalID: p.ExternalID, UnblockEligible: p.UnblockEligible,
	}
}
