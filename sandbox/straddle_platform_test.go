package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oapi-codegen/nullable"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// straddle returns a client whose calls are held against the document.
func (w *world) straddle() *straddle.Client {
	w.t.Helper()
	calls := &http.Client{Transport: spectest.Transport(w.t, specs.Straddle, w.client.Transport, spectest.BasePath("/straddle"))}
	st, err := straddle.New(straddle.Config{APIKey: secret.New(w.creds.Straddle.APIKey), BaseURL: "http://localhost/straddle", HTTP: rest.Config{HTTPClient: calls, MaxAttempts: 1}})
	require.NoError(w.t, err)
	return st
}

// told is an event.
type told struct {
	Type string          `json:"type"`
	Time time.Time       `json:"time"`
	Data json.RawMessage `json:"data"`
}

// events returns what has happened, as snapshots have it.
func (w *world) events() []told {
	w.t.Helper()
	taken, err := w.sand.Snapshot()
	require.NoError(w.t, err)
	var read struct{ Events []told }
	require.NoError(w.t, json.Unmarshal(taken, &read))
	return read.Events
}

// happened returns the types of the events since there were some, each with the status in it.
func (w *world) happened(since int) (list []string) {
	w.t.Helper()
	for _, e := range w.events()[since:] {
		var data struct{ Status string }
		require.NoError(w.t, json.Unmarshal(e.Data, &data))
		list = append(list, strings.TrimSuffix(e.Type, ".v1")+" "+data.Status)
	}
	return list
}

const exampleOrganization = "7a2d3b63-9f1e-4a66-8b2c-6e3f8d4f5c77" // of the document's examples

func noted() map[string]*string {
	text := "b"
	return map[string]*string{"a": &text}
}

func business(name string) straddle.AccountBusinessProfile {
	return straddle.AccountBusinessProfile{Name: name, Website: "https://www.example.com"}
}

func (w *world) account(st *straddle.Client) *straddle.Account {
	w.t.Helper()
	account, err := st.Accounts.Create(w.t.Context(), straddle.CreateAccountRequest{
		OrganizationID: exampleOrganization, AccountType: straddleapi.EmbeddedAccountTypeBusiness,
		AccessLevel: straddleapi.AccessLevelStandard, BusinessProfile: business("Example"),
	})
	require.NoError(w.t, err)
	return account
}

func person(account string) straddle.CreateRepresentativeRequest {
	return straddle.CreateRepresentativeRequest{
		AccountID: account, FirstName: "Example", LastName: "Person", DOB: "1980-01-31", SSNLast4: "6789",
		Email: "person@example.com", MobileNumber: "+12025550123", Relationship: straddle.RepresentativeRelationship{Primary: true},
	}
}

const routing, wrongRouting, accountNumber = "021000021", "021000022", "9876543210"

func bank(account, routing string) straddle.CreateLinkedBankAccountRequest {
	return straddle.CreateLinkedBankAccountRequest{AccountID: account, BankAccount: bankDetails(routing)}
}

func bankDetails(routing string) straddle.LinkedBankAccountDetailsRequest {
	return straddle.LinkedBankAccountDetailsRequest{AccountHolder: "Example LLC", RoutingNumber: routing, AccountNumber: accountNumber}
}

func terms() straddle.OnboardAccountRequest {
	return straddle.OnboardAccountRequest{TermsOfService: straddle.TermsOfService{
		AcceptedDate: "2026-01-05T10:00:00Z", AgreementURL: "https://www.example.com/terms", AgreementType: straddleapi.AgreementTypeEmbedded,
	}}
}

func simulate(to straddle.SimulatedOnboardingStatus) straddle.SimulateAccountOnboardingParams {
	return straddle.SimulateAccountOnboardingParams{FinalStatus: to}
}

