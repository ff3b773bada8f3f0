// Restoring a snapshot: it is built and checked aside, and takes the place of the state in one step or not at all.

package sandbox

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Restore is [Sandbox.RestoreFrom] for what [Sandbox.Snapshot] returned.
func (s *Sandbox) Restore(data []byte) error { return s.RestoreFrom(bytes.NewReader(data)) }

// RestoreFrom reads a snapshot and puts it in place of all that the providers remember, with its credentials, clock
// and faults. The time between the two does not count. It fails with an [InvalidError], and changes nothing, when the
// snapshot is of another version, was cut short, or does not hold together; another error is one of from. Options stay
// those of this Sandbox, and so does the journal.
func (s *Sandbox) RestoreFrom(from io.Reader) error {
	saved, err := readSnapshot(from)
	if err != nil {
		return err
	}
	s.swap.Lock()
	defer s.swap.Unlock()
	r := restoring{sandbox: s, config: s.config, random: saved.Random}
	r.config.seed = nil
	fa, fg, st := r.finAPI(saved.FinAPI), r.finogates(saved.Finogates), r.straddle(saved.Straddle)
	draws := r.source("faults")
	faults := r.faults(saved.Faults, saved.FaultsMade)
	r.require(s.clock.reaches(saved.Clock.Now), "clock.now", "must be at most a hundred years away")
	r.credentials(saved.Credentials, fa, fg, st)
	if r.err != nil {
		return r.err
	}
	s.state.Store(s.newState(saved.Credentials, fa, fg, st))
	s.rules.replace(faults, saved.FaultsMade, draws)
	s.clock.restore(saved.Clock)
	return nil
}

// restoring collects the first thing that is wrong with a snapshot.
type restoring struct {
	sandbox *Sandbox
	config  config
	random  map[string][]byte
	err     error
}

func (r *restoring) require(holds bool, field, rule string) {
	if !holds && r.err == nil {
		r.err = invalid("snapshot."+field, "%s", rule)
	}
}

// source returns the ids of a purpose, which go on from where they were.
func (r *restoring) source(purpose string) *ids {
	state, seeded := r.random[purpose]
	if !seeded {
		return r.config.source(purpose)
	}
	ids, err := sourceAt(state)
	r.require(err == nil, "random."+purpose, "must be the state of a source")
	return ids
}

// add checks fixtures as Add does, and puts them where they belong.
func (r *restoring) add(fixtures func(a *adding)) {
	a := adding{more: map[uintptr]int{}}
	fixtures(&a)
	if a.err != nil && r.err == nil {
		r.err = fmt.Errorf("snapshot: %w", a.err)
	}
	if r.err != nil {
		return
	}
	for _, put := range a.puts {
		put()
	}
}

func (r *restoring) finAPI(saved finSnapshot) *finAPIFake {
	f := emptyFinAPI(r.config, r.source("finapi"))
	fixtures := FinAPIFixtures{Clients: saved.Clients}
	for _, u := range saved.Users {
		fixtures.Users = append(fixtures.Users, u.FinAPIUser)
	}
	r.add(func(a *adding) { a.finAPI(f, fixtures) })
	if r.err != nil {
		return f
	}
	for i, u := range saved.Users {
		r.require(u.Failures >= 0 && u.Failures <= failureLimit, fmt.Sprintf("finapi.users[%d].failures", i), "must be between 0 and a million")
		f.users[lower(u.Username)].failures = u.Failures
	}
	grants := make([]*finGrant, len(saved.Grants))
	for i, g := range saved.Grants {
		grants[i] = r.grant(f, fmt.Sprintf("finapi.grants[%d]", i), g)
	}
	for i, old := range saved.Retired {
		ok := old.Grant >= 0 && old.Grant < len(grants) && grants[old.Grant] != nil
		r.require(ok, fmt.Sprintf("finapi.retired[%d].grant", i), "must be the index of a grant")
		if ok {
			f.tokens.retired.put(old.Token, retiredToken{grants[old.Grant], old.At})
		}
	}
	return f
}

func (r *restoring) grant(f *finAPIFake, field string, saved finSavedGrant) *finGrant {
	owner := finOwner{client: f.clients[saved.Client], user: f.users[saved.User]}
	r.require(owner.client != nil, field+".client", "must be a client")
	r.require(saved.User == "" || owner.user != nil, field+".user", "must be a user")
	_, twice := f.tokens.grants.get(owner)
	r.require(!twice, field, "is the second of its client and user")
	if r.err != nil {
		return nil
	}
	g := &finGrant{finOwner: owner, access: saved.Access.lifetime(), refresh: saved.Refresh.lifetime()}
	f.tokens.grants.put(owner, g)
	for _, token := range []lifetime{g.access, g.refresh} {
		if token.value == "" {
			continue
		}
		_, there := f.tokens.byToken[digestOf(token.value)]
		r.require(bearerForm.MatchString(token.value) && !there, field, "must have tokens of its own")
		f.tokens.byToken[digestOf(token.value)] = g
	}
	return g
}

