// Package finapi is the fake of finAPI Access, V1 and V2: the grants, the revocation, and who may ask for what.
//
// What it will never do: open anything but the sandbox that it is in.
package finapi

import (
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs"
)

// Name is the name of the provider.
const Name = "finapi"

// Options are what can be chosen of the provider.
type Options struct {
	AccessLife  time.Duration // of tokens; 0 is for ever
	RefreshLife time.Duration
	Rotation    RefreshRotation
	Grace       time.Duration // for a refresh token that was rotated away
	Attempts    int           // wrong passwords in a row that a user may have; 0 is any number
}

// RefreshRotation is what finAPI's refresh grant does with the refresh token that was used. The provider does not say
// which of them it does, so a client must get along with all.
type RefreshRotation uint8

// The kinds of rotation.
const (
	// RotationOff leaves the refresh token as it is; the answer carries none. The default.
	RotationOff RefreshRotation = iota
	// RotationOn hands out a new refresh token each time and voids the one that was used.
	RotationOn
	// RotationDetectsReuse does so too, and when a voided one comes again it takes the whole grant back, with every
	// token in it: somebody else has it (RFC 9700, section 4.14.2).
	RotationDetectsReuse
)

// Provider returns the provider.
func Provider(options Options) engine.Provider {
	return engine.Provider{
		Name: Name, Title: "finAPI", Documents: []specs.Document{specs.FinAPIAccess},
		New: func(ids *engine.IDs) engine.Fake { return newFake(ids, options) },
	}
}

