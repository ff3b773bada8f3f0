package finapi_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Requirements A1, A4: a Config that breaks a rule is refused by New, with the field and the rule and without a secret.
func TestNewRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*finapi.Config)
		field, rule string
	}{
		"no id":               {func(c *finapi.Config) { c.ClientID = "" }, "ClientID", "is required"},
		"no secret":           {func(c *finapi.Config) { c.ClientSecret = secret.String{} }, "ClientSecret", "is required"},
		"unknown version":     {func(c *finapi.Config) { c.APIVersion = 3 }, "APIVersion", "must be V1 or V2"},
		"V2 in the query":     {func(c *finapi.Config) { c.APIVersion, c.RevokeInQuery = finapi.V2, true }, "RevokeInQuery", "is for V1 only"},
		"unknown environment": {func(c *finapi.Config) { c.Environment = 7 }, "Environment", "must be Sandbox or Production"},
		"plain http":          {func(c *finapi.Config) { c.BaseURL = "http://api.example.com" }, "BaseURL", "must be https"},
		"user-info":           {func(c *finapi.Config) { c.BaseURL = "https://me:" + clientSecret + "@example.com" }, "BaseURL", "must not hold user-info"},
		"query":               {func(c *finapi.Config) { c.BaseURL = "https://example.com/?a=b" }, "BaseURL", "must not have a query"},
		"fragment":            {func(c *finapi.Config) { c.BaseURL = "https://example.com/#a" }, "BaseURL", "must not have a fragment"},
		"not a URL":           {func(c *finapi.Config) { c.BaseURL = "://" }, "BaseURL", "must be an absolute URL"},
		"a provider's host":   {func(c *finapi.Config) { c.HTTP.InsecureHosts = []string{"sandbox.finapi.io"} }, "HTTP.InsecureHosts[0]", "must not be a host of a provider"},
		"another's host":      {func(c *finapi.Config) { c.HTTP.InsecureHosts = []string{"a", "api.finogates.com"} }, "HTTP.InsecureHosts[1]", "must not be a host of a provider"},
		"another host":        {func(c *finapi.Config) { c.BaseURL, c.HTTP.InsecureHosts = "http://sandbox", []string{"sandbox:4010"} }, "BaseURL", "must be https"},
		"of the tokens":       {func(c *finapi.Config) { c.Tokens.InsecureHosts = []string{"*"} }, "", "Config.InsecureHosts[0] must not be a wildcard"},
		"negative retries":    {func(c *finapi.Config) { c.HTTP.MaxAttempts = -1 }, "", "MaxAttempts must not be negative"},
		"negative cool-down":  {func(c *finapi.Config) { c.PasswordCoolDown = -1 }, "PasswordCoolDown", "must not be negative"},
		"negative backoff":    {func(c *finapi.Config) { c.Tokens.Backoff = -1 }, "", "Backoff must not be negative"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := finapi.Config{ClientID: clientID, ClientSecret: secret.New(clientSecret)}
			c.change(&cfg)
			got, err := finapi.New(cfg)
			assert.Nil(t, got)
			provider.RequireRefusal(t, err, c.field, c.rule)
		})
	}
}

// Requirements A1 and A135: plain http is for loopback hosts, and for those that are named.
func TestBaseURLs(t *testing.T) {
	bothVersions(t, func(t *testing.T, v finapi.APIVersion) {
		for _, c := range []struct {
			env        finapi.Environment
			base, want string
		}{
			{finapi.Sandbox, "", finapiaccess.ServerURLSandbox},
			{finapi.Production, "", finapiaccess.ServerURLProduction},
			{finapi.Production, "https://proxy.example.com/a/", "https://proxy.example.com/a"},
			{finapi.Sandbox, "http://[::1]:4010/finapi", "http://[::1]:4010/finapi"},
			{finapi.Sandbox, "http://localhost", "http://localhost"},
			{finapi.Sandbox, "http://sandbox:4010/finapi", "http://sandbox:4010/finapi"},
		} {
			w := wiretest.Script(granted("a", "", "3600"))
			cl := client(t, v, w, func(cfg *finapi.Config) {
				cfg.Environment, cfg.BaseURL, cfg.HTTP.InsecureHosts = c.env, c.base, []string{"sandbox:4010"}
			})
			_, err := cl.ClientTokens().Token(t.Context())
			require.NoError(t, err)
			require.NoError(t, cl.RevokeToken(t.Context(), secret.New("x"), finapi.HintNone))
			assert.Equal(t, c.want+versions[v].tokenPath, w.Requests()[0].URL)
			assert.Equal(t, c.want+versions[v].revokePath, w.Requests()[1].URL)
		}
	})
}

// Requirement A135: the sources of a client sign for the hosts of its Config.HTTP, and for those of its Tokens.
func TestSourcesSignForInsecureHosts(t *testing.T) {
	c := client(t, finapi.V1, wiretest.Script(), func(cfg *finapi.Config) {
		cfg.HTTP.InsecureHosts, cfg.Tokens.InsecureHosts = []string{"sandbox"}, []string{"proxy:81"}
	})
	user := c.UserTokens(username, secret.New(password))
	t.Cleanup(user.Close)
	for _, source := range []*token.Source{c.ClientTokens(), user} {
		for origin, ok := range map[string]bool{"http://sandbox:4010": true, "http://proxy:81": true, "http://other": false} {
			_, err := source.Client(nil, origin)
			assert.Equal(t, ok, err == nil, origin)
		}
	}
}

// Requirement G76: neither a Config nor a Client nor a token prints a secret.
func TestNothingPrintsASecret(t *testing.T) {
	cfg := finapi.Config{ClientID: clientID, ClientSecret: secret.New(clientSecret)}
	c := client(t, finapi.V1, wiretest.Script(granted(canary, refreshToken, "3600")))
	source := c.UserTokens(username, secret.New(password))
	t.Cleanup(source.Close)
	token, err := source.Token(t.Context())
	require.NoError(t, err)
	for _, v := range []any{cfg, &cfg, c, source, token, *token} {
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", v, v, v), "canary")
	}
	assert.Equal(t, canary, token.Access.Reveal())
}

// After Close nothing is sent.
func TestClose(t *testing.T) {
	w := wiretest.Script(granted("a", "", "3600"))
	c := client(t, finapi.V1, w)
	c.Close()
	err := c.RevokeToken(t.Context(), secret.New("x"), finapi.HintNone)
	provider.RequireFault(t, err, fault{Kind: rest.ErrUnavailable, Says: "the client is closed"})
	assert.Empty(t, w.Requests())
}