// A platform's way: an organization, an account, its people and banks, the onboarding and its end.
func TestPlatformFlow(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	st, ctx := w.straddle(), t.Context()
	organization, err := st.Organizations.Create(ctx, straddle.CreateOrganizationRequest{Name: "Shops", ExternalID: "shops-1"})
	require.NoError(t, err)
	read, err := st.Organizations.Get(ctx, organization.ID)
	require.NoError(t, err)
	assert.Equal(t, organization, read)

	account, err := st.Accounts.Create(ctx, straddle.CreateAccountRequest{
		OrganizationID: strings.ToUpper(organization.ID), AccountType: straddleapi.EmbeddedAccountTypeBusiness,
		AccessLevel: straddleapi.AccessLevelManaged, BusinessProfile: business("Shop"), ExternalID: "shop-1",
	})
	require.NoError(t, err)
	assert.Equal(t, organization.ID, account.OrganizationID)
	assert.EqualValues(t, "created", account.Status)
	assert.EqualValues(t, "new", account.StatusDetail.Reason)
	assert.Nil(t, account.Settings, "there is no bank account to name")
	assert.EqualValues(t, "active", account.Capabilities.PaymentTypes.Charges.CapabilityStatus)
	_, err = st.ForAccount(strings.ToUpper(account.ID)).Bridge.Initialize(ctx, straddle.CreateBridgeTokenRequest{CustomerID: w.creds.Straddle.CustomerID})
	require.NoError(t, err, "usable at once")
	assert.Equal(t, []string{"account.created created", "account.event created"}, w.happened(0))

	_, err = st.Accounts.Onboard(ctx, account.ID, terms())
	require.ErrorIs(t, err, rest.ErrInvalid)
	require.ErrorContains(t, err, "linked_bank_accounts: ")
	linked, err := st.LinkedBankAccounts.Create(ctx, bank(account.ID, routing))
	require.NoError(t, err)
	_, err = st.Accounts.Onboard(ctx, account.ID, terms())
	require.ErrorContains(t, err, "The account lacks what the onboarding needs [representatives: the account needs at least one]")
	representative, err := st.Representatives.Create(ctx, person(account.ID))
	require.NoError(t, err)
	_, err = st.LinkedBankAccounts.Create(ctx, bank(account.ID, routing))
	require.NoError(t, err)

	before := len(w.events())
	w.clock.advance(time.Hour)
	account, err = st.Accounts.Onboard(ctx, account.ID, terms())
	require.NoError(t, err)
	assert.EqualValues(t, "onboarding", account.Status)
	assert.Equal(t, terms().TermsOfService, *account.TermsOfService)
	assert.Equal(t, linked.ID, account.Settings.Charges.LinkedBankAccountID, "the first one")
	assert.Equal(t, linked.ID, account.Settings.Payouts.LinkedBankAccountID)
	assert.Equal(t, []string{"representative.event onboarding", "linked_bank_account.event onboarding", "linked_bank_account.event onboarding", "account.event onboarding"}, w.happened(before))
	assert.EqualValues(t, "2026-01-05T11:00:00.123Z", account.UpdatedAt)
	assert.EqualValues(t, "2026-01-05T10:00:00.123Z", account.CreatedAt)

	account, err = st.Accounts.SimulateOnboarding(ctx, account.ID, simulate(straddleapi.SimulatedOnboardingStatusActive))
	require.NoError(t, err)
	assert.EqualValues(t, "active", account.Status)
	assert.EqualValues(t, "verified", account.StatusDetail.Reason)
	representative, err = st.Representatives.Get(ctx, representative.ID)
	require.NoError(t, err)
	assert.EqualValues(t, "active", representative.Status)
	linked, err = st.LinkedBankAccounts.Get(ctx, linked.ID)
	require.NoError(t, err)
	assert.EqualValues(t, "active", linked.Status)

	account, err = st.Accounts.Update(ctx, account.ID, straddle.UpdateAccountRequest{BusinessProfile: business("Shop 2")})
	require.NoError(t, err)
	assert.Equal(t, "shop-1", account.ExternalID, "what is left out stays")
	account, err = st.Accounts.Update(ctx, account.ID, straddle.UpdateAccountRequest{BusinessProfile: business("Shop 2"), ExternalID: nullable.NewNullNullable[string]()})
	require.NoError(t, err)
	assert.Empty(t, account.ExternalID, "null clears")
	assert.Equal(t, "Shop 2", account.BusinessProfile.Name)
	assert.EqualValues(t, "active", account.Status)
	account, err = st.Accounts.Update(ctx, account.ID, straddle.UpdateAccountRequest{BusinessProfile: business("Shop 2"), Metadata: nullable.NewNullableWithValue(noted())})
	require.NoError(t, err)
	assert.Equal(t, noted(), account.Metadata)
	read2, err := st.Accounts.Get(ctx, account.ID)
	require.NoError(t, err)
	assert.Equal(t, account, read2)
}

