package acme

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// Credentials are a client, and a public token as the widget returns it, which works once.
type Credentials struct {
	ClientID    string `json:"client_id"`
	Secret      string `json:"secret"`
	PublicToken string `json:"public_token"`
}

// Fixtures are clients and public tokens of Acme.
type Fixtures struct {
	Clients      []Client `json:"clients,omitempty"`
	PublicTokens []string `json:"public_tokens,omitempty"` // 1 to 255 characters of visible ASCII
}

// Client is a client.
type Client struct {
	ClientID string `json:"client_id"`
	Secret   string `json:"secret"`
}

// State is the state of Acme.
type State struct {
	Clients []string `json:"clients"`
	Items   []string `json:"items"`
}

// Furnish puts in the demo credentials.
func (f *Fake) Furnish(draw *engine.IDs) {
	f.credentials = Credentials{draw.UUID(), draw.Marked("sandbox-", 32), draw.Marked("sandbox-", 32)}
	f.clients[f.credentials.ClientID] = f.credentials.Secret
	f.public[f.credentials.PublicToken] = false
}

// Credentials returns the demo credentials.
func (f *Fake) Credentials() any { return &f.credentials }

// Add puts in clients and public tokens.
func (f *Fake) Add(a *engine.Adding, fixtures any) {
	more, seen := fixtures.(Fixtures), map[string]bool{}
	for i, c := range more.Clients {
		field := fmt.Sprintf("acme.clients[%d].", i)
		a.Visible(field+"client_id", c.ClientID)
		a.Visible(field+"secret", c.Secret)
		a.Once(seen, "client "+c.ClientID, field+"client_id")
		engine.Put(a, f.clients, c.ClientID, c.Secret, field+"client_id")
	}
	for i, token := range more.PublicTokens {
		field := fmt.Sprintf("acme.public_tokens[%d]", i)
		a.Visible(field, token)
		a.Once(seen, "token "+token, field)
		engine.Put(a, f.public, token, false, field)
	}
}

type saved struct {
	clients []Client
	public  []savedToken
	items   []savedItem
}

type savedToken struct {
	Token string `json:"token"`
	Used  bool   `json:"used"`
}

type savedItem struct {
	Token engine.Digest `json:"token"`
	ID    string        `json:"id"`
}

func (s *saved) parts() []engine.Part {
	return []engine.Part{
		engine.ListOf("clients", &s.clients, engine.FixtureLimit),
		engine.ListOf("public_tokens", &s.public, engine.FixtureLimit),
		engine.ListOf("items", &s.items, limit),
	}
}

// Save returns what there is.
func (f *Fake) Save() []engine.Part {
	s := &saved{}
	for _, id := range slices.Sorted(maps.Keys(f.clients)) {
		s.clients = append(s.clients, Client{id, f.clients[id]})
	}
	for _, token := range slices.Sorted(maps.Keys(f.public)) {
		s.public = append(s.public, savedToken{token, f.public[token]})
	}
	for token, id := range f.items.All() {
		s.items = append(s.items, savedItem{token, id})
	}
	return s.parts()
}

// Restore reads what Save wrote.
func (f *Fake) Restore() ([]engine.Part, func(r *engine.Restoring)) {
	s := &saved{}
	return s.parts(), func(r *engine.Restoring) {
		fixtures := Fixtures{Clients: s.clients}
		for _, p := range s.public {
			fixtures.PublicTokens = append(fixtures.PublicTokens, p.Token)
		}
		r.Add(func(a *engine.Adding) { f.Add(a, fixtures) })
		for _, p := range s.public {
			f.public[p.Token] = p.Used
		}
		for _, i := range s.items {
			f.items.Put(i.Token, i.ID)
		}
		r.Require(f.clients[f.credentials.ClientID] != "", "credentials.acme", "must be in acme")
	}
}

// Dump returns the state.
func (f *Fake) Dump(_ time.Time, counts engine.Counts) any {
	counts.Count("acme.clients", len(f.clients))
	engine.CountBounded(counts, "acme.items", f.items)
	return State{Clients: engine.First(f.clients), Items: engine.Newest(f.items)}
}

// Page returns the part of the page.
func (f *Fake) Page(base string, _ time.Time) engine.Page {
	c := f.credentials
	return engine.Page{
		Issued: engine.Table([]string{"Item"}, "No items yet.", engine.Newest(f.items), func(id string) engine.Markup {
			return engine.Row(engine.Code(id))
		}),
		Commands: []engine.Command{{Title: "Acme: a link token", Text: engine.Curl(base+"/link/token/create",
			"-H", "ACME-CLIENT-ID: "+c.ClientID, "-H", "ACME-SECRET: "+c.Secret, "--json", `{"client_name":"Shop","user_id":"user-1","products":["auth"]}`)}},
		Credentials: []engine.Opener{{What: "client", Values: []string{c.ClientID, c.Secret}}, {What: "public token", Values: []string{c.PublicToken}}},
	}
}
