// The state for a person or a test to look at, and the part of the page.

package finapi

import (
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// State is the state of finAPI.
type State struct {
	Clients []ClientState `json:"clients"`
	Users   []UserState   `json:"users"`
	Grants  []GrantState  `json:"grants"`
}

// ClientState is a client.
type ClientState struct {
	ClientID   string `json:"client_id"`
	APIVersion string `json:"api_version"`
}

// UserState is a user.
type UserState struct {
	Username string `json:"username"`
	Verified bool   `json:"verified"`
	Locked   bool   `json:"locked"`
	Failures int    `json:"failures"` // wrong passwords in a row
}

// GrantState is what a client holds for itself or for a user.
type GrantState struct {
	ClientID    string    `json:"client_id"`
	Username    string    `json:"username"` // empty: the client's own
	Access      bool      `json:"access"`   // there is an access token that is alive
	AccessEnds  time.Time `json:"access_ends,omitzero"`
	Refresh     bool      `json:"refresh"` // there is a refresh token that is alive
	RefreshEnds time.Time `json:"refresh_ends,omitzero"`
}

// Dump returns the state.
func (f *Fake) Dump(now time.Time, counts engine.Counts) any { return f.dump(now, counts) }

func (f *Fake) dump(now time.Time, counts engine.Counts) State {
	engine.CountBounded(counts, "finapi.grants", f.tokens.grants)
	engine.CountBounded(counts, "finapi.retired_refresh_tokens", f.tokens.retired)
	counts.Count("finapi.clients", len(f.clients))
	counts.Count("finapi.users", len(f.users))
	made := State{Clients: []ClientState{}, Users: []UserState{}, Grants: []GrantState{}}
	for _, id := range engine.First(f.clients) {
		made.Clients = append(made.Clients, ClientState{id, f.clients[id].version.String()})
	}
	for _, name := range engine.First(f.users) {
		u := f.users[name]
		made.Users = append(made.Users, UserState{name, !u.unverified, u.locked, u.failures})
	}
	for owner, g := range f.tokens.grants.Newest() {
		if len(made.Grants) == engine.DumpLimit {
			break
		}
		grant := GrantState{
			ClientID: owner.client.id, Access: g.access.alive(now), AccessEnds: g.access.ends,
			Refresh: g.refresh.alive(now), RefreshEnds: g.refresh.ends,
		}
		if owner.user != nil {
			grant.Username = owner.user.name
		}
		made.Grants = append(made.Grants, grant)
	}
	return made
}

// Page returns the part of the page.
func (f *Fake) Page(base string, now time.Time) engine.Page {
	state, c := f.dump(now, engine.NoCounts()), f.credentials
	token := func(title string, fields ...string) engine.Command {
		var args []string
		for _, field := range append(fields, "client_id="+c.ClientID, "client_secret="+c.ClientSecret) {
			args = append(args, "-d", field)
		}
		return engine.Command{Title: title, Text: engine.Curl(base+"/oauth/token", args...)}
	}
	return engine.Page{
		Issued: grantsMarkup(state.Grants) + "\n" + usersMarkup(state.Users),
		Commands: []engine.Command{
			token("finAPI: a token for the client", "grant_type=client_credentials"),
			token("finAPI: a token for the user", "grant_type=password", "username="+c.Username, "password="+c.Password),
		},
		Credentials: []engine.Opener{
			{What: "V1 client", Values: []string{c.ClientID, c.ClientSecret}},
			{What: "V2 client", Values: []string{c.V2ClientID, c.V2ClientSecret}},
			{What: "user", Values: []string{c.Username, c.Password}},
		},
	}
}

func grantsMarkup(grants []GrantState) engine.Markup {
	return engine.Table([]string{"Client", "User", "Access", "Refresh"}, "No tokens yet.", grants, func(g GrantState) engine.Markup {
		return engine.Row(engine.Code(g.ClientID), engine.TextOr(g.Username, "–"),
			engine.Until(g.Access, g.AccessEnds, "ended"), engine.Until(g.Refresh, g.RefreshEnds, "–"))
	})
}

func usersMarkup(users []UserState) engine.Markup {
	return engine.Table([]string{"User", "State", "Wrong passwords"}, "No users.", users, func(u UserState) engine.Markup {
		state := engine.Markup("not verified")
		switch {
		case u.Locked:
			state = "locked"
		case u.Verified:
			state = "active"
		}
		return engine.Row(engine.Text(u.Username), state, engine.Text(u.Failures))
	})
}
