package spectest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

const keysYAML = `
openapi: 3.0.3
info: {title: Keys, version: '1'}
security: [{Client: [], Secret: []}]
paths:
  /both:
    get: {operationId: both, parameters: [{name: page, in: query, schema: {type: string}}], responses: {'204': {description: Done.}}}
  /either:
    get: {operationId: either, security: [{Client: [], Secret: []}, {Bearer: []}, {Basic: []}], responses: {'204': {description: Done.}}}
  /basic:
    get: {operationId: basic, security: [{Basic: []}], responses: {'204': {description: Done.}}}
  /optional:
    get: {operationId: optional, security: [{}, {Client: [], Secret: []}], responses: {'204': {description: Done.}}}
  /open:
    get: {operationId: open, security: [], responses: {'204': {description: Done.}}}
components:
  securitySchemes:
    Client: {type: apiKey, in: header, name: acme-client-id}
    Secret: {type: apiKey, in: header, name: ACME-SECRET}
    Bearer: {type: http, scheme: bearer}
    Basic: {type: http, scheme: Basic}
`

// Credentials are what the document's schemes say: all of a requirement, and any of several.
func TestSecuritySchemes(t *testing.T) {
	t.Parallel()
	const id, secret, basic, both = "Acme-Client-Id: a", "Acme-Secret: b", "Authorization: Basic YTpi", "security | security Acme-Client-Id: is required"
	const needSecret = "security | security Acme-Secret: is required"
	c := checker(t, specs.NewDocument("keys.yaml", keysYAML))
	for _, tc := range []requestCase{
		{"two headers", "GET", "/both", []string{id, secret}, "", nil},
		{"one of two", "GET", "/both", []string{id}, "", []string{needSecret}},
		{"none of two", "GET", "/both", nil, "", []string{both, needSecret}},
		{"an empty one", "GET", "/both", []string{id, "Acme-Secret: "}, "", []string{"security | security Acme-Secret: must not be empty"}},
		{"one twice", "GET", "/both", []string{id, secret, secret}, "", []string{"security | security Acme-Secret: must not be repeated"}},
		{"a bearer besides", "GET", "/both", []string{id, secret, bearerKey}, "", []string{
			"note: security | security Authorization: is not needed, as the operation takes other credentials",
		}},
		{"in the query", "GET", "/both?Acme-Secret=b&page=1", []string{id}, "", []string{
			needSecret, "security | query Acme-Secret: belongs in the header: what is in a URL ends in logs",
		}},

		{"the first way", "GET", "/either", []string{id, secret}, "", nil},
		{"the second way", "GET", "/either", []string{bearerKey}, "", nil},
		{"the third way", "GET", "/either", []string{basic}, "", nil},
		{"no way", "GET", "/either", nil, "", []string{both, needSecret}},
		{"half a way", "GET", "/either", []string{secret}, "", []string{both}},
		{"half a way and another whole", "GET", "/either", []string{secret, bearerKey}, "", nil},
		{"another scheme", "GET", "/either", []string{"Authorization: Digest a"}, "", []string{
			"security | security Authorization: must be the word Bearer, a space and a token; or must be the word Basic, a space, and a name and a password in base64",
		}},
		{"two bearers", "GET", "/either", []string{bearerKey, bearerKey}, "", []string{"security | security Authorization: must not be repeated"}},

		{"basic", "GET", "/basic", []string{"Authorization: BASIC  YTpi"}, "", nil},
		{"basic without a colon", "GET", "/basic", []string{"Authorization: Basic YWI="}, "", []string{
			"security | security Authorization: must be the word Basic, a space, and a name and a password in base64",
		}},
		{"basic that is no base64", "GET", "/basic", []string{"Authorization: Basic a:b"}, "", []string{
			"security | security Authorization: must be the word Basic, a space, and a name and a password in base64",
		}},
		{"bearer for basic", "GET", "/basic", []string{bearerKey}, "", []string{
			"security | security Authorization: must be the word Basic, a space, and a name and a password in base64",
		}},

		{"left out", "GET", "/optional", nil, "", nil},
		{"not left out", "GET", "/optional", []string{id, secret}, "", nil},
		{"left out by half", "GET", "/optional", []string{id}, "", []string{needSecret}},

		{"open", "GET", "/open", nil, "", nil},
		{"open, with a bearer", "GET", "/open", []string{bearerKey}, "", []string{
			"note: security | security Authorization: is not needed, as the operation takes no credentials",
		}},
		{"open, with two", "GET", "/open", []string{bearerKey, bearerKey}, "", []string{"security | security Authorization: must not be repeated"}},
		{"open, with a key", "GET", "/open", []string{secret}, "", []string{"note: header | header Acme-Secret: is not declared"}},
	} {
		tc.run(t, c)
	}
	for target, header := range map[string][]string{"/both": {id, secret}, "/basic": {basic}, "/open": nil} {
		assert.NotNil(t, c.quickly(request("GET", target, header...), nil), "%s is for the quick check", target)
		_, err := c.Request(request("GET", target+"?a=b", header...), nil)
		require.Error(t, err)
	}
}

// No text of a violation has a credential in it.
func TestCredentialsAreNotShown(t *testing.T) {
	t.Parallel()
	c := checker(t, specs.NewDocument("keys.yaml", keysYAML))
	const value = "s3cr3t-value"
	for _, target := range []string{"/both", "/either", "/basic", "/optional", "/open", "/both?acme-secret=" + value} {
		for _, name := range []string{"Acme-Client-Id", "Acme-Secret", "Authorization"} {
			_, err := c.Request(request("GET", target, name+": "+value, name+": "+value), nil)
			if err != nil && strings.Contains(err.Error(), value) {
				t.Errorf("%s %s: %v", target, name, err)
			}
		}
	}
}
