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

func (s *Fake) bankAccountHandlers() map[string]engine.Handler {
	return map[string]engine.Handler{
		"createLinkedBankAccount":      s.createLinkedBankAccount,
		"listLinkedBankAccounts":       s.listLinkedBankAccounts,
		"getLinkedBankAccount":         s.getLinkedBankAccount,
		"updateLinkedBankAccount":      s.updateLinkedBankAccount,
		"cancelLinkedBankAccount":      s.cancelLinkedBankAccount,
		"getUnmaskedLinkedBankAccount": s.getUnmaskedLinkedBankAccount,
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
	owner := ""
	if request.AccountID != "" {
		account := s.account(request.AccountID)
		if account == nil {
			return unprocessable(c, "account_id is unknown", stItem{"account_id", "no such account"})
		}
		owner = account.ID
	}
	return engine.Accepted(func() engine.Answer {
		id := s.IDs.UUID()
		made := s.bankAccounts.put(c, id, linkedBankAccount{LinkedBankAccount: straddleapi.LinkedBankAccount{
			ID: id, AccountID: owner, PlatformID: cmp.Or(engine.Lower(request.PlatformID), platformID), Purposes: request.Purposes,
			Description: request.Description, Metadata: request.Metadata, CreatedAt: stampOf(c.Now),
		}})
		v := &made.Value
		if len(v.Purposes) == 0 {
			v.Purposes = []straddleapi.LinkedBankAccountPurpose{
				straddleapi.LinkedBankAccountPurposeCharges, straddleapi.LinkedBankAccountPurposePayouts, straddleapi.LinkedBankAccountPurposeBilling,
			}
		}
		v.link(request.BankAccount)
		first, _ := bankAccountStage(v, "createLinkedBankAccount")
		s.moveBankAccount(c.Now, made, first)
		return engine.Answer{Status: http.StatusCreated, Data: maskedBankAccount(*v)}
	})
}

func (s *Fake) listLinkedBankAccounts(c *engine.Call) engine.Verdict {
	all := s.bankAccounts.visible(c, func(r *resource[linkedBankAccount]) bool {
		v, level := r.Value, straddleapi.OwnerLevelAccount
		if v.AccountID == "" {
			level = straddleapi.OwnerLevelPlatform
		}
		return is(c, "account_id", v.AccountID) && oneOf(c, "level", level) && oneOf(c, "status", v.Status) &&
			slices.ContainsFunc(v.Purposes, func(p straddleapi.LinkedBankAccountPurpose) bool { return oneOf(c, "purpose", p) })
	})
	return listing(c, all, fieldsOf[linkedBankAccount]{
		"account_id": func(b linkedBankAccount) string { return b.AccountID },
		"status":     func(b linkedBankAccount) string { return string(b.Status) },
		"created_at": func(b linkedBankAccount) string { return string(b.CreatedAt) },
		"updated_at": func(b linkedBankAccount) string { return string(b.UpdatedAt) },
	}, maskedBankAccount)
}

func (s *Fake) getLinkedBankAccount(c *engine.Call) engine.Verdict {
	return seen(c, s.bankAccounts.find(c, c.Param("linked_bank_account_id")), "linked bank account", maskedBankAccount)
}

func (s *Fake) getUnmaskedLinkedBankAccount(c *engine.Call) engine.Verdict {
	return seen(c, s.bankAccounts.find(c, c.Param("linked_bank_account_id")), "linked bank account", func(b linkedBankAccount) straddleapi.UnmaskedLinkedBankAccount {
		return straddleapi.UnmaskedLinkedBankAccount{
			ID: b.ID, AccountID: cmp.Or(b.AccountID, b.PlatformID), // the document has no null for a bank account of the platform
			Status: b.Status, StatusDetail: b.StatusDetail, Metadata: b.Metadata, CreatedAt: b.CreatedAt, UpdatedAt: b.UpdatedAt,
			BankAccount: straddleapi.UnmaskedLinkedBankAccountDetails{
				InstitutionName: b.BankAccount.InstitutionName, AccountHolder: b.BankAccount.AccountHolder,
				RoutingNumber: b.BankAccount.RoutingNumber, AccountNumber: b.AccountNumber,
			},
		}
	})
}

func (s *Fake) updateLinkedBankAccount(c *engine.Call) engine.Verdict {
	var request straddleapi.UpdateLinkedBankAccountRequest
	c.Decode(&request)
	found := s.bankAccounts.find(c, c.Param("linked_bank_account_id"))
	if found == nil {
		return notFound(c, "linked bank account")
	}
	changed := found.Value
	changed.link(request.BankAccount)
	next, ok := bankAccountStage(&changed, "updateLinkedBankAccount")
	if !ok {
		return notFrom(c, "The linked bank account", found.Value.Status)
	}
	return engine.Accepted(func() engine.Answer {
		found.Value = changed
		change(&found.Value.Metadata, request.Metadata)
		s.moveBankAccount(c.Now, found, next)
		return engine.Answer{Status: http.StatusOK, Data: maskedBankAccount(found.Value)}
	})
}

func (s *Fake) cancelLinkedBankAccount(c *engine.Call) engine.Verdict {
	found := s.bankAccounts.find(c, c.Param("linked_bank_account_id"))
	if found == nil {
		return notFound(c, "linked bank account")
	}
	next, ok := bankAccountStage(&found.Value, "cancelLinkedBankAccount")
	if !ok {
		return notFrom(c, "The linked bank account", found.Value.Status)
	}
	return engine.Accepted(func() engine.Answer {
		s.moveBankAccount(c.Now, found, next)
		return engine.Answer{Status: http.StatusOK, Data: maskedBankAccount(found.Value)}
	})
}

// bankAccountsOf returns the linked bank accounts of an account that are not canceled.
func (s *Fake) bankAccountsOf(account string) (list []*resource[linkedBankAccount]) {
	for _, r := range s.bankAccounts.All() {
		if r.Value.AccountID == account && r.Value.Status != straddleapi.LinkedBankAccountStatusCanceled {
			list = append(list, r)
		}
	}
	return list
}

// moveBankAccount puts a linked bank account into a status.
func (s *Fake) moveBankAccount(at time.Time, r *resource[linkedBankAccount], to stage) {
	r.Value.Status, r.Value.StatusDetail = straddleapi.LinkedBankAccountStatus(to.to), to.detail()
	s.tell(at, "linked_bank_account", &r.Value.UpdatedAt, func() any { return maskedBankAccount(r.Value) })
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

func maskedBankAccount(b linkedBankAccount) stBankAccount {
	shown := stBankAccount{LinkedBankAccount: b.LinkedBankAccount}
	if b.AccountID != "" {
		shown.AccountID = &b.AccountID
	}
	return shown
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
