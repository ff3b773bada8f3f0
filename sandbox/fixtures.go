// More clients, users, tenants, accounts and customers than the demo ones.

package sandbox

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// fixtureLimit is how many of each kind a Sandbox takes, and how many end users a tenant of Finogates has.
const fixtureLimit = 10_000

// Fixtures are what [Sandbox.Add] puts into a Sandbox beside the demo credentials.
type Fixtures struct {
	FinAPI    FinAPIFixtures    `json:"finapi,omitzero"`
	Finogates FinogatesFixtures `json:"finogates,omitzero"`
	Straddle  StraddleFixtures  `json:"straddle,omitzero"`
}

// FinAPIFixtures are clients and users of finAPI. Every client knows every user.
type FinAPIFixtures struct {
	Clients []FinAPIClient `json:"clients,omitempty"`
	Users   []FinAPIUser   `json:"users,omitempty"`
}

// FinAPIClient is a client of finAPI.
type FinAPIClient struct {
	ClientID     string `json:"client_id"`     // 1 to 45 characters
	ClientSecret string `json:"client_secret"` // 1 to 255 characters
	APIVersion   string `json:"api_version"`   // V1 or V2, the version it is bound to
}

// FinAPIUser is a user of finAPI.
type FinAPIUser struct {
	Username   string `json:"username"`             // 1 to 36 of a-z, A-Z, 0-9, - _ . + @; capitals make no difference
	Password   string `json:"password"`             // 6 to 128 characters
	Unverified bool   `json:"unverified,omitempty"` // gets a 403 until VerifyFinAPIUser
	Locked     bool   `json:"locked,omitempty"`     // gets a 423 until ChangeFinAPIPassword
}

// FinogatesFixtures are tenants of Finogates and end users of tenants.
type FinogatesFixtures struct {
	Tenants []FinogatesTenant `json:"tenants,omitempty"`
	Users   []FinogatesUser   `json:"users,omitempty"`
}

// FinogatesTenant is a tenant, with a client for the sandbox, one for production, or both.
type FinogatesTenant struct {
	ClientID         string `json:"client_id,omitempty"` // begins with fg_test_cl_, 12 to 120 characters
	ClientSecret     string `json:"client_secret,omitempty"`
	LiveClientID     string `json:"live_client_id,omitempty"` // begins with fg_live_cl_; works at the host api.finogates.com or live.localhost
	LiveClientSecret string `json:"live_client_secret,omitempty"`
}

// FinogatesUser is an end user of a tenant.
type FinogatesUser struct {
	Tenant            string   `json:"tenant,omitempty"` // a client id of the tenant; empty is the demo tenant
	UserID            string   `json:"user_id"`          // a UUID
	CardProcessingIDs []string `json:"card_processing_ids,omitempty"`
	Inactive          bool     `json:"inactive,omitempty"` // is not found, as if there were none
}

// StraddleFixtures are API keys, embedded accounts and customers of Straddle.
type StraddleFixtures struct {
	Accounts  []string           `json:"accounts,omitempty"` // 1 to 255 characters of visible ASCII: UUIDs, or acct_…
	APIKeys   []StraddleAPIKey   `json:"api_keys,omitempty"`
	Customers []StraddleCustomer `json:"customers,omitempty"`
}

// StraddleAPIKey is an API key.
type StraddleAPIKey struct {
	APIKey   string   `json:"api_key"`            // 1 to 255 characters of visible ASCII; spaces inside are allowed
	Accounts []string `json:"accounts,omitempty"` // those it may act for; none means all
}

// StraddleCustomer is a customer.
type StraddleCustomer struct {
	CustomerID string `json:"customer_id"`          // a UUID
	AccountID  string `json:"account_id,omitempty"` // the account that has it; empty means that every call finds it
}

