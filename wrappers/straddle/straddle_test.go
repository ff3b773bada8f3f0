package straddle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Requirements A1, A4: a Config that breaks a rule is refused by New, with the field and the rule and without a secret.
func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*straddle.Config)
		field, rule string
	}{
		"no key":                {func(c *straddle.Config) { c.APIKey = secret.String{} }, "APIKey", "is required"},
		"key with line break":   {func(c *straddle.Config) { c.APIKey = secret.New(apiKey + "\n") }, "APIKey", "must be visible ASCII"},
		"key with space behind": {func(c *straddle.Config) { c.APIKey = secret.New(apiKey + " ") }, "APIKey", "without spaces at its ends"},
		"key with space before": {func(c *straddle.Config) { c.APIKey = secret.New(" " + apiKey) }, "APIKey", "without spaces at its ends"},
		"key with CR LF inside": {func(c *straddle.Config) { c.APIKey = secret.New(apiKey + "\r\nX: y") }, "APIKey", "must be visible ASCII"},
		"key with umlaut":       {func(c *straddle.Config) { c.APIKey = secret.New(apiKey + "ä") }, "APIKey", "must be visible ASCII"},
		"unknown environment":   {func(c *straddle.Config) { c.Environment = 7 }, "Environment", "must be Sandbox or Production"},
		"plain http":            {func(c *straddle.Config) { c.BaseURL = "http://api.example.com" }, "BaseURL", "must be https"},
		"other scheme":          {func(c *straddle.Config) { c.BaseURL = "ftp://localhost" }, "BaseURL", "must be https"},
		"user-info":             {func(c *straddle.Config) { c.BaseURL = "https://me:" + apiKey + "@example.com" }, "BaseURL", "must not hold user-info"},
		"query":                 {func(c *straddle.Config) { c.BaseURL = "https://example.com?a=" + apiKey }, "BaseURL", "must not have a query"},
		"empty query":           {func(c *straddle.Config) { c.BaseURL = "https://example.com?" }, "BaseURL", "must not have a query"},
		"fragment":              {func(c *straddle.Config) { c.BaseURL = "https://example.com#a" }, "BaseURL", "must not have a fragment"},
		"no host":               {func(c *straddle.Config) { c.BaseURL = "/v1" }, "BaseURL", "must be an absolute URL"},
		"not a URL":             {func(c *straddle.Config) { c.BaseURL = "https://exa mple.com" }, "BaseURL", "must be an absolute URL"},
		"a provider's host":     {func(c *straddle.Config) { c.HTTP.InsecureHosts = []string{"live.finapi.io"} }, "HTTP.InsecureHosts[0]", "must not be a host of a provider"},
		"another host":          {func(c *straddle.Config) { c.BaseURL, c.HTTP.InsecureHosts = "http://sandbox", []string{"sandbox:4010"} }, "BaseURL", "must be https"},
		"negative timeout":      {func(c *straddle.Config) { c.HTTP.Timeout = -time.Second }, "", "Timeout must not be negative"},
		"negative limit":        {func(c *straddle.Config) { c.HTTP.MaxBody = -1 }, "", "MaxBody must not be negative"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := straddle.Config{APIKey: secret.New(apiKey)}
			c.change(&cfg)
			got, err := straddle.New(cfg)
			assert.Nil(t, got)
			provider.RequireRefusal(t, err, c.field, c.rule)
		})
	}
}

