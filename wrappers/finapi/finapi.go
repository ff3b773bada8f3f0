// Package finapi gets, renews and revokes OAuth tokens of finAPI Access, for a client and for its users. It will
// never put a token or a secret into a URL unless Config.RevokeInQuery asks for that, repeat a password by itself after an answer to it or in doubt of one (wrong
// ones lock the user), or use a token for a host other than the configured one.
package finapi

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/internal/web"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Environment is one of finAPI's hosts. Client credentials belong to one of them.
type Environment uint8

const (
	// Sandbox is https://sandbox.finapi.io, the default.
	Sandbox Environment = iota
	// Production is https://live.finapi.io.
	Production
)

// baseURL returns the host of the environment, or "" for one that does not exist.
func (e Environment) baseURL() string {
	switch e {
	case Sandbox:
		return finapiaccess.ServerURLSandbox
	case Production:
		return finapiaccess.ServerURLProduction
	}
	return ""
}

// APIVersion is a version of finAPI Access. A client is bound to one; calls in the other one fail with an error that
// is rest.ErrVersionMismatch.
type APIVersion uint8

const (
	// V1 has the paths /oauth/token and /oauth/revoke. The default.
	V1 APIVersion = iota
	// V2 has the paths /api/v2/oauth/token and /api/v2/oauth/revoke.
	V2
)

// Config is what a [Client] needs to know.
type Config struct {
	// ClientID and ClientSecret are the client's credentials. Required.
	ClientID     string
	ClientSecret secret.String
	// APIVersion is the version of the API that the client is bound to.
	APIVersion APIVersion
	// Environment is the host that is called, unless BaseURL says otherwise.
	Environment Environment
	// BaseURL replaces the host of the environment: https, or http on a loopback host or one of HTTP.InsecureHosts.
	BaseURL string
	// HTTP says how calls are made. Its zero value is good for production.
	HTTP rest.Config
	// Tokens says how tokens are kept alive. Its zero value is good for production. In its Store the client and each
	// user have a record of their own, whose key begins with its Key; its Refresh is not used, see RefreshTokens.
	Tokens token.Config
	// PasswordCoolDown is how long a source of UserTokensFunc waits, after a password that was answered with anything
	// but a token or whose answer was lost, before it asks for the password again. 0 means 15 minutes.
	PasswordCoolDown time.Duration
	// RevokeOnClose makes the Close of a user's source revoke what it holds, unless Tokens.Revoke says what to do.
	// Close the sources before the Client, whose token is the authority.
	RevokeOnClose bool
	// RevokeInQuery makes RevokeToken send the token in the query of the URL, the one way that the page of V1 shows. Servers
	// and proxies log URLs, so by default the token goes in a form, as V2 has it; that V1 takes a form, too, is inferred from
	// one client that sends it. It is for V1 only. Nothing here logs the URL.
	RevokeInQuery bool
}

// check refuses a Config that breaks a rule and returns the URL to call.
func (c Config) check() (string, error) {
	if err := rest.First(rest.Required("ClientID", c.ClientID), rest.Required("ClientSecret", c.ClientSecret.Reveal())); err != nil {
		return "", err
	}
	if c.APIVersion > V2 {
		return "", rest.Invalid("APIVersion", "must be V1 or V2")
	}
	if c.RevokeInQuery && c.APIVersion != V1 {
		return "", rest.Invalid("RevokeInQuery", "is for V1 only")
	}
	if c.PasswordCoolDown < 0 {
		return "", rest.Invalid("PasswordCoolDown", "must not be negative")
	}
	url := c.Environment.baseURL()
	if url == "" {
		return "", rest.Invalid("Environment", "must be Sandbox or Production")
	}
	if err := rest.InsecureHosts("HTTP.InsecureHosts", c.HTTP.InsecureHosts); err != nil {
		return "", err
	}
	if c.BaseURL != "" {
		url = c.BaseURL
	}
	return url, nil
}

// Client calls finAPI Access for one client. It is safe for any number of goroutines; make one for each set of
// credentials by [New] and keep it: it holds the client's token. Every call of one that New did not make fails.
type Client struct {
	cfg     Config
	rest    *rest.Client
	gate    *web.Gate
	api     *finapiaccess.Client
	client  *token.Source
	holders *holders
}

// defaultCoolDown is Config.PasswordCoolDown unless it says otherwise.
const defaultCoolDown = 15 * time.Minute

// New returns a Client. It sends nothing; tokens are fetched when they are needed. The error names the field of cfg
// and the rule it breaks.
func New(cfg Config) (*Client, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("finapi: Config: %w", err)
	}
	return c, nil
}

func newClient(cfg Config) (*Client, error) {
	url, err := cfg.check()
	if err != nil {
		return nil, err
	}
	cfg.PasswordCoolDown = cmp.Or(cfg.PasswordCoolDown, defaultCoolDown)
	cfg.Tokens.InsecureHosts = slices.Concat(cfg.Tokens.InsecureHosts, cfg.HTTP.InsecureHosts)
	c := &Client{cfg: cfg, holders: newHolders()}
	if c.client, err = c.holders.add(c.fetchClientToken, cfg.clientTokens(url)); err != nil {
		return nil, err
	}
	if c.rest, err = rest.New(url, rest.Bearer(c.client), cfg.HTTP); err != nil {
		return nil, err
	}
	c.gate = web.NewGate(c.rest)
	if c.api, err = finapiaccess.NewClient(c.rest.BaseURL(), finapiaccess.WithHTTPClient(c.gate)); err != nil {
		return nil, err
	}
	return c, nil
}

// made reports whether New made c.
func (c *Client) made() bool { return c.api != nil }

// errNotMade is the answer of a Client that New did not make.
var errNotMade = rest.Invalid("Client", "must be made by finapi.New")

// API returns the generated client behind c, over the same chain: for what this package has no method for. Requests
// of it carry the client's token.
func (c *Client) API() finapiaccess.ClientInterface {
	if c.made() {
		return c.api
	}
	none := web.NewGate(nil)
	none.Shut(errNotMade)
	return &finapiaccess.Client{Client: none}
}

// Close drops the client's token and ends a fetch of it that is running. Every later call of c and of its [Client.API]
// fails with [token.ErrClosed], and so does every fetch of a source of user tokens. Such a source is to be closed on its
// own, and before c if Config.RevokeOnClose is set.
func (c *Client) Close() {
	if !c.made() {
		return
	}
	c.gate.Shut(token.ErrClosed)
	c.client.Close()
	c.rest.CloseIdleConnections()
}