// What is not there is not found, what is named and not there is refused, and errors have the envelope of platforms.
func TestPlatformRefusals(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	const nobody = "11111111-1111-4111-8111-111111111111"
	h := with(bearer(w.creds.Straddle.APIKey), "Content-Type", "application/json")
	owner := person(w.creds.Straddle.AccountID)
	owner.Relationship.Owner = true
	percent := json.Number("60")
	st := w.straddle()
	own := owner
	own.Relationship.PercentOwnership = &percent
	made, err := st.Representatives.Create(t.Context(), own)
	require.NoError(t, err)
	for _, tt := range []struct {
		method, path string
		body         any
		want         want
	}{
		{"GET", "organizations/" + nobody, nil, want{404, "documented", "no such organization"}},
		{"GET", "accounts/" + nobody, nil, want{404, "documented", "no such account"}},
		{"GET", "account_settings/" + nobody, nil, want{404, "documented", "no such account"}},
		{"PUT", "accounts/" + nobody, object{"business_profile": business("x")}, want{404, "documented", "no such account"}},
		{"POST", "accounts/" + nobody + "/onboard", terms(), want{404, "documented", "no such account"}},
		{"POST", "accounts/" + nobody + "/simulate", nil, want{404, "documented", "no such account"}},
		{"POST", "accounts/" + nobody + "/capability_requests", object{}, want{404, "documented", "no such account"}},
		{"GET", "accounts/" + nobody + "/capability_requests", nil, want{404, "documented", "no such account"}},
		{"GET", "representatives/" + nobody, nil, want{404, "documented", "no such representative"}},
		{"GET", "representatives/" + nobody + "/unmask", nil, want{404, "documented", "no such representative"}},
		{"GET", "linked_bank_accounts/" + nobody, nil, want{404, "documented", "no such linked bank account"}},
		{"GET", "linked_bank_accounts/" + nobody + "/unmask", nil, want{404, "documented", "no such linked bank account"}},
		{"PUT", "linked_bank_accounts/" + nobody, object{"bank_account": bankDetails(routing)}, want{404, "documented", "no such linked bank account"}},
		{"PATCH", "linked_bank_accounts/" + nobody + "/cancel", nil, want{404, "documented", "no such linked bank account"}},
		{"POST", "accounts", straddle.CreateAccountRequest{OrganizationID: nobody, AccountType: "business", AccessLevel: "standard", BusinessProfile: business("x")}, want{422, "documented", `"reference":"organization_id"`}},
		{"POST", "representatives", person(nobody), want{422, "documented", `"reference":"account_id"`}},
		{"POST", "representatives", owner, want{422, "documented", `"reference":"relationship.percent_ownership"`}},
		{"PUT", "representatives/" + made.ID, updateOf(owner), want{422, "documented", `"reference":"relationship.percent_ownership"`}},
		{"PUT", "representatives/" + nobody, updateOf(person("")), want{404, "documented", "no such representative"}},
		{"POST", "linked_bank_accounts", bank(nobody, routing), want{422, "documented", `"reference":"account_id"`}},
		{"POST", "accounts/" + w.creds.Straddle.AccountID + "/onboard", terms(), want{422, "documented", "The account is active"}},
		{"GET", "accounts/" + sandbox.MagicID(409), nil, want{409, "documented", "magic id"}},
		{"POST", "organizations", object{}, want{400, "documented", `"reference":"name"`}},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			text, err := json.Marshal(tt.body)
			require.NoError(t, err)
			if tt.body == nil {
				text = nil
			}
			before := len(w.events())
			got := w.do(tt.method, "/straddle/v1/"+tt.path, h, string(text))
			got.require(t, tt.want)
			assert.Equal(t, "error", got.body["response_type"])
			assert.EqualValues(t, tt.want.status, got.at("error", "status"))
			assert.NotNil(t, got.at("error", "items"), "there, if empty")
			assert.Equal(t, "id", got.at("meta", "sort_by"))
			assert.Equal(t, "asc", got.at("meta", "sort_order"))
			assert.Len(t, w.events(), before, "nothing has happened")
		})
	}
	plain := w.do(http.MethodGet, "/straddle/v1/customers/"+nobody, bearer("wrong"), "")
	assert.Nil(t, plain.at("meta", "sort_by"), "the others have the plain envelope")
	wrong := w.do(http.MethodGet, "/straddle/v1/accounts", bearer("wrong"), "")
	wrong.require(t, want{401, "documented", "sort_order"})
}

func updateOf(r straddle.CreateRepresentativeRequest) straddle.UpdateRepresentativeRequest {
	return straddle.UpdateRepresentativeRequest{
		FirstName: r.FirstName, LastName: r.LastName, DOB: r.DOB, SSNLast4: r.SSNLast4, Email: r.Email, MobileNumber: r.MobileNumber, Relationship: r.Relationship,
	}
}

// Numbers are masked unless they are asked for, and stand neither in the state nor in the journal.
func TestPlatformMasks(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	st, ctx := w.straddle(), t.Context()
	account := w.account(st)
	created, err := st.Representatives.Create(ctx, person(account.ID))
	require.NoError(t, err)
	assert.Equal(t, "****", created.SSNLast4)
	assert.Equal(t, "Example Person", created.Name)
	changed := updateOf(person(""))
	changed.Metadata = nullable.NewNullableWithValue(map[string]string{"a": "b"})
	changed.SSNLast4, changed.LastName, changed.ExternalID = "4321", "Changed", nullable.NewNullableWithValue("p-1")
	masked, err := st.Representatives.Update(ctx, created.ID, changed)
	require.NoError(t, err)
	assert.Equal(t, "****", masked.SSNLast4)
	assert.Equal(t, "Example Changed", masked.Name)
	assert.Equal(t, "p-1", masked.ExternalID)
	assert.Equal(t, map[string]string{"a": "b"}, masked.Metadata)
	assert.EqualValues(t, "created", masked.Status, "an update keeps the status")
	whole, err := st.Representatives.GetUnmasked(ctx, created.ID)
	require.NoError(t, err)
	assert.Equal(t, "4321", whole.SSNLast4)

	linked, err := st.LinkedBankAccounts.Create(ctx, bank(account.ID, routing))
	require.NoError(t, err)
	assert.Equal(t, "******3210", linked.BankAccount.AccountMask)
	assert.Equal(t, []straddle.LinkedBankAccountPurpose{"charges", "payouts", "billing"}, linked.Purposes)
	open, err := st.LinkedBankAccounts.GetUnmasked(ctx, linked.ID)
	require.NoError(t, err)
	assert.Equal(t, accountNumber, open.BankAccount.AccountNumber)
	assert.Equal(t, account.ID, open.AccountID)

	own, err := st.LinkedBankAccounts.Create(ctx, bank("", routing))
	require.NoError(t, err)
	assert.Empty(t, own.AccountID, "it is the platform's")
	assert.Equal(t, "8b3e4c74-0a2f-4b77-9c3d-7f4a9e5a6d88", own.PlatformID)
	named := bank("", routing)
	named.PlatformID = "33333333-3333-4333-8333-33333333333A"
	other, err := st.LinkedBankAccounts.Create(ctx, named)
	require.NoError(t, err)
	assert.Equal(t, strings.ToLower(named.PlatformID), other.PlatformID)
	_, err = st.LinkedBankAccounts.GetUnmasked(ctx, own.ID)
	require.NoError(t, err)

	state := w.sand.State()
	require.Len(t, state.Straddle.LinkedBankAccounts, 3)
	assert.Equal(t, sandbox.StraddlePlatformResource{ID: own.ID, Status: "created"}, state.Straddle.LinkedBankAccounts[1])
	assert.Equal(t, []sandbox.StraddlePlatformResource{{ID: created.ID, AccountID: account.ID, Status: "created"}}, state.Straddle.Representatives)
	assert.Equal(t, 3, state.Counts["straddle.linked_bank_accounts"])
	for _, v := range []any{state, w.sand.Calls()} {
		text, err := json.Marshal(v)
		require.NoError(t, err)
		for _, secret := range []string{accountNumber, routing, "6789", "4321", "1980-01-31"} {
			assert.NotContains(t, string(text), secret)
		}
	}
}

