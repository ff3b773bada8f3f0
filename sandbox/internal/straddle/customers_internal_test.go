package straddle

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	api "github.com/fintoken/fintoken-go/wrappers/straddle"
)

// Every outcome by every method: what the response has, and what the customer is once the checks are over.
func TestCustomerOutcomes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		outcome straddleapi.SimulatedCustomerOutcome
		method  straddleapi.PaykeyProcessingMode
		first   straddleapi.CustomerStatus
		last    straddleapi.CustomerStatus
	}{
		{"", "", "pending", "review"},
		{"standard", "", "pending", "review"},
		{"standard", "inline", "review", "review"},
		{"standard", "background", "pending", "review"},
		{"standard", "skip", "verified", "verified"},
		{"verified", "", "verified", "verified"},
		{"verified", "inline", "verified", "verified"},
		{"verified", "background", "pending", "verified"},
		{"review", "", "review", "review"},
		{"review", "background", "pending", "review"},
		{"review", "skip", "review", "review"},
		{"rejected", "", "rejected", "rejected"},
		{"rejected", "background", "pending", "rejected"},
	} {
		t.Run(fmt.Sprint(tt.outcome, " ", tt.method), func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			request := somebody("a@example.com")
			if tt.outcome != "" {
				request.Config = &straddleapi.CustomerConfiguration{SandboxOutcome: tt.outcome, ProcessingMethod: tt.method}
			}
			made, err := w.Customers.Create(w.ctx, request)
			require.NoError(t, err)
			assert.Equal(t, tt.first, made.Status)
			assert.Equal(t, request.Config, made.Config)
			want := []string{"customer.created.v1 " + string(tt.first) + " 0s", "customer.event.v1 " + string(tt.first) + " 0s"}
			assert.Equal(t, want, w.events())

			w.advance(checksTake - 1)
			assert.Empty(t, w.events(), "not yet")
			w.advance(time.Hour)
			if tt.first == tt.last {
				assert.Empty(t, w.events())
			} else {
				assert.Equal(t, []string{"customer.event.v1 " + string(tt.last) + " 5s"}, w.events(), "when it was due, not when it was looked at")
			}
			got, err := w.Customers.Get(w.ctx, made.ID)
			require.NoError(t, err)
			assert.Equal(t, tt.last, got.Status)
			if tt.first != tt.last {
				assert.Equal(t, straddleapi.TimestampOf(noon.Add(checksTake)), got.UpdatedAt)
			}
			assert.Equal(t, straddleapi.TimestampOf(noon), got.CreatedAt)
		})
	}
}

// Every status with everything that may be done to it.
func TestCustomerMoves(t *testing.T) {
	t.Parallel()
	all := []straddleapi.CustomerStatus{"pending", "review", "verified", "rejected", "inactive"}
	for _, from := range all {
		t.Run(string(from), func(t *testing.T) {
			t.Parallel()
			w := newTown(t)
			made := func() string {
				id := w.fake().IDs.UUID()
				w.add(Fixtures{Customers: []Customer{{CustomerID: id, Status: from}}})
				return id
			}
			for _, to := range []straddleapi.CustomerVerificationDecision{"verified", "rejected"} {
				id := made()
				got, err := w.Customers.SetVerificationDecision(w.ctx, id, straddleapi.SetCustomerVerificationDecisionRequest{Status: to})
				if from != "review" {
					w.refused(err, 422, "Only a customer in review")
					kept, err := w.Customers.Get(w.ctx, id)
					require.NoError(t, err)
					assert.Equal(t, from, kept.Status)
					continue
				}
				require.NoError(t, err)
				assert.EqualValues(t, to, got.Status)
				assert.Equal(t, []string{"customer.event.v1 " + string(to) + " 0s"}, w.events())
			}
			for _, to := range all {
				got, err := w.Customers.Update(w.ctx, made(), straddleapi.UpdateCustomerRequest{
					Name: "Example", Email: string(to) + "@example.com", Phone: "+12025550123", Status: to,
					Device: straddleapi.CustomerDevice{IPAddress: "203.0.113.7"},
				})
				require.NoError(t, err)
				assert.Equal(t, to, got.Status)
				assert.Equal(t, []string{"customer.event.v1 " + string(to) + " 0s"}, w.events())
			}
			id := made()
			got, err := w.Customers.RefreshReview(w.ctx, id)
			require.NoError(t, err)
			assert.Equal(t, from, got.Status, "the response comes before the checks")
			assert.Empty(t, w.events())
			w.advance(checksTake)
			if from == "inactive" {
				assert.Empty(t, w.events(), "checks do not bring it back")
			} else {
				assert.Equal(t, []string{"customer.event.v1 review 5s"}, w.events())
			}
		})
	}
}

