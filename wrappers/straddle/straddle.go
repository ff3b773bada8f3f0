// Package straddle calls Straddle: from a customer and the session token of the Bridge widget to a settled payment. It checks
// what it sends, makes an idempotency key for every write that has none, and takes the payload out of the envelope. It will
// never send the API key anywhere but to the configured host, and it has no business in a browser: that gets the session
// token.
package straddle

import (
	"fmt"
	"strings"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/web"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Environment is one of Straddle's hosts. An API key belongs to one of them.
type Environment uint8

const (
	// Sandbox is https://sandbox.straddle.com, the default.
	Sandbox Environment = iota
	// Production is https://production.straddle.com.
	Production
)

// baseURL returns the host of the environment, or "" for one that does not exist.
func (e Environment) baseURL() string {
	switch e {
	case Sandbox:
		return straddleapi.ServerURLSandbox
	case Production:
		return straddleapi.ServerURLProduction
	}
	return ""
}

// Config is what a [Client] needs to know.
type Config struct {
	// APIKey is the key of the environment. Required.
	APIKey secret.String
	// Environment is the host that is called, unless BaseURL says otherwise.
	Environment Environment
	// BaseURL replaces the host of the environment: https, or http on a loopback host or one of HTTP.InsecureHosts.
	BaseURL string
	// AccountID is the embedded account that a platform acts for, in every call that can be made for one; see
	// [Client.ForAccount]. [rest.AccountID] names another one for one call.
	AccountID string
	// HTTP says how calls are made. Its zero value is good for production.
	HTTP rest.Config
}

// Client calls Straddle. It is safe for any number of goroutines; make one for each API key by [New] and keep it. Every
// call of one that New did not make fails.
type Client struct {
	Services

	cfg  Config
	rest *rest.Client
	api  *straddleapi.Client
	key  *token.Source
}

// New returns a Client. It sends nothing. The error names the field of cfg and the rule it breaks.
func New(cfg Config) (*Client, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("straddle: Config: %w", err)
	}
	return c, nil
}

func newClient(cfg Config) (*Client, error) {
	if cfg.APIKey.IsZero() {
		return nil, rest.Invalid("APIKey", "is required")
	}
	if !isHeader(cfg.APIKey.Reveal()) {
		// Most often the line break at the end of a file. It would fail every call, and only there. Spaces inside are
		// taken: the documented page has a key with some.
		return nil, rest.Invalid("APIKey", "must be visible ASCII, without line breaks and without spaces at its ends")
	}
	if !isHeader(cfg.AccountID) {
		return nil, rest.Invalid("AccountID", "must be visible ASCII, without line breaks and without spaces at its ends")
	}
	if cfg.Environment.baseURL() == "" {
		return nil, rest.Invalid("Environment", "must be Sandbox or Production")
	}
	if err := rest.InsecureHosts("HTTP.InsecureHosts", cfg.HTTP.InsecureHosts); err != nil {
		return nil, err
	}
	base := cfg.BaseURL
	if base == "" {
		base = cfg.Environment.baseURL()
	}
	c := &Client{cfg: cfg, key: token.Static(cfg.APIKey)}
	c.Services = c.services()
	var err error
	if c.rest, err = rest.New(base, rest.Bearer(c.key), cfg.HTTP); err != nil {
		return nil, err
	}
	if c.api, err = straddleapi.NewClient(c.rest.BaseURL(), straddleapi.WithHTTPClient(c.rest)); err != nil {
		return nil, err
	}
	return c, nil
}

// isHeader reports whether a header carries text as it is: ASCII, without control characters and without spaces at its ends.
func isHeader(text string) bool {
	return text == strings.TrimSpace(text) && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// ForAccount returns a client that acts for another embedded account. It shares the connections, the API key and what is
// known of outages with c; to close one is to close both.
func (c *Client) ForAccount(id string) *Client {
	other := *c
	other.cfg.AccountID = id
	other.Services = other.services()
	return &other
}

// made reports whether New made c.
func (c *Client) made() bool { return c != nil && c.api != nil }

// errNotMade is the answer of a Client that New did not make.
var errNotMade = rest.Invalid("Client", "must be made by straddle.New")

// API returns the generated client behind c, over the same chain: for what this package has no method for. Read its
// answers with [Unwrap].
func (c *Client) API() straddleapi.ClientInterface {
	if c.made() {
		return c.api
	}
	none := web.NewGate(nil)
	none.Shut(errNotMade)
	return &straddleapi.Client{Client: none}
}

// Close ends the use of c and closes the connections that no call is using. Every later call of c and of its [Client.API]
// fails with [token.ErrClosed]; one that is running goes on.
func (c *Client) Close() {
	if !c.made() {
		return
	}
	c.key.Close() // no call is made without it
	c.rest.CloseIdleConnections()
}

// CloseIdleConnections closes the connections that no call is using. Later calls open new ones.
func (c *Client) CloseIdleConnections() {
	if c.made() {
		c.rest.CloseIdleConnections()
	}
}