// A linked bank account can be changed or canceled before the onboarding, and changed when it got stuck in it.
func TestLinkedBankAccountMoves(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	st, ctx := w.straddle(), t.Context()
	account := w.account(st)
	_, err := st.Representatives.Create(ctx, person(account.ID))
	require.NoError(t, err)
	canceled, err := st.LinkedBankAccounts.Create(ctx, bank(account.ID, routing))
	require.NoError(t, err)
	canceled, err = st.LinkedBankAccounts.Cancel(ctx, canceled.ID)
	require.NoError(t, err)
	assert.EqualValues(t, "canceled", canceled.Status)
	_, err = st.LinkedBankAccounts.Cancel(ctx, canceled.ID)
	require.ErrorContains(t, err, "is canceled")
	_, err = st.Accounts.Onboard(ctx, account.ID, terms())
	require.ErrorContains(t, err, "linked_bank_accounts", "one that is canceled does not count")

	linked, err := st.LinkedBankAccounts.Create(ctx, bank(account.ID, routing))
	require.NoError(t, err)
	update := func(routing string) (*straddle.LinkedBankAccount, error) {
		return st.LinkedBankAccounts.Update(ctx, linked.ID, straddle.UpdateLinkedBankAccountRequest{
			BankAccount: bankDetails(routing), Metadata: nullable.NewNullableWithValue(noted()),
		})
	}
	linked, err = update(wrongRouting)
	require.NoError(t, err)
	assert.EqualValues(t, "created", linked.Status, "nobody has looked at it yet")
	assert.Equal(t, noted(), linked.Metadata)
	_, err = st.Accounts.Onboard(ctx, account.ID, terms())
	require.NoError(t, err)
	linked, err = st.LinkedBankAccounts.Get(ctx, linked.ID)
	require.NoError(t, err)
	assert.Equal(t, "onboarding stuck", fmt.Sprint(linked.Status, " ", linked.StatusDetail.Reason))
	_, err = st.LinkedBankAccounts.Cancel(ctx, linked.ID)
	require.ErrorContains(t, err, "is onboarding")
	linked, err = update("021000030")
	require.NoError(t, err)
	assert.EqualValues(t, "stuck", linked.StatusDetail.Reason, "still wrong")
	linked, err = update(routing)
	require.NoError(t, err)
	assert.Equal(t, "onboarding in_review", fmt.Sprint(linked.Status, " ", linked.StatusDetail.Reason))
	_, err = update(routing)
	require.ErrorContains(t, err, "is onboarding")
	gone, err := st.LinkedBankAccounts.Get(ctx, canceled.ID)
	require.NoError(t, err)
	assert.EqualValues(t, "canceled", gone.Status, "it goes nowhere with its account")
}