// What is decided while the checks run stays, and checks that are asked for twice are made once.
func TestCustomerChecksEnd(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	decided, updated := w.customer("a@example.com", "review"), w.customer("b@example.com", "review")
	again, gone := w.customer("c@example.com", "rejected"), w.customer("d@example.com", "rejected")
	for _, c := range []*straddleapi.Customer{decided, updated, again, again, gone} {
		_, err := w.Customers.RefreshReview(w.ctx, c.ID)
		require.NoError(t, err)
	}
	_, err := w.Customers.SetVerificationDecision(w.ctx, decided.ID, straddleapi.SetCustomerVerificationDecisionRequest{Status: "verified"})
	require.NoError(t, err)
	_, err = w.Customers.Update(w.ctx, updated.ID, straddleapi.UpdateCustomerRequest{
		Name: "Example", Email: "b@example.com", Phone: "+12025550123", Status: "verified", Device: straddleapi.CustomerDevice{IPAddress: "203.0.113.7"},
	})
	require.NoError(t, err)
	_, err = w.Customers.Delete(w.ctx, gone.ID)
	require.NoError(t, err)
	assert.Len(t, w.fake().agenda.list, 1)
	w.events()
	w.advance(time.Hour)
	assert.Equal(t, []string{"customer.event.v1 rejected 5s"}, w.events())
	assert.Empty(t, w.fake().agenda.list)

	pending, err := w.Customers.Create(w.ctx, somebody("e@example.com"))
	require.NoError(t, err)
	_, err = w.Customers.Update(w.ctx, pending.ID, straddleapi.UpdateCustomerRequest{
		Name: "Example", Email: "e@example.com", Phone: "+12025550123", Status: "pending", Device: straddleapi.CustomerDevice{IPAddress: "203.0.113.7"},
	})
	require.NoError(t, err)
	assert.Len(t, w.fake().agenda.list, 1, "pending is not the end of the checks")
}

func TestCustomerMasks(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	person := somebody("p@example.com")
	secretPerson := api.UnmaskedComplianceProfileOf(straddleapi.UnmaskedIndividualComplianceProfile{SSN: "987-65-4321", DOB: "1979-12-30"})
	person.ComplianceProfile, person.ExternalID, person.Metadata = &secretPerson, "mine", map[string]string{"order": "77"}
	person.Address = &straddleapi.CustomerAddress{Address1: "7 Hidden Street", City: "Springfield", State: "IL", Zip: "62701"}
	business := somebody("b@example.com")
	business.Type = api.CustomerTypeBusiness
	secretBusiness := api.UnmaskedComplianceProfileOf(straddleapi.UnmaskedBusinessComplianceProfile{
		EIN: "98-7654321", LegalBusinessName: "Example LLC", Website: "https://example.com",
		Representatives: []straddleapi.BusinessCustomerRepresentative{{Name: "Example Person"}},
	})
	business.ComplianceProfile = &secretBusiness

	one, err := w.Customers.Create(w.ctx, person)
	require.NoError(t, err)
	two, err := w.Customers.Create(w.ctx, business)
	require.NoError(t, err)
	assert.Equal(t, &straddleapi.ComplianceProfile{SSN: "***-**-****", DOB: "****-**-**"}, one.ComplianceProfile)
	assert.Equal(t, "**.**.**.**", one.Device.IPAddress)
	assert.Equal(t, person.Address, one.Address)
	assert.Equal(t, person.Metadata, one.Metadata)
	assert.Equal(t, "mine", one.ExternalID)
	assert.Equal(t, "**-*******", two.ComplianceProfile.EIN)
	assert.Equal(t, "Example LLC", two.ComplianceProfile.LegalBusinessName)
	assert.Len(t, two.ComplianceProfile.Representatives, 1)

	got, err := w.Customers.Get(w.ctx, one.ID)
	require.NoError(t, err)
	assert.Equal(t, one, got)
	for id, request := range map[string]straddleapi.CreateCustomerRequest{one.ID: person, two.ID: business} {
		whole, err := w.Customers.GetUnmasked(w.ctx, id)
		require.NoError(t, err)
		assert.Equal(t, request.ComplianceProfile, whole.ComplianceProfile)
		assert.Equal(t, request.Device, *whole.Device)
	}
	for i, event := range w.e.Events() {
		data := fits[straddleapi.CustomerEvent](t, event.Data)
		assert.Equal(t, "**.**.**.**", data.Device.IPAddress)
		if i < 2 {
			assert.Equal(t, "7 Hidden Street", data.Address.Address1)
			assert.Equal(t, "77", *data.Metadata["order"])
			assert.Equal(t, &straddleapi.ComplianceProfileEvent{SSN: "***-**-****", DOB: "****-**-**"}, data.ComplianceProfile)
		}
	}
	var state any
	w.e.State(noon, func(_ string, s any) { state = s })
	dump, err := json.Marshal([]any{state, w.e.FindCalls(engine.CallFilter{}), w.e.Events()})
	require.NoError(t, err)
	for _, hidden := range []string{"987-65-4321", "98-7654321", "1979-12-30", "203.0.113.7"} {
		assert.NotContains(t, string(dump), hidden)
	}
	assert.Equal(t, Customer{CustomerID: two.ID, Status: "pending"}, state.(State).Customers[0], "the newest first")
}

