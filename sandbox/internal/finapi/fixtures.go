// What comes in: demo credentials, and more clients and users.

package finapi

import (
	"fmt"
	"regexp"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// Credentials are two clients, one bound to each version of the API, and a user whom both know.
type Credentials struct {
	ClientID       string `json:"client_id"` // bound to V1
	ClientSecret   string `json:"client_secret"`
	V2ClientID     string `json:"v2_client_id"` // bound to V2
	V2ClientSecret string `json:"v2_client_secret"`
	Username       string `json:"username"`
	Password       string `json:"password"`
}

// Fixtures are clients and users of finAPI. Every client knows every user.
type Fixtures struct {
	Clients []Client `json:"clients,omitempty"`
	Users   []User   `json:"users,omitempty"`
}

// Client is a client of finAPI.
type Client struct {
	ClientID     string `json:"client_id"`     // 1 to 45 characters
	ClientSecret string `json:"client_secret"` // 1 to 255 characters
	APIVersion   string `json:"api_version"`   // V1 or V2, the version it is bound to
}

// User is a user of finAPI.
type User struct {
	Username   string `json:"username"`             // 1 to 36 of a-z, A-Z, 0-9, - _ . + @; capitals make no difference
	Password   string `json:"password"`             // 6 to 128 characters
	Unverified bool   `json:"unverified,omitempty"` // gets a 403 until VerifyFinAPIUser
	Locked     bool   `json:"locked,omitempty"`     // gets a 423 until ChangeFinAPIPassword
}

// Furnish puts in the demo credentials, and the user who is not verified.
func (f *Fake) Furnish(draw *engine.IDs) {
	f.credentials = Credentials{
		ClientID:       draw.UUID(),
		ClientSecret:   draw.Marked("sandbox-", 28), // 36 characters, as long as the provider's
		V2ClientID:     draw.UUID(),
		V2ClientSecret: draw.Marked("sandbox-", 28),
		Username:       draw.Marked("sandbox-user-", 8),
		Password:       draw.Marked("sandbox-", 28),
	}
	creds := &f.credentials
	f.clients[creds.ClientID] = &finClient{id: creds.ClientID, secret: creds.ClientSecret, version: finV1}
	f.clients[creds.V2ClientID] = &finClient{id: creds.V2ClientID, secret: creds.V2ClientSecret, version: finV2}
	for _, user := range []*finUser{
		{name: engine.Lower(creds.Username), password: creds.Password},
		{name: UnverifiedUsername, password: creds.Password, unverified: true},
	} {
		f.users[user.name] = user
	}
}

// Credentials returns the demo credentials.
func (f *Fake) Credentials() any { return &f.credentials }

var usernameForm = regexp.MustCompile(`^[a-zA-Z0-9\-_.+@]{1,36}$`)

// Add puts in clients and users.
func (f *Fake) Add(a *engine.Adding, fixtures any) {
	more, seen := fixtures.(Fixtures), map[string]bool{}
	for i, c := range more.Clients {
		field := fmt.Sprintf("finapi.clients[%d].", i)
		version, known := map[string]finVersion{"V1": finV1, "V2": finV2}[c.APIVersion]
		a.Require(known, field+"api_version", "must be V1 or V2")
		a.Text(field+"client_id", c.ClientID, 1, 45)
		a.Text(field+"client_secret", c.ClientSecret, 1, 255)
		a.Once(seen, "client "+c.ClientID, field+"client_id")
		a.Plain(field+"client_id", c.ClientID)
		engine.Put(a, f.clients, c.ClientID, &finClient{id: c.ClientID, secret: c.ClientSecret, version: version}, field+"client_id")
	}
	for i, u := range more.Users {
		field, name := fmt.Sprintf("finapi.users[%d].", i), engine.Lower(u.Username)
		a.Require(usernameForm.MatchString(u.Username), field+"username", "must be 1 to 36 letters, digits, - _ . + or @")
		a.Require(name != LockedUsername && name != WrongPasswordUsername, field+"username", "is a magic value")
		a.Text(field+"password", u.Password, 6, 128)
		a.Once(seen, "user "+name, field+"username")
		engine.Put(a, f.users, name, &finUser{name: name, password: u.Password, unverified: u.Unverified, locked: u.Locked}, field+"username")
	}
}