// Capabilities are asked for one by one; after the review the account has them, with their limits.
func TestCapabilityRequests(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	st, ctx := w.straddle(), t.Context()
	account := w.account(st)
	off := &straddle.CapabilitySetting{}
	before := len(w.events())
	page, err := st.CapabilityRequests.Create(ctx, account.ID, straddle.RequestCapabilityRequest{
		Charges:    &straddle.ChargeCapabilityRequest{Enable: true, MaxAmount: "700000.5", DailyAmount: "800000", MonthlyAmount: "1e12", MonthlyCount: 9},
		Payouts:    &straddle.PayoutCapabilityRequest{Enable: true, MaxAmount: "1", DailyAmount: "-2", MonthlyAmount: "3", MonthlyCount: -4},
		Internet:   off,
		Businesses: off,
	})
	require.NoError(t, err)
	require.Len(t, page.Items, 4)
	assert.Equal(t, "charges payment_type in_review true", fmt.Sprint(page.Items[0].Type, " ", page.Items[0].Category, " ", page.Items[0].Status, " ", page.Items[0].Enable))
	assert.Equal(t, "businesses customer_type in_review false", fmt.Sprint(page.Items[2].Type, " ", page.Items[2].Category, " ", page.Items[2].Status, " ", page.Items[2].Enable))
	assert.Len(t, w.happened(before), 8)
	none, err := st.CapabilityRequests.Create(ctx, account.ID, straddle.RequestCapabilityRequest{})
	require.NoError(t, err)
	assert.Empty(t, none.Items)

	list := func(p straddle.ListCapabilityRequestsParams) (types []string) {
		page, err := st.CapabilityRequests.List(ctx, account.ID, p)
		require.NoError(t, err)
		for _, r := range page.Items {
			types = append(types, string(r.Type))
		}
		slices.Sort(types)
		return types
	}
	assert.Equal(t, []string{"businesses", "charges", "internet", "payouts"}, list(straddle.ListCapabilityRequestsParams{Status: "in_review"}))
	assert.Equal(t, []string{"charges", "payouts"}, list(straddle.ListCapabilityRequestsParams{Category: "payment_type"}))
	assert.Equal(t, []string{"internet"}, list(straddle.ListCapabilityRequestsParams{Type: "internet"}))
	assert.Empty(t, list(straddle.ListCapabilityRequestsParams{Status: "active"}))

	w.clock.advance(time.Minute - time.Nanosecond)
	assert.Len(t, list(straddle.ListCapabilityRequestsParams{Status: "in_review"}), 4)
	before = len(w.events())
	w.clock.advance(time.Hour)
	assert.Equal(t, []string{"charges", "payouts"}, list(straddle.ListCapabilityRequestsParams{Status: "active"}))
	assert.Equal(t, []string{"businesses", "internet"}, list(straddle.ListCapabilityRequestsParams{Status: "inactive"}))
	assert.Equal(t, []string{
		"capability_request.event active", "account.event created", "capability_request.event active", "account.event created",
		"capability_request.event inactive", "account.event created", "capability_request.event inactive", "account.event created",
	}, w.happened(before))
	assert.Equal(t, start.Add(time.Minute), w.events()[before].Time, "when it was due, not when somebody looked")

	settings, err := st.AccountSettings.Get(ctx, account.ID)
	require.NoError(t, err)
	assert.Equal(t, straddle.ChargeSettings{MaxAmount: 700000, DailyAmount: 800000, MonthlyAmount: 1<<31 - 1, MonthlyCount: 9, FundingTime: "next_day"}, settings.Charges)
	assert.Equal(t, straddle.PayoutSettings{MaxAmount: 1, DailyAmount: 0, MonthlyAmount: 3, MonthlyCount: 0, FundingTime: "next_day"}, settings.Payouts)
	assert.Equal(t, straddle.AccountPaymentTypeSettings{Charges: "active", Payouts: "active"}, settings.PaymentTypes)
	assert.Equal(t, straddle.AccountCustomerTypeSettings{Individuals: "active", Businesses: "inactive"}, settings.CustomerTypes)
	assert.Equal(t, straddle.AccountConsentSettings{Internet: "inactive", SignedAgreement: "active"}, settings.ConsentTypes)
	others, err := st.CapabilityRequests.List(ctx, w.creds.Straddle.AccountID, straddle.ListCapabilityRequestsParams{})
	require.NoError(t, err)
	assert.Empty(t, others.Items, "another account has asked for nothing")
	read, err := st.Accounts.Get(ctx, account.ID)
	require.NoError(t, err)
	assert.EqualValues(t, "inactive", read.Capabilities.ConsentTypes.Internet.CapabilityStatus)
}

// An account that nobody has asked anything of has the usual settings. One of the fixtures is as good as one that a call made.
func TestFixtureAccounts(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	more := "22222222-2222-4222-8222-222222222222"
	require.NoError(t, w.sand.Add(sandbox.Fixtures{Straddle: sandbox.StraddleFixtures{Accounts: []string{strings.ToUpper(more), "acct_123"}}}))
	st, ctx := w.straddle(), t.Context()
	settings, err := st.AccountSettings.Get(ctx, more)
	require.NoError(t, err)
	assert.Equal(t, straddle.ChargeSettings{MaxAmount: 1_000_000, DailyAmount: 10_000_000, MonthlyAmount: 100_000_000, MonthlyCount: 100_000, FundingTime: "next_day"}, settings.Charges)
	assert.Equal(t, straddle.AccountPolicyControls{AllowDataUnmask: true}, settings.Configuration)
	assert.Equal(t, "Example LLC", settings.StatementSettings.CompanyName)

	account, err := st.Accounts.Get(ctx, strings.ToUpper(more))
	require.NoError(t, err)
	assert.Equal(t, more, account.ID)
	assert.EqualValues(t, "active", account.Status)
	_, err = st.Organizations.Get(ctx, account.OrganizationID)
	require.NoError(t, err)
	page, err := st.Accounts.List(ctx, straddle.ListAccountsParams{})
	require.NoError(t, err)
	assert.Len(t, page.Items, 2, "and acct_123 is no UUID")

	_, err = st.Accounts.Update(ctx, more, straddle.UpdateAccountRequest{BusinessProfile: business("Mine")})
	require.NoError(t, err)
	page, err = st.Accounts.List(ctx, straddle.ListAccountsParams{SortBy: "name", SortOrder: "desc"})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	assert.Equal(t, "Mine", page.Items[0].BusinessProfile.Name)
	assert.Equal(t, []string{"account.event active"}, w.happened(0))
}

