// The state for a person or a test to look at, and the part of the page.

package finogates

import (
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// State is the state of Finogates.
type State struct {
	Clients     []ClientState `json:"clients"`
	EmbedTokens []EmbedToken  `json:"embed_tokens"`
}

// ClientState is a client, with the end users of its tenant.
type ClientState struct {
	ClientID string `json:"client_id"`
	Mode     string `json:"mode"`
	Users    []User `json:"users"`
}

// Dump returns the state.
func (f *Fake) Dump(_ time.Time, counts engine.Counts) any {
	engine.CountBounded(counts, "finogates.bearers", f.bearers)
	engine.CountBounded(counts, "finogates.embed_tokens", f.embeds)
	counts.Count("finogates.clients", len(f.clients))
	made := State{Clients: []ClientState{}, EmbedTokens: f.newest()}
	for _, id := range engine.First(f.clients) {
		c := f.clients[id]
		users := c.tenant.list()
		users = users[:min(len(users), engine.DumpLimit)]
		for i, u := range users {
			users[i].CardProcessingIDs = u.CardProcessingIDs[:min(len(u.CardProcessingIDs), engine.DumpLimit)]
		}
		made.Clients = append(made.Clients, ClientState{id, c.mode(), users})
	}
	return made
}

func (f *Fake) newest() []EmbedToken {
	tokens := []EmbedToken{}
	for _, token := range engine.Newest(f.embeds) {
		tokens = append(tokens, *token)
	}
	return tokens
}

// Page returns the part of the page.
func (f *Fake) Page(base string, _ time.Time) engine.Page {
	c := f.credentials
	heads := []string{"Embed token for", "Page", "Ends"}
	return engine.Page{
		Issued: engine.Table(heads, "No embed tokens yet.", f.newest(), func(t EmbedToken) engine.Markup {
			return engine.Row(engine.Code(t.UserID), engine.Text(t.ParentOrigin), engine.Text(t.ExpiresAt.UTC().Format(engine.DayTime)))
		}),
		Commands: []engine.Command{
			{Title: "Finogates: a bearer", Text: engine.Curl(base+"/v1/platform/auth/token", "--json",
				`{"client_id":"`+c.ClientID+`","client_secret":"`+c.ClientSecret+`"}`)},
			{Title: "Finogates: an embed token; put the bearer in", Text: engine.Curl(base+"/v1/platform/embed-tokens",
				"-H", "Authorization: Bearer $BEARER", "--json",
				`{"user_id":"`+c.UserID+`","parent_origin":"https://app.example.com"}`)},
		},
		Credentials: []engine.Opener{
			{What: "client", Values: []string{c.ClientID, c.ClientSecret}},
			{What: "end user", Values: []string{c.UserID}},
			{What: "card processing", Values: []string{c.CardProcessingID}},
		},
	}
}
