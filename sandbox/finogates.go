// Finogates: the exchange of client credentials, and embed tokens.

package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

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

// finogatesFake is the fake of Finogates. Its pages show no error and leave the members of every payload open, so all its
// answers are inferred.
type finogatesFake struct {
	ids *ids

	mu      sync.Mutex // guards the rest
	clients map[string]*fgClient
	bearers *bounded[digest, fgBearer]
	embeds  *bounded[digest, *EmbedToken]
}

func newFinogates(creds FinogatesCredentials, cfg config) *finogatesFake {
	f := emptyFinogates(cfg.source("finogates"))
	tenant := &fgTenant{users: map[string]*fgUser{}}
	tenant.users[creds.UserID] = &fgUser{id: creds.UserID, cards: map[string]bool{creds.CardProcessingID: true}}
	f.clients[creds.ClientID] = &fgClient{id: creds.ClientID, secret: creds.ClientSecret, tenant: tenant}
	return f
}

func emptyFinogates(ids *ids) *finogatesFake {
	return &finogatesFake{
		ids: ids, clients: map[string]*fgClient{},
		bearers: newBounded[digest, fgBearer](bearerLimit), embeds: newBounded[digest, *EmbedToken](embedLimit),
	}
}

// begin has nothing to do: the provider documents no request id.
func (f *finogatesFake) begin(*call) {}

func (f *finogatesFake) handler(operation string) func(c *call) answer {
	var judge func(c *call) verdict
	switch operation {
	case "exchangeClientToken":
		judge = f.exchange
	case "createEmbedToken":
		judge = f.embed
	default:
		return nil
	}
	return func(c *call) answer {
		a, _ := c.decide(&f.mu, judge)
		return a
	}
}

// modeOf says which mode the host of a call stands for.
func modeOf(r *http.Request) string {
	if host := lower(hostOf(r)); host == liveHost || host == "live.localhost" {
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

func (f *finogatesFake) exchange(c *call) verdict {
	if len(c.violations) > 0 {
		return refused(fgFaults(c))
	}
	var request struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	_ = json.Unmarshal(c.body, &request) // the spec has seen it
	mode := modeOf(c.r)
	switch {
	case strings.HasPrefix(request.ClientID, livePrefix) && mode == "sandbox":
		return refused(fgError(c, http.StatusUnauthorized, "these are credentials for production, and this is a sandbox"))
	case strings.HasPrefix(request.ClientID, testPrefix) && mode == "production":
		return refused(fgError(c, http.StatusUnauthorized, "these are credentials for the sandbox, and this is production"))
	}
	client := f.clients[request.ClientID]
	if client == nil || !same(request.ClientSecret, client.secret) {
		return refused(fgError(c, http.StatusUnauthorized, "invalid client credentials"))
	}
	return accepted(func() answer {
		bearer := f.ids.jwt(claims{Subject: client.id}, c.now, bearerLife)
		f.bearers.put(digestOf(bearer), fgBearer{client, c.now.Add(bearerLife)})
		noStore(c.header)
		return fgAnswer(c, http.StatusOK, &fgBearerData{bearer, "bearer", int(bearerLife / time.Second)})
	})
}

// fgEmbedData is the payload with an embed token.
type fgEmbedData struct {
	Token     string `json:"token"`
	EmbedURL  string `json:"embed_url"`
	Mode      string `json:"mode"`
	ExpiresAt string `json:"expires_at"`
}

func (f *finogatesFake) embed(c *call) verdict {
	bearer, ok := f.bearers.get(digestOf(c.bearer()))
	if !ok || !c.now.Before(bearer.ends) {
		return refused(fgError(c, http.StatusUnauthorized, "the bearer is unknown or has ended"))
	}
	if bearer.client.mode() != modeOf(c.r) {
		return refused(fgError(c, http.StatusUnauthorized, "the bearer belongs to the other mode"))
	}
	if len(c.violations) > 0 {
		return refused(fgFaults(c))
	}
	request := embedRequest{Scope: "add_card"}
	_ = json.Unmarshal(c.body, &request) // the spec has seen it
	if status := magicStatus(request.UserID); status != 0 {
		return refused(magic(c, f, status))
	}
	card, refusal, ok := f.refused(c, bearer.client.tenant, &request)
	if !ok {
		return refused(refusal)
	}
	return accepted(func() answer {
		made := &EmbedToken{
			UserID: lower(request.UserID), Scope: request.Scope, ParentOrigin: request.ParentOrigin,
			CardProcessingID: card, Mode: bearer.client.mode(), ExpiresAt: c.now.Add(embedLife).UTC(),
		}
		token := f.ids.marked("sandbox_et_", 40)
		f.embeds.put(digestOf(token), made)
		noStore(c.header)
		return fgAnswer(c, http.StatusOK, &fgEmbedData{token, embedURL, made.Mode, made.ExpiresAt.Format(time.RFC3339)})
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
func (f *finogatesFake) refused(c *call, tenant *fgTenant, request *embedRequest) (string, answer, bool) {
	origin, why := originOf(request.ParentOrigin)
	if why == "" && c.noted("/parent_origin", origin.note(request.ParentOrigin)) {
		why = origin.note(request.ParentOrigin)
	}
	if why != "" {
		return "", fgInvalid(c, fgFault{"parent_origin", why}), false
	}
	request.ParentOrigin = origin.String()
	if request.Scope != "add_card" {
		return "", fgError(c, http.StatusForbidden, "this scope is not enabled"), false
	}
	user := tenant.users[lower(request.UserID)]
	if user == nil || user.inactive { // as far as the provider's pages go, the two look the same
		return "", fgError(c, http.StatusNotFound, "user not found"), false
	}
	card := lower(request.CardProcessingID)
	if card == "" {
		return user.defaultCard(), answer{}, true
	}
	if !user.cards[card] {
		return "", fgError(c, http.StatusNotFound, "card-processing account not found"), false
	}
	return card, answer{}, true
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

// VerifyEmbedToken does what the iframe behind an embed token does: it looks the token up and holds it against the origin
// of the page around. It fails when the token was never issued, has ended, or is for another origin.
func (s *Sandbox) VerifyEmbedToken(token, parentOrigin string) (EmbedToken, error) {
	f := s.state.Load().finogates
	f.mu.Lock()
	defer f.mu.Unlock()
	made, ok := f.embeds.get(digestOf(token))
	switch {
	case !ok:
		return EmbedToken{}, invalid("token", "is not an embed token of this sandbox, or too old to be remembered")
	case !s.clock.Now().Before(made.ExpiresAt):
		return EmbedToken{}, invalid("token", "has ended")
	case made.ParentOrigin != parentOrigin:
		return EmbedToken{}, invalid("parent_origin", "is not the one that the token was made for")
	}
	return *made, nil
}
