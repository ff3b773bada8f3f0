package rest

import (
	"crypto/tls"
	"fmt"
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
	// HTTPClient makes the connections: proxies, certificates, a transport of your own. It is copied; redirects
	// and cookies stay off whatever it says. nil means a client with TLS 1.2 or later.
	HTTPClient *http.Client
	// UserAgent is put in front of fintoken's own product name.
	UserAgent string
	// Timeout ends a call with all its attempts and waits. 0 means DefaultTimeout.
	Timeout time.Duration
	// AttemptTimeout ends one attempt, reading its answer included. 0 means DefaultAttemptTimeout.
	AttemptTimeout time.Duration
	// MaxAttempts is how often a call is sent at most, where its operation may be repeated. 0 means
	// DefaultMaxAttempts, 1 means never again.
	MaxAttempts int
	// MaxRetryWait is the longest wait before another attempt. When a provider asks for a longer one, the call
	// ends at once and its Error tells how long. 0 means DefaultMaxRetryWait.
	MaxRetryWait time.Duration
	// MaxBody is how many bytes of an answer are read, after decompression. A longer one is an error. 0 means
	// the limit of the operation: TokenMaxBody for tokens, else DefaultMaxBody.
	MaxBody int64
}

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
	if c.MaxAttempts < 0 {
		return c, fmt.Errorf("rest: Config.MaxAttempts must not be negative")
	}
	if c.MaxAttempts == 0 {
		c.MaxAttempts = DefaultMaxAttempts
	}
	if c.MaxBody < 0 {
		return c, fmt.Errorf("rest: Config.MaxBody must not be negative")
	}
	if rule := headerValueRule(c.UserAgent); rule != "" {
		return c, fmt.Errorf("rest: Config.UserAgent %s", rule)
	}
	return c, nil
}

// httpClient returns the client that calls go through: a copy of c.HTTPClient, or one of our own, that follows no
// redirect and keeps no cookie.
func (c Config) httpClient() *http.Client {
	out := &http.Client{}
	if c.HTTPClient != nil {
		*out = *c.HTTPClient
	}
	if out.Transport == nil {
		out.Transport = newTransport()
	}
	out.Jar = nil
	out.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return out
}

// newTransport returns the standard transport with TLS 1.2 as its floor.
func newTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // the program replaced it; respect that
		return http.DefaultTransport
	}
	t := standard.Clone()
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	return t
}
