// Representatives: the people behind an account.

package straddle

import (
	"net/http"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

func (s *Fake) representativeHandlers() map[string]engine.Handler {
	return map[string]engine.Handler{
		"createRepresentative":      s.createRepresentative,
		"listRepresentatives":       s.listRepresentatives,
		"getRepresentative":         s.getRepresentative,
		"updateRepresentative":      s.updateRepresentative,
		"getUnmaskedRepresentative": s.getUnmaskedRepresentative,
	}
}

// representativeStages are where a representative begins; then it goes with its account. An update keeps the status.
var representativeStages = append([]stage{
	{"", "createRepresentative", "created", "new", "The representative was created"},
}, onboardingStages...)

func (s *Fake) createRepresentative(c *engine.Call) engine.Verdict {
	var request straddleapi.CreateRepresentativeRequest
	c.Decode(&request)
	account := s.account(request.AccountID)
	if account == nil {
		return unprocessable(c, "account_id is unknown", stItem{"account_id", "no such account"})
	}
	if lacksPercent(request.Relationship) {
		return percentMissing(c)
	}
	return engine.Accepted(func() engine.Answer {
		id := s.IDs.UUID()
		made := s.representatives.put(c, id, straddleapi.UnmaskedRepresentative{
			ID: id, AccountID: account.ID, FirstName: request.FirstName, LastName: request.LastName, DOB: request.DOB, SSNLast4: request.SSNLast4,
			Email: request.Email, MobileNumber: request.MobileNumber, Relationship: request.Relationship,
			ExternalID: request.ExternalID, Metadata: request.Metadata, CreatedAt: stampOf(c.Now),
		})
		s.moveRepresentative(c.Now, made, "createRepresentative")
		return engine.Answer{Status: http.StatusCreated, Data: maskedRepresentative(made.Value)}
	})
}

func (s *Fake) listRepresentatives(c *engine.Call) engine.Verdict {
	type row = straddleapi.UnmaskedRepresentative
	all := s.representatives.visible(c, func(r *resource[row]) bool {
		return is(c, "account_id", r.Value.AccountID) && is(c, "platform_id", platformID) && oneOf(c, "level", straddleapi.OwnerLevelAccount) &&
			is(c, "organization_id", s.organizationOf(r.Value.AccountID))
	})
	return listing(c, all, fieldsOf[row]{
		"first_name": func(r row) string { return r.FirstName },
		"last_name":  func(r row) string { return r.LastName },
		"status":     func(r row) string { return string(r.Status) },
		"created_at": func(r row) string { return string(r.CreatedAt) },
		"updated_at": func(r row) string { return string(r.UpdatedAt) },
	}, maskedRepresentative)
}

func (s *Fake) getRepresentative(c *engine.Call) engine.Verdict {
	return seen(c, s.representatives.find(c, c.Param("representative_id")), "representative", maskedRepresentative)
}

func (s *Fake) getUnmaskedRepresentative(c *engine.Call) engine.Verdict {
	return seen(c, s.representatives.find(c, c.Param("representative_id")), "representative", same)
}

func (s *Fake) updateRepresentative(c *engine.Call) engine.Verdict {
	var request straddleapi.UpdateRepresentativeRequest
	c.Decode(&request)
	found := s.representatives.find(c, c.Param("representative_id"))
	if found == nil {
		return notFound(c, "representative")
	}
	if lacksPercent(request.Relationship) {
		return percentMissing(c)
	}
	return engine.Accepted(func() engine.Answer {
		v := &found.Value
		v.FirstName, v.LastName, v.DOB, v.SSNLast4 = request.FirstName, request.LastName, request.DOB, request.SSNLast4
		v.Email, v.MobileNumber, v.Relationship = request.Email, request.MobileNumber, request.Relationship
		change(&v.ExternalID, request.ExternalID)
		change(&v.Metadata, request.Metadata)
		s.representativeChanged(c.Now, found)
		return engine.Answer{Status: http.StatusOK, Data: maskedRepresentative(found.Value)}
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
func (s *Fake) representativesOf(account string) (list []*resource[straddleapi.UnmaskedRepresentative]) {
	for _, r := range s.representatives.All() {
		if r.Value.AccountID == account {
			list = append(list, r)
		}
	}
	return list
}

// moveRepresentative puts a representative into the status that the table has, if it has one.
func (s *Fake) moveRepresentative(at time.Time, r *resource[straddleapi.UnmaskedRepresentative], by string) {
	if next, ok := stageFrom(representativeStages, by, r.Value.Status, r.Value.StatusDetail.Reason); ok {
		r.Value.Status = straddleapi.OnboardingStatus(next.to)
		r.Value.StatusDetail = straddleapi.RepresentativeStatusDetail(next.detail())
		s.representativeChanged(at, r)
	}
}

func (s *Fake) representativeChanged(at time.Time, r *resource[straddleapi.UnmaskedRepresentative]) {
	s.tell(at, "representative", &r.Value.UpdatedAt, func() any { return maskedRepresentative(r.Value) })
}

// maskedRepresentative is what all may see. The date of birth is part of it, as in the document.
func maskedRepresentative(r straddleapi.UnmaskedRepresentative) straddleapi.Representative {
	return straddleapi.Representative{
		ID: r.ID, AccountID: r.AccountID, UserID: r.UserID, Status: r.Status, StatusDetail: r.StatusDetail,
		Name: r.FirstName + " " + r.LastName, FirstName: r.FirstName, LastName: r.LastName, DOB: r.DOB, SSNLast4: "****",
		Email: r.Email, MobileNumber: r.MobileNumber, Phone: r.MobileNumber, Relationship: r.Relationship,
		ExternalID: r.ExternalID, Metadata: r.Metadata, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
}