// Every parameter of the lists leaves out, or orders.
func TestPlatformLists(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	st, ctx := w.straddle(), t.Context()
	organization, err := st.Organizations.Create(ctx, straddle.CreateOrganizationRequest{Name: "Shops United", ExternalID: "o-1"})
	require.NoError(t, err)
	var accounts []string
	for _, name := range []string{"Bakery", "Zoo", "Cafe"} {
		account, err := st.Accounts.Create(ctx, straddle.CreateAccountRequest{
			OrganizationID: organization.ID, AccountType: "business", AccessLevel: "standard", BusinessProfile: business(name), ExternalID: "x-" + name,
		})
		require.NoError(t, err)
		accounts = append(accounts, account.ID)
		w.clock.advance(time.Second)
	}
	_, err = st.Accounts.SimulateOnboarding(ctx, accounts[1], simulate("onboarding"))
	require.NoError(t, err)

	names := func(p straddle.ListAccountsParams) string {
		page, err := st.Accounts.List(ctx, p)
		require.NoError(t, err)
		var list []string
		for _, a := range page.Items {
			list = append(list, a.BusinessProfile.Name)
		}
		return strings.Join(list, " ")
	}
	assert.Equal(t, "Example Bakery Zoo Cafe", names(straddle.ListAccountsParams{SortBy: "created_at"}))
	assert.Equal(t, "Zoo Example Cafe Bakery", names(straddle.ListAccountsParams{SortBy: "name", SortOrder: "desc"}))
	assert.Equal(t, "Cafe Bakery", names(straddle.ListAccountsParams{SortBy: "name", SortOrder: "desc", PageNumber: 2, PageSize: 2}))
	assert.Equal(t, "Zoo", names(straddle.ListAccountsParams{Status: "onboarding"}))
	assert.Equal(t, "Cafe", names(straddle.ListAccountsParams{ExternalID: "x-Cafe"}))
	assert.Equal(t, "Bakery", names(straddle.ListAccountsParams{SearchText: "AKE"}))
	assert.Len(t, strings.Fields(names(straddle.ListAccountsParams{Type: "business"})), 4)
	page, err := st.Accounts.List(ctx, straddle.ListAccountsParams{SortBy: "shoe_size"})
	require.NoError(t, err)
	assert.True(t, slices.IsSortedFunc(page.Items, func(a, b straddle.Account) int { return strings.Compare(a.ID, b.ID) }), "what nobody knows is the id")

	organizations := func(p straddle.ListOrganizationsParams) int {
		page, err := st.Organizations.List(ctx, p)
		require.NoError(t, err)
		return len(page.Items)
	}
	assert.Equal(t, 2, organizations(straddle.ListOrganizationsParams{}))
	assert.Equal(t, 1, organizations(straddle.ListOrganizationsParams{Name: "united"}))
	assert.Equal(t, 1, organizations(straddle.ListOrganizationsParams{ExternalID: "o-1"}))
	assert.Equal(t, 0, organizations(straddle.ListOrganizationsParams{ExternalID: "o-2"}))

	for _, account := range append(accounts, w.creds.Straddle.AccountID) {
		_, err := st.Representatives.Create(ctx, person(account))
		require.NoError(t, err)
	}
	people := func(p straddle.ListRepresentativesParams) int {
		page, err := st.Representatives.List(ctx, p)
		require.NoError(t, err)
		return len(page.Items)
	}
	const platform, other = "8b3e4c74-0a2f-4b77-9c3d-7f4a9e5a6d88", "11111111-1111-4111-8111-111111111111"
	assert.Equal(t, 4, people(straddle.ListRepresentativesParams{}))
	assert.Equal(t, 1, people(straddle.ListRepresentativesParams{AccountID: strings.ToUpper(accounts[0])}))
	assert.Equal(t, 3, people(straddle.ListRepresentativesParams{OrganizationID: organization.ID}))
	assert.Equal(t, 4, people(straddle.ListRepresentativesParams{PlatformID: platform, Level: "account"}))
	assert.Equal(t, 0, people(straddle.ListRepresentativesParams{PlatformID: other}))
	assert.Equal(t, 0, people(straddle.ListRepresentativesParams{Level: "platform"}))

	billing := bank("", routing)
	billing.Purposes = []straddle.LinkedBankAccountPurpose{"billing"}
	for _, b := range []straddle.CreateLinkedBankAccountRequest{billing, bank(accounts[0], routing), bank(accounts[1], routing)} {
		_, err := st.LinkedBankAccounts.Create(ctx, b)
		require.NoError(t, err)
	}
	_, err = st.Accounts.SimulateOnboarding(ctx, accounts[1], simulate("active"))
	require.NoError(t, err)
	banks := func(p straddle.ListLinkedBankAccountsParams) int {
		page, err := st.LinkedBankAccounts.List(ctx, p)
		require.NoError(t, err)
		return len(page.Items)
	}
	assert.Equal(t, 3, banks(straddle.ListLinkedBankAccountsParams{}))
	assert.Equal(t, 1, banks(straddle.ListLinkedBankAccountsParams{AccountID: accounts[0]}))
	assert.Equal(t, 1, banks(straddle.ListLinkedBankAccountsParams{Level: "platform"}))
	assert.Equal(t, 2, banks(straddle.ListLinkedBankAccountsParams{Level: "account"}))
	assert.Equal(t, 2, banks(straddle.ListLinkedBankAccountsParams{Purpose: "charges"}))
	assert.Equal(t, 3, banks(straddle.ListLinkedBankAccountsParams{Purpose: "billing"}))
	assert.Equal(t, 1, banks(straddle.ListLinkedBankAccountsParams{Status: "active"}))
}

