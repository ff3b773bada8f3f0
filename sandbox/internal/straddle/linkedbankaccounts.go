// Linked bank accounts: those that money moves from and to, of an account or of the platform.

package straddle

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// linkedBankAccount is one with its number.
type linkedBankAccount struct {
	straddleapi.LinkedBankAccount
	AccountNumber string `json:"account_number"`
}

type bankAccount = resource[linkedBankAccount]

func (s *Fake) bankAccountHandlers() map[string]engine.Handler {
	on := func(then func(*engine.Call, *bankAccount) engine.Verdict) engine.Handler {
		return onParam("linked_bank_account_id", s.bankAccounts.find, "linked bank account", then)
	}
	return map[string]engine.Handler{
		"createLinkedBankAccount":      s.createLinkedBankAccount,
		"listLinkedBankAccounts":       s.listLinkedBankAccounts,
		"getLinkedBankAccount":         on(reading(maskedBankAccount)),
		"updateLinkedBankAccount":      on(s.updateLinkedBankAccount),
		"cancelLinkedBankAccount":      on(s.cancelLinkedBankAccount),
		"getUnmaskedLinkedBankAccount": on(reading(unmaskedBankAccount)),
	}
}

// wrongNumber is what follows an operation in the table for a routing number with a wrong check digit. That such a bank
// account gets stuck is ours: the provider says only that one may.
const wrongNumber = ", wrong routing number"

// bankAccountStages are what may become of a linked bank account; the rest it does with its account.
var bankAccountStages = append([]stage{
	{"", "createLinkedBankAccount", "created", "new", "The bank account was linked"},
	{"created", "updateLinkedBankAccount", "created", "new", "The bank account was linked"},
	{"stuck", "updateLinkedBankAccount", "onboarding", "in_review", "The onboarding is in review"},
	{"stuck", "updateLinkedBankAccount" + wrongNumber, "onboarding", "stuck", "The routing number is that of no bank"},
	{"created", "onboardAccount" + wrongNumber, "onboarding", "stuck", "The routing number is that of no bank"},
	{"created", "cancelLinkedBankAccount", "canceled", "disabled", "The bank account was canceled"},
}, onboardingStages...)

// bankAccountStage returns the row of an operation for a linked bank account.
func bankAccountStage(b *linkedBankAccount, by string) (stage, bool) {
	if !isRoutingNumber(b.BankAccount.RoutingNumber) {
		if next, ok := stageFrom(bankAccountStages, by+wrongNumber, b.Status, b.StatusDetail.Reason); ok {
			return next, true
		}
	}
	return stageFrom(bankAccountStages, by, b.Status, b.StatusDetail.Reason)
}

func (s *Fake) createLinkedBankAccount(c *engine.Call) engine.Verdict {
	var request straddleapi.CreateLinkedBankAccountRequest
	c.Decode(&request)
	owner := "" // the platform
	if request.AccountID != "" {
		account := s.account(request.AccountID)
		if account == nil {
			return unprocessable(c, "account_id is unknown", stItem{"account_id", "no such account"})
		}
		owner = account.ID
	}
	return doing(http.StatusCreated, func() any {
		id := s.IDs.UUID()
		made := s.bankAccounts.put(c, id, linkedBankAccount{LinkedBankAccount: straddleapi.LinkedBankAccount{
			ID: id, AccountID: owner, PlatformID: cmp.Or(engine.Lower(request.PlatformID), platformID), Purposes: request.Purposes,
			Description: request.Description, Metadata: request.Metadata, CreatedAt: stamp(c.Now),
		}})
		if len(request.Purposes) == 0 {
			made.Value.Purposes = allPurposes()
		}
		made.Value.link(request.BankAccount)
		first, _ := bankAccountStage(&made.Value, "createLinkedBankAccount")
		s.moveBankAccount(c.Now, made, first)
		return maskedBankAccount(made)
	})
}

// allPurposes are what a linked bank account is for whose request names nothing.
func allPurposes() []straddleapi.LinkedBankAccountPurpose {
	return []straddleapi.LinkedBankAccountPurpose{
		straddleapi.LinkedBankAccountPurposeCharges, straddleapi.LinkedBankAccountPurposePayouts, straddleapi.LinkedBankAccountPurposeBilling,
	}
}

var (
	bankAccountFilters = filters[linkedBankAccount]{
		"account_id": anyOf(func(b *linkedBankAccount) string { return b.AccountID }),
		"level":      anyOf((*linkedBankAccount).level),
		"status":     anyOf(func(b *linkedBankAccount) straddleapi.LinkedBankAccountStatus { return b.Status }),
		"purpose": func(wanted []string) func(*linkedBankAccount) bool {
			return func(b *linkedBankAccount) bool {
				return slices.ContainsFunc(b.Purposes, func(p straddleapi.LinkedBankAccountPurpose) bool { return slices.Contains(wanted, string(p)) })
			}
		},
	}
	bankAccountOrders = orders[linkedBankAccount]{
		"id":         by(func(b *linkedBankAccount) string { return b.ID }),
		"account_id": by(func(b *linkedBankAccount) string { return b.AccountID }),
		"status":     by(func(b *linkedBankAccount) straddleapi.LinkedBankAccountStatus { return b.Status }),
		"created_at": by(func(b *linkedBankAccount) straddleapi.Timestamp { return b.CreatedAt }),
	}
)