// Add puts clients, users and the like into the Sandbox, all of them or none. It fails with an [InvalidError] that names
// the field when one is malformed, is there already, or is a magic value.
func (s *Sandbox) Add(f Fixtures) error {
	s.swap.Lock()
	defer s.swap.Unlock()
	st := s.state.Load()
	st.finAPI.mu.Lock()
	defer st.finAPI.mu.Unlock()
	st.finogates.mu.Lock()
	defer st.finogates.mu.Unlock()
	st.straddle.mu.Lock()
	defer st.straddle.mu.Unlock()
	a := adding{more: map[uintptr]int{}}
	a.finAPI(st.finAPI, f.FinAPI)
	a.finogates(st.finogates, f.Finogates, st.credentials.Finogates.ClientID)
	a.straddle(st.straddle, f.Straddle)
	if a.err != nil {
		return a.err
	}
	for _, put := range a.puts {
		put()
	}
	return nil
}

// adding collects what is to be put into the state, and the first thing that is wrong.
type adding struct {
	err  error
	puts []func()
	more map[uintptr]int // how many go into each map
}

// require notes the first rule that does not hold.
func (a *adding) require(holds bool, field, rule string, args ...any) {
	if !holds && a.err == nil {
		a.err = invalid(field, rule, args...)
	}
}

// put adds one entry to a map when everything is all right.
func put[K comparable, V any](a *adding, into map[K]V, key K, value V, field string) {
	_, there := into[key]
	a.require(!there, field, "is there already")
	to := reflect.ValueOf(into).Pointer()
	a.more[to]++
	a.require(len(into)+a.more[to] <= fixtureLimit, field, "is one too many: there can be %d of them", fixtureLimit)
	a.puts = append(a.puts, func() { into[key] = value })
}

var (
	usernameForm = regexp.MustCompile(`^[a-zA-Z0-9\-_.+@]{1,36}$`)
	uuidForm     = regexp.MustCompile(`^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$`)
	bearerForm   = regexp.MustCompile(`^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$`) // what a header can carry; a page has a key with spaces
)

func (a *adding) finAPI(f *finAPIFake, fixtures FinAPIFixtures) {
	seen := map[string]bool{}
	for i, c := range fixtures.Clients {
		field := fmt.Sprintf("finapi.clients[%d].", i)
		version, known := map[string]finVersion{"V1": finV1, "V2": finV2}[c.APIVersion]
		a.require(known, field+"api_version", "must be V1 or V2")
		a.text(field+"client_id", c.ClientID, 1, 45)
		a.text(field+"client_secret", c.ClientSecret, 1, 255)
		a.once(seen, "client "+c.ClientID, field+"client_id")
		a.require(magicStatus(c.ClientID) == 0, field+"client_id", "is a magic value")
		put(a, f.clients, c.ClientID, &finClient{id: c.ClientID, secret: c.ClientSecret, version: version}, field+"client_id")
	}
	for i, u := range fixtures.Users {
		field, name := fmt.Sprintf("finapi.users[%d].", i), lower(u.Username)
		a.require(usernameForm.MatchString(u.Username), field+"username", "must be 1 to 36 letters, digits, - _ . + or @")
		a.require(name != LockedUsername && name != WrongPasswordUsername, field+"username", "is a magic value")
		a.text(field+"password", u.Password, 6, 128)
		a.once(seen, "user "+name, field+"username")
		put(a, f.users, name, &finUser{name: name, password: u.Password, unverified: u.Unverified, locked: u.Locked}, field+"username")
	}
}