// Calls of platforms take no account: one that is named all the same is noted, and hides nothing.
func TestPlatformCallsTakeNoAccount(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	h := with(bearer(w.creds.Straddle.APIKey), "Straddle-Account-Id", w.creds.Straddle.AccountID)
	made := w.json("/straddle/v1/organizations", h, object{"name": "Shops"})
	require.Equal(t, http.StatusCreated, made.status, made.text)
	found := w.do(http.MethodGet, "/straddle/v1/organizations/"+made.at("data", "id").(string), bearer(w.creds.Straddle.APIKey), "")
	assert.Equal(t, http.StatusOK, found.status, "it is not the account's")
	assert.Contains(t, w.sand.Calls()[0].Notes, "Straddle-Account-Id")
	listed := w.do(http.MethodGet, "/straddle/v1/organizations?name=shops", bearer(w.creds.Straddle.APIKey), "")
	assert.Len(t, listed.at("data"), 1)
	odd := w.json("/straddle/v1/organizations", with(bearer(w.creds.Straddle.APIKey), "Straddle-Account-Id", "nobody"), object{"name": "Shops"})
	assert.Equal(t, http.StatusCreated, odd.status)
}

// A write is carried out once under a key, and its answer comes again.
func TestPlatformReplay(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	h := with(bearer(w.creds.Straddle.APIKey), "Idempotency-Key", "0123456789")
	first := w.json("/straddle/v1/linked_bank_accounts", h, bank("", routing))
	again := w.json("/straddle/v1/linked_bank_accounts", h, bank("", routing))
	require.Equal(t, http.StatusCreated, first.status, first.text)
	assert.Equal(t, first.text, again.text)
	assert.Equal(t, "true", again.header.Get("Idempotent-Replayed"))
	assert.Equal(t, 1, w.sand.State().Counts["straddle.linked_bank_accounts"])
}

// A snapshot has all of it: the answers are the same, what was due comes, and an account that a call made is still one.
func TestPlatformSnapshot(t *testing.T) {
	t.Parallel()
	a := inMemory(t)
	st, ctx := a.straddle(), t.Context()
	organization, err := st.Organizations.Create(ctx, straddle.CreateOrganizationRequest{Name: "Shops"})
	require.NoError(t, err)
	account := a.account(st)
	representative, err := st.Representatives.Create(ctx, person(account.ID))
	require.NoError(t, err)
	linked, err := st.LinkedBankAccounts.Create(ctx, bank(account.ID, routing))
	require.NoError(t, err)
	_, err = st.Accounts.Onboard(ctx, account.ID, terms())
	require.NoError(t, err)
	_, err = st.CapabilityRequests.Create(ctx, account.ID, straddle.RequestCapabilityRequest{
		Charges: &straddle.ChargeCapabilityRequest{Enable: true, MaxAmount: "7", DailyAmount: "8", MonthlyAmount: "9", MonthlyCount: 10},
	})
	require.NoError(t, err)
	require.NoError(t, a.sand.Add(sandbox.Fixtures{Straddle: sandbox.StraddleFixtures{APIKeys: []sandbox.StraddleAPIKey{{APIKey: "sk_of_one", Accounts: []string{account.ID}}}}}))
	taken, err := a.sand.Snapshot()
	require.NoError(t, err)

	b := inMemory(t)
	require.NoError(t, b.sand.Restore(taken))
	b.creds = b.sand.Credentials()
	again, err := b.sand.Snapshot()
	require.NoError(t, err)
	assert.JSONEq(t, string(taken), string(again), "nothing is lost on the way")
	assert.Equal(t, a.sand.State().Straddle, b.sand.State().Straddle)
	_, err = b.straddle().ForAccount(account.ID).Bridge.Initialize(ctx, straddle.CreateBridgeTokenRequest{CustomerID: b.creds.Straddle.CustomerID})
	require.NoError(t, err)
	for _, w := range []*world{a, b} {
		require.NoError(t, w.sand.Clock().Advance(2*time.Minute))
	}
	for _, path := range []string{
		"organizations/" + organization.ID, "accounts/" + account.ID, "account_settings/" + account.ID, "representatives/" + representative.ID + "/unmask",
		"linked_bank_accounts/" + linked.ID + "/unmask", "accounts/" + account.ID + "/capability_requests", "accounts?sort_by=name",
	} {
		one, other := a.do(http.MethodGet, "/straddle/v1/"+path, bearer(a.creds.Straddle.APIKey), ""), b.do(http.MethodGet, "/straddle/v1/"+path, bearer(b.creds.Straddle.APIKey), "")
		require.Equal(t, http.StatusOK, one.status, one.text)
		assert.Equal(t, one.body["data"], other.body["data"], path)
	}
	settings, err := b.straddle().AccountSettings.Get(ctx, account.ID)
	require.NoError(t, err)
	assert.EqualValues(t, 7, settings.Charges.MaxAmount)

	for _, broken := range []string{`"business_profile":{`, `"capabilities":{`, `"settings":{`} {
		require.Contains(t, string(taken), broken)
		changed := strings.ReplaceAll(string(taken), broken, strings.Replace(broken, `":`, `_":`, 1))
		require.Error(t, b.sand.Restore([]byte(changed)), broken)
	}
}