func (b *linkedBankAccount) level() straddleapi.OwnerLevel {
	if b.AccountID == "" {
		return straddleapi.OwnerLevelPlatform
	}
	return straddleapi.OwnerLevelAccount
}

func (s *Fake) listLinkedBankAccounts(c *engine.Call) engine.Verdict {
	return engine.Accepted(func() engine.Answer {
		return shownPage(c, s.bankAccounts.visible(c, bankAccountFilters.of(c)), bankAccountOrders, maskedBankAccount)
	})
}

func (s *Fake) updateLinkedBankAccount(c *engine.Call, r *bankAccount) engine.Verdict {
	var request straddleapi.UpdateLinkedBankAccountRequest
	c.Decode(&request)
	changed := r.Value
	changed.link(request.BankAccount)
	next, ok := bankAccountStage(&changed, "updateLinkedBankAccount")
	if !ok {
		return notFrom(c, "The linked bank account", r.Value.Status)
	}
	return doing(http.StatusOK, func() any {
		r.Value = changed
		change(&r.Value.Metadata, request.Metadata)
		s.moveBankAccount(c.Now, r, next)
		return maskedBankAccount(r)
	})
}

func (s *Fake) cancelLinkedBankAccount(c *engine.Call, r *bankAccount) engine.Verdict {
	next, ok := bankAccountStage(&r.Value, "cancelLinkedBankAccount")
	if !ok {
		return notFrom(c, "The linked bank account", r.Value.Status)
	}
	return doing(http.StatusOK, func() any {
		s.moveBankAccount(c.Now, r, next)
		return maskedBankAccount(r)
	})
}

// bankAccountsOf returns the linked bank accounts of an account that are not canceled.
func (s *Fake) bankAccountsOf(account string) (list []*bankAccount) {
	for _, r := range s.bankAccounts.All() {
		if r.Value.AccountID == account && r.Value.Status != straddleapi.LinkedBankAccountStatusCanceled {
			list = append(list, r)
		}
	}
	return list
}

// moveBankAccount puts a linked bank account into a status.
func (s *Fake) moveBankAccount(at time.Time, r *bankAccount, to stage) {
	r.Value.Status, r.Value.StatusDetail = straddleapi.LinkedBankAccountStatus(to.to), to.detail()
	s.tell(at, r.Value.AccountID, "linked_bank_account", &r.Value.UpdatedAt, func() any { return maskedBankAccount(r) })
}

// link puts in the bank account of a request.
func (b *linkedBankAccount) link(to straddleapi.LinkedBankAccountDetailsRequest) {
	b.AccountNumber = to.AccountNumber
	b.BankAccount = straddleapi.MaskedLinkedBankAccountDetails{
		InstitutionName: "Example Bank", AccountHolder: to.AccountHolder, RoutingNumber: to.RoutingNumber, AccountMask: maskedNumber(to.AccountNumber),
	}
}

// serve returns the settings of an account with a linked bank account for what it is for, where there was none.
func (b *linkedBankAccount) serve(settings straddleapi.AccountPaymentSettings) straddleapi.AccountPaymentSettings {
	if slices.Contains(b.Purposes, straddleapi.LinkedBankAccountPurposeCharges) {
		settings.Charges.LinkedBankAccountID = cmp.Or(settings.Charges.LinkedBankAccountID, b.ID)
	}
	if slices.Contains(b.Purposes, straddleapi.LinkedBankAccountPurposePayouts) {
		settings.Payouts.LinkedBankAccountID = cmp.Or(settings.Payouts.LinkedBankAccountID, b.ID)
	}
	return settings
}

// stBankAccount is a linked bank account in an answer: one of the platform has null for the account.
type stBankAccount struct {
	straddleapi.LinkedBankAccount
	AccountID *string `json:"account_id"`
}

func maskedBankAccount(r *bankAccount) any {
	shown := stBankAccount{LinkedBankAccount: r.Value.LinkedBankAccount}
	if shown.LinkedBankAccount.AccountID != "" {
		shown.AccountID = &shown.LinkedBankAccount.AccountID
	}
	return shown
}

// unmaskedBankAccount has the platform where there is no account: the document has no null there.
func unmaskedBankAccount(r *bankAccount) any {
	b := r.Value
	return straddleapi.UnmaskedLinkedBankAccount{
		ID: b.ID, AccountID: cmp.Or(b.AccountID, b.PlatformID), Status: b.Status, StatusDetail: b.StatusDetail, Metadata: b.Metadata,
		CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt, BankAccount: b.whole(),
	}
}

// whole is the bank account without a mask.
func (b *linkedBankAccount) whole() straddleapi.UnmaskedLinkedBankAccountDetails {
	return straddleapi.UnmaskedLinkedBankAccountDetails{
		InstitutionName: b.BankAccount.InstitutionName, AccountHolder: b.BankAccount.AccountHolder,
		RoutingNumber: b.BankAccount.RoutingNumber, AccountNumber: b.AccountNumber,
	}
}

// isRoutingNumber reports whether a text has the nine digits of an ABA routing number, the last of which makes their sum,
// weighted by 3, 7 and 1, a multiple of ten.
func isRoutingNumber(text string) bool {
	sum := 0
	for i, digit := range []byte(text) {
		if digit < '0' || digit > '9' {
			return false
		}
		sum += int(digit-'0') * []int{3, 7, 1}[i%3]
	}
	return len(text) == 9 && sum%10 == 0
}
