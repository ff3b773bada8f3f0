// The part of a snapshot that is Straddle's.

package straddle

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// saved is what a snapshot has of Straddle, besides the idempotency keys.
type saved struct {
	accounts []string
	apiKeys  []APIKey
	sessions []savedSession
	due      []due
}

type savedSession struct {
	Token engine.Digest `json:"token"`
	BridgeSession
}

func (s *saved) parts(more ...engine.Part) []engine.Part {
	return append([]engine.Part{
		engine.ListOf("accounts", &s.accounts, engine.FixtureLimit),
		engine.ListOf("api_keys", &s.apiKeys, engine.FixtureLimit),
		engine.ListOf("sessions", &s.sessions, bridgeLimit),
		engine.ListOf("due", &s.due, dueLimit),
	}, more...)
}

// Save returns what there is.
func (s *Fake) Save() []engine.Part {
	made := &saved{accounts: slices.Sorted(maps.Keys(s.accounts)), due: slices.Clone(s.agenda.list)}
	for _, k := range s.keys {
		key := APIKey{APIKey: k.value}
		if k.accounts != nil {
			key.Accounts = slices.Sorted(maps.Keys(k.accounts))
		}
		made.apiKeys = append(made.apiKeys, key)
	}
	slices.SortFunc(made.apiKeys, func(a, b APIKey) int { return strings.Compare(a.APIKey, b.APIKey) })
	for token, session := range s.sessions.All() {
		made.sessions = append(made.sessions, savedSession{token, *session})
	}
	more := append([]engine.Part{
		s.people.save("people"), s.paykeys.save("paykeys"), s.payments.save("payments"), s.funding.save("funding_events"), s.repeats.Save("repeats"),
	}, s.save()...)
	return made.parts(more...)
}

// firstOperation is the only one that keys in the first snapshots were for, which did not name it.
var firstOperation = spectest.Operation{Method: http.MethodPost, Path: "/v1/bridge/initialize"}

// Restore reads what Save wrote.
func (s *Fake) Restore() ([]engine.Part, func(r *engine.Restoring)) {
	read, customers := &saved{}, []Customer{}
	repeats, putRepeats := s.repeats.Restore("repeats", firstOperation)
	people, putPeople := s.people.restore("people", "/v1/customers/{id}/unmasked", func(r *person) any { return r.Value })
	paykeys, putPaykeys := s.paykeys.restore("paykeys", "/v1/paykeys/{id}/unmasked", func(p *resource[paykey]) any { return p.Value.UnmaskedPaykey })
	payments, putPayments := s.payments.restore("payments", "", nil)
	funding, putFunding := s.funding.restore("funding_events", "/v1/funding_events/{id}", func(e *resource[fundingEvent]) any { return e.Value.FundingEvent })
	platform, putPlatform := s.restore()
	first := engine.ListOf("customers", &customers, engine.FixtureLimit) // ids alone, in the snapshots of before they were whole
	return read.parts(append(platform, first, people, paykeys, payments, funding, repeats)...), func(r *engine.Restoring) {
		putPlatform(r)
		r.Add(func(a *engine.Adding) {
			s.Add(a, Fixtures{Accounts: read.accounts, APIKeys: read.apiKeys, Customers: customers})
		})
		putPeople(r)
		putPaykeys(r)
		putPayments(r)
		putFunding(r)
		s.restoredPayments(r)
		s.restored(r, read.due)
		for _, session := range read.sessions {
			s.sessions.Put(session.Token, &session.BridgeSession)
		}
		putRepeats(r, Name)
		if s.credentials.WebhookSecret == "" { // a snapshot of before there was one
			s.credentials.WebhookSecret = newSecret(s.IDs)
		}
		r.Require(signingKey(s.credentials.WebhookSecret) != nil, "credentials.straddle.webhook_secret", "must be whsec_ and base64 of 24 to 64 bytes")
		r.Require(s.keys[engine.DigestOf(s.credentials.APIKey)] != nil, "credentials.straddle", "must be in straddle")
	}
}

// save is the member of a snapshot with the resources of a kind, as they are now.
func (s shelf[T]) save(name string) engine.Part {
	list := make([]resource[T], 0, s.Len())
	for _, r := range s.All() {
		list = append(list, *r)
	}
	return engine.ListOf(name, &list, s.Len())
}

// restore is the member that save wrote, and what puts it in. A snapshot of before there was the kind has none. The view of a
// resource is what a path answers with, which holds to the document; nil is not looked at.
func (s shelf[T]) restore(name, path string, view func(*resource[T]) any) (engine.Part, func(r *engine.Restoring)) {
	var list []resource[T]
	return engine.ListOf(name, &list, engine.FixtureLimit), func(r *engine.Restoring) {
		r.Add(func(a *engine.Adding) {
			for i, one := range list {
				field := fmt.Sprintf("%s.%s[%d]", Name, name, i)
				a.UUID(field+".id", one.ID)
				a.Require(one.ID == engine.Lower(one.ID), field+".id", "must be in small letters")
				engine.PutBounded(a, s.Bounded, one.ID, &one, field+".id")
				if view == nil {
					continue
				}
				body := enveloped(&engine.Call{RequestID: one.ID}, view(&one))
				r.Answers(Name, spectest.Operation{Method: http.MethodGet, Path: path}, body, field)
			}
		})
	}
}

// dated reports whether a time, and what is not long after it, can become a date in an answer.
func dated(t time.Time) bool {
	year := t.UTC().Year()
	return year > 0 && year < 9999
}

// restored puts in what is due, and finds the paykeys by their tokens again.
func (s *Fake) restored(r *engine.Restoring, list []due) {
	known := s.happenings()
	for i, d := range list {
		r.Require(known[d.What] != nil, fmt.Sprintf("%s.due[%d].what", Name, i), "must be something that can happen")
		r.Require(dated(d.At), fmt.Sprintf("%s.due[%d].at", Name, i), "must be of the years 1 to 9998")
		s.agenda.add(d)
	}
	for id, one := range s.people.All() {
		r.Require(one.Value.ID == id && one.Value.Status.Valid(), Name+".people", "must be customers with an id and a status")
	}
	for id, p := range s.paykeys.All() {
		r.Require(p.Value.ID == id && p.Value.CustomerID != "" && p.Value.Status.Valid() && p.Value.StatusDetails != nil,
			Name+".paykeys", "must be paykeys of a customer, with an id and a status")
		s.tokens[engine.DigestOf(p.Value.Paykey)] = id
	}
}
