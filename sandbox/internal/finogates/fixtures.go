// What comes in: demo credentials, and more tenants and end users.

package finogates

import (
	"fmt"
	"strings"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// pageID is that of the end user and of the card-processing account on the provider's page, whose examples work as they
// are printed.
const pageID = "3c90c3cc-0d44-4b50-8888-8dd25736052a"

// Credentials are a client, an end user of that client, and the user's approved card-processing account.
type Credentials struct {
	ClientID         string `json:"client_id"`
	ClientSecret     string `json:"client_secret"`
	UserID           string `json:"user_id"`
	CardProcessingID string `json:"card_processing_id"`
}

// Fixtures are tenants of Finogates and end users of tenants.
type Fixtures struct {
	Tenants []Tenant `json:"tenants,omitempty"`
	Users   []User   `json:"users,omitempty"`
}

// Tenant is a tenant, with a client for the sandbox, one for production, or both.
type Tenant struct {
	ClientID         string `json:"client_id,omitempty"` // begins with fg_test_cl_, 12 to 120 characters
	ClientSecret     string `json:"client_secret,omitempty"`
	LiveClientID     string `json:"live_client_id,omitempty"` // begins with fg_live_cl_; works at the host api.finogates.com or live.localhost
	LiveClientSecret string `json:"live_client_secret,omitempty"`
}

// User is an end user of a tenant.
type User struct {
	Tenant            string   `json:"tenant,omitempty"` // a client id of the tenant; empty is the demo tenant
	UserID            string   `json:"user_id"`          // a UUID
	CardProcessingIDs []string `json:"card_processing_ids,omitempty"`
	Inactive          bool     `json:"inactive,omitempty"` // is not found, as if there were none
}

// Furnish puts in the demo credentials.
func (f *Fake) Furnish(draw *engine.IDs) {
	f.credentials = Credentials{
		ClientID:         draw.Marked("fg_test_cl_", 22),
		ClientSecret:     draw.Marked("fg_test_sk_sandbox", 45),
		UserID:           pageID,
		CardProcessingID: pageID,
	}
	creds, tenant := &f.credentials, &fgTenant{users: map[string]*fgUser{}}
	tenant.users[creds.UserID] = &fgUser{id: creds.UserID, cards: map[string]bool{creds.CardProcessingID: true}}
	f.clients[creds.ClientID] = &fgClient{id: creds.ClientID, secret: creds.ClientSecret, tenant: tenant}
}

// Credentials returns the demo credentials.
func (f *Fake) Credentials() any { return &f.credentials }

// Add puts in tenants and end users.
func (f *Fake) Add(a *engine.Adding, fixtures any) {
	f.add(a, fixtures.(Fixtures), f.credentials.ClientID)
}

// add takes the client whose tenant is meant where none is named.
func (f *Fake) add(a *engine.Adding, more Fixtures, demo string) {
	seen, tenants := map[string]bool{}, map[string]*fgTenant{}
	for id, client := range f.clients {
		tenants[id] = client.tenant
	}
	for i, t := range more.Tenants {
		field, tenant := fmt.Sprintf("finogates.tenants[%d].", i), &fgTenant{users: map[string]*fgUser{}}
		a.Require(t.ClientID != "" || t.LiveClientID != "", field+"client_id", "is required, or live_client_id")
		for _, c := range []struct{ name, id, secret, prefix string }{
			{"client", t.ClientID, t.ClientSecret, testPrefix}, {"live_client", t.LiveClientID, t.LiveClientSecret, livePrefix},
		} {
			if c.id == "" && c.secret == "" {
				continue
			}
			a.Require(strings.HasPrefix(c.id, c.prefix), field+c.name+"_id", "must begin with %s", c.prefix)
			a.Text(field+c.name+"_id", c.id, 12, 120)
			a.Text(field+c.name+"_secret", c.secret, 10, 255)
			a.Once(seen, c.id, field+c.name+"_id")
			tenants[c.id] = tenant
			engine.Put(a, f.clients, c.id, &fgClient{id: c.id, secret: c.secret, tenant: tenant}, field+c.name+"_id")
		}
	}
	for i, u := range more.Users {
		field, id := fmt.Sprintf("finogates.users[%d].", i), engine.Lower(u.UserID)
		if u.Tenant == "" {
			u.Tenant = demo
		}
		tenant := tenants[u.Tenant]
		a.Require(tenant != nil, field+"tenant", "must be the client id of a tenant")
		a.UUID(field+"user_id", id)
		user := &fgUser{id: id, inactive: u.Inactive, cards: map[string]bool{}}
		for n, card := range u.CardProcessingIDs {
			a.UUID(fmt.Sprintf("%scard_processing_ids[%d]", field, n), card)
			user.cards[engine.Lower(card)] = true
		}
		a.Once(seen, u.Tenant+" "+id, field+"user_id")
		if tenant != nil {
			engine.Put(a, tenant.users, id, user, field+"user_id")
		}
	}
}
