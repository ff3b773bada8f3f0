// Package finogates gets embed tokens for iframes from Finogates. It exchanges the client credentials for a bearer,
// renews that by itself, and takes the payload out of the envelope. It will never put a token into a query, send the
// client secret anywhere but to the configured host, or share an embed token: each call makes a new one.
package finogates

import (
	"context"
	"fmt"
	"strings"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/web"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Environment is one of Finogates' hosts. Client credentials belong to one of them.
type Environment uint8

const (
	// Sandbox is https://api-sandbox.finogates.com, the default.
	Sandbox Environment = iota
	// Production is https://api.finogates.com.
	Production
)

// environments are the hosts and how the client ids of the other one begin.
var environments = map[Environment]struct{ url, foreign string }{
	Sandbox:    {finogatesapi.ServerURLSandbox, "fg_live_"},
	Production: {finogatesapi.ServerURLProduction, "fg_test_"},
}

// Config is what a [Client] needs to know.
type Config struct {
	// ClientID is the id of the client, 5 to 120 characters. Required.
	ClientID string
	// ClientSecret is the secret of the client, 10 to 255 characters. Required.
	ClientSecret secret.String
	// Environment is the host that is called, unless BaseURL says otherwise.
	Environment Environment
	// BaseURL replaces the host of the environment: https, or http on a loopback host or one of HTTP.InsecureHosts.
	BaseURL string
	// HTTP says how calls are made. Its zero value is good for production.
	HTTP rest.Config
	// Tokens says how the bearer is kept alive. Its zero value is good for production. Its Refresh must be empty:
	// Finogates has no refresh tokens.
	Tokens token.Config
}

// check refuses a Config that breaks a rule and returns the URL to call.
func (c Config) check() (string, error) {
	env, ok := environments[c.Environment]
	if !ok {
		return "", rest.Invalid("Environment", "must be Sandbox or Production")
	}
	if err := rest.First(
		rest.Required("ClientID", c.ClientID),
		rest.Length("ClientID", c.ClientID, 5, 120),
		rest.Required("ClientSecret", c.ClientSecret.Reveal()),
		rest.Length("ClientSecret", c.ClientSecret.Reveal(), 10, 255),
		rest.InsecureHosts("HTTP.InsecureHosts", c.HTTP.InsecureHosts),
	); err != nil {
		return "", err
	}
	if !c.Tokens.Refresh.IsZero() {
		return "", rest.Invalid("Tokens.Refresh", "must be empty: Finogates has no refresh tokens")
	}
	if c.BaseURL != "" {
		return c.BaseURL, nil
	}
	if strings.HasPrefix(c.ClientID, env.foreign) {
		return "", rest.Invalid("ClientID", "begins with "+env.foreign+" and so belongs to the other Environment")
	}
	return env.url, nil
}

// Client calls Finogates. It is safe for any number of goroutines; make one for each set of credentials by [New] and keep
// it: it holds the bearer. Every call of one that New did not make fails.
type Client struct {
	Services

	cfg    Config
	rest   *rest.Client
	gate   *web.Gate
	api    *finogatesapi.Client
	tokens *token.Source
}

// New returns a Client. It sends nothing; the first call fetches the bearer. The error names the field of cfg and
// the rule it breaks.
func New(cfg Config) (*Client, error) {
	c, err := newClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("finogates: Config: %w", err)
	}
	return c, nil
}

func newClient(cfg Config) (*Client, error) {
	base, err := cfg.check()
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg}
	c.Services = c.services()
	if c.tokens, err = token.New(c.fetch, cfg.bearer(base)); err != nil {
		return nil, err
	}
	if c.rest, err = rest.New(base, rest.Bearer(c.tokens), cfg.HTTP); err != nil {
		return nil, err
	}
	c.gate = web.NewGate(c.rest)
	if c.api, err = finogatesapi.NewClient(c.rest.BaseURL(), finogatesapi.WithHTTPClient(c.gate)); err != nil {
		return nil, err
	}
	return c, nil
}

// service is what the calls of a service are made with.
type service struct{ client *Client }

// of returns the client of s, or one whose calls fail where s is of none.
func (s *service) of() *Client {
	if s == nil {
		return &Client{}
	}
	return s.client
}

// checks begins the checks of a call.
func (s *service) checks() rest.Checks {
	return rest.Checks{Production: s.of().cfg.Environment == Production}
}

// made reports whether New made c.
func (c *Client) made() bool { return c.api != nil }

// errNotMade is the answer of a Client that New did not make.
var errNotMade = rest.Invalid("Client", "must be made by finogates.New")

// API returns the generated client behind c, over the same chain: for what this package has no method for. Read its
// answers with [Unwrap].
func (c *Client) API() finogatesapi.ClientInterface {
	if c.made() {
		return c.api
	}
	none := web.NewGate(nil)
	none.Shut(errNotMade)
	return &finogatesapi.Client{Client: none}
}

// Tokens returns the source of the client's bearer, for calls of your own.
//
// Credentials that are refused (400, or 401: [token.ErrBadClient]) stop the source: every further call returns the same
// error, which is [token.ErrFinal], until [token.Source.Reset]. So that nothing in between can stop it for good, any other
// answer that is neither a bearer nor a passing failure (408, 429, 5xx) makes it wait, for 1 minute, then 5, then 15.
func (c *Client) Tokens() *token.Source {
	if c.made() {
		return c.tokens
	}
	s, _ := token.New(func(context.Context, *token.Token) (*token.Token, error) {
		return nil, token.Final(errNotMade)
	}, token.Config{OnEvent: func(context.Context, token.Event) {}})
	return s
}

// Close drops the bearer and ends a fetch of it that is running. Every later call of c and of its [Client.API] fails with
// [token.ErrClosed].
func (c *Client) Close() {
	if !c.made() {
		return
	}
	c.gate.Shut(token.ErrClosed)
	c.tokens.Close()
	c.rest.CloseIdleConnections()
}
