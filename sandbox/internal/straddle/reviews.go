// Reviews: what the checks of customers and of bank accounts have found.

package straddle

import (
	"encoding/json"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// customerDecisions are what the checks say of a customer with a status. In the provider's sandbox they were seen to accept
// also one who was rejected on demand; here they say what the status does. While they run there are none.
var customerDecisions = map[straddleapi.CustomerStatus]straddleapi.VerificationDecision{
	customerReview:                     straddleapi.VerificationDecisionReview,
	customerVerified:                   straddleapi.VerificationDecisionAccept,
	straddleapi.CustomerStatusInactive: straddleapi.VerificationDecisionAccept,
	customerRejected:                   straddleapi.VerificationDecisionReject,
}

// customerReviewed is a customer with what the checks found.
func customerReviewed(r *person) any {
	review := straddleapi.CustomerReview{CustomerDetails: maskedPerson(r)}
	decision, checked := customerDecisions[r.Value.Status]
	if !checked {
		return review
	}
	one := func() *straddleapi.IdentityVerificationBreakdown { return breakdown(decision) }
	found := straddleapi.IdentityVerificationBreakdowns{Address: one(), Email: one(), Fraud: one(), Phone: one(), Synthetic: one()}
	if r.Value.Type == straddleapi.CustomerTypeBusiness {
		found.BusinessIdentification, found.BusinessValidation, found.BusinessEvaluation = one(), one(), one()
	}
	ok := decision == straddleapi.VerificationDecisionAccept
	review.IdentityDetails = &straddleapi.CustomerIdentityVerification{
		ReviewID: engine.UUIDOf("review of " + r.ID), Decision: decision, Breakdown: found, CreatedAt: r.Value.CreatedAt, UpdatedAt: r.Value.UpdatedAt,
		NetworkAlerts: &straddleapi.IdentityVerificationAlerts{Decision: decision},
		WatchList:     &straddleapi.IdentityVerificationWatchlist{Decision: decision},
		KYC: &straddleapi.CustomerKYCVerification{Decision: decision, Validations: straddleapi.CustomerKYCValidations{
			FirstName: &ok, LastName: &ok, Address: &ok, City: &ok, State: &ok, Zip: &ok, Phone: &ok, DOB: &ok, SSN: &ok, Email: &ok,
		}},
	}
	return review
}

// scores are the risk, and how well the data fit together, that a check says along with a decision.
var scores = map[straddleapi.VerificationDecision]struct {
	risk, correlation json.Number
	bucket            straddleapi.CorrelationBucket
}{
	straddleapi.VerificationDecisionAccept: {"0.05", "0.98", straddleapi.CorrelationBucketHighConfidence},
	straddleapi.VerificationDecisionReview: {"0.5", "0.5", straddleapi.CorrelationBucketPotentialMatch},
	straddleapi.VerificationDecisionReject: {"0.95", "0.02", straddleapi.CorrelationBucketLowConfidence},
}

func breakdown(decision straddleapi.VerificationDecision) *straddleapi.IdentityVerificationBreakdown {
	score := scores[decision]
	return &straddleapi.IdentityVerificationBreakdown{Decision: decision, RiskScore: &score.risk, CorrelationScore: &score.correlation, Correlation: score.bucket}
}

// paykeyDecisions are what the checks say of a paykey with a status. While they run there are none.
var paykeyDecisions = map[straddleapi.PaykeyStatus]straddleapi.PaykeyVerificationResult{
	paykeyActive:   straddleapi.PaykeyVerificationResultAccept,
	paykeyInactive: straddleapi.PaykeyVerificationResultAccept,
	paykeyBlocked:  straddleapi.PaykeyVerificationResultAccept,
	paykeyReview:   straddleapi.PaykeyVerificationResultReview,
	paykeyRejected: straddleapi.PaykeyVerificationResultReject,
}

// paykeyReviewed is a paykey with what its verification found.
func (s *Fake) paykeyReviewed(p *resource[paykey]) any {
	review := straddleapi.PaykeyReview{PaykeyDetails: maskedPaykey(p)}
	decision, checked := paykeyDecisions[p.Value.Status]
	if !checked {
		return review
	}
	score := scores[straddleapi.VerificationDecision(decision)]
	names := &straddleapi.AccountNameMatchDetails{Decision: decision, CorrelationScore: &score.correlation, Codes: []string{}}
	if customer := s.customerOf(p); customer != nil {
		names.CustomerName = customer.Value.Name
		names.MatchedName, names.NamesOnAccount = names.CustomerName, []string{names.CustomerName}
	}
	review.VerificationDetails = &straddleapi.PaykeyVerificationDetails{
		ID: engine.UUIDOf("review of " + p.ID), Decision: decision, Messages: map[string]string{}, CreatedAt: p.Value.CreatedAt, UpdatedAt: p.Value.UpdatedAt,
		Breakdown: straddleapi.PaykeyVerificationBreakdown{
			NameMatch:         names,
			AccountValidation: &straddleapi.AccountValidationDetails{Decision: decision, Codes: []string{}},
		},
	}
	return review
}