func (a *adding) finogates(f *finogatesFake, fixtures FinogatesFixtures, demo string) {
	seen, tenants := map[string]bool{}, map[string]*fgTenant{}
	for id, client := range f.clients {
		tenants[id] = client.tenant
	}
	for i, t := range fixtures.Tenants {
		field, tenant := fmt.Sprintf("finogates.tenants[%d].", i), &fgTenant{users: map[string]*fgUser{}}
		a.require(t.ClientID != "" || t.LiveClientID != "", field+"client_id", "is required, or live_client_id")
		for _, c := range []struct{ name, id, secret, prefix string }{
			{"client", t.ClientID, t.ClientSecret, testPrefix}, {"live_client", t.LiveClientID, t.LiveClientSecret, livePrefix},
		} {
			if c.id == "" && c.secret == "" {
				continue
			}
			a.require(strings.HasPrefix(c.id, c.prefix), field+c.name+"_id", "must begin with %s", c.prefix)
			a.text(field+c.name+"_id", c.id, 12, 120)
			a.text(field+c.name+"_secret", c.secret, 10, 255)
			a.once(seen, c.id, field+c.name+"_id")
			tenants[c.id] = tenant
			put(a, f.clients, c.id, &fgClient{id: c.id, secret: c.secret, tenant: tenant}, field+c.name+"_id")
		}
	}
	for i, u := range fixtures.Users {
		field, id := fmt.Sprintf("finogates.users[%d].", i), lower(u.UserID)
		if u.Tenant == "" {
			u.Tenant = demo
		}
		tenant := tenants[u.Tenant]
		a.require(tenant != nil, field+"tenant", "must be the client id of a tenant")
		a.uuid(field+"user_id", id)
		user := &fgUser{id: id, inactive: u.Inactive, cards: map[string]bool{}}
		for n, card := range u.CardProcessingIDs {
			a.uuid(fmt.Sprintf("%scard_processing_ids[%d]", field, n), card)
			user.cards[lower(card)] = true
		}
		a.once(seen, u.Tenant+" "+id, field+"user_id")
		if tenant != nil {
			put(a, tenant.users, id, user, field+"user_id")
		}
	}
}

func (a *adding) straddle(s *straddleFake, fixtures StraddleFixtures) {
	seen, accounts := map[string]bool{}, map[string]bool{}
	for i, account := range fixtures.Accounts {
		field, id := fmt.Sprintf("straddle.accounts[%d]", i), lower(account)
		a.require(bearerForm.MatchString(account), field, "must be visible ASCII, with spaces inside at most")
		a.text(field, account, 1, 255)
		a.once(accounts, id, field)
		put(a, s.accounts, id, true, field)
	}
	known := func(field, id string) {
		a.require(accounts[id] || s.accounts[id], field, "must be an account that is there")
	}
	for i, k := range fixtures.APIKeys {
		field := fmt.Sprintf("straddle.api_keys[%d].", i)
		a.require(bearerForm.MatchString(k.APIKey), field+"api_key", "must be visible ASCII, with spaces inside at most")
		a.text(field+"api_key", k.APIKey, 1, 255)
		a.once(seen, "key "+k.APIKey, field+"api_key")
		key := &stKey{value: k.APIKey}
		for n, account := range k.Accounts {
			if key.accounts == nil {
				key.accounts = map[string]bool{}
			}
			key.accounts[lower(account)] = true
			known(fmt.Sprintf("%saccounts[%d]", field, n), lower(account))
		}
		put(a, s.keys, digestOf(k.APIKey), key, field+"api_key")
	}
	for i, c := range fixtures.Customers {
		field, id, account := fmt.Sprintf("straddle.customers[%d].", i), lower(c.CustomerID), lower(c.AccountID)
		a.uuid(field+"customer_id", id)
		if account != "" {
			known(field+"account_id", account)
		}
		a.once(seen, "customer "+id, field+"customer_id")
		put(a, s.customers, id, &stCustomer{id: id, account: account}, field+"customer_id")
	}
}

func (a *adding) text(field, value string, low, high int) {
	n := len([]rune(value))
	a.require(n >= low && n <= high, field, "must have %d to %d characters", low, high)
}

func (a *adding) uuid(field, value string) {
	a.require(uuidForm.MatchString(value), field, "must be a UUID")
	a.require(magicStatus(value) == 0, field, "is a magic value")
}

// once refuses what comes a second time among the fixtures.
func (a *adding) once(seen map[string]bool, key, field string) {
	a.require(!seen[key], field, "comes twice")
	seen[key] = true
}
