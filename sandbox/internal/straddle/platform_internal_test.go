package straddle

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// leading is where operations lead from the statuses that they may start from.
type leading map[string]map[string]string

const bankBody = `{"bank_account":{"account_holder":"Example LLC","routing_number":"021000021","account_number":"123456789"}}`

// stagedFake is a fake with an account, a representative and a linked bank account of it.
type stagedFake struct {
	t      *testing.T
	fake   *Fake
	client *http.Client
	ids    map[string]string
}

func newStagedFake(t *testing.T) *stagedFake {
	t.Helper()
	e, err := engine.New(engine.Config{Providers: []engine.Provider{Provider()}, Now: time.Now})
	require.NoError(t, err)
	return stagedAt(t, e)
}

func stagedAt(t *testing.T, e *engine.Engine) *stagedFake {
	t.Helper()
	s := &stagedFake{t: t, fake: e.Fake(Name).(*Fake), client: &http.Client{Transport: engine.RoundTripper(e)}, ids: map[string]string{}}
	s.ids["account"] = s.make("accounts", `{"organization_id":"`+demoOrganization+`","account_type":"business","access_level":"standard","business_profile":{"name":"Example","website":"https://www.example.com"}}`)
	s.ids["person"] = s.make("representatives", `{"account_id":"`+s.ids["account"]+`","first_name":"Example","last_name":"Person","dob":"1980-01-31","ssn_last4":"6789","email":"person@example.com","mobile_number":"+12025550123","relationship":{"primary":true,"control":true,"owner":false}}`)
	s.ids["bank"] = s.make("linked_bank_accounts", strings.Replace(bankBody, "{", `{"account_id":"`+s.ids["account"]+`",`, 1))
	return s
}

// call sends a request, and returns the status and the data of the response.
func (s *stagedFake) call(method, path, body string) (int, any) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://sandbox/straddle/v1/"+path, strings.NewReader(body))
	require.NoError(s.t, err)
	r.Header.Set("Authorization", "Bearer "+pageKey)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := s.client.Do(r)
	require.NoError(s.t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	var read struct{ Data any }
	require.NoError(s.t, json.Unmarshal(text, &read), "%s", text)
	return response.StatusCode, read.Data
}

func (s *stagedFake) make(path, body string) string {
	s.t.Helper()
	status, data := s.call(http.MethodPost, path, body)
	require.Equal(s.t, http.StatusCreated, status)
	return data.(map[string]any)["id"].(string)
}

func (s *stagedFake) account() *straddleapi.Account { return &s.fake.account(s.ids["account"]).Value }

func (s *stagedFake) bank() *linkedBankAccount {
	r, _ := s.fake.bankAccounts.Get(s.ids["bank"])
	return &r.Value
}

// place puts all three into a status.
func (s *stagedFake) place(status string) {
	to := stage{to: status}
	if status == "stuck" {
		to = stage{to: "onboarding", reason: "stuck"}
	}
	to.enter(s.account())
	person, _ := s.fake.representatives.Get(s.ids["person"])
	person.Value.Status, person.Value.StatusDetail = straddleapi.OnboardingStatus(to.to), straddleapi.RepresentativeStatusDetail(to.detail())
	s.bank().Status, s.bank().StatusDetail = straddleapi.LinkedBankAccountStatus(to.to), to.detail()
}

// states are the statuses of the three, with /stuck where that is the reason.
func (s *stagedFake) states() map[string]string {
	person, _ := s.fake.representatives.Get(s.ids["person"])
	state := func(status, reason string) string {
		return strings.TrimSuffix(status+"/"+map[string]string{"stuck": "stuck"}[reason], "/")
	}
	account, bank := s.account(), s.bank()
	return map[string]string{
		"account": state(string(account.Status), string(account.StatusDetail.Reason)),
		"person":  state(string(person.Value.Status), string(person.Value.StatusDetail.Reason)),
		"bank":    state(string(bank.Status), string(bank.StatusDetail.Reason)),
	}
}

