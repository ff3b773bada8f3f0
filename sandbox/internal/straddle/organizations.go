// Organizations: groups of accounts.

package straddle

import (
	"net/http"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// demoOrganization is the organization of the accounts that no call has made.
const demoOrganization = "7a2d3b63-9f1e-4a66-8b2c-6e3f8d4f5c77"

type organization = resource[straddleapi.Organization]

func (s *Fake) organizationHandlers() map[string]engine.Handler {
	return map[string]engine.Handler{
		"createOrganization": s.createOrganization,
		"listOrganizations":  s.listOrganizations,
		"getOrganization":    onParam("organization_id", s.organization, "organization", reading(func(r *organization) any { return r.Value })),
	}
}

func (s *Fake) createOrganization(c *engine.Call) engine.Verdict {
	var made straddleapi.Organization
	c.Decode(&made) // what the request has, by the names that an organization has
	return doing(http.StatusCreated, func() any {
		made.ID, made.CreatedAt, made.UpdatedAt = s.IDs.UUID(), stamp(c.Now), stamp(c.Now)
		return s.organizations.put(c, made.ID, made).Value
	})
}

var (
	organizationFilters = filters[straddleapi.Organization]{
		"name":        has(func(o *straddleapi.Organization) []string { return []string{o.Name} }),
		"external_id": anyOf(func(o *straddleapi.Organization) string { return o.ExternalID }),
	}
	organizationOrders = orders[straddleapi.Organization]{
		"id":         by(func(o *straddleapi.Organization) string { return o.ID }),
		"name":       by(func(o *straddleapi.Organization) string { return o.Name }),
		"created_at": by(func(o *straddleapi.Organization) straddleapi.Timestamp { return o.CreatedAt }),
	}
)

func (s *Fake) listOrganizations(c *engine.Call) engine.Verdict {
	return engine.Accepted(func() engine.Answer {
		keep := organizationFilters.of(c)
		all := s.organizations.visible(c, keep)
		if demo := s.organization(c, demoOrganization); keep(demo) {
			all = append(all, demo)
		}
		return shownPage(c, all, organizationOrders, func(r *organization) straddleapi.Organization { return r.Value })
	})
}

// organization finds one that was made, or that of the accounts that no call has made.
func (s *Fake) organization(_ *engine.Call, id string) *organization {
	id = engine.Lower(id)
	if r, ok := s.organizations.Get(id); ok || id != demoOrganization {
		return r
	}
	return &organization{ID: id, Made: furnishedAt, Value: straddleapi.Organization{
		ID: id, Name: "Example Group", CreatedAt: stamp(furnishedAt), UpdatedAt: stamp(furnishedAt),
	}}
}
