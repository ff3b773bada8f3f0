// The tokens of finAPI: one grant for each client and user, with at most one access and one refresh token alive.

package finapi

import (
	"math"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// lifetime is a token and its end. The zero lifetime is no token.
type lifetime struct {
	value string
	ends  time.Time // zero: never
}

func (l lifetime) saved() savedToken { return savedToken{l.value, l.ends} }

func (t savedToken) lifetime() lifetime { return lifetime{t.Value, t.Ends} }

func (l lifetime) alive(now time.Time) bool {
	return l.value != "" && (l.ends.IsZero() || now.Before(l.ends))
}

// secondsLeft is the expires_in of a token that is alive. It is an int32, which a clock that was set back, or a snapshot,
// can exceed.
func (l lifetime) secondsLeft(now time.Time) int {
	if l.ends.IsZero() {
		return 0
	}
	return int(min(max(1, l.ends.Sub(now)/time.Second), math.MaxInt32))
}

// finOwner is who a grant belongs to. Without a user it is the client's own.
type finOwner struct {
	client *finClient
	user   *finUser
}

type finGrant struct {
	finOwner
	access  lifetime
	refresh lifetime // of users only
}

// How many grants, and how many refresh tokens that were rotated away, are remembered.
const (
	grantLimit   = 4_000
	retiredLimit = 4_000
)

// finTokens holds the grants. A pair of client and user has one, because the provider gives the same token to everyone
// who asks while it is alive. It is not safe for many goroutines.
type finTokens struct {
	ids         *engine.IDs
	accessLife  time.Duration
	refreshLife time.Duration
	grants      *engine.Bounded[finOwner, *finGrant]
	byToken     map[engine.Digest]*finGrant // two of each grant at most
	retired     *engine.Bounded[engine.Digest, retiredToken]
}

// retiredToken is a refresh token that was rotated away.
type retiredToken struct {
	grant *finGrant
	at    time.Time
}

func newFinTokens(ids *engine.IDs, accessLife, refreshLife time.Duration) *finTokens {
	t := &finTokens{
		ids: ids, accessLife: accessLife, refreshLife: refreshLife,
		grants: engine.NewBounded[finOwner, *finGrant](grantLimit), byToken: map[engine.Digest]*finGrant{},
		retired: engine.NewBounded[engine.Digest, retiredToken](retiredLimit),
	}
	t.grants.OnEvict = func(_ finOwner, g *finGrant) {
		t.forget(&g.access)
		t.forget(&g.refresh)
	}
	return t
}

// grant returns the grant of the pair with tokens that are alive: those it has, or new ones.
func (t *finTokens) grant(client *finClient, user *finUser, now time.Time) *finGrant {
	owner := finOwner{client, user}
	g, ok := t.grants.Get(owner)
	if !ok {
		g = &finGrant{finOwner: owner}
		t.grants.Put(owner, g)
	}
	if !g.access.alive(now) {
		t.replace(g, &g.access, "sandbox_at_", now, t.accessLife)
	}
	if user != nil && !g.refresh.alive(now) {
		t.replace(g, &g.refresh, "sandbox_rt_", now, t.refreshLife)
	}
	return g
}

// current reports whether a grant is the one of its pair, and was not taken back.
func (t *finTokens) current(g *finGrant) bool {
	now, _ := t.grants.Get(g.finOwner)
	return now == g
}

// rotate gives the grant a new refresh token and voids the old one.
func (t *finTokens) rotate(g *finGrant, now time.Time) {
	t.retired.Put(engine.DigestOf(g.refresh.value), retiredToken{g, now})
	t.replace(g, &g.refresh, "sandbox_rt_", now, t.refreshLife)
}

func (t *finTokens) replace(g *finGrant, token *lifetime, mark string, now time.Time, life time.Duration) {
	t.forget(token)
	token.value = t.ids.Marked(mark, 40)
	if life > 0 {
		token.ends = now.Add(life)
	}
	t.byToken[engine.DigestOf(token.value)] = g
}

// find returns the grant that a living access or refresh token belongs to, or nil.
func (t *finTokens) find(value string, now time.Time) *finGrant {
	g := t.byToken[engine.DigestOf(value)]
	switch {
	case g == nil:
	case g.access.value == value && g.access.alive(now):
		return g
	case g.refresh.value == value && g.refresh.alive(now):
		return g
	}
	return nil
}

// bearer returns the grant of a living access token, or nil: a refresh token opens nothing.
func (t *finTokens) bearer(value string, now time.Time) *finGrant {
	g := t.find(value, now)
	if g == nil || g.access.value != value {
		return nil
	}
	return g
}

func (t *finTokens) dropAccess(g *finGrant) { t.forget(&g.access) }

func (t *finTokens) drop(g *finGrant) {
	t.forget(&g.access)
	t.forget(&g.refresh)
	t.grants.Drop(g.finOwner)
}

// dropUser voids what every client holds for the user.
func (t *finTokens) dropUser(user *finUser) {
	for owner, g := range t.grants.All() {
		if owner.user == user {
			t.drop(g)
		}
	}
}

// dropClient voids what a client holds for itself; the tokens of its users stay.
func (t *finTokens) dropClient(client *finClient) {
	if g, ok := t.grants.Get(finOwner{client: client}); ok {
		t.drop(g)
	}
}

func (t *finTokens) forget(token *lifetime) {
	delete(t.byToken, engine.DigestOf(token.value))
	*token = lifetime{}
}