// What an operation makes of each status is what the tables say, and what they do not have is refused and changes nothing.
func TestOnboardingStages(t *testing.T) {
	t.Parallel()
	const (
		onboard  = "POST accounts/{account}/onboard"
		simulate = "POST accounts/{account}/simulate"
		update   = "PUT linked_bank_accounts/{bank}"
		cancel   = "PATCH linked_bank_accounts/{bank}/cancel"
	)
	bodies := map[string]string{onboard: `{"terms_of_service":{"accepted_date":"2026-01-05T10:00:00Z","agreement_url":null,"agreement_type":"embedded"}}`, update: bankBody}
	statuses := map[string][]string{
		"account": {"created", "onboarding", "stuck", "active", "rejected", "inactive"},
		"bank":    {"created", "onboarding", "stuck", "active", "rejected", "inactive", "canceled"},
	}
	everywhere := func(to string) map[string]string {
		return map[string]string{"created": to, "onboarding": to, "stuck": to, "active": to}
	}
	for what, operations := range map[string]leading{
		"account": {
			onboard:                               {"created": "onboarding"},
			simulate:                              everywhere("active"),
			simulate + "?final_status=active":     everywhere("active"),
			simulate + "?final_status=onboarding": everywhere("onboarding"),
		},
		"bank": {
			update: {"created": "created", "stuck": "onboarding"},
			cancel: {"created": "canceled"},
		},
	} {
		for operation, leads := range operations {
			for _, from := range statuses[what] {
				t.Run(operation+" from "+from, func(t *testing.T) {
					s := newStagedFake(t)
					s.place(from)
					before := s.states()
					method, path, _ := strings.Cut(strings.NewReplacer("{account}", s.ids["account"], "{bank}", s.ids["bank"]).Replace(operation), " ")
					status, _ := s.call(method, path, bodies[operation])
					to, allowed := leads[from]
					if !allowed {
						assert.Equal(t, http.StatusUnprocessableEntity, status)
						assert.Equal(t, before, s.states(), "nothing has changed")
						return
					}
					assert.Less(t, status, 300)
					assert.Equal(t, to, s.states()[what])
					if what == "account" {
						assert.Equal(t, map[string]string{"account": to, "person": to, "bank": to}, s.states(), "they go along")
					}
				})
			}
		}
	}
}

// The rows of the tables are well formed, and there is one for each status and operation.
func TestStages(t *testing.T) {
	t.Parallel()
	for name, table := range map[string][]stage{"account": accountStages, "representative": representativeStages, "bank": bankAccountStages} {
		seen := map[string]bool{}
		for _, row := range table {
			key := row.from + " " + row.by
			assert.False(t, seen[key], "%s: %s has two rows", name, key)
			seen[key] = true
			assert.NotEmpty(t, row.message, key)
			assert.True(t, straddleapi.OnboardingStatusReason(row.reason).Valid(), row.reason)
			assert.True(t, straddleapi.LinkedBankAccountStatus(row.to).Valid(), row.to)
		}
	}
}

func TestRoutingNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"021000021": true, "011401533": true, "021000022": false, "02100002": false, "0210000210": false, "02100002a": false, "": false} {
		assert.Equal(t, want, isRoutingNumber(text), text)
	}
}

// A capability request that is forgotten is not decided any more.
func TestForgottenCapabilityRequests(t *testing.T) {
	t.Parallel()
	s := newStagedFake(t)
	status, _ := s.call(http.MethodPost, "accounts/"+s.ids["account"]+"/capability_requests", `{"internet":{"enable":false}}`)
	require.Equal(t, http.StatusCreated, status)
	require.Len(t, s.fake.agenda.list, 1)
	for range shelfLimit {
		s.fake.capabilities.Put(s.fake.IDs.UUID(), &capability{})
	}
	assert.Empty(t, s.fake.agenda.list)
	s.fake.decideCapability(s.ids["account"], time.Now()) // there is none
}
