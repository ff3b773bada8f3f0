// How a bank account becomes a paykey: from bank details, or from a token of somebody who knows the account.

package straddle

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// What is made up about the accounts behind tokens, and about all banks.
const (
	usualRouting = "021000021" // of the test bank
	bankName     = "EXAMPLE BANK"
	usualBalance = int64(250_000) // cents
)

// links are the ways, by their operations. Nothing is published of what becomes of Speedchex's tokens; they stand for account
// numbers, as those of tan do.
var links = map[string]straddleapi.PaykeySource{
	"createBankAccountPaykey": straddleapi.PaykeySourceBankAccount,
	"createPlaidPaykey":       straddleapi.PaykeySourcePlaid,
	"createQuilttPaykey":      straddleapi.PaykeySourceQuiltt,
	"createTanPaykey":         straddleapi.PaykeySourceTAN,
	"createSpeedchexPaykey":   straddleapi.PaykeySourceTAN,
}

// banked reports whether an account comes from the bank itself: it is verified, and its balance can be read.
func banked(source straddleapi.PaykeySource) bool {
	return source == straddleapi.PaykeySourcePlaid || source == straddleapi.PaykeySourceQuiltt
}

// linkRequest is what the requests have, besides what a paykey has by the same names.
type linkRequest struct {
	RoutingNumber  string                  `json:"routing_number"`
	AccountNumber  *string                 `json:"account_number"`
	AccountType    straddleapi.AccountType `json:"account_type"`
	PlaidToken     string                  `json:"plaid_token"`
	QuilttToken    string                  `json:"quiltt_token"`
	TAN            string                  `json:"tan"`
	SpeedchexToken string                  `json:"speedchex_token"`
}

// bank returns the bank account. Behind a token it is made up: the same one for the same token.
func (l linkRequest) bank() straddleapi.UnmaskedPaykeyBankDetails {
	bank := straddleapi.UnmaskedPaykeyBankDetails{
		RoutingNumber: cmp.Or(l.RoutingNumber, usualRouting), AccountType: cmp.Or(l.AccountType, straddleapi.AccountTypeChecking),
	}
	if l.AccountNumber != nil {
		bank.AccountNumber = *l.AccountNumber
		return bank
	}
	behind := engine.DigestOf("account behind " + l.PlaidToken + l.QuilttToken + l.TAN + l.SpeedchexToken)
	bank.AccountNumber = fmt.Sprintf("%09d", binary.BigEndian.Uint64(behind[:])%1_000_000_000)
	return bank
}

var nineDigits = regexp.MustCompile(`^[0-9]{9}$`)

// createPaykey links a bank account to a customer. A customer who was rejected, and a bank account that is blocked, are refused.
func (s *Fake) createPaykey(c *engine.Call) engine.Verdict {
	var made paykey
	var request linkRequest
	c.Decode(&made.UnmaskedPaykey)
	c.Decode(&request)
	if status := engine.MagicStatus(made.CustomerID); status != 0 {
		return engine.Refused(c.Magic(status))
	}
	customer, bank := s.people.find(c, made.CustomerID), request.bank()
	switch {
	case customer == nil:
		return noCustomer(c)
	case customer.Value.Status == customerRejected:
		return unprocessable(c, "The customer was rejected", stItem{"customer_id", "the customer was rejected"})
	case !nineDigits.MatchString(bank.RoutingNumber): // a rule of ours: the document limits the length, and not everywhere
		return unprocessable(c, "The routing number is not valid", stItem{"routing_number", "must have nine digits"})
	case s.bankBlocked(bank):
		return unprocessable(c, "The bank account is blocked")
	}
	return doing(http.StatusCreated, func() any {
		made.CustomerID, made.BankData = customer.ID, &bank
		return wholePaykey(s.putPaykey(c, made, links[c.Operation.ID]))
	})
}

// noCustomer refuses what names a customer who is not there.
func noCustomer(c *engine.Call) engine.Verdict {
	return unprocessable(c, "customer_id is unknown", stItem{"customer_id", "no such customer"})
}

// putPaykey makes a paykey of what a request has and of the way it came.
func (s *Fake) putPaykey(c *engine.Call, made paykey, source straddleapi.PaykeySource) *resource[paykey] {
	number := maskedNumber(made.BankData.AccountNumber)
	made.ID, made.Paykey, made.Source = s.IDs.UUID(), s.paykeyToken(), source
	made.InstitutionName, made.Label = bankName, bankName+" - *"+strings.TrimLeft(number, "*")
	made.CreatedAt = straddleapi.TimestampOf(c.Now.UTC())
	if banked(source) {
		balance := usualBalance
		made.Balance = &straddleapi.PaykeyBalanceDetails{Status: straddleapi.PaykeyBalanceRefreshStatusCompleted, AccountBalance: &balance, UpdatedAt: made.CreatedAt}
	}
	outcome, later := paykeyOutcome(&made)
	if made.Status = outcome; later {
		made.Status = paykeyPending
		s.agenda.add(due{c.Now.Add(checksTake), paykeyChecks, made.ID})
	}
	made.StatusDetails = find(paykeyMoves, "", byCreation, made.Status).details(c.Now, "")
	p := s.paykeys.put(c, made.ID, made)
	s.tokens[engine.DigestOf(made.Paykey)] = made.ID
	s.paykeyChanged(c.Now, p, "paykey.created.v1", "paykey.event.v1")
	return p
}

// paykeyToken makes a token as a third party saw them: 8 hexadecimal digits, 2 digits and 64 more.
func (s *Fake) paykeyToken() string {
	digits := strings.ReplaceAll(s.IDs.UUID()+s.IDs.UUID()+s.IDs.UUID(), "-", "")
	return digits[:8] + ".02." + digits[8:72]
}

// paykeyOutcome returns what the checks of a bank account end with, and whether later. The standard ones were seen to reject a
// made-up account; that of one which the bank itself names is a guess of ours.
func paykeyOutcome(p *paykey) (outcome straddleapi.PaykeyStatus, later bool) {
	standard := p.Config.SandboxOutcome == "" || p.Config.SandboxOutcome == straddleapi.SimulatedPaykeyOutcomeStandard
	switch {
	case !standard:
		outcome = straddleapi.PaykeyStatus(p.Config.SandboxOutcome)
	case banked(p.Source) || p.Config.ProcessingMethod == straddleapi.PaykeyProcessingModeSkip:
		outcome = paykeyActive
	default:
		outcome = paykeyRejected
	}
	return outcome, checkedLater(p.Config.ProcessingMethod, standard)
}

// bankBlocked reports whether a bank account is blocked, for any customer of any account.
func (s *Fake) bankBlocked(bank straddleapi.UnmaskedPaykeyBankDetails) bool {
	for _, p := range s.paykeys.All() {
		if p.Value.BlockedBy != "" && isOf(p, bank.RoutingNumber, bank.AccountNumber) {
			return true
		}
	}
	return false
}