func TestCustomerUpdateReplaces(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	request := somebody("a@example.com")
	profile := api.UnmaskedComplianceProfileOf(straddleapi.UnmaskedIndividualComplianceProfile{SSN: "987-65-4321", DOB: "1979-12-30"})
	request.ComplianceProfile, request.ExternalID, request.Metadata = &profile, "mine", map[string]string{"order": "77"}
	request.Address = &straddleapi.CustomerAddress{Address1: "7 Hidden Street", City: "Springfield", State: "IL", Zip: "62701"}
	request.Config = &straddleapi.CustomerConfiguration{SandboxOutcome: "verified"}
	made, err := w.Customers.Create(w.ctx, request)
	require.NoError(t, err)
	w.advance(time.Minute)
	update := straddleapi.UpdateCustomerRequest{
		Name: "Another Name", Email: "b@example.com", Phone: "+12025550199", Status: "inactive", Device: straddleapi.CustomerDevice{IPAddress: "198.51.100.9"},
	}
	update.Metadata.SetNull()
	_, err = w.Customers.Update(w.ctx, made.ID, update)
	require.NoError(t, err)
	got, err := w.Customers.GetUnmasked(w.ctx, made.ID)
	require.NoError(t, err)
	assert.Equal(t, &straddleapi.UnmaskedCustomer{
		ID: made.ID, Type: made.Type, Config: made.Config, CreatedAt: made.CreatedAt, UpdatedAt: straddleapi.TimestampOf(noon.Add(time.Minute)),
		Name: update.Name, Email: update.Email, Phone: update.Phone, Status: "inactive", Device: &update.Device,
	}, got)
}

func TestCustomerDelete(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	made := w.customer("a@example.com", "verified")
	p := w.paykey(made.ID, "123456789", "active")
	w.events()
	gone, err := w.Customers.Delete(w.ctx, made.ID)
	require.NoError(t, err)
	assert.Equal(t, made, gone)
	_, err = w.Customers.Get(w.ctx, made.ID)
	w.refused(err, 404, "no such customer")
	_, err = w.Customers.Delete(w.ctx, made.ID)
	w.refused(err, 404, "no such customer")
	_, err = w.Bridge.Initialize(w.ctx, straddleapi.CreateBridgeTokenRequest{CustomerID: made.ID})
	w.refused(err, 422, "no such customer")
	review, err := w.Paykeys.GetReview(w.ctx, p.ID)
	require.NoError(t, err)
	assert.Empty(t, review.VerificationDetails.Breakdown.NameMatch.CustomerName)
	assert.NotEqual(t, made.ID, w.customer("A@Example.com", "verified").ID, "the address is free")
}

func TestCustomerEmailOnce(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	a := w.customer("a@example.com", "verified")
	w.events()
	_, err := w.Customers.Create(w.ctx, somebody("A@EXAMPLE.com"))
	w.refused(err, 422, "another customer has it")
	_, err = w.Customers.Create(w.ctx, somebody("a@example.com"), rest.AccountID(acctA))
	w.refused(err, 422, "another customer has it")
	_, err = w.Customers.Create(w.ctx, somebody("b@example.com"), rest.AccountID(acctA))
	require.NoError(t, err)
	_, err = w.Customers.Create(w.ctx, somebody("b@example.com"), rest.AccountID(acctB))
	require.NoError(t, err, "another account does not see it")
	_, err = w.Customers.Create(w.ctx, somebody("b@example.com"))
	require.NoError(t, err)

	again, err := w.Customers.Create(w.ctx, somebody("c@example.com"), rest.IdempotencyKey("0123456789"))
	require.NoError(t, err)
	replay, err := w.Customers.Create(w.ctx, somebody("c@example.com"), rest.IdempotencyKey("0123456789"))
	require.NoError(t, err, "the same call again")
	assert.Equal(t, again, replay)
	assert.NotEqual(t, a.ID, again.ID)
}

