// Representatives: the people behind an account.

package straddle

import (
	"net/http"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

type representative = resource[straddleapi.UnmaskedRepresentative]

func (s *Fake) representativeHandlers() map[string]engine.Handler {
	on := func(then func(*engine.Call, *representative) engine.Verdict) engine.Handler {
		return onParam("representative_id", s.representatives.find, "representative", then)
	}
	return map[string]engine.Handler{
		"createRepresentative":      s.createRepresentative,
		"listRepresentatives":       s.listRepresentatives,
		"getRepresentative":         on(reading(maskedRepresentative)),
		"updateRepresentative":      on(s.updateRepresentative),
		"getUnmaskedRepresentative": on(reading(func(r *representative) any { return r.Value })), // every key is an administrator's
	}
}

// representativeStages are where a representative begins; then it goes with its account. An update keeps the status.
var representativeStages = append([]stage{
	{"", "createRepresentative", "created", "new", "The representative was created"},
}, onboardingStages...)

// createRepresentative takes what the request has, by the names that a representative has.
func (s *Fake) createRepresentative(c *engine.Call) engine.Verdict {
	var made straddleapi.UnmaskedRepresentative
	c.Decode(&made)
	account := s.account(made.AccountID)
	if account == nil {
		return unprocessable(c, "account_id is unknown", stItem{"account_id", "no such account"})
	}
	if lacksPercent(made.Relationship) {
		return percentMissing(c)
	}
	return doing(http.StatusCreated, func() any {
		made.ID, made.AccountID, made.CreatedAt = s.IDs.UUID(), account.ID, stamp(c.Now)
		r := s.representatives.put(c, made.ID, made)
		s.moveRepresentative(c.Now, r, "createRepresentative")
		return maskedRepresentative(r)
	})
}

// representativeOrders are what representatives can be ordered by.
var representativeOrders = orders[straddleapi.UnmaskedRepresentative]{
	"id":         by(func(r *straddleapi.UnmaskedRepresentative) string { return r.ID }),
	"first_name": by(func(r *straddleapi.UnmaskedRepresentative) string { return r.FirstName }),
	"last_name":  by(func(r *straddleapi.UnmaskedRepresentative) string { return r.LastName }),
	"status":     by(func(r *straddleapi.UnmaskedRepresentative) straddleapi.OnboardingStatus { return r.Status }),
	"created_at": by(func(r *straddleapi.UnmaskedRepresentative) straddleapi.Timestamp { return r.CreatedAt }),
}

func (s *Fake) listRepresentatives(c *engine.Call) engine.Verdict {
	keep := filters[straddleapi.UnmaskedRepresentative]{
		"account_id":  anyOf(func(r *straddleapi.UnmaskedRepresentative) string { return r.AccountID }),
		"platform_id": anyOf(func(*straddleapi.UnmaskedRepresentative) string { return platformID }),
		"level":       anyOf(func(*straddleapi.UnmaskedRepresentative) straddleapi.OwnerLevel { return straddleapi.OwnerLevelAccount }),
		"organization_id": anyOf(func(r *straddleapi.UnmaskedRepresentative) string {
			if account := s.account(r.AccountID); account != nil {
				return account.Value.OrganizationID
			}
			return "" // the account was forgotten
		}),
	}
	return engine.Accepted(func() engine.Answer {
		return shownPage(c, s.representatives.visible(c, keep.of(c)), representativeOrders, maskedRepresentative)
	})
}

func (s *Fake) updateRepresentative(c *engine.Call, r *representative) engine.Verdict {
	var request straddleapi.UpdateRepresentativeRequest
	c.Decode(&request)
	if lacksPercent(request.Relationship) {
		return percentMissing(c)
	}
	return doing(http.StatusOK, func() any {
		v := &r.Value
		v.FirstName, v.LastName, v.DOB, v.SSNLast4 = request.FirstName, request.LastName, request.DOB, request.SSNLast4
		v.Email, v.MobileNumber, v.Relationship = request.Email, request.MobileNumber, request.Relationship
		change(&v.ExternalID, request.ExternalID)
		change(&v.Metadata, request.Metadata)
		s.representativeChanged(c.Now, r)
		return maskedRepresentative(r)
	})
}

// lacksPercent reports whether an owner is without the share that is owned, which the document requires in words.
func lacksPercent(r straddleapi.RepresentativeRelationship) bool {
	return r.Owner && r.PercentOwnership == nil
}

func percentMissing(c *engine.Call) engine.Verdict {
	return unprocessable(c, "relationship.percent_ownership is required of an owner", stItem{"relationship.percent_ownership", "is required of an owner"})
}

// representativesOf returns those of an account.
func (s *Fake) representativesOf(account string) (list []*representative) {
	for _, r := range s.representatives.All() {
		if r.Value.AccountID == account {
			list = append(list, r)
		}
	}
	return list
}

// moveRepresentative puts a representative into the status that the table has, if it has one.
func (s *Fake) moveRepresentative(at time.Time, r *representative, by string) {
	if next, ok := stageFrom(representativeStages, by, r.Value.Status, r.Value.StatusDetail.Reason); ok {
		r.Value.Status = straddleapi.OnboardingStatus(next.to)
		r.Value.StatusDetail = straddleapi.RepresentativeStatusDetail(next.detail())
		s.representativeChanged(at, r)
	}
}

func (s *Fake) representativeChanged(at time.Time, r *representative) {
	s.tell(at, r.Value.AccountID, "representative", &r.Value.UpdatedAt, func() any { return maskedRepresentative(r) })
}

// maskedRepresentative is what all may see. The date of birth is part of it, as in the document.
func maskedRepresentative(of *representative) any {
	r := of.Value
	return straddleapi.Representative{
		ID: r.ID, AccountID: r.AccountID, UserID: r.UserID, Status: r.Status, StatusDetail: r.StatusDetail,
		Name: r.FirstName + " " + r.LastName, FirstName: r.FirstName, LastName: r.LastName, DOB: r.DOB, SSNLast4: "****",
		Email: r.Email, MobileNumber: r.MobileNumber, Phone: r.MobileNumber, Relationship: r.Relationship,
		ExternalID: r.ExternalID, Metadata: r.Metadata, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}