// Users with one outcome each.
const (
	// UnverifiedUsername is a user whose e-mail address nobody has confirmed: with the right password, which is the one
	// of the demo user, the answer is 403.
	UnverifiedUsername = "sandbox-unverified"
	// LockedUsername is a user who is locked whatever the password is: the answer is 423.
	LockedUsername = "sandbox-locked"
	// WrongPasswordUsername is a user whose password is always wrong: the answer is 400, and the user is never locked.
	WrongPasswordUsername = "sandbox-wrong-password"
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

// Fake is the fake of finAPI Access.
type Fake struct {
	engine.Base
	options     Options
	credentials Credentials

	clients map[string]*finClient
	users   map[string]*finUser
	tokens  *finTokens
}

func newFake(ids *engine.IDs, options Options) *Fake {
	return &Fake{
		Base: engine.Base{IDs: ids}, options: options,
		clients: map[string]*finClient{}, users: map[string]*finUser{},
		tokens: newFinTokens(ids, options.AccessLife, options.RefreshLife),
	}
}

// Begin takes the caller's request id over, or makes one.
func (f *Fake) Begin(c *engine.Call) {
	c.RequestID = c.R.Header.Get("X-Request-Id")
	if n := utf8.RuneCountInString(c.RequestID); n == 0 || n > 255 {
		c.RequestID = "selfgen-" + f.IDs.UUID()
	}
	c.Header.Set("X-Request-Id", c.RequestID)
}

// Handlers returns the operations.
func (f *Fake) Handlers() map[string]engine.Handler {
	return map[string]engine.Handler{
		"getToken": f.getToken, "getTokenV2": f.getToken,
		"revokeToken": f.revokeToken, "revokeTokenV2": f.revokeToken,
	}
}

func (f *Fake) getToken(c *engine.Call) engine.Verdict {
	if len(c.Violations) > 0 {
		return engine.Refused(finFaults(c))
	}
	form := c.Form()
	if status := engine.MagicStatus(form.Get("client_id")); status != 0 {
		return engine.Refused(c.Magic(status))
	}
	client := f.clients[form.Get("client_id")]
	if client == nil || !engine.Same(form.Get("client_secret"), client.secret) {
		return engine.Refused(finUnauthenticated("invalid_client", "Bad client credentials"))
	}
	if client.version != finVersionOf(c.Path) {
		return engine.Refused(finMismatch(c, client))
	}
	switch form.Get("grant_type") {
	case "client_credentials":
		return engine.Accepted(func() engine.Answer { return f.granted(c, f.tokens.grant(client, nil, c.Now), false) })
	case "password":
		return f.passwordGrant(c, client, form)
	default: // the spec lets no other through
		return f.refreshGrant(c, client, form.Get("refresh_token"))
	}
}

func (f *Fake) passwordGrant(c *engine.Call, client *finClient, form url.Values) engine.Verdict {
	name := engine.Lower(form.Get("username"))
	user := f.users[name]
	switch {
	case name == LockedUsername || user != nil && user.locked:
		return engine.Refused(finError(c, http.StatusLocked, "LOCKED", "The user is locked"))
	case user == nil:
		return engine.Refused(finBad(c, "Bad user credentials"))
	case !engine.Same(form.Get("password"), user.password):
		f.countFailure(user)
		return engine.Refused(finBad(c, "Bad user credentials"))
	case user.unverified:
		return engine.Refused(finError(c, http.StatusForbidden, "USER_NOT_VERIFIED", "The user is not verified"))
	}
	return engine.Accepted(func() engine.Answer {
		user.failures = 0
		return f.granted(c, f.tokens.grant(client, user, c.Now), true)
	})
}

// failureLimit is how far wrong passwords are counted, where they lock nobody.
const failureLimit = 1_000_000

// countFailure locks the user at the first failure after the last allowed one; from then on nothing of the user is of
// use.
func (f *Fake) countFailure(user *finUser) {
	user.failures = min(user.failures+1, failureLimit)
	if f.options.Attempts > 0 && user.failures > f.options.Attempts {
		user.locked = true
		f.tokens.dropUser(user)
	}
}

func (f *Fake) refreshGrant(c *engine.Call, client *finClient, token string) engine.Verdict {
	grant := f.tokens.find(token, c.Now)
	if grant == nil || grant.refresh.value != token || grant.client != client {
		return f.reused(c, client, token)
	}
	return engine.Accepted(func() engine.Answer {
		if f.options.Rotation != RotationOff {
			f.tokens.rotate(grant, c.Now)
		}
		return f.granted(c, f.tokens.grant(client, grant.user, c.Now), f.options.Rotation != RotationOff)
	})
}

// reused answers a refresh token that is not, or not any more, the one of a grant.
func (f *Fake) reused(c *engine.Call, client *finClient, value string) engine.Verdict {
	old, ok := f.tokens.retired.Get(engine.DigestOf(value))
	if ok && old.grant.client == client && f.tokens.current(old.grant) {
		switch {
		case c.Now.Sub(old.at) < f.options.Grace && old.grant.refresh.alive(c.Now):
			return engine.Accepted(func() engine.Answer { return f.granted(c, f.tokens.grant(client, old.grant.user, c.Now), true) })
		case f.options.Rotation == RotationDetectsReuse:
			f.tokens.drop(old.grant)
		}
	}
	return engine.Refused(finBad(c, "Invalid refresh token"))
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
func (f *Fake) granted(c *engine.Call, g *finGrant, withRefresh bool) engine.Answer {
	body := &finToken{
		AccessToken: g.access.value, TokenType: "bearer", ExpiresIn: g.access.secondsLeft(c.Now), Scope: "all",
	}
	if withRefresh {
		body.RefreshToken = g.refresh.value
	}
	c.NoStore()
	return engine.Answer{Status: http.StatusOK, Body: body}
}

// revokeToken takes back what a client holds. A token that is not alive, or somebody else's, is as good as revoked.
func (f *Fake) revokeToken(c *engine.Call) engine.Verdict {
	caller := f.tokens.bearer(c.Bearer(), c.Now)
	switch {
	case caller == nil:
		refusal := finUnauthenticated("invalid_token", "The access token is unknown or has ended")
		refusal.Inferred = true // declared for every other call
		return engine.Refused(refusal)
	case caller.user != nil:
		return engine.Refused(finError(c, http.StatusForbidden, "UNAUTHORIZED_ACCESS", "Only the client may revoke tokens"))
	case caller.client.version != finVersionOf(c.Path):
		return engine.Refused(finMismatch(c, caller.client))
	case len(c.Violations) > 0:
		return engine.Refused(finFaults(c))
	}
	form := c.Form()
	switch len(form["token"]) {
	case 0:
		return engine.Refused(finBadGuess(c, "There is no token"))
	case 1:
	default:
		return engine.Refused(finBadGuess(c, "The token comes in the query or in the body, not in both"))
	}
	return engine.Accepted(func() engine.Answer {
		f.revoke(c, caller.client, form.Get("token"), form.Get("token_type_hint"))
		return engine.Answer{Status: http.StatusOK}
	})
}

// revoke follows the hint only so far as the token is of that kind: an access token with a hint goes alone, everything
// else takes its whole grant along.
func (f *Fake) revoke(c *engine.Call, client *finClient, token, hint string) {
	grant := f.tokens.find(token, c.Now)
	switch {
	case grant == nil || grant.client != client:
	case hint != "" && grant.access.value == token:
		f.tokens.dropAccess(grant)
	default:
		f.tokens.drop(grant)
	}
}
