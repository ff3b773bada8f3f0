// The options of a Sandbox and their limits.

package sandbox

import (
	"math"
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/sandbox/internal/finapi"
)

// Option changes how a Sandbox behaves. The last of several equal options wins, unless an option says otherwise.
type Option func(*config)

type config struct {
	seed        *int64
	now         func() time.Time
	finAPI      finapi.Options
	strict      bool
	remote      bool
	hosts       []string // of AllowRemote, in lower case
	remoteAdmin bool
	adminHosts  []string // of AllowRemoteAdmin and Listen, in lower case
	tls         bool

	webhooks     []engine.Webhook
	webhookHosts []string // in lower case
}

func defaults() config {
	return config{now: time.Now, finAPI: finapi.Options{AccessLife: time.Hour, RefreshLife: 24 * time.Hour, Attempts: 3}}
}

func (c *config) check() error {
	switch {
	case c.now == nil:
		return engine.Invalid("Clock", "the function is nil")
	case !allowedLife(c.finAPI.AccessLife):
		return engine.Invalid("AccessTokenLife", "must be 0, or from one second to %s", longestLife)
	case !allowedLife(c.finAPI.RefreshLife):
		return engine.Invalid("RefreshTokenLife", "must be 0, or from one second to %s", longestLife)
	case c.finAPI.Rotation > RotationDetectsReuse:
		return engine.Invalid("RefreshTokenRotation", "must be RotationOff, RotationOn or RotationDetectsReuse")
	case c.finAPI.Grace < 0 || c.finAPI.Grace > graceLimit:
		return engine.Invalid("RefreshTokenGrace", "must be between 0 and %s", graceLimit)
	case c.finAPI.Grace > 0 && c.finAPI.Rotation == RotationOff:
		return engine.Invalid("RefreshTokenGrace", "goes with rotation only")
	case c.finAPI.Attempts < 0:
		return engine.Invalid("LoginAttempts", "must be 0 or more")
	case !all(c.hosts, isHost):
		return engine.Invalid("AllowRemote", "must have names or addresses of hosts, without a port")
	case !all(c.adminHosts, engine.HostName.MatchString):
		return engine.Invalid("AllowRemoteAdmin", "must have names of hosts, without a port")
	case !all(c.webhookHosts, isHost):
		return engine.Invalid("WebhookHosts", "must have names or addresses of hosts, without a port")
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
func AccessTokenLife(d time.Duration) Option { return func(c *config) { c.finAPI.AccessLife = d } }

// RefreshTokenLife sets how long refresh tokens of finAPI live. The default is 24 hours (the provider publishes none),
// the least one second, the most 2^31-1 seconds; 0 means that they never end.
func RefreshTokenLife(d time.Duration) Option { return func(c *config) { c.finAPI.RefreshLife = d } }

// RotateRefreshTokens is RefreshTokenRotation(RotationOn).
func RotateRefreshTokens() Option { return RefreshTokenRotation(RotationOn) }

// RefreshTokenRotation sets what happens to a refresh token that was used.
func RefreshTokenRotation(r RefreshRotation) Option { return func(c *config) { c.finAPI.Rotation = r } }

// graceLimit is the longest window in which a voided refresh token may come again.
const graceLimit = time.Hour

// RefreshTokenGrace sets for how long a voided refresh token may come again and gets the current tokens once more, as
// happens when an answer was lost or two processes refresh at once. The default is 0, the most one hour.
func RefreshTokenGrace(d time.Duration) Option { return func(c *config) { c.finAPI.Grace = d } }

// Strict refuses what passes otherwise with a note in the journal: what the documents do not have, although nothing
// forbids it, such as a header, a parameter or a member of another name.
func Strict() Option { return func(c *config) { c.strict = true } }

// LoginAttempts sets how many wrong passwords in a row a finAPI user may have; the next one locks the user. The default
// is 3, the provider's example; 0 means that none does.
func LoginAttempts(n int) Option { return func(c *config) { c.finAPI.Attempts = n } }

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
		out = append(out, engine.Lower(text))
	}
	return out
}

// TLS makes [Listen] and [Server.Expose] serve https, with a certificate of an authority that is made for the server and
// forgotten with it; [Server.CACertificate] is what clients must trust. It is for addresses: a Unix socket is refused.
func TLS() Option { return func(c *config) { c.tls = true } }