// Requirements A1 and A135: plain http is for loopback hosts, and for those that are named.
func TestNewAccepts(t *testing.T) {
	for base, want := range map[string]string{
		"http://127.0.0.1:4010/straddle":    "http://127.0.0.1:4010/straddle/v1/bridge/initialize",
		"http://127.0.0.1:4010/straddle/":   "http://127.0.0.1:4010/straddle/v1/bridge/initialize",
		"http://[::1]:4010":                 "http://[::1]:4010/v1/bridge/initialize",
		"http://localhost":                  "http://localhost/v1/bridge/initialize",
		"http://Sandbox:4010/straddle":      "http://sandbox:4010/straddle/v1/bridge/initialize",
		"https://proxy.example.com/a/b":     "https://proxy.example.com/a/b/v1/bridge/initialize",
		"https://proxy.example.com:8443":    "https://proxy.example.com:8443/v1/bridge/initialize",
		"" /* the sandbox's own address */ : "https://sandbox.straddle.com/v1/bridge/initialize",
	} {
		w := wiretest.Script(created("token"))
		_, err := client(t, w, func(c *straddle.Config) {
			c.BaseURL, c.HTTP.InsecureHosts = base, []string{"sandbox:4010"}
		}).Bridge.Initialize(t.Context(), minimal)
		require.NoError(t, err)
		assert.Equal(t, want, w.Requests()[0].URL)
	}
}

func TestEnvironments(t *testing.T) {
	for env, want := range map[straddle.Environment]string{
		straddle.Sandbox:    straddleapi.ServerURLSandbox,
		straddle.Production: straddleapi.ServerURLProduction,
	} {
		w := wiretest.Script(created("token"))
		_, err := client(t, w, func(c *straddle.Config) { c.Environment = env }).Bridge.Initialize(t.Context(), minimal)
		require.NoError(t, err)
		assert.Equal(t, want+"/v1/bridge/initialize", w.Requests()[0].URL)
	}
}

// Requirement G76: neither a Config nor a Client nor a token prints a secret.
func TestNothingPrintsASecret(t *testing.T) {
	cfg := straddle.Config{APIKey: secret.New(apiKey)}
	c := client(t, wiretest.Script(created(canary)))
	token, err := c.Bridge.Initialize(t.Context(), minimal)
	require.NoError(t, err)
	for _, v := range []any{cfg, &cfg, c, *c, token, *token} {
		text := fmt.Sprintf("%v %+v %#v", v, v, v)
		assert.NotContains(t, text, apiKey)
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
	w := &closing{Wire: wiretest.Script(created("t"))}
	c := client(t, w)
	c.CloseIdleConnections()
	_, err := c.Bridge.Initialize(t.Context(), minimal)
	require.NoError(t, err)
	assert.Equal(t, 1, w.closed)
	api := c.API()
	c.Close()
	assert.Equal(t, 2, w.closed)
	_, err = c.Bridge.Initialize(t.Context(), minimal)
	provider.RequireFault(t, err, fault{Kind: token.ErrClosed, Says: "straddle: createBridgeToken: the client is closed"})
	for _, of := range []straddleapi.ClientInterface{api, c.API()} {
		_, err := of.CreateBridgeToken(t.Context(), nil, minimal)
		assert.ErrorIs(t, err, token.ErrClosed)
	}
	assert.Len(t, w.Requests(), 1)
	c.Close()
}

// A Client that New did not make sends nothing, and says how to make one.
func TestClientThatNewDidNotMake(t *testing.T) {
	var c straddle.Client
	_, err := c.Bridge.Initialize(t.Context(), minimal)
	provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: "Client", Says: "straddle: createBridgeToken: Client: must be made by straddle.New"})
	_, err = c.API().CreateBridgeToken(t.Context(), nil, minimal)
	require.ErrorIs(t, err, rest.ErrInvalid)
	c.CloseIdleConnections()
	c.Close()
}

// An API key may have spaces inside, as the one of the documented page has.
func TestKeyWithSpacesInside(t *testing.T) {
	w := wiretest.Script(created("t"))
	_, err := client(t, w, func(c *straddle.Config) { c.APIKey = secret.New("My API Key") }).Bridge.Initialize(t.Context(), minimal)
	require.NoError(t, err)
	assert.Equal(t, "Bearer My API Key", w.Requests()[0].Header.Get("Authorization"))
}
