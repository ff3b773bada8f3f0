package specs_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

// fact is something that a provider's page says, and its place in our document; see flatten for how places read.
type fact struct{ place, words string }

// Everything that the three pages name which the product began with: paths, methods, media types, credentials,
// parameters, headers, members, values, defaults and limits. The pages may know less than the documents, never more.
var pages = []struct {
	doc   specs.Document
	facts []fact
}{
	{specs.FinAPIAccess, []fact{
		{"server https://sandbox.finapi.io", ""},

		// Get tokens: no authorization, a form; the answer is JSON.
		{"getToken", "POST /oauth/token open"},
		{"getToken request", "required application/x-www-form-urlencoded"},
		{"getToken request/grant_type", "required string value:password value:client_credentials value:refresh_token"},
		{"getToken request/client_id", "required string"},
		{"getToken request/client_secret", "required string"},
		{"getToken request/refresh_token", "optional string"},
		{"getToken request/username", "optional string"},
		{"getToken request/password", "optional string"},
		{"getToken header/X-Request-Id", "optional string max:255"},
		{"getToken 200", "application/json"},
		{"getToken 200/access_token", "string"},
		{"getToken 200 header/X-Request-Id", "string"},
		{"getToken default", "application/json"},
		{"getToken default header/X-Request-Id", "string"},

		// Revoke a token: no body is defined, so it may be left out; the answer is empty, an error is JSON.
		{"revokeToken", "POST /oauth/revoke bearer"},
		{"revokeToken request", "optional"},
		{"revokeToken query/token", "string"},
		{"revokeToken query/token_type_hint", "optional string"},
		{"revokeToken header/X-Request-Id", "optional string max:255"},
		{"revokeToken 200", "empty"},
		{"revokeToken 200 header/X-Request-Id", "string"},
		{"revokeToken default", "application/json"},
		{"revokeToken default header/X-Request-Id", "string"},
	}},
	{specs.Finogates, []fact{
		{"server https://api-sandbox.finogates.com", ""},

		// Create an embed token.
		{"createEmbedToken", "POST /v1/platform/embed-tokens bearer"},
		{"createEmbedToken request", "required application/json"},
		{"createEmbedToken request/user_id", "required string uuid"},
		{"createEmbedToken request/parent_origin", "required string max:255"},
		{"createEmbedToken request/scope", "optional string default:add_card value:add_card value:add_bank value:card_payment"},
		{"createEmbedToken request/card_processing_id", "optional string uuid nullable"},

		// The common envelope, of answers and of errors.
		{"createEmbedToken 200", "application/json"},
		{"createEmbedToken 200/status_code", "required integer"},
		{"createEmbedToken 200/data", "required"},
		{"createEmbedToken 200/query_generated_time", "required integer int64"},
		{"createEmbedToken default", "application/json"},
		{"createEmbedToken default/status_code", "required integer"},
		{"createEmbedToken default/data", "required any nullable"},
		{"createEmbedToken default/query_generated_time", "required integer int64"},
	}},
	{specs.Straddle, []fact{
		// Create a widget session token.
		{"createBridgeToken", "POST /v1/bridge/initialize bearer"},
		{"createBridgeToken request", "required application/json"},
		{"createBridgeToken request/customer_id", "required string"},
		{"createBridgeToken request/config", "optional object"},
		{"createBridgeToken request/config/processing_method", "optional string"},
		{"createBridgeToken request/config/sandbox_outcome", "optional string"},
		{"createBridgeToken request/external_id", "optional string"},
		{"createBridgeToken header/Correlation-Id", "optional string"},
		{"createBridgeToken header/Idempotency-Key", "optional string"},
		{"createBridgeToken header/Request-Id", "optional string"},
		{"createBridgeToken header/Straddle-Account-Id", "optional string"},

		// The item envelope.
		{"createBridgeToken 201", "application/json"},
		{"createBridgeToken 201/data", "required object"},
		{"createBridgeToken 201/data/bridge_token", "required string"},
		{"createBridgeToken 201/meta", "required object"},
		{"createBridgeToken 201/meta/api_request_id", "required string"},
		{"createBridgeToken 201/meta/api_request_timestamp", "required string"},
		{"createBridgeToken 201/response_type", "required string value:object value:array value:error value:none"},

		// Of an error the page says that data has the details.
		{"createBridgeToken default/data", "optional"},
		{"createBridgeToken default/response_type", "string value:error"},
	}},
}

func TestPagesAreInTheDocuments(t *testing.T) {
	t.Parallel()
	for _, page := range pages {
		t.Run(page.doc.Name(), func(t *testing.T) {
			t.Parallel()
			flat := flatten(load(t, page.doc))
			for _, lost := range missing(flat, page.facts) {
				t.Errorf("%s: %s", page.doc.Name(), lost)
			}
		})
	}
}

