// Customers: the people and businesses that pay or are paid, and the checks of their identity.

package straddle

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// Short names of the statuses.
const (
	customerPending  = straddleapi.CustomerStatusPending
	customerReview   = straddleapi.CustomerStatusReview
	customerVerified = straddleapi.CustomerStatusVerified
	customerRejected = straddleapi.CustomerStatusRejected
)

// customerMoves is what may become of a customer, whom a call makes pending or as the checks decided. Which statuses an update may set is unknown: here it may set all.
var customerMoves = []move[straddleapi.CustomerStatus]{
	{from: checkedCustomers, by: byTime, to: decidedCustomers},
	{from: only(customerReview), by: "setCustomerVerificationDecision", to: []straddleapi.CustomerStatus{customerVerified, customerRejected}},
	{from: nil, by: "updateCustomer", to: append(only(straddleapi.CustomerStatusInactive), checkedCustomers...)},
}

// Some statuses together: those that checks end with, and those that follow from checks, which inactive does not.
var (
	decidedCustomers = []straddleapi.CustomerStatus{customerReview, customerVerified, customerRejected}
	checkedCustomers = append(only(customerPending), decidedCustomers...)
)

// customerChecks are the checks of a customer, which are due.
const customerChecks = "customer checks"

func (s *Fake) customerHandlers() map[string]engine.Handler {
	const what = "customer"
	return map[string]engine.Handler{
		"createCustomer":                  s.createCustomer,
		"listCustomers":                   s.listCustomers,
		"getCustomer":                     on(s.people, what, reading(maskedCustomer)),
		"getUnmaskedCustomer":             on(s.people, what, reading(func(r *person) any { return r.Value })), // allow_data_unmask is on in the sandbox
		"updateCustomer":                  on(s.people, what, s.updateCustomer),
		"deleteCustomer":                  on(s.people, what, s.deleteCustomer),
		"getCustomerReview":               on(s.people, what, reading(customerReviewed)),
		"setCustomerVerificationDecision": on(s.people, what, s.decideCustomer),
		"refreshCustomerReview":           on(s.people, what, s.refreshCustomer),
	}
}

// createCustomer takes what the request has, by the names that a customer has. The setting allow_duplicate_email is off in the
// sandbox.
func (s *Fake) createCustomer(c *engine.Call) engine.Verdict {
	var made straddleapi.UnmaskedCustomer
	c.Decode(&made)
	if s.emailTaken(c, made.Email) {
		return unprocessable(c, "Another customer has this e-mail address", stItem{"email", "another customer has it"})
	}
	return doing(http.StatusCreated, func() any {
		made.ID, made.CreatedAt = s.IDs.UUID(), straddleapi.TimestampOf(c.Now.UTC())
		outcome, later := customerOutcome(made.Config)
		if made.Status = outcome; later {
			made.Status = customerPending
			s.agenda.add(due{c.Now.Add(checksTake), customerChecks, made.ID})
		}
		r := s.people.put(c, made.ID, made)
		s.customerChanged(c.Now, r, "customer.created.v1", "customer.event.v1")
		return maskedCustomer(r)
	})
}

func (s *Fake) emailTaken(c *engine.Call, email string) bool {
	email = engine.Lower(email)
	for _, r := range s.people.All() {
		if sees(c, r.Account) && len(r.Value.Email) == len(email) && engine.Lower(r.Value.Email) == email {
			return true
		}
	}
	return false
}

// customerOutcome returns what the checks of a customer end with, and whether later. A standard customer, whom nobody knows,
// was seen to end in review.
func customerOutcome(config *straddleapi.CustomerConfiguration) (outcome straddleapi.CustomerStatus, later bool) {
	if config == nil {
		config = &straddleapi.CustomerConfiguration{}
	}
	standard := config.SandboxOutcome == "" || config.SandboxOutcome == straddleapi.SimulatedCustomerOutcomeStandard
	switch {
	case !standard:
		outcome = straddleapi.CustomerStatus(config.SandboxOutcome)
	case config.ProcessingMethod == straddleapi.PaykeyProcessingModeSkip:
		outcome = customerVerified
	default:
		outcome = customerReview
	}
	return outcome, checkedLater(config.ProcessingMethod, standard)
}

