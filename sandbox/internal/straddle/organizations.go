// Organizations: groups of accounts.

package straddle

import (
	"net/http"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// demoOrganization is the organization of the accounts that no call has made.
const demoOrganization = "7a2d3b63-9f1e-4a66-8b2c-6e3f8d4f5c77"

func (s *Fake) organizationHandlers() map[string]engine.Handler {
	return map[string]engine.Handler{
		"createOrganization": s.createOrganization,
		"listOrganizations":  s.listOrganizations,
		"getOrganization":    s.getOrganization,
	}
}

func (s *Fake) createOrganization(c *engine.Call) engine.Verdict {
	var request straddleapi.CreateOrganizationRequest
	c.Decode(&request)
	return engine.Accepted(func() engine.Answer {
		id := s.IDs.UUID()
		made := s.organizations.put(c, id, straddleapi.Organization{
			ID: id, Name: request.Name, ExternalID: request.ExternalID, Metadata: request.Metadata,
			CreatedAt: stampOf(c.Now), UpdatedAt: stampOf(c.Now),
		})
		return engine.Answer{Status: http.StatusCreated, Data: made.Value}
	})
}

func (s *Fake) listOrganizations(c *engine.Call) engine.Verdict {
	keep := func(r *resource[straddleapi.Organization]) bool {
		return within(c, "name", r.Value.Name) && is(c, "external_id", r.Value.ExternalID)
	}
	all := s.organizations.visible(c, keep)
	if demo := s.organization(demoOrganization); keep(demo) {
		all = append(all, demo)
	}
	return listing(c, all, fieldsOf[straddleapi.Organization]{
		"name":        func(o straddleapi.Organization) string { return o.Name },
		"external_id": func(o straddleapi.Organization) string { return o.ExternalID },
		"created_at":  func(o straddleapi.Organization) string { return string(o.CreatedAt) },
		"updated_at":  func(o straddleapi.Organization) string { return string(o.UpdatedAt) },
	}, same)
}

func (s *Fake) getOrganization(c *engine.Call) engine.Verdict {
	return seen(c, s.organization(c.Param("organization_id")), "organization", same)
}

// organization finds one that was made, or that of the accounts that no call has made.
func (s *Fake) organization(id string) *resource[straddleapi.Organization] {
	if r, ok := s.organizations.Get(engine.Lower(id)); ok || engine.Lower(id) != demoOrganization {
		return r
	}
	return &resource[straddleapi.Organization]{ID: demoOrganization, Value: straddleapi.Organization{
		ID: demoOrganization, Name: "Example Group", CreatedAt: stampOf(furnishedAt), UpdatedAt: stampOf(furnishedAt),
	}}
}
