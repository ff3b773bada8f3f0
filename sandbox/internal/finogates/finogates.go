// Package finogates is the fake of Finogates: the exchange of client credentials, and embed tokens.
//
// What it will never do: open anything but the sandbox that it is in.
package finogates

import (
	"net/http"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs"
)

// Name is the name of the provider.
const Name = "finogates"

// Provider returns the provider.
func Provider() engine.Provider {
	return engine.Provider{Name: Name, Title: "Finogates", Documents: []specs.Document{specs.Finogates}, New: newFake}
}

// What Finogates tokens live for, and how many are remembered. The provider says "short-lived" of bearers and about ten
// minutes of embed tokens.
const (
	bearerLife  = 15 * time.Minute
	embedLife   = 10 * time.Minute
	bearerLimit = 4_000
	embedLimit  = 4_000
)

// embedURL is under a top-level domain that never exists, so that a widget address cannot lead anywhere by accident.
const embedURL = "https://embed.sandbox.invalid/add-card"

// liveHost is the provider's host for production. In memory, where every host leads here, it can be called as well.
const liveHost = "api.finogates.com"

// Prefixes of client ids, which say the mode.
const (
	testPrefix = "fg_test_cl_"
	livePrefix = "fg_live_cl_"
)

type fgTenant struct {
	users map[string]*fgUser // by lower-case id
}

type fgUser struct {
	id       string
	inactive bool
	cards    map[string]bool // approved card-processing accounts, by lower-case id
}

type fgClient struct {
	id, secret string
	tenant     *fgTenant
}

func (c *fgClient) mode() string {
	if strings.HasPrefix(c.id, livePrefix) {
		return "production"
	}
	return "sandbox"
}

type fgBearer struct {
	client *fgClient
	ends   time.Time
}

// EmbedToken is what an embed token of Finogates is good for.
type EmbedToken struct {
	UserID           string    `json:"user_id"`
	Scope            string    `json:"scope"`
	ParentOrigin     string    `json:"parent_origin"`
	CardProcessingID string    `json:"card_processing_id"` // the user's first one when the call named none; can be empty
	Mode             string    `json:"mode"`               // sandbox or production
	ExpiresAt        time.Time `json:"expires_at"`
}

// Fake is the fake of Finogates. Its pages show no error and leave the members of every payload open, so all its
// answers are inferred.
type Fake struct {
	engine.Base
	credentials Credentials

	clients map[string]*fgClient
	bearers *engine.Bounded[engine.Digest, fgBearer]
	embeds  *engine.Bounded[engine.Digest, *EmbedToken]
}

func newFake(ids *engine.IDs) engine.Fake {
	return &Fake{
		Base: engine.Base{IDs: ids}, clients: map[string]*fgClient{},
		bearers: engine.NewBounded[engine.Digest, fgBearer](bearerLimit), embeds: engine.NewBounded[engine.Digest, *EmbedToken](embedLimit),
	}
}

// Handlers returns the operations.
func (f *Fake) Handlers() map[string]engine.Handler {
	return map[string]engine.Handler{"exchangeClientToken": f.exchange, "createEmbedToken": f.embed}
}

// modeOf says which mode the host of a call stands for.
func modeOf(r *http.Request) string {
	if host := engine.Lower(engine.HostOf(r)); host == liveHost || host == "live.localhost" {
		return "production"
	}
	return "sandbox"
}

// fgBearerData is the payload of a good exchange.
type fgBearerData struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"`
}

func (f *Fake) exchange(c *engine.Call) engine.Verdict {
	if len(c.Violations) > 0 {
		return engine.Refused(fgFaults(c))
	}
	var request struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	c.Decode(&request)
	mode := modeOf(c.R)
	switch {
	case strings.HasPrefix(request.ClientID, livePrefix) && mode == "sandbox":
		return engine.Refused(fgError(http.StatusUnauthorized, "these are credentials for production, and this is a sandbox"))
	case strings.HasPrefix(request.ClientID, testPrefix) && mode == "production":
		return engine.Refused(fgError(http.StatusUnauthorized, "these are credentials for the sandbox, and this is production"))
	}
	client := f.clients[request.ClientID]
	if client == nil || !engine.Same(request.ClientSecret, client.secret) {
		return engine.Refused(fgError(http.StatusUnauthorized, "invalid client credentials"))
	}
	return engine.Accepted(func() engine.Answer {
		bearer := f.IDs.JWT(engine.Claims{Subject: client.id}, c.Now, bearerLife)
		f.bearers.Put(engine.DigestOf(bearer), fgBearer{client, c.Now.Add(bearerLife)})
		c.NoStore()
		return fgAnswer(http.StatusOK, &fgBearerData{bearer, "bearer", int(bearerLife / time.Second)})
	})
}

