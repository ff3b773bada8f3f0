// Embedded accounts and their onboarding.

package straddle

import (
	"math"
	"net/http"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

func (s *Fake) accountHandlers() map[string]engine.Handler {
	return map[string]engine.Handler{
		"createAccount":             s.createAccount,
		"listAccounts":              s.listAccounts,
		"getAccount":                s.getAccount,
		"updateAccount":             s.updateAccount,
		"onboardAccount":            s.onboardAccount,
		"simulateAccountOnboarding": s.simulateAccountOnboarding,
	}
}

// accountStages are where an account begins. It is usable at once, as in the provider's sandbox: its capabilities are
// active, and Straddle-Account-Id may name it.
var accountStages = append([]stage{
	{"", "createAccount", "created", "new", "The account was created"},
}, onboardingStages...)

func (s *Fake) createAccount(c *engine.Call) engine.Verdict {
	var request straddleapi.CreateAccountRequest
	c.Decode(&request)
	organization := s.organization(request.OrganizationID)
	if organization == nil {
		return unprocessable(c, "organization_id is unknown", stItem{"organization_id", "no such organization"})
	}
	return engine.Accepted(func() engine.Answer {
		id := s.IDs.UUID()
		made := s.businesses.put(c, id, straddleapi.Account{
			ID: id, OrganizationID: organization.ID, Type: request.AccountType, AccessLevel: request.AccessLevel,
			BusinessProfile: &request.BusinessProfile, Metadata: request.Metadata, ExternalID: request.ExternalID,
			Capabilities: allActive(), Settings: usualSettings(), CreatedAt: stampOf(c.Now),
		})
		first, _ := stageFrom(accountStages, "createAccount", "", "")
		first.enterAccount(&made.Value)
		s.accountChanged(c.Now, made)
		return engine.Answer{Status: http.StatusCreated, Data: shownAccount(made.Value)}
	})
}

func (s *Fake) listAccounts(c *engine.Call) engine.Verdict {
	keep := func(r *resource[straddleapi.Account]) bool {
		a, p := r.Value, r.Value.BusinessProfile
		return oneOf(c, "status", a.Status) && oneOf(c, "type", a.Type) && is(c, "external_id", a.ExternalID) &&
			within(c, "search_text", a.ID, a.ExternalID, p.Name, p.LegalName, p.Website)
	}
	all := s.businesses.visible(c, keep)
	for id := range s.accounts {
		if r := s.account(id); r != nil && !s.businesses.has(id) && keep(r) {
			all = append(all, r)
		}
	}
	return listing(c, all, fieldsOf[straddleapi.Account]{
		"name":        func(a straddleapi.Account) string { return a.BusinessProfile.Name },
		"status":      func(a straddleapi.Account) string { return string(a.Status) },
		"external_id": func(a straddleapi.Account) string { return a.ExternalID },
		"created_at":  func(a straddleapi.Account) string { return string(a.CreatedAt) },
		"updated_at":  func(a straddleapi.Account) string { return string(a.UpdatedAt) },
	}, shownAccount)
}

func (s *Fake) getAccount(c *engine.Call) engine.Verdict {
	return seen(c, s.account(c.Param("account_id")), "account", shownAccount)
}

func (s *Fake) updateAccount(c *engine.Call) engine.Verdict {
	var request straddleapi.UpdateAccountRequest
	c.Decode(&request)
	found := s.account(c.Param("account_id"))
	if found == nil {
		return notFound(c, "account")
	}
	return engine.Accepted(func() engine.Answer {
		found.Value.BusinessProfile = &request.BusinessProfile
		change(&found.Value.Metadata, request.Metadata)
		change(&found.Value.ExternalID, request.ExternalID)
		s.accountChanged(c.Now, found)
		return engine.Answer{Status: http.StatusOK, Data: shownAccount(found.Value)}
	})
}

func (s *Fake) onboardAccount(c *engine.Call) engine.Verdict {
	var request straddleapi.OnboardAccountRequest
	c.Decode(&request)
	found := s.account(c.Param("account_id"))
	if found == nil {
		return notFound(c, "account")
	}
	next, ok := stageFrom(accountStages, "onboardAccount", found.Value.Status, found.Value.StatusDetail.Reason)
	if !ok {
		return notFrom(c, "The account", found.Value.Status)
	}
	var missing []stItem
	if len(s.representativesOf(found.ID)) == 0 {
		missing = append(missing, stItem{"representatives", "the account needs at least one"})
	}
	if len(s.bankAccountsOf(found.ID)) == 0 {
		missing = append(missing, stItem{"linked_bank_accounts", "the account needs at least one"})
	}
	if missing != nil {
		return unprocessable(c, "The account lacks what the onboarding needs", missing...)
	}
	return engine.Accepted(func() engine.Answer {
		found.Value.TermsOfService = &request.TermsOfService
		s.moveAccount(c.Now, found, next)
		return engine.Answer{Status: http.StatusCreated, Data: shownAccount(found.Value)}
	})
}

// simulateAccountOnboarding leads where final_status says. Where it leads without one the provider does not tell: here to
// active.
func (s *Fake) simulateAccountOnboarding(c *engine.Call) engine.Verdict {
	by := simulateActive
	final := c.R.URL.Query().Get("final_status")
	if final == string(straddleapi.SimulatedOnboardingStatusOnboarding) {
		by = simulateOnboarding
	}
	found := s.account(c.Param("account_id"))
	if found == nil {
		return notFound(c, "account")
	}
	next, ok := stageFrom(accountStages, by, found.Value.Status, found.Value.StatusDetail.Reason)
	if !ok {
		return notFrom(c, "The account", found.Value.Status)
	}
	return engine.Accepted(func() engine.Answer {
		s.moveAccount(c.Now, found, next)
		return engine.Answer{Status: http.StatusCreated, Data: shownAccount(found.Value), Inferred: final == ""}
	})
}

// account finds an account that a call has made. One of the fixtures, which have ids alone, gets something plausible; what
// is no UUID is only good for Straddle-Account-Id.
func (s *Fake) account(id string) *resource[straddleapi.Account] {
	id = engine.Lower(id)
	if r, ok := s.businesses.Get(id); ok || !s.accounts[id] || !engine.IsUUID(id) {
		return r
	}
	r := &resource[straddleapi.Account]{ID: id, Value: straddleapi.Account{
		ID: id, OrganizationID: demoOrganization, Type: straddleapi.EmbeddedAccountTypeBusiness,
		AccessLevel: straddleapi.AccessLevelStandard, Capabilities: allActive(), Settings: usualSettings(),
		BusinessProfile: &straddleapi.AccountBusinessProfile{Name: "Example", Website: "https://www.example.com", LegalName: "Example LLC"},
		CreatedAt:       stampOf(furnishedAt), UpdatedAt: stampOf(furnishedAt),
	}}
	done, _ := stageFrom(accountStages, simulateActive, "active", "")
	done.enterAccount(&r.Value)
	return r
}

// hasAccount reports whether Straddle-Account-Id may name an account.
func (s *Fake) hasAccount(id string) bool { return s.accounts[id] || s.businesses.has(id) }

// organizationOf returns the organization of an account, or "" when the account is gone.
func (s *Fake) organizationOf(account string) string {
	if r := s.account(account); r != nil {
		return r.Value.OrganizationID
	}
	return ""
}

// enterAccount puts an account into a status.
func (t stage) enterAccount(a *straddleapi.Account) {
	d := t.detail()
	a.Status = straddleapi.OnboardingStatus(t.to)
	a.StatusDetail = straddleapi.AccountStatusDetail{Reason: straddleapi.AccountStatusReason(d.Reason), Source: d.Source, Code: d.Code, Message: d.Message}
}

// moveAccount moves an account, and with it its representatives and linked bank accounts. Straddle chooses the bank accounts
// for its payments then.
func (s *Fake) moveAccount(at time.Time, r *resource[straddleapi.Account], to stage) {
	to.enterAccount(&r.Value)
	for _, person := range s.representativesOf(r.ID) {
		s.moveRepresentative(at, person, to.by)
	}
	settings := *r.Value.Settings
	for _, bank := range s.bankAccountsOf(r.ID) {
		if next, ok := bankAccountStage(&bank.Value, to.by); ok {
			s.moveBankAccount(at, bank, next)
		}
		settings = bank.Value.serve(settings)
	}
	r.Value.Settings = &settings
	s.accountChanged(at, r)
}

// accountChanged notes that an account has changed. One of the fixtures is from now on as if a call had made it.
func (s *Fake) accountChanged(at time.Time, r *resource[straddleapi.Account]) {
	if _, there := s.businesses.Get(r.ID); !there {
		s.businesses.Put(r.ID, r)
	}
	s.tell(at, "account", &r.Value.UpdatedAt, func() any { return shownAccount(r.Value) })
}

// shownAccount is an account in an answer: its settings stand there once they name the bank accounts.
func shownAccount(a straddleapi.Account) straddleapi.Account {
	if a.Settings.Charges.LinkedBankAccountID == "" || a.Settings.Payouts.LinkedBankAccountID == "" {
		a.Settings = nil
	}
	return a
}

// allActive are the capabilities of an account in the sandbox.
func allActive() *straddleapi.AccountCapabilities {
	on := straddleapi.AccountCapability{CapabilityStatus: straddleapi.CapabilityStatusActive}
	return &straddleapi.AccountCapabilities{
		PaymentTypes:  straddleapi.AccountPaymentCapabilities{Charges: on, Payouts: on},
		CustomerTypes: straddleapi.AccountCustomerCapabilities{Individuals: on, Businesses: on},
		ConsentTypes:  straddleapi.AccountConsentCapabilities{SignedAgreement: on, Internet: on},
	}
}

// The limits of an account that has asked for no others, in cents but for the count. The provider publishes none.
const (
	usualMax     = 500_000
	usualDaily   = 1_000_000
	usualMonthly = 10_000_000
	usualCount   = 1_000
	largestLimit = math.MaxInt32 // what an answer can hold
)

func usualSettings() *straddleapi.AccountPaymentSettings {
	charges := straddleapi.AccountChargeSettings{
		MaxAmount: usualMax, DailyAmount: usualDaily, MonthlyAmount: usualMonthly, MonthlyCount: usualCount, FundingTime: straddleapi.FundingTimeNextDay,
	}
	return &straddleapi.AccountPaymentSettings{Charges: charges, Payouts: straddleapi.AccountPayoutSettings(charges)}
}
