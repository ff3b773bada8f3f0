package finogates_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// Requirements I93, I94, I95, I96: the origin is exactly what a browser would write, or it is not sent.
func TestParentOrigin(t *testing.T) {
	longest := "https://" + strings.Repeat(strings.Repeat("a", 60)+".", 4) + "com"
	require.Len(t, longest, 255)
	for value, rule := range map[string]string{
		"https://app.example.com":                     "",
		"https://app.example.com:8443":                "",
		"https://localhost":                           "",
		"https://a_b.example.com":                     "",
		"https://xn--bcher-kva.example":               "",
		"https://192.0.2.7:1":                         "",
		"https://[2001:db8::1]":                       "",
		"https://[2001:db8::1]:65535":                 "",
		"https://[::ffff:c000:207]":                   "",
		"http://localhost:3000":                       "",
		"http://127.0.0.1:8080":                       "",
		"http://[::1]:8080":                           "",
		"null":                                        "opaque origin null",
		"*":                                           "wildcard",
		"https://*.example.com":                       "wildcard",
		"https://app.example.com/":                    "must not end with a slash",
		"https://app.example.com/path":                "must not have a path",
		"https://app.example.com//":                   "must not have a path",
		"https://app.example.com?":                    "must not have a query",
		"https://app.example.com?a=b":                 "must not have a query",
		"https://app.example.com/?a=b":                "must not have a query",
		"https://app.example.com#":                    "must not have a fragment",
		"https://app.example.com#a":                   "must not have a fragment",
		"https://me@app.example.com":                  "must not hold user-info",
		"https://me:pw@app.example.com":               "must not hold user-info",
		"https://@app.example.com":                    "must not hold user-info",
		"https://App.example.com":                     "must be lower case",
		"HTTPS://app.example.com":                     "must be lower case",
		"https://app.example.com:443":                 "must not name the default port",
		"http://localhost:80":                         "must not name the default port",
		"https://app.example.com:":                    "must not have an empty port",
		"https://app.example.com:0":                   "port from 1 to 65535",
		"https://app.example.com:08443":               "port from 1 to 65535",
		"https://app.example.com:65536":               "port from 1 to 65535",
		"https://app.example.com:port":                "must be an origin",
		"http://app.example.com":                      "must be https",
		"http://10.0.0.1":                             "must be https",
		"http://localhost.example.com":                "must be https",
		"ftp://app.example.com":                       "must begin with https://",
		"app.example.com":                             "must be an origin",
		"//app.example.com":                           "must begin with https://",
		"https:app.example.com":                       "must be an origin",
		"https://":                                    "must be an origin",
		"https://:8443":                               "must have a host name",
		"https://app..example.com":                    "must have a host name",
		"https://app.example.com.":                    "must have a host name",
		"https://-app.example.com":                    "must have a host name",
		"https://app-.example.com":                    "must have a host name",
		"https://app!.example.com":                    "must have a host name",
		"https://" + strings.Repeat("a", 64) + ".com": "must have a host name",
		"https://bücher.example":                      "xn-- name",
		"https://b%C3%BCcher.example":                 "must be lower case",
		"https://b%c3%bccher.example":                 "must have a host name",
		"https://app.example.com\n":                   "plain ASCII without spaces",
		"https://app.example.com ":                    "plain ASCII without spaces",
		" https://app.example.com":                    "plain ASCII without spaces",
		"https://app.exa\tmple.com":                   "plain ASCII without spaces",
		"https://127.1":                               "IPv4 address as four numbers",
		"https://010.0.0.1":                           "IPv4 address as four numbers",
		"https://0x7f.0.0.1":                          "IPv4 address as four numbers",
		"https://0x7f000001":                          "IPv4 address as four numbers",
		"https://1.2.3.256":                           "IPv4 address as four numbers",
		"https://example.7":                           "IPv4 address as four numbers",
		"https://[2001:db8:0::1]":                     "IPv6 address in its shortest form",
		"https://[2001:0db8::1]":                      "IPv6 address in its shortest form",
		"https://[::ffff:192.0.2.7]":                  "IPv6 address in its shortest form",
		"https://[fe80::1%25eth0]":                    "IPv6 address in its shortest form",
		"https://[::1":                                "must be an origin",
		longest:                                       "",
		longest + "m":                                 "must have at most 255 characters",
		"https://a." + strings.Repeat("b", 250):       "must have at most 255 characters",
	} {
		t.Run(value, func(t *testing.T) {
			w := wiretest.Script(bearer("b"), minted("t"))
			_, err := client(t, w).EmbedTokens.Create(t.Context(), finogatesapi.CreateEmbedTokenRequest{UserID: user, ParentOrigin: value})
			if rule == "" {
				require.NoError(t, err)
				assert.Contains(t, w.At(embedPath)[0].Body, `"parent_origin":"`+value+`"`)
				return
			}
			provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: "parent_origin", Says: rule})
			assert.Empty(t, w.Requests())
		})
	}
}

// Requirement I95: in production a page on a loopback host is no page.
func TestLoopbackOriginIsNotForProduction(t *testing.T) {
	w := wiretest.Script(bearer("b"), minted("t"))
	c := client(t, w, func(cfg *finogates.Config) { cfg.Environment, cfg.ClientID = finogates.Production, "fg_live_cl_abc" })
	_, err := c.EmbedTokens.Create(t.Context(), finogatesapi.CreateEmbedTokenRequest{UserID: user, ParentOrigin: "http://localhost:3000"})
	provider.RequireFault(t, err, fault{Kind: rest.ErrInvalid, Field: "parent_origin", Says: "in the sandbox only"})
	assert.Empty(t, w.Requests())
}