func (r *restoring) finogates(saved fgSnapshot) *finogatesFake {
	f := emptyFinogates(r.source("finogates"))
	fixtures := FinogatesFixtures{Users: saved.Users}
	for i, t := range saved.Tenants {
		fixtures.Tenants = append(fixtures.Tenants, r.tenant(fmt.Sprintf("finogates.tenants[%d].clients", i), t.Clients))
	}
	r.add(func(a *adding) { a.finogates(f, fixtures, "") })
	for i, b := range saved.Bearers {
		client := f.clients[b.Client]
		r.require(client != nil, fmt.Sprintf("finogates.bearers[%d].client", i), "must be a client")
		f.bearers.put(b.Token, fgBearer{client, b.Ends})
	}
	for _, e := range saved.Embeds {
		f.embeds.put(e.Token, &e.EmbedToken)
	}
	return f
}

// tenant tells the clients of a tenant apart by their ids.
func (r *restoring) tenant(field string, clients map[string]string) FinogatesTenant {
	var t FinogatesTenant
	for id, secret := range clients {
		switch {
		case strings.HasPrefix(id, testPrefix) && t.ClientID == "":
			t.ClientID, t.ClientSecret = id, secret
		case strings.HasPrefix(id, livePrefix) && t.LiveClientID == "":
			t.LiveClientID, t.LiveClientSecret = id, secret
		default:
			r.require(false, field, "must hold one client for the sandbox, one for production, or both")
		}
	}
	return t
}

func (r *restoring) straddle(saved stSnapshot) *straddleFake {
	s := emptyStraddle(r.source("straddle"))
	r.add(func(a *adding) {
		a.straddle(s, StraddleFixtures{Accounts: saved.Accounts, APIKeys: saved.APIKeys, Customers: saved.Customers})
	})
	for _, session := range saved.Sessions {
		s.sessions.put(session.Token, &session.BridgeSession)
	}
	for i, k := range saved.Repeats {
		r.require(r.repeatable(k), fmt.Sprintf("straddle.repeats[%d]", i), "must have an answer that holds to straddle.yaml")
		s.repeats.records.put(scope{k.APIKey, k.Account, k.Key}, &record{
			fingerprint: k.Fingerprint, made: k.Made, finished: true,
			answer: answer{
				status: k.Status, refused: k.Refused, requestID: k.RequestID, inferred: k.Inferred, header: k.Header, repeats: k.Body,
			},
		})
	}
	return s
}

// repeatable reports whether an earlier answer can be given again: what goes out is held against the spec, and an answer
// that breaks it would be a failure of the sandbox, later.
func (r *restoring) repeatable(k stSavedRepeat) bool {
	for name, values := range k.Header {
		bad := slices.ContainsFunc(values, func(v string) bool { return !headerValue(v) })
		if bad || !headerName(name) || slices.Contains(framing, http.CanonicalHeaderKey(name)) {
			return false
		}
	}
	spec := r.sandbox.checkers["straddle"]
	operation, _ := spec.Request(&http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/straddle/v1/bridge/initialize"}}, nil)
	header := k.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return k.Status >= 200 && k.Status <= 599 && spec.Response(operation, nil, k.Status, header, k.Body) == nil
}

// faults checks rules as AddFault does; what they have counted stays.
func (r *restoring) faults(saved []Fault, made int) []Fault {
	seen := map[string]bool{}
	for i, f := range saved {
		plain := f
		plain.ID = ""
		number, numbered := strings.CutPrefix(f.ID, faultPrefix)
		n, _ := strconv.Atoi(number)
		ok := r.sandbox.checkFault(&plain) == nil && numbered && n > 0 && n <= made && !seen[f.ID]
		r.require(ok && f.Seen >= f.Fired && f.Fired >= 0 && !f.used(), fmt.Sprintf("faults[%d]", i), "is not a rule that Faults lists")
		seen[f.ID] = true
	}
	return saved
}

// credentials must open what they are for: they are what a person is told.
func (r *restoring) credentials(c Credentials, fa *finAPIFake, fg *finogatesFake, st *straddleFake) {
	v1, v2 := fa.clients[c.FinAPI.ClientID], fa.clients[c.FinAPI.V2ClientID]
	r.require(v1 != nil && v2 != nil && fa.users[lower(c.FinAPI.Username)] != nil, "credentials.finapi", "must be in finapi")
	r.require(fg.clients[c.Finogates.ClientID] != nil, "credentials.finogates", "must be in finogates")
	r.require(st.keys[digestOf(c.Straddle.APIKey)] != nil, "credentials.straddle", "must be in straddle")
}