func TestCustomerReviews(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for status, decision := range map[straddleapi.CustomerStatus]straddleapi.VerificationDecision{
		"verified": "accept", "inactive": "accept", "review": "review", "rejected": "reject", "pending": "",
	} {
		id := w.fake().IDs.UUID()
		w.add(Fixtures{Customers: []Customer{{CustomerID: id, Status: status}}})
		got, err := w.Customers.GetReview(w.ctx, id)
		require.NoError(t, err)
		assert.Equal(t, status, got.CustomerDetails.Status)
		assert.Equal(t, "***-**-****", got.CustomerDetails.ComplianceProfile.SSN)
		if decision == "" {
			assert.Nil(t, got.IdentityDetails)
			continue
		}
		assert.Equal(t, decision, got.IdentityDetails.Decision)
		assert.Equal(t, decision, got.IdentityDetails.Breakdown.Synthetic.Decision)
		assert.Nil(t, got.IdentityDetails.Breakdown.BusinessEvaluation)
		assert.Equal(t, decision == "accept", *got.IdentityDetails.KYC.Validations.SSN)
		again, err := w.Customers.GetReview(w.ctx, id)
		require.NoError(t, err)
		assert.Equal(t, got, again, "the id of the review stays")
	}
	business := somebody("b@example.com")
	business.Type, business.Config = api.CustomerTypeBusiness, &straddleapi.CustomerConfiguration{SandboxOutcome: "verified"}
	made, err := w.Customers.Create(w.ctx, business)
	require.NoError(t, err)
	got, err := w.Customers.GetReview(w.ctx, made.ID)
	require.NoError(t, err)
	assert.NotNil(t, got.IdentityDetails.Breakdown.BusinessEvaluation)
}

func TestCustomerList(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	names := map[string]string{} // by id
	for i, name := range []string{"Carla Beispiel", "anna muster", "Bob Ejemplo"} {
		request := somebody(fmt.Sprintf("%c@example.com", 'a'+i))
		request.Name, request.ExternalID = name, fmt.Sprint("order-", i)
		request.Config = &straddleapi.CustomerConfiguration{SandboxOutcome: []straddleapi.SimulatedCustomerOutcome{"verified", "review", "rejected"}[i]}
		if i == 2 {
			request.Type = api.CustomerTypeBusiness
		}
		made, err := w.Customers.Create(w.ctx, request, rest.AccountID(acctA))
		require.NoError(t, err)
		names[made.ID] = strings.ToLower(name[:1])
		w.advance(time.Minute)
	}
	names[pageID] = "demo"
	for want, params := range map[string]api.ListCustomersParams{
		"b c demo a": {},
		"a demo c b": {SortOrder: api.SortOrderDesc},
		"demo c a b": {SortBy: api.CustomerSortByCreatedAt},
		"b a c demo": {SortBy: api.CustomerSortByCreatedAt, SortOrder: api.SortOrderDesc},
		"a b":        {SortBy: api.CustomerSortByCreatedAt, CreatedFrom: straddleapi.TimestampOf(noon.Add(time.Minute))},
		"demo c":     {SortBy: api.CustomerSortByCreatedAt, CreatedTo: straddleapi.TimestampOf(noon)},
		"c":          {Name: "BEI"},
		"a":          {ExternalID: "order-1"},
		"b":          {Email: "C@example.com"},
		"c demo":     {Status: []straddleapi.CustomerStatus{"verified"}},
		"b a":        {Status: []straddleapi.CustomerStatus{"review", "rejected"}},
		"b ":         {Types: []straddleapi.CustomerType{"business"}},
		"b c a":      {SearchText: "ORDER-"},
		"a ":         {SearchText: "b@example"},
		"demo a":     {PageNumber: 2, PageSize: 2},
		"":           {PageNumber: 3, PageSize: 2},
		" ":          {Email: "example.com"},
	} {
		page, err := w.Customers.List(w.ctx, params, rest.AccountID(acctA))
		require.NoError(t, err)
		var got []string
		for _, row := range page.Items {
			got = append(got, names[row.ID])
		}
		assert.Equal(t, strings.Fields(want), append([]string{}, got...), "%+v", params)
	}
	page, err := w.Customers.List(w.ctx, api.ListCustomersParams{}, rest.AccountID(acctB))
	require.NoError(t, err)
	assert.Len(t, page.Items, 1, "the demo customer is everyone's, the others are another account's")
	fixtures := Fixtures{}
	for range 1200 {
		fixtures.Customers = append(fixtures.Customers, Customer{CustomerID: w.fake().IDs.UUID(), AccountID: acctB})
	}
	w.add(fixtures)
	var n int
	for _, err := range w.Customers.All(w.ctx, api.ListCustomersParams{PageSize: 1000}, rest.AccountID(acctB)) {
		require.NoError(t, err)
		n++
	}
	assert.Equal(t, 1201, n)
}
