package finogates_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Requirements A1, A4: a Config that breaks a rule is refused by New, with the field and the rule and without a secret.
func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*finogates.Config)
		field, rule string
	}{
		"no id":               {func(c *finogates.Config) { c.ClientID = "" }, "ClientID", "is required"},
		"short id":            {func(c *finogates.Config) { c.ClientID = "fg_t" }, "ClientID", "must have 5 to 120 characters, has 4"},
		"long id":             {func(c *finogates.Config) { c.ClientID = strings.Repeat("i", 121) }, "ClientID", "must have 5 to 120 characters"},
		"no secret":           {func(c *finogates.Config) { c.ClientSecret = secret.String{} }, "ClientSecret", "is required"},
		"short secret":        {func(c *finogates.Config) { c.ClientSecret = secret.New("canary-se") }, "ClientSecret", "must have 10 to 255 characters, has 9"},
		"long secret":         {func(c *finogates.Config) { c.ClientSecret = secret.New(clientSecret + strings.Repeat("s", 255)) }, "ClientSecret", "10 to 255"},
		"unknown environment": {func(c *finogates.Config) { c.Environment = 7 }, "Environment", "must be Sandbox or Production"},
		"live id in sandbox":  {func(c *finogates.Config) { c.ClientID = "fg_live_cl_abc" }, "ClientID", "belongs to the other Environment"},
		"test id in production": {
			func(c *finogates.Config) { c.Environment = finogates.Production }, "ClientID", "belongs to the other Environment",
		},
		"plain http":       {func(c *finogates.Config) { c.BaseURL = "http://api.example.com" }, "BaseURL", "must be https"},
		"user-info":        {func(c *finogates.Config) { c.BaseURL = "https://me:" + clientSecret + "@example.com" }, "BaseURL", "must not hold user-info"},
		"query":            {func(c *finogates.Config) { c.BaseURL = "https://example.com?a=b" }, "BaseURL", "must not have a query"},
		"fragment":         {func(c *finogates.Config) { c.BaseURL = "https://example.com#" }, "BaseURL", "must not have a fragment"},
		"not a URL":        {func(c *finogates.Config) { c.BaseURL = "example.com" }, "BaseURL", "must be an absolute URL"},
		"negative timeout": {func(c *finogates.Config) { c.HTTP.AttemptTimeout = -1 }, "", "AttemptTimeout must not be negative"},
		"refresh token":    {func(c *finogates.Config) { c.Tokens.Refresh = secret.New(canary) }, "Tokens.Refresh", "must be empty"},
		"a provider's host": {
			func(c *finogates.Config) { c.HTTP.InsecureHosts = []string{"api-sandbox.finogates.com:80"} }, "HTTP.InsecureHosts[0]", "must not be a host of a provider",
		},
		"another host": {
			func(c *finogates.Config) {
				c.BaseURL, c.HTTP.InsecureHosts = "http://sandbox", []string{"sandbox:4010"}
			}, "BaseURL", "must be https",
		},
		"negative window": {func(c *finogates.Config) { c.Tokens.Window = -1 }, "", "Window must not be negative"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := finogates.Config{ClientID: clientID, ClientSecret: secret.New(clientSecret)}
			c.change(&cfg)
			got, err := finogates.New(cfg)
			assert.Nil(t, got)
			provider.RequireRefusal(t, err, c.field, c.rule)
		})
	}
}

