package rest

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// The limits that apply where a [Config] or an [Operation] names no other.
const (
	DefaultTimeout        = 30 * time.Second
	DefaultAttemptTimeout = 10 * time.Second
	DefaultMaxAttempts    = 3
	DefaultMaxRetryWait   = 10 * time.Second
	DefaultMaxBody        = 1 << 20
	// TokenMaxBody is the limit for the answers of token endpoints.
	TokenMaxBody = 64 << 10
)

// Config says how calls are made. The zero Config is a good one for production.
type Config struct {
	// HTTPClient makes the connections: proxies, certificates, a transport of your own. Its transport and its
	// Timeout count; redirects and cookies stay off whatever it says. An *http.Transport that would let somebody else see
	// the credential is refused: one that allows TLS below 1.2, takes any certificate, takes another server's
	// (TLSClientConfig.ServerName), or makes TLS by itself (DialTLSContext). Over plain http its proxy is not used. Into
	// a RoundTripper of another type nobody can look: what it does with the credential is up to it. nil means a transport
	// of our own.
	HTTPClient *http.Client
	// InsecureHosts are hosts that plain http is accepted to although they are not this machine, such as a container with
	// a sandbox in it. Each is written as in a URL, a name or an address, and is compared as it is written but for case:
	// "sandbox" stands for all ports, "sandbox:4010" for that one, and neither for a sub-domain. Over plain http everybody
	// on the way reads the credentials and the tokens, and can answer instead of the host; so it is
	// for credentials that are worth nothing. Refused are wildcards, names that are not ASCII, and every host in a
	// domain of finAPI, Finogates or Straddle, their sandboxes included. nil means none.
	InsecureHosts []string
	// UserAgent is put in front of fintoken's own product name: products as in RFC 9110 §10.1.5, such as
	// "shop/2.1".
	UserAgent string
	// Timeout ends a call with all its attempts and waits. It does not make an attempt last longer than AttemptTimeout, as
	// the option [Timeout] does. 0 means DefaultTimeout.
	Timeout time.Duration
	// AttemptTimeout ends one attempt, reading its response included. 0 means DefaultAttemptTimeout. The Timeout of
	// HTTPClient does so as well, if it is shorter. Neither holds for uploads; see [Form].
	AttemptTimeout time.Duration
	// MaxAttempts is how often a call is sent at most, where its operation allows retries; see [Repeat]. All attempts
	// count, the one with a new credential after a 401 as well; that one may be the second whatever this says. 0 means
	// DefaultMaxAttempts, 1 means no retries.
	MaxAttempts int
	// MaxRetryWait is the longest wait before another attempt. When a provider asks for a longer one, the call
	// ends at once and its Error tells how long. 0 means DefaultMaxRetryWait.
	MaxRetryWait time.Duration
	// MaxBody is how many bytes of an answer are read, after decompression. A longer one is an error. 0 means
	// the limit of the operation: TokenMaxBody for tokens, else DefaultMaxBody.
	MaxBody int64
	// RepeatInDoubt also sends calls again whose outcome is in doubt and that may have an effect twice: an embed token too
	// many, a refresh token spent and, where the provider watches for that, its grant revoked. Passwords are not sent
	// again. The option [RepeatInDoubt] does it for one call.
	RepeatInDoubt bool
	// BreakAfter stops sending after so many attempts in a row that the provider did not answer or failed itself
	// (5xx). Further calls then fail at once; every BreakTime one of them is let through to see. 0 means never.
	BreakAfter int
	// Logger gets a line at level Debug for each attempt, wait and call: provider, operation, method, path
	// template, status, request id, attempt, duration. Never a body, a header, a query or an address; of a request that
	// no operation describes, the host stands in for the provider. nil means none.
	Logger *slog.Logger
	// Observer watches calls, for traces and metrics. nil means none.
	Observer Observer
}

// BreakTime is how long calls fail at once after Config.BreakAfter failures in a row, before one is let through.
const BreakTime = 5 * time.Second

// withDefaults returns c with its zeros filled in, MaxBody excepted.
func (c Config) withDefaults() (Config, error) {
	for _, f := range []struct {
		name     string
		value    *time.Duration
		fallback time.Duration
	}{
		{"Timeout", &c.Timeout, DefaultTimeout},
		{"AttemptTimeout", &c.AttemptTimeout, DefaultAttemptTimeout},
		{"MaxRetryWait", &c.MaxRetryWait, DefaultMaxRetryWait},
	} {
		if *f.value < 0 {
			return c, fmt.Errorf("rest: Config.%s must not be negative", f.name)
		}
		if *f.value == 0 {
			*f.value = f.fallback
		}
	}
	switch {
	case c.MaxAttempts < 0:
		return c, fmt.Errorf("rest: Config.MaxAttempts must not be negative")
	case c.MaxBody < 0:
		return c, fmt.Errorf("rest: Config.MaxBody must not be negative")
	case c.BreakAfter < 0:
		return c, fmt.Errorf("rest: Config.BreakAfter must not be negative")
	}
	if c.MaxAttempts == 0 {
		c.MaxAttempts = DefaultMaxAttempts
	}
	if c.HTTPClient != nil && c.HTTPClient.Timeout > 0 {
		c.AttemptTimeout = min(c.AttemptTimeout, c.HTTPClient.Timeout)
	}
	if rule := productRule(c.UserAgent); rule != "" {
		return c, fmt.Errorf("rest: Config.UserAgent %s", rule)
	}
	return c, nil
}