// updateCustomer replaces all but what a request cannot have. The pages say that it may start the checks again; it does not
// here, and ends those that are running unless the customer stays pending.
func (s *Fake) updateCustomer(c *engine.Call, r *person) engine.Verdict {
	var next straddleapi.UnmaskedCustomer
	c.Decode(&next)
	if find(customerMoves, r.Value.Status, "updateCustomer", next.Status) == nil {
		return unprocessable(c, "The customer cannot get this status", stItem{"status", "cannot be set"})
	}
	return doing(http.StatusOK, func() any {
		old := r.Value
		next.ID, next.Type, next.Config, next.CreatedAt = old.ID, old.Type, old.Config, old.CreatedAt
		if r.Value = next; next.Status != customerPending {
			s.agenda.drop(customerChecks, r.ID)
		}
		s.customerChanged(c.Now, r, "customer.event.v1")
		return maskedCustomer(r)
	})
}

// deleteCustomer leaves the paykeys of the customer as they are, and tells of nothing: no page says otherwise.
func (s *Fake) deleteCustomer(_ *engine.Call, r *person) engine.Verdict {
	return doing(http.StatusOK, func() any {
		s.people.Drop(r.ID)
		s.agenda.drop(customerChecks, r.ID)
		return maskedCustomer(r)
	})
}

func (s *Fake) decideCustomer(c *engine.Call, r *person) engine.Verdict {
	var request straddleapi.SetCustomerVerificationDecisionRequest
	c.Decode(&request)
	to := straddleapi.CustomerStatus(request.Status)
	if find(customerMoves, r.Value.Status, c.Operation.ID, to) == nil {
		return unprocessable(c, "Only a customer in review can be decided")
	}
	return doing(http.StatusOK, func() any {
		s.moveCustomer(c.Now, r, c.Operation.ID, to)
		return maskedCustomer(r)
	})
}

func (s *Fake) refreshCustomer(c *engine.Call, r *person) engine.Verdict {
	return doing(http.StatusAccepted, func() any {
		s.agenda.drop(customerChecks, r.ID)
		s.agenda.add(due{c.Now.Add(checksTake), customerChecks, r.ID})
		return maskedCustomer(r)
	})
}

// customerChecked is what happens when the checks are over.
func (s *Fake) customerChecked(id string, at time.Time) {
	if r, ok := s.people.Get(id); ok {
		outcome, _ := customerOutcome(r.Value.Config)
		s.moveCustomer(at, r, byTime, outcome)
	}
}

// moveCustomer gives a customer another status, if the table of moves has it. Checks that are running end by that.
func (s *Fake) moveCustomer(at time.Time, r *person, by string, to straddleapi.CustomerStatus) {
	if find(customerMoves, r.Value.Status, by, to) != nil {
		r.Value.Status = to
		s.agenda.drop(customerChecks, r.ID)
		s.customerChanged(at, r, "customer.event.v1")
	}
}

// customerChanged notes that a customer has changed, and tells of it.
func (s *Fake) customerChanged(at time.Time, r *person, kinds ...string) {
	r.Value.UpdatedAt = straddleapi.TimestampOf(at.UTC())
	for _, kind := range kinds {
		s.note(at, r.Account, kind, customerEvent(r))
	}
}

// listCustomers lists by name unless the call says otherwise, as it was seen.
func (s *Fake) listCustomers(c *engine.Call) engine.Verdict {
	status, types, within := among[straddleapi.CustomerStatus](c, "status"), among[straddleapi.CustomerType](c, "types"), created(c)
	name, text, external, email := containing(c, "name"), containing(c, "search_text"), equal(c, "external_id"), equal(c, "email")
	list := s.people.visible(c, func(r *person) bool {
		v := &r.Value
		return status(v.Status) && types(v.Type) && within(r.Made) && name(v.Name) && external(v.ExternalID) && email(v.Email) &&
			text(v.Name, v.Email, v.Phone, v.ExternalID, v.ID)
	})
	by := cmp.Or(c.R.URL.Query().Get("sort_by"), string(straddleapi.CustomerSortByName))
	slices.SortStableFunc(list, func(a, b *person) int {
		if by == string(straddleapi.CustomerSortByCreatedAt) {
			return a.Made.Compare(b.Made)
		}
		return cmp.Compare(a.Value.Name, b.Value.Name)
	})
	rows := make([]straddleapi.CustomerSummary, len(list))
	for i, r := range list {
		v := &r.Value
		rows[i] = straddleapi.CustomerSummary{
			ID: v.ID, Name: v.Name, Type: v.Type, Email: v.Email, Phone: v.Phone, ExternalID: v.ExternalID, Status: v.Status,
			CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
		}
	}
	return engine.Accepted(func() engine.Answer { return pageOf(c, rows, by) })
}

