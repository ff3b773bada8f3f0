// Customers: the people and businesses that pay or are paid, and the checks of their identity.

package straddle

import (
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

func newPeople() shelf[straddleapi.UnmaskedCustomer] {
	return shelf[straddleapi.UnmaskedCustomer]{engine.NewBounded[string, *resource[straddleapi.UnmaskedCustomer]](engine.FixtureLimit)}
}

// furnishedAt is since when there have been the customers of fixtures.
var furnishedAt = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// furnished returns a customer of whom nothing is known but an id and perhaps an account and a status.
func furnished(id, account string, status straddleapi.CustomerStatus) *resource[straddleapi.UnmaskedCustomer] {
	if status == "" {
		status = customerVerified
	}
	var profile straddleapi.UnmaskedComplianceProfile
	_ = profile.FromUnmaskedIndividualComplianceProfile(straddleapi.UnmaskedIndividualComplianceProfile{SSN: "123-45-6789", DOB: "1980-01-31"}) // texts alone
	return &resource[straddleapi.UnmaskedCustomer]{ID: id, Account: account, Made: furnishedAt, Value: straddleapi.UnmaskedCustomer{
		ID: id, Name: "Example Person", Type: straddleapi.CustomerTypeIndividual, Email: id + "@example.com", Phone: "+12025550123",
		Status: status, CreatedAt: straddleapi.TimestampOf(furnishedAt), UpdatedAt: straddleapi.TimestampOf(furnishedAt),
		Address:           &straddleapi.CustomerAddress{Address1: "1 Example Street", City: "Springfield", State: "IL", Zip: "62701"},
		ComplianceProfile: &profile, Device: &straddleapi.CustomerDevice{IPAddress: "203.0.113.7"},
	}}
}
