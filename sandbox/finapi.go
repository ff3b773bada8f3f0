// finAPI: the grants, the revocation, and who may ask for what.

package sandbox

import (
	"net/http"
	"net/url"
	"sync"
	"time"
	"unicode/utf8"
)

type finClient struct {
	id, secret string
	version    finVersion
}

type finUser struct {
	name       string // lower case: names of users differ by more than that
	password   string
	unverified bool
	locked     bool
	failures   int // wrong passwords in a row
}

// finAPIFake is the fake of finAPI Access, V1 and V2.
type finAPIFake struct {
	ids      *ids
	rotation RefreshRotation
	grace    time.Duration // for a refresh token that was rotated away
	attempts int           // wrong passwords in a row that a user may have; 0 is any number

	mu      sync.Mutex // guards the rest
	clients map[string]*finClient
	users   map[string]*finUser
	tokens  *finTokens
}

func newFinAPI(creds FinAPICredentials, cfg config) *finAPIFake {
	f := emptyFinAPI(cfg, cfg.source("finapi"))
	f.clients[creds.ClientID] = &finClient{id: creds.ClientID, secret: creds.ClientSecret, version: finV1}
	f.clients[creds.V2ClientID] = &finClient{id: creds.V2ClientID, secret: creds.V2ClientSecret, version: finV2}
	for _, user := range []*finUser{
		{name: lower(creds.Username), password: creds.Password},
		{name: UnverifiedUsername, password: creds.Password, unverified: true},
	} {
		f.users[user.name] = user
	}
	return f
}

func emptyFinAPI(cfg config, ids *ids) *finAPIFake {
	return &finAPIFake{
		ids: ids, rotation: cfg.rotation, grace: cfg.grace, attempts: cfg.attempts,
		clients: map[string]*finClient{}, users: map[string]*finUser{},
		tokens: newFinTokens(ids, cfg.accessLife, cfg.refreshLife),
	}
}

func (f *finAPIFake) begin(c *call) {
	c.requestID = c.r.Header.Get("X-Request-Id")
	if n := utf8.RuneCountInString(c.requestID); n == 0 || n > 255 {
		c.requestID = "selfgen-" + f.ids.uuid()
	}
	c.header.Set("X-Request-Id", c.requestID)
}

func (f *finAPIFake) handler(operation string) func(c *call) answer {
	var judge func(c *call) verdict
	switch operation {
	case "getToken", "getTokenV2":
		judge = f.getToken
	case "revokeToken", "revokeTokenV2":
		judge = f.revokeToken
	default:
		return nil
	}
	return func(c *call) answer {
		a, _ := c.decide(&f.mu, judge)
		return a
	}
}

func (f *finAPIFake) getToken(c *call) verdict {
	if len(c.violations) > 0 {
		return refused(finFaults(c))
	}
	form := c.form()
	if status := magicStatus(form.Get("client_id")); status != 0 {
		return refused(magic(c, f, status))
	}
	client := f.clients[form.Get("client_id")]
	if client == nil || !same(form.Get("client_secret"), client.secret) {
		return refused(finUnauthenticated("invalid_client", "Bad client credentials"))
	}
	if client.version != finVersionOf(c.path) {
		return refused(finMismatch(c, client))
	}
	switch form.Get("grant_type") {
	case "client_credentials":
		return accepted(func() answer { return f.granted(c, f.tokens.grant(client, nil, c.now), false) })
	case "password":
		return f.passwordGrant(c, client, form)
	default: // the spec lets no other through
		return f.refreshGrant(c, client, form.Get("refresh_token"))
	}
}

func (f *finAPIFake) passwordGrant(c *call, client *finClient, form url.Values) verdict {
	name := lower(form.Get("username"))
	user := f.users[name]
	switch {
	case name == LockedUsername || user != nil && user.locked:
		return refused(finError(c, http.StatusLocked, "LOCKED", "The user is locked"))
	case user == nil:
		return refused(finBad(c, "Bad user credentials"))
	case !same(form.Get("password"), user.password):
		f.countFailure(user)
		return refused(finBad(c, "Bad user credentials"))
	case user.unverified:
		return refused(finError(c, http.StatusForbidden, "USER_NOT_VERIFIED", "The user is not verified"))
	}
	return accepted(func() answer {
		user.failures = 0
		return f.granted(c, f.tokens.grant(client, user, c.now), true)
	})
}