// Requirements A1 and A135: plain http is for loopback hosts, and for those that are named. An address of one's own takes credentials of either kind.
func TestBaseURLs(t *testing.T) {
	for _, c := range []struct {
		env                  finogates.Environment
		id, base, wantPrefix string
	}{
		{finogates.Sandbox, clientID, "", finogatesapi.ServerURLSandbox},
		{finogates.Production, "fg_live_cl_abc", "", finogatesapi.ServerURLProduction},
		{finogates.Production, "another-id", "", finogatesapi.ServerURLProduction},
		{finogates.Sandbox, "fg_live_cl_abc", "https://proxy.example.com/a", "https://proxy.example.com/a"},
		{finogates.Sandbox, clientID, "http://localhost:4010/finogates/", "http://localhost:4010/finogates"},
		{finogates.Sandbox, clientID, "http://[::1]", "http://[::1]"},
		{finogates.Sandbox, clientID, "http://sandbox:4010/finogates", "http://sandbox:4010/finogates"},
	} {
		w := wiretest.Script(bearer("b"), minted("t"))
		cl := client(t, w, func(cfg *finogates.Config) {
			cfg.Environment, cfg.ClientID, cfg.BaseURL, cfg.HTTP.InsecureHosts = c.env, c.id, c.base, []string{"sandbox"}
		})
		_, err := cl.EmbedTokens.Create(t.Context(), minimal)
		require.NoError(t, err)
		require.Len(t, w.Requests(), 2)
		assert.Equal(t, c.wantPrefix+exchangePath, w.Requests()[0].URL)
		assert.Equal(t, c.wantPrefix+embedPath, w.Requests()[1].URL)
		_, err = cl.Tokens().Client(nil, "http://sandbox:4010")
		assert.NoError(t, err, "its source signs for them, too")
	}
}

// Requirement G76: neither a Config nor a Client nor a token prints a secret.
func TestNothingPrintsASecret(t *testing.T) {
	cfg := finogates.Config{ClientID: clientID, ClientSecret: secret.New(clientSecret)}
	w := wiretest.Script(bearer(canary), minted(canary))
	c := client(t, w)
	token, err := c.EmbedTokens.Create(t.Context(), minimal)
	require.NoError(t, err)
	bearer, err := c.Tokens().Token(t.Context())
	require.NoError(t, err)
	for _, v := range []any{cfg, &cfg, c, token, *token, bearer, *bearer} {
		text := fmt.Sprintf("%v %+v %#v", v, v, v)
		assert.NotContains(t, text, clientSecret)
		assert.NotContains(t, text, canary)
	}
	assert.Equal(t, canary, token.Token.Reveal())
}

// closing is a transport that counts how often its idle connections are closed.
type closing struct {
	*wiretest.Wire
	closed int
}

func (c *closing) CloseIdleConnections() { c.closed++ }

// After Close nothing is sent, by whatever way.
func TestClose(t *testing.T) {
	w := &closing{Wire: wiretest.Script(bearer("b"), minted("t"))}
	c := client(t, w, func(cfg *finogates.Config) { cfg.Tokens.Timeout = time.Second })
	_, err := c.EmbedTokens.Create(t.Context(), minimal)
	require.NoError(t, err)
	api := c.API()
	c.Close()
	assert.Equal(t, 1, w.closed)
	for name, call := range map[string]func() error{
		"createEmbedToken":    func() error { _, err := c.EmbedTokens.Create(t.Context(), minimal); return err },
		"exchangeClientToken": func() error { _, err := c.ExchangeClientToken(t.Context()); return err },
	} {
		err := call()
		e := provider.RequireFault(t, err, fault{Kind: rest.ErrUnavailable, Says: "the client is closed"})
		assert.Equal(t, name, e.Operation)
		assert.ErrorIs(t, err, token.ErrClosed)
	}
	for _, of := range []finogatesapi.ClientInterface{api, c.API()} {
		_, err = of.ExchangeClientToken(t.Context(), finogatesapi.ExchangeClientTokenRequest{ClientID: clientID})
		assert.ErrorIs(t, err, token.ErrClosed)
	}
	_, err = c.Tokens().Token(t.Context())
	assert.ErrorIs(t, err, token.ErrClosed)
	assert.Len(t, w.Requests(), 2)
	c.Close()
}

// A Client that New did not make sends nothing, and says how to make one.
func TestClientThatNewDidNotMake(t *testing.T) {
	var c finogates.Client
	for name, call := range map[string]func() error{
		"CreateEmbedToken":    func() error { _, err := c.EmbedTokens.Create(t.Context(), minimal); return err },
		"ExchangeClientToken": func() error { _, err := c.ExchangeClientToken(t.Context()); return err },
		"Tokens":              func() error { _, err := c.Tokens().Token(t.Context()); return err },
		"API": func() error {
			_, err := c.API().CreateEmbedToken(t.Context(), minimal)
			return err
		},
	} {
		err := call()
		require.ErrorIs(t, err, rest.ErrInvalid, name)
		assert.ErrorContains(t, err, "Client: must be made by finogates.New", name)
	}
	c.Close()
}