// maskedCustomer is a customer as most calls see it.
func maskedCustomer(r *person) any { return maskedPerson(r) }

func maskedPerson(r *person) straddleapi.Customer {
	v := &r.Value
	masked := straddleapi.Customer{
		ID: v.ID, Name: v.Name, Type: v.Type, Email: v.Email, Phone: v.Phone, ExternalID: v.ExternalID, Status: v.Status,
		CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt, Address: v.Address, ComplianceProfile: maskedProfile(v.ComplianceProfile),
		Metadata: v.Metadata, Config: v.Config,
	}
	if v.Device != nil {
		masked.Device = &straddleapi.MaskedCustomerDevice{IPAddress: maskedIP}
	}
	return masked
}

// customerEvent is what events tell of a customer: what is masked, without the configuration.
func customerEvent(r *person) straddleapi.CustomerEvent {
	v, profile := &r.Value, maskedProfile(r.Value.ComplianceProfile)
	e := straddleapi.CustomerEvent{
		ID: v.ID, Name: v.Name, Type: v.Type, Email: v.Email, Phone: v.Phone, ExternalID: v.ExternalID, Status: v.Status,
		CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt, Metadata: eventMetadata(v.Metadata),
		Device: straddleapi.MaskedCustomerDevice{IPAddress: maskedIP},
	}
	if v.Address != nil {
		address := straddleapi.AddressEvent(*v.Address)
		e.Address = &address
	}
	if profile != nil {
		e.ComplianceProfile = &straddleapi.ComplianceProfileEvent{
			SSN: profile.SSN, DOB: profile.DOB, EIN: profile.EIN, LegalBusinessName: profile.LegalBusinessName, Website: profile.Website,
		}
	}
	return e
}

// person is a customer, with all personal data. What its pointers lead to is replaced, never changed: answers on their way out
// have it as well.
type person = resource[straddleapi.UnmaskedCustomer]

func newPeople() shelf[straddleapi.UnmaskedCustomer] {
	return shelf[straddleapi.UnmaskedCustomer]{engine.NewBounded[string, *person](engine.FixtureLimit)}
}

// furnishedAt is since when there have been the customers of fixtures.
var furnishedAt = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// furnished returns a customer of whom nothing is known but an id and perhaps an account and a status.
func furnished(id, account string, status straddleapi.CustomerStatus) *person {
	if status == "" {
		status = customerVerified
	}
	var profile straddleapi.UnmaskedComplianceProfile
	_ = profile.FromUnmaskedIndividualComplianceProfile(straddleapi.UnmaskedIndividualComplianceProfile{SSN: "123-45-6789", DOB: "1980-01-31"}) // texts alone
	return &person{ID: id, Account: account, Made: furnishedAt, Value: straddleapi.UnmaskedCustomer{
		ID: id, Name: "Example Person", Type: straddleapi.CustomerTypeIndividual, Email: id + "@example.com", Phone: "+12025550123",
		Status: status, CreatedAt: straddleapi.TimestampOf(furnishedAt), UpdatedAt: straddleapi.TimestampOf(furnishedAt),
		Address:           &straddleapi.CustomerAddress{Address1: "1 Example Street", City: "Springfield", State: "IL", Zip: "62701"},
		ComplianceProfile: &profile, Device: &straddleapi.CustomerDevice{IPAddress: "203.0.113.7"},
	}}
}