// fgEmbedData is the payload with an embed token.
type fgEmbedData struct {
	Token     string `json:"token"`
	EmbedURL  string `json:"embed_url"`
	Mode      string `json:"mode"`
	ExpiresAt string `json:"expires_at"`
}

func (f *Fake) embed(c *engine.Call) engine.Verdict {
	bearer, ok := f.bearers.Get(engine.DigestOf(c.Bearer()))
	if !ok || !c.Now.Before(bearer.ends) {
		return engine.Refused(fgError(http.StatusUnauthorized, "the bearer is unknown or has ended"))
	}
	if bearer.client.mode() != modeOf(c.R) {
		return engine.Refused(fgError(http.StatusUnauthorized, "the bearer belongs to the other mode"))
	}
	if len(c.Violations) > 0 {
		return engine.Refused(fgFaults(c))
	}
	request := embedRequest{Scope: "add_card"}
	c.Decode(&request)
	if status := engine.MagicStatus(request.UserID); status != 0 {
		return engine.Refused(c.Magic(status))
	}
	card, refusal, ok := f.refused(c, bearer.client.tenant, &request)
	if !ok {
		return engine.Refused(refusal)
	}
	return engine.Accepted(func() engine.Answer {
		made := &EmbedToken{
			UserID: engine.Lower(request.UserID), Scope: request.Scope, ParentOrigin: request.ParentOrigin,
			CardProcessingID: card, Mode: bearer.client.mode(), ExpiresAt: c.Now.Add(embedLife).UTC(),
		}
		token := f.IDs.Marked("sandbox_et_", 40)
		f.embeds.Put(engine.DigestOf(token), made)
		c.NoStore()
		return fgAnswer(http.StatusOK, &fgEmbedData{token, embedURL, made.Mode, made.ExpiresAt.Format(time.RFC3339)})
	})
}

type embedRequest struct {
	UserID           string `json:"user_id"`
	ParentOrigin     string `json:"parent_origin"`
	Scope            string `json:"scope"`
	CardProcessingID string `json:"card_processing_id"`
}

// refused looks at what no schema can say: the origin, the scope, and whether the tenant has the user and the card. When
// all is well it returns the card-processing account that the token is for, and the origin is as browsers report it.
func (f *Fake) refused(c *engine.Call, tenant *fgTenant, request *embedRequest) (string, engine.Answer, bool) {
	origin, why := originOf(request.ParentOrigin)
	if why == "" && c.Noted("/parent_origin", origin.note(request.ParentOrigin)) {
		why = origin.note(request.ParentOrigin)
	}
	if why != "" {
		return "", fgInvalid(fgFault{"parent_origin", why}), false
	}
	request.ParentOrigin = origin.String()
	if request.Scope != "add_card" {
		return "", fgError(http.StatusForbidden, "this scope is not enabled"), false
	}
	user := tenant.users[engine.Lower(request.UserID)]
	if user == nil || user.inactive { // as far as the provider's pages go, the two look the same
		return "", fgError(http.StatusNotFound, "user not found"), false
	}
	card := engine.Lower(request.CardProcessingID)
	if card == "" {
		return user.defaultCard(), engine.Answer{}, true
	}
	if !user.cards[card] {
		return "", fgError(http.StatusNotFound, "card-processing account not found"), false
	}
	return card, engine.Answer{}, true
}

// defaultCard is the same one each time: the first by its id.
func (u *fgUser) defaultCard() string {
	first := ""
	for card := range u.cards {
		if first == "" || card < first {
			first = card
		}
	}
	return first
}

// Verify looks an embed token up, as the iframe behind it does, and holds it against the origin of the page around. It is
// called under the lock.
func (f *Fake) Verify(token, parentOrigin string, now time.Time) (EmbedToken, error) {
	made, ok := f.embeds.Get(engine.DigestOf(token))
	switch {
	case !ok:
		return EmbedToken{}, engine.Invalid("token", "is not an embed token of this sandbox, or too old to be remembered")
	case !now.Before(made.ExpiresAt):
		return EmbedToken{}, engine.Invalid("token", "has ended")
	case made.ParentOrigin != parentOrigin:
		return EmbedToken{}, engine.Invalid("parent_origin", "is not the one that the token was made for")
	}
	return *made, nil
}
