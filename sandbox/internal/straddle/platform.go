// What the resources of platforms have in common: organizations, accounts and what belongs to them. Their operations take
// no Straddle-Account-Id, so all of them are found by every key; their errors have an envelope of their own.

package straddle

import (
	"slices"
	"strings"
	"time"

	"github.com/oapi-codegen/nullable"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// platformID is the platform that every API key is of. The provider's contract has a platform_id and no operation that
// tells it.
const platformID = "8b3e4c74-0a2f-4b77-9c3d-7f4a9e5a6d88"

// platform is what platforms make. What pointers in it lead to is replaced, never changed: answers on their way out have it
// as well.
type platform struct {
	organizations   shelf[straddleapi.Organization]
	businesses      shelf[straddleapi.Account] // embedded accounts
	representatives shelf[straddleapi.UnmaskedRepresentative]
	bankAccounts    shelf[linkedBankAccount]
	capabilities    shelf[straddleapi.CapabilityRequest]
}

func newPlatform() platform {
	return platform{
		organizations: newShelf[straddleapi.Organization](), businesses: newShelf[straddleapi.Account](),
		representatives: newShelf[straddleapi.UnmaskedRepresentative](), bankAccounts: newShelf[linkedBankAccount](),
		capabilities: newShelf[straddleapi.CapabilityRequest](),
	}
}

// save is the members of a snapshot with what platforms have made.
func (p *platform) save() []engine.Part {
	return []engine.Part{
		p.organizations.save("organizations"), p.businesses.save("embedded_accounts"), p.representatives.save("representatives"),
		p.bankAccounts.save("linked_bank_accounts"), p.capabilities.save("capability_requests"),
	}
}

// restore is the members that save wrote, and what puts them in.
func (p *platform) restore() ([]engine.Part, func(r *engine.Restoring)) {
	organizations, putOrganizations := p.organizations.restore("organizations", "/v1/organizations/{organization_id}", asItIs[straddleapi.Organization])
	businesses, putBusinesses := p.businesses.restore("embedded_accounts", "/v1/accounts/{account_id}", asItIs[straddleapi.Account])
	representatives, putRepresentatives := p.representatives.restore("representatives", "/v1/representatives/{representative_id}/unmask", asItIs[straddleapi.UnmaskedRepresentative])
	bankAccounts, putBankAccounts := p.bankAccounts.restore("linked_bank_accounts", "", nil)
	capabilities, putCapabilities := p.capabilities.restore("capability_requests", "", nil)
	return []engine.Part{organizations, businesses, representatives, bankAccounts, capabilities}, func(r *engine.Restoring) {
		for _, put := range []func(r *engine.Restoring){putOrganizations, putBusinesses, putRepresentatives, putBankAccounts, putCapabilities} {
			put(r)
		}
		for _, a := range p.businesses.All() {
			r.Require(a.Value.BusinessProfile != nil && a.Value.Capabilities != nil && a.Value.Settings != nil, Name+".embedded_accounts",
				"must be accounts with a business, capabilities and settings")
		}
	}
}

// platformPaths are the first segments of the paths of platforms.
var platformPaths = []string{"organizations", "accounts", "representatives", "linked_bank_accounts", "account_settings"}

// isPlatform reports whether a call is of a platform, by the path of its operation.
func isPlatform(c *engine.Call) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(c.Path, "/v1/"), "/")
	return slices.Contains(platformPaths, first)
}

// stEmbedMeta is the meta of an error of a platform's call.
type stEmbedMeta struct {
	stMeta
	SortBy    string `json:"sort_by"`
	SortOrder string `json:"sort_order"`
}

// stage is a row of a table of transitions: what an operation makes of a resource in a status. The status stuck is
// onboarding with that reason.
type stage struct{ from, by, to, reason, message string }

// The operations in the tables that have a parameter for where they lead.
const (
	simulateOnboarding = "simulateAccountOnboarding?final_status=onboarding"
	simulateActive     = "simulateAccountOnboarding?final_status=active"
)

// onboardingStages move an account, its representatives and its linked bank accounts, all of them together. The provider
// does not say which reason goes with which status, nor from where a simulation may start: that is ours.
var onboardingStages = []stage{
	{"created", "onboardAccount", "onboarding", "in_review", "The onboarding is in review"},
	{"created", simulateOnboarding, "onboarding", "in_review", "The onboarding is in review"},
	{"onboarding", simulateOnboarding, "onboarding", "in_review", "The onboarding is in review"},
	{"stuck", simulateOnboarding, "onboarding", "in_review", "The onboarding is in review"},
	{"active", simulateOnboarding, "onboarding", "in_review", "The onboarding is in review"},
	{"created", simulateActive, "active", "verified", "Everything is in order"},
	{"onboarding", simulateActive, "active", "verified", "Everything is in order"},
	{"stuck", simulateActive, "active", "verified", "Everything is in order"},
	{"active", simulateActive, "active", "verified", "Everything is in order"},
}

// stageFrom returns the row of an operation for a status, and whether the table has one.
func stageFrom[S, R ~string](stages []stage, by string, status S, reason R) (stage, bool) {
	from := string(status)
	if reason == "stuck" {
		from = "stuck"
	}
	i := slices.IndexFunc(stages, func(s stage) bool { return s.by == by && s.from == from })
	if i < 0 {
		return stage{}, false
	}
	return stages[i], true
}

// detail is why something has its status.
func (t stage) detail() straddleapi.LinkedBankAccountStatusDetail {
	return straddleapi.LinkedBankAccountStatusDetail{
		Reason: straddleapi.OnboardingStatusReason(t.reason), Source: straddleapi.OnboardingStatusSourceWatchtower, Code: t.reason, Message: t.message,
	}
}

// tell records that something of an account has changed, which is when its updated is from now on, or that it was made.
func (s *Fake) tell(at time.Time, account, what string, updated *straddleapi.Timestamp, shown func() any) {
	made := *updated == ""
	*updated = stamp(at)
	if made {
		s.note(at, account, what+".created.v1", shown())
	}
	s.note(at, account, what+".event.v1", shown())
}

// notFrom refuses what the table of a resource does not have.
func notFrom[S ~string](c *engine.Call, what string, status S) engine.Verdict {
	return unprocessable(c, what+" is "+string(status)+": this cannot be done with it")
}

// change puts in what an update has; what it leaves out stays, and null clears.
func change[T any](to *T, with nullable.Nullable[T]) {
	if with.IsSpecified() {
		*to, _ = with.Get() // null is nothing
	}
}

// asItIs is the view of a resource that is answered as it is.
func asItIs[T any](r *resource[T]) any { return r.Value }