// Whatever is taken out of a document, the comparison above sees it.
func TestMissingFactsAreSeen(t *testing.T) {
	t.Parallel()
	properties := func(spec *openapi3.T, schema string) openapi3.Schemas {
		return spec.Components.Schemas[schema].Value.Properties
	}
	for name, tc := range map[string]struct {
		doc    specs.Document
		remove func(spec *openapi3.T)
		lost   string
	}{
		"server": {specs.FinAPIAccess, func(s *openapi3.T) { s.Servers = nil }, "server https://sandbox.finapi.io"},
		"path":   {specs.FinAPIAccess, func(s *openapi3.T) { s.Paths.Delete("/oauth/revoke") }, "revokeToken"},
		"method": {specs.Straddle, func(s *openapi3.T) {
			item := s.Paths.Value("/v1/bridge/initialize")
			item.Put, item.Post = item.Post, nil
		}, "createBridgeToken: POST"},
		"credentials": {specs.Straddle, func(s *openapi3.T) { s.Security = nil }, "createBridgeToken: bearer"},
		"media type": {specs.Finogates, func(s *openapi3.T) {
			content := s.Paths.Value("/v1/platform/embed-tokens").Post.RequestBody.Value.Content
			content["text/json"] = content["application/json"]
			delete(content, "application/json")
		}, "createEmbedToken request: application/json"},
		"parameter": {
			specs.FinAPIAccess, func(s *openapi3.T) { s.Paths.Value("/oauth/token").Post.Parameters = nil },
			"getToken header/X-Request-Id",
		},
		"limit": {
			specs.FinAPIAccess, func(s *openapi3.T) { s.Components.Parameters["XRequestId"].Value.Schema.Value.MaxLength = nil },
			"getToken header/X-Request-Id: max:255",
		},
		"field":    {specs.FinAPIAccess, func(s *openapi3.T) { delete(properties(s, "GetTokenRequest"), "username") }, "getToken request/username"},
		"member":   {specs.Straddle, func(s *openapi3.T) { delete(properties(s, "PaykeyConfiguration"), "sandbox_outcome") }, "createBridgeToken request/config/sandbox_outcome"},
		"response": {specs.Straddle, func(s *openapi3.T) { delete(properties(s, "ResponseMetadata"), "api_request_id") }, "createBridgeToken 201/meta/api_request_id"},
		"required": {
			specs.Finogates, func(s *openapi3.T) { s.Components.Schemas["CreateEmbedTokenRequest"].Value.Required = nil },
			"createEmbedToken request/user_id: required",
		},
		"format":  {specs.Finogates, func(s *openapi3.T) { properties(s, "CreateEmbedTokenRequest")["user_id"].Value.Format = "" }, "createEmbedToken request/user_id: uuid"},
		"value":   {specs.Finogates, func(s *openapi3.T) { s.Components.Schemas["EmbedScope"].Value.Enum = []any{"add_card"} }, "createEmbedToken request/scope: value:add_bank"},
		"default": {specs.Finogates, func(s *openapi3.T) { s.Components.Schemas["EmbedScope"].Value.Default = nil }, "createEmbedToken request/scope: default:add_card"},
		"open value": {
			specs.Straddle, func(s *openapi3.T) {
				s.Components.Schemas["ResponseType"].Value.Enum = []any{"object", "array", "error"}
			},
			"createBridgeToken 201/response_type: value:none",
		},
		"answer's header": {specs.FinAPIAccess, func(s *openapi3.T) { s.Components.Responses["Revoked"].Value.Headers = nil }, "revokeToken 200 header/X-Request-Id"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := load(t, tc.doc)
			tc.remove(spec)
			i := slices.IndexFunc(pages, func(p struct {
				doc   specs.Document
				facts []fact
			},
			) bool {
				return p.doc == tc.doc
			})
			require.GreaterOrEqual(t, i, 0)
			assert.Contains(t, missing(flatten(spec), pages[i].facts), tc.lost)
		})
	}
}

// Each fact by itself is looked for: without its place, or without one of its words, the comparison fails.
func TestEveryFactCounts(t *testing.T) {
	t.Parallel()
	for _, page := range pages {
		whole := flatten(load(t, page.doc))
		for _, f := range page.facts {
			flat := maps.Clone(whole)
			words := flat[f.place]
			delete(flat, f.place)
			assert.Equal(t, []string{f.place}, missing(flat, page.facts), page.doc.Name())
			for _, word := range strings.Fields(f.words) {
				flat[f.place] = strings.Join(slices.DeleteFunc(strings.Fields(words), func(w string) bool { return w == word }), " ")
				assert.Equal(t, []string{f.place + ": " + word}, missing(flat, page.facts), page.doc.Name())
			}
		}
	}
}