// failureLimit is how far wrong passwords are counted, where they lock nobody.
const failureLimit = 1_000_000

// countFailure locks the user at the first failure after the last allowed one; from then on nothing of the user is of
// use.
func (f *finAPIFake) countFailure(user *finUser) {
	user.failures = min(user.failures+1, failureLimit)
	if f.attempts > 0 && user.failures > f.attempts {
		user.locked = true
		f.tokens.dropUser(user)
	}
}

func (f *finAPIFake) refreshGrant(c *call, client *finClient, token string) verdict {
	grant := f.tokens.find(token, c.now)
	if grant == nil || grant.refresh.value != token || grant.client != client {
		return f.reused(c, client, token)
	}
	return accepted(func() answer {
		if f.rotation != RotationOff {
			f.tokens.rotate(grant, c.now)
		}
		return f.granted(c, f.tokens.grant(client, grant.user, c.now), f.rotation != RotationOff)
	})
}

// reused answers a refresh token that is not, or not any more, the one of a grant.
func (f *finAPIFake) reused(c *call, client *finClient, value string) verdict {
	old, ok := f.tokens.retired.get(digestOf(value))
	if ok && old.grant.client == client && f.tokens.current(old.grant) {
		switch {
		case c.now.Sub(old.at) < f.grace && old.grant.refresh.alive(c.now):
			return accepted(func() answer { return f.granted(c, f.tokens.grant(client, old.grant.user, c.now), true) })
		case f.rotation == RotationDetectsReuse:
			f.tokens.drop(old.grant)
		}
	}
	return refused(finBad(c, "Invalid refresh token"))
}

// finToken is the body of every good answer of getToken.
type finToken struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	Scope        string `json:"scope"`
	RefreshToken string `json:"refresh_token,omitempty"`
}

// granted is the answer with the tokens of a grant. Those who get it again get the same tokens with the life that is
// left, and that is never 0 as long as there is some, because 0 means for ever.
func (f *finAPIFake) granted(c *call, g *finGrant, withRefresh bool) answer {
	body := &finToken{
		AccessToken: g.access.value, TokenType: "bearer", ExpiresIn: g.access.secondsLeft(c.now), Scope: "all",
	}
	if withRefresh {
		body.RefreshToken = g.refresh.value
	}
	noStore(c.header)
	return answer{status: http.StatusOK, body: body}
}

// revokeToken takes back what a client holds. A token that is not alive, or somebody else's, is as good as revoked.
func (f *finAPIFake) revokeToken(c *call) verdict {
	caller := f.tokens.bearer(c.bearer(), c.now)
	switch {
	case caller == nil:
		refusal := finUnauthenticated("invalid_token", "The access token is unknown or has ended")
		refusal.inferred = true // declared for every other call
		return refused(refusal)
	case caller.user != nil:
		return refused(finError(c, http.StatusForbidden, "UNAUTHORIZED_ACCESS", "Only the client may revoke tokens"))
	case caller.client.version != finVersionOf(c.path):
		return refused(finMismatch(c, caller.client))
	case len(c.violations) > 0:
		return refused(finFaults(c))
	}
	form := c.form()
	switch len(form["token"]) {
	case 0:
		return refused(finBadGuess(c, "There is no token"))
	case 1:
	default:
		return refused(finBadGuess(c, "The token comes in the query or in the body, not in both"))
	}
	return accepted(func() answer {
		f.revoke(c, caller.client, form.Get("token"), form.Get("token_type_hint"))
		return answer{status: http.StatusOK}
	})
}

// revoke follows the hint only so far as the token is of that kind: an access token with a hint goes alone, everything
// else takes its whole grant along.
func (f *finAPIFake) revoke(c *call, client *finClient, token, hint string) {
	grant := f.tokens.find(token, c.now)
	switch {
	case grant == nil || grant.client != client:
	case hint != "" && grant.access.value == token:
		f.tokens.dropAccess(grant)
	default:
		f.tokens.drop(grant)
	}
}