// Customers are counted by status, as far as the call sees them.
func TestCustomerStatusTotals(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	var customers []sandbox.StraddleCustomer
	for i, status := range []straddle.CustomerStatus{"verified", "pending", "pending", "review", "inactive", "rejected", "rejected", "rejected"} {
		customers = append(customers, sandbox.StraddleCustomer{CustomerID: fmt.Sprintf("22222222-2222-4222-8222-%012d", i), Status: status, AccountID: w.creds.Straddle.AccountID})
	}
	require.NoError(t, w.sand.Add(sandbox.Fixtures{Straddle: sandbox.StraddleFixtures{Customers: customers}}))
	st := w.straddle()
	totals, err := st.Reports.CreateCustomerStatusTotals(t.Context()) //nolint:staticcheck // the older contract is tested as well
	require.NoError(t, err)
	assert.Equal(t, straddle.CustomerStatusTotals{Verified: 1}, *totals, "the demo customer is everyone's")
	totals, err = st.ForAccount(w.creds.Straddle.AccountID).Reports.CreateCustomerStatusTotals(t.Context()) //nolint:staticcheck // the older contract is tested as well
	require.NoError(t, err)
	assert.Equal(t, straddle.CustomerStatusTotals{Verified: 2, Pending: 2, Review: 1, Inactive: 1, Rejected: 3}, *totals)
}

// What an account's settings say holds for its payments.
func TestLimitsOfAnAccount(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	st, ctx := w.straddle(), t.Context()
	account := w.account(st)
	ask := func(r straddle.RequestCapabilityRequest) {
		_, err := st.CapabilityRequests.Create(ctx, account.ID, r)
		require.NoError(t, err)
		w.clock.advance(time.Minute)
	}
	own := st.ForAccount(account.ID)
	paykey, err := own.Bridge.CreateBankAccountPaykey(ctx, straddle.CreateBankAccountPaykeyRequest{
		CustomerID: w.creds.Straddle.CustomerID, RoutingNumber: routing, AccountNumber: accountNumber, AccountType: "checking",
		Config: &straddle.PaykeyConfiguration{SandboxOutcome: "active"},
	})
	require.NoError(t, err)
	charge := func() string {
		made, err := own.Charges.Create(ctx, straddle.CreateChargeRequest{
			Paykey: paykey.Paykey, Amount: 501, Currency: "USD", Description: "Order", ExternalID: "order", PaymentDate: "2026-01-06",
			ConsentType: "internet", Device: straddle.PaymentDevice{IPAddress: "203.0.113.7"}, Config: straddle.ChargeConfiguration{BalanceCheck: "disabled"},
		})
		require.NoError(t, err)
		w.clock.advance(10 * time.Second)
		made, err = own.Charges.Get(ctx, made.ID)
		require.NoError(t, err)
		return string(made.Status)
	}
	payout := func() string {
		made, err := own.Payouts.Create(ctx, straddle.CreatePayoutRequest{
			Paykey: paykey.Paykey, Amount: 501, Currency: "USD", Description: "Order", ExternalID: "order", PaymentDate: "2026-01-06",
			Device: straddle.PaymentDevice{IPAddress: "203.0.113.7"},
		})
		require.NoError(t, err)
		w.clock.advance(10 * time.Second)
		made, err = own.Payouts.Get(ctx, made.ID)
		require.NoError(t, err)
		return string(made.Status)
	}
	assert.Equal(t, "scheduled", charge())
	ask(straddle.RequestCapabilityRequest{Charges: &straddle.ChargeCapabilityRequest{Enable: true, MaxAmount: "500", DailyAmount: "100000", MonthlyAmount: "100000", MonthlyCount: 9}})
	assert.Equal(t, "on_hold", charge())
	assert.Equal(t, "scheduled", payout(), "payouts have limits of their own")
	ask(straddle.RequestCapabilityRequest{Charges: &straddle.ChargeCapabilityRequest{Enable: true, MaxAmount: "501", DailyAmount: "100000", MonthlyAmount: "100000", MonthlyCount: 9}})
	assert.Equal(t, "scheduled", charge())
	ask(straddle.RequestCapabilityRequest{Charges: &straddle.ChargeCapabilityRequest{MaxAmount: "1", DailyAmount: "1", MonthlyAmount: "1", MonthlyCount: 1}})
	assert.Equal(t, "scheduled", charge(), "what is switched off has no new limits")
}

// Where a simulation leads that says nothing is not in any document.
func TestSimulationWithoutAStatus(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	path := "/straddle/v1/accounts/" + w.account(w.straddle()).ID + "/simulate"
	w.do(http.MethodPost, path, bearer(w.creds.Straddle.APIKey), "").require(t, want{201, "inferred", `"status":"active"`})
	w.do(http.MethodPost, path+"?final_status=active", bearer(w.creds.Straddle.APIKey), "").require(t, want{201, "documented", `"status":"active"`})
}
