// The options of a Sandbox and their limits.

package sandbox

import (
	"math"
	"slices"
	"time"
)

// Option changes how a Sandbox behaves. The last of several equal options wins.
type Option func(*config)

type config struct {
	seed        *int64
	now         func() time.Time
	accessLife  time.Duration
	refreshLife time.Duration
	rotation    RefreshRotation
	grace       time.Duration
	attempts    int
	strict      bool
	remote      bool
	hosts       []string // of AllowRemote, in lower case
	remoteAdmin bool
	adminHosts  []string // of AllowRemoteAdmin and Listen, in lower case
	tls         bool
}

func defaults() config {
	return config{now: time.Now, accessLife: time.Hour, refreshLife: 24 * time.Hour, attempts: 3}
}

func (c *config) check() error {
	switch {
	case c.now == nil:
		return invalid("Clock", "the function is nil")
	case !allowedLife(c.accessLife):
		return invalid("AccessTokenLife", "must be 0, or from one second to %s", longestLife)
	case !allowedLife(c.refreshLife):
		return invalid("RefreshTokenLife", "must be 0, or from one second to %s", longestLife)
	case c.rotation > RotationDetectsReuse:
		return invalid("RefreshTokenRotation", "must be RotationOff, RotationOn or RotationDetectsReuse")
	case c.grace < 0 || c.grace > graceLimit:
		return invalid("RefreshTokenGrace", "must be between 0 and %s", graceLimit)
	case c.grace > 0 && c.rotation == RotationOff:
		return invalid("RefreshTokenGrace", "goes with rotation only")
	case c.attempts < 0:
		return invalid("LoginAttempts", "must be 0 or more")
	case !all(c.hosts, isHost):
		return invalid("AllowRemote", "must have names or addresses of hosts, without a port")
	case !all(c.adminHosts, hostName.MatchString):
		return invalid("AllowRemoteAdmin", "must have names of hosts, without a port")
	}
	return nil
}

func all(texts []string, holds func(string) bool) bool {
	return !slices.ContainsFunc(texts, func(text string) bool { return !holds(text) })
}

// longestLife is what fits the int32 of expires_in.
const longestLife = math.MaxInt32 * time.Second

// allowedLife keeps lives to what expires_in can say: a number of whole seconds, where 0 means for ever.
func allowedLife(d time.Duration) bool { return d == 0 || d >= time.Second && d <= longestLife }

// Seed makes the Sandbox deterministic: the same seed, clock and order of calls at a provider give the same
// credentials, ids and tokens, and the same faults by chance. Such secrets can be guessed; without Seed they have at
// least 128 random bits.
func Seed(n int64) Option { return func(c *config) { c.seed = &n } }

// Clock sets where the Sandbox takes the real time from. The default is time.Now. The function is called from many
// goroutines. [Sandbox.Clock] moves on from there.
func Clock(now func() time.Time) Option { return func(c *config) { c.now = now } }

// AccessTokenLife sets how long access tokens of finAPI live. The default is one hour, the least one second, the most
// 2^31-1 seconds; 0 means that they never end, which the provider reports as expires_in 0.
func AccessTokenLife(d time.Duration) Option { return func(c *config) { c.accessLife = d } }

// RefreshTokenLife sets how long refresh tokens of finAPI live. The default is 24 hours (the provider publishes none),
// the least one second, the most 2^31-1 seconds; 0 means that they never end.
func RefreshTokenLife(d time.Duration) Option { return func(c *config) { c.refreshLife = d } }

// RotateRefreshTokens is RefreshTokenRotation(RotationOn).
func RotateRefreshTokens() Option { return RefreshTokenRotation(RotationOn) }

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

// RefreshTokenRotation sets what happens to a refresh token that was used.
func RefreshTokenRotation(r RefreshRotation) Option { return func(c *config) { c.rotation = r } }

// graceLimit is the longest window in which a voided refresh token may come again.
const graceLimit = time.Hour

// RefreshTokenGrace sets for how long a voided refresh token may come again and gets the current tokens once more, as
// happens when an answer was lost or two processes refresh at once. The default is 0, the most one hour.
func RefreshTokenGrace(d time.Duration) Option { return func(c *config) { c.grace = d } }

// Strict refuses what passes otherwise with a note in the journal: what the documents do not have, although nothing
// forbids it, such as a header, a parameter or a member of another name.
func Strict() Option { return func(c *config) { c.strict = true } }

// LoginAttempts sets how many wrong passwords in a row a finAPI user may have; the next one locks the user. The default
// is 3, the provider's example; 0 means that none does.
func LoginAttempts(n int) Option { return func(c *config) { c.attempts = n } }

// AllowRemote lets [Listen] serve an address that is not a loopback one. What the sandbox accepts is no protection on a
// network. The admin API and the status page stay with the machine unless [AllowRemoteAdmin] is given as well; that it
// serves, /_sandbox/v1/health tells everybody. The hosts, if there are any, are names or addresses by which others call it,
// such as that of a service: the first stands in [Server.URL], all stand in the certificate of [TLS], and the admin API
// answers under them.
func AllowRemote(hosts ...string) Option {
	return func(c *config) { c.remote, c.hosts = true, lowered(hosts) }
}

// AllowRemoteAdmin lets anyone who reaches the Sandbox use the admin API and see the status page, credentials included:
// by its address, by the name that it listens at, or by one of the host names given here or to [AllowRemote]. A call under
// any other name is refused, and so is one that a page of the web makes.
func AllowRemoteAdmin(hosts ...string) Option {
	return func(c *config) { c.remoteAdmin, c.adminHosts = true, lowered(hosts) }
}

func lowered(texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, lower(text))
	}
	return out
}

// TLS makes [Listen] and [Server.Expose] serve https, with a certificate of an authority that is made for the server and
// forgotten with it; [Server.CACertificate] is what clients must trust. It is for addresses: a Unix socket is refused.
func TLS() Option { return func(c *config) { c.tls = true } }
