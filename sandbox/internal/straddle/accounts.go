// Embedded accounts and their onboarding.

package straddle

import (
	"net/http"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

type embeddedAccount = resource[straddleapi.Account]

func (s *Fake) accountHandlers() map[string]engine.Handler {
	on := func(then func(*engine.Call, *embeddedAccount) engine.Verdict) engine.Handler {
		return onParam("account_id", s.accountOf, "account", then)
	}
	return map[string]engine.Handler{
		"createAccount":             s.createAccount,
		"listAccounts":              s.listAccounts,
		"getAccount":                on(reading(shownAccount)),
		"updateAccount":             on(s.updateAccount),
		"onboardAccount":            on(s.onboardAccount),
		"simulateAccountOnboarding": on(s.simulateAccountOnboarding),
		"getAccountSettings":        on(reading(accountSettings)),
		"createCapabilityRequest":   on(s.createCapabilityRequest),
		"listCapabilityRequests":    on(s.listCapabilityRequests),
	}
}

// accountStages are what may become of an account. It is usable at once, as in the provider's sandbox: its capabilities are
// active, and Straddle-Account-Id may name it.
var accountStages = append([]stage{
	{"", "createAccount", "created", "new", "The account was created"},
}, onboardingStages...)

func (s *Fake) createAccount(c *engine.Call) engine.Verdict {
	var request straddleapi.CreateAccountRequest
	c.Decode(&request)
	group := s.organization(c, request.OrganizationID)
	if group == nil {
		return unprocessable(c, "organization_id is unknown", stItem{"organization_id", "no such organization"})
	}
	return doing(http.StatusCreated, func() any {
		id := s.IDs.UUID()
		made := s.businesses.put(c, id, straddleapi.Account{
			ID: id, OrganizationID: group.ID, Type: request.AccountType, AccessLevel: request.AccessLevel,
			BusinessProfile: &request.BusinessProfile, Metadata: request.Metadata, ExternalID: request.ExternalID,
			Capabilities: allActive(), Settings: usualSettings(), CreatedAt: stamp(c.Now),
		})
		first, _ := stageFrom(accountStages, "createAccount", "", "")
		s.moveAccount(c.Now, made, first)
		return shownAccount(made)
	})
}

var (
	accountFilters = filters[straddleapi.Account]{
		"status":      anyOf(func(a *straddleapi.Account) straddleapi.OnboardingStatus { return a.Status }),
		"type":        anyOf(func(a *straddleapi.Account) straddleapi.EmbeddedAccountType { return a.Type }),
		"external_id": anyOf(func(a *straddleapi.Account) string { return a.ExternalID }),
		"search_text": has(func(a *straddleapi.Account) []string { // no page says where it looks
			return []string{a.ID, a.ExternalID, a.BusinessProfile.Name, a.BusinessProfile.LegalName, a.BusinessProfile.Website}
		}),
	}
	accountOrders = orders[straddleapi.Account]{
		"id":         by(func(a *straddleapi.Account) string { return a.ID }),
		"name":       by(func(a *straddleapi.Account) string { return a.BusinessProfile.Name }),
		"status":     by(func(a *straddleapi.Account) straddleapi.OnboardingStatus { return a.Status }),
		"created_at": by(func(a *straddleapi.Account) straddleapi.Timestamp { return a.CreatedAt }),
	}
)

func (s *Fake) listAccounts(c *engine.Call) engine.Verdict {
	return engine.Accepted(func() engine.Answer {
		keep := accountFilters.of(c)
		all := s.businesses.visible(c, keep)
		for id := range s.accounts {
			if r := s.accountOf(c, id); r != nil && !s.businesses.has(id) && keep(r) {
				all = append(all, r)
			}
		}
		return shownPage(c, all, accountOrders, shownAccount)
	})
}

func (s *Fake) updateAccount(c *engine.Call, r *embeddedAccount) engine.Verdict {
	var request straddleapi.UpdateAccountRequest
	c.Decode(&request)
	return doing(http.StatusOK, func() any {
		r.Value.BusinessProfile = &request.BusinessProfile
		change(&r.Value.Metadata, request.Metadata)
		change(&r.Value.ExternalID, request.ExternalID)
		s.accountChanged(c.Now, r)
		return shownAccount(r)
	})
}

func (s *Fake) onboardAccount(c *engine.Call, r *embeddedAccount) engine.Verdict {
	var request straddleapi.OnboardAccountRequest
	c.Decode(&request)
	next, ok := stageFrom(accountStages, "onboardAccount", r.Value.Status, r.Value.StatusDetail.Reason)
	if !ok {
		return notFrom(c, "The account", r.Value.Status)
	}
	var missing []stItem
	if len(s.representativesOf(r.ID)) == 0 {
		missing = append(missing, stItem{"representatives", "the account needs at least one"})
	}
	if len(s.bankAccountsOf(r.ID)) == 0 {
		missing = append(missing, stItem{"linked_bank_accounts", "the account needs at least one"})
	}
	if missing != nil {
		return unprocessable(c, "The account lacks what the onboarding needs", missing...)
	}
	return doing(http.StatusCreated, func() any {
		r.Value.TermsOfService = &request.TermsOfService
		s.moveAccount(c.Now, r, next)
		return shownAccount(r)
	})
}

// simulateAccountOnboarding leads where final_status says. Where it leads without one the provider does not tell: here to
// active.
func (s *Fake) simulateAccountOnboarding(c *engine.Call, r *embeddedAccount) engine.Verdict {
	by := simulateActive
	final := c.R.URL.Query().Get("final_status")
	if final == string(straddleapi.SimulatedOnboardingStatusOnboarding) {
		by = simulateOnboarding
	}
	next, ok := stageFrom(accountStages, by, r.Value.Status, r.Value.StatusDetail.Reason)
	if !ok {
		return notFrom(c, "The account", r.Value.Status)
	}
	return engine.Accepted(func() engine.Answer {
		s.moveAccount(c.Now, r, next)
		return engine.Answer{Status: http.StatusCreated, Data: shownAccount(r), Inferred: final == ""}
	})
}

// account finds an account that a call has made. One of the fixtures, which have ids alone, gets something plausible; what
// is no UUID is only good for Straddle-Account-Id.
func (s *Fake) account(id string) *embeddedAccount {
	id = engine.Lower(id)
	if r, ok := s.businesses.Get(id); ok || !s.accounts[id] || !engine.IsUUID(id) {
		return r
	}
	r := &embeddedAccount{ID: id, Made: furnishedAt, Value: straddleapi.Account{
		ID: id, OrganizationID: demoOrganization, Type: straddleapi.EmbeddedAccountTypeBusiness,
		AccessLevel: straddleapi.AccessLevelStandard, Capabilities: allActive(), Settings: usualSettings(),
		BusinessProfile: &straddleapi.AccountBusinessProfile{Name: "Example", Website: "https://www.example.com", LegalName: "Example LLC"},
		CreatedAt:       stamp(furnishedAt), UpdatedAt: stamp(furnishedAt),
	}}
	done, _ := stageFrom(accountStages, simulateActive, "active", "")
	done.enter(&r.Value)
	return r
}

// accountOf is account for calls, all of which may see all accounts.
func (s *Fake) accountOf(_ *engine.Call, id string) *embeddedAccount { return s.account(id) }

// hasAccount reports whether Straddle-Account-Id may name an account.
func (s *Fake) hasAccount(id string) bool { return s.accounts[id] || s.businesses.has(id) }

// enter puts an account into a status.
func (t stage) enter(a *straddleapi.Account) {
	d := t.detail()
	a.Status = straddleapi.OnboardingStatus(t.to)
	a.StatusDetail = straddleapi.AccountStatusDetail{Reason: straddleapi.AccountStatusReason(d.Reason), Source: d.Source, Code: d.Code, Message: d.Message}
}

// moveAccount moves an account, and with it its representatives and linked bank accounts. Straddle chooses the bank accounts
// for its payments then.
func (s *Fake) moveAccount(at time.Time, r *embeddedAccount, to stage) {
	to.enter(&r.Value)
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
func (s *Fake) accountChanged(at time.Time, r *embeddedAccount) {
	if !s.businesses.has(r.ID) {
		s.businesses.Put(r.ID, r)
	}
	s.tell(at, r.ID, "account", &r.Value.UpdatedAt, func() any { return shownAccount(r) })
}

// shownAccount is an account in an answer: its settings stand there once they name the bank accounts.
func shownAccount(r *embeddedAccount) any {
	a := r.Value
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
