package specs_test

import (
	"context"
	"encoding/json"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

func TestDocumentsAreValid(t *testing.T) {
	t.Parallel()
	eachDocument(t, func(t *testing.T, spec *openapi3.T) {
		assert.Equal(t, "3.0.3", spec.OpenAPI)
		require.NoError(t, spec.Validate(context.Background(),
			openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation(),
			openapi3.EnableSchemaFormatValidation(), openapi3.EnableMultiError()))
	})
}

func TestServersAreHTTPS(t *testing.T) {
	t.Parallel()
	eachDocument(t, func(t *testing.T, spec *openapi3.T) {
		require.NotEmpty(t, spec.Servers)
		for _, server := range spec.Servers {
			assert.Regexp(t, `^https://[a-z0-9.-]+$`, server.URL)
		}
	})
}

func TestOperationsSayWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	eachDocument(t, func(t *testing.T, spec *openapi3.T) {
		for _, c := range calls(spec) {
			assert.NotEmpty(t, c.OperationID, "%s %s", c.method, c.path)
			if assert.NotNil(t, c.ExternalDocs, c.OperationID) {
				assert.True(t, strings.HasPrefix(c.ExternalDocs.URL, "https://"), c.OperationID)
			}
			assert.Contains(t, c.Extensions, "x-evidence", c.OperationID)
		}
	})
}

// An x-evidence of any part, however deep, has one of three values.
func TestEvidence(t *testing.T) {
	t.Parallel()
	eachDocument(t, func(t *testing.T, spec *openapi3.T) {
		text, err := json.Marshal(spec)
		require.NoError(t, err)
		var value any
		require.NoError(t, json.Unmarshal(text, &value))
		marks := evidence(value)
		assert.NotEmpty(t, marks)
		for _, mark := range marks {
			assert.Contains(t, []any{"documented", "observed", "inferred"}, mark)
		}
	})
}

func evidence(value any) []any {
	var marks []any
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			marks = append(marks, evidence(item)...)
		}
	case map[string]any:
		if mark, given := v["x-evidence"]; given {
			marks = append(marks, mark)
		}
		for _, member := range v {
			marks = append(marks, evidence(member)...)
		}
	}
	return marks
}

func TestOperationsHaveExamples(t *testing.T) {
	t.Parallel()
	eachDocument(t, func(t *testing.T, spec *openapi3.T) {
		for _, c := range calls(spec) {
			if c.RequestBody != nil {
				hasExamples(t, c.OperationID+" request", c.RequestBody.Value.Content)
			}
			errors := 0
			for status, answer := range answers(c) {
				hasExamples(t, c.OperationID+" "+status, answer.Content)
				if !strings.HasPrefix(status, "2") {
					errors += len(answer.Content)
				}
			}
			assert.NotZero(t, errors, "%s must have an example of an error", c.OperationID)
		}
	})
}

func hasExamples(t *testing.T, place string, content openapi3.Content) {
	t.Helper()
	for media, declared := range content {
		assert.NotEmpty(t, declared.Examples, "%s %s", place, media)
		assert.Nil(t, declared.Example, "%s %s: examples have names", place, media)
	}
}

// The validation of a document does not look at the formats uuid and uri; the check of traffic does.
func TestExamplesKeepTheirFormats(t *testing.T) {
	t.Parallel()
	formats := openapi3.WithStringFormatValidators(map[string]openapi3.StringFormatValidator{
		"uuid": openapi3.NewRegexpFormatValidator(openapi3.FormatOfStringForUUIDOfRFC9562),
		"uri":  openapi3.NewRegexpFormatValidator(`^[a-z][a-z0-9+.-]*:[^ ]+$`),
	})
	eachDocument(t, func(t *testing.T, spec *openapi3.T) {
		count := 0
		check := func(place string, schema *openapi3.SchemaRef, value any) {
			count++
			assert.NoError(t, schema.Value.VisitJSON(value, formats, openapi3.MultiErrors()), place)
		}
		for _, c := range calls(spec) {
			for _, p := range c.Parameters {
				require.NotNil(t, p.Value.Example, "%s %s", c.OperationID, p.Value.Name)
				check(c.OperationID+" "+p.Value.Name, p.Value.Schema, p.Value.Example)
			}
			contents := map[string]openapi3.Content{}
			if c.RequestBody != nil {
				contents["request"] = c.RequestBody.Value.Content
			}
			for status, answer := range answers(c) {
				contents[status] = answer.Content
				for name, header := range answer.Headers {
					check(c.OperationID+" "+status+" "+name, header.Value.Schema, header.Value.Example)
				}
			}
			for part, content := range contents {
				for _, media := range content {
					for name, example := range media.Examples {
						check(c.OperationID+" "+part+" "+name, media.Schema, example.Value.Value)
					}
				}
			}
		}
		assert.NotZero(t, count)
	})
}

// A request is closed where the provider's own contract closes it, and nowhere else: that would refuse what nobody
// forbids.
func TestRequestsAreClosedBySources(t *testing.T) {
	t.Parallel()
	closed := []string{specs.Straddle.Name()}
	// These the contract leaves open, where it closes all others.
	open := []string{"/compliance_profile", "uploadChargeAuthorizationProof request", "uploadPayoutAuthorizationProof request"}
	eachDocument(t, func(t *testing.T, spec *openapi3.T) {
		requests(spec, func(place string, schema *openapi3.Schema) {
			if !schema.Type.Is("object") || len(schema.Properties) == 0 {
				return
			}
			want := slices.Contains(closed, path.Base(t.Name())) &&
				!slices.ContainsFunc(open, func(end string) bool { return strings.HasSuffix(place, end) })
			has := schema.AdditionalProperties.Has
			assert.Equal(t, want, has != nil && !*has, "%s: additionalProperties", place)
		})
	})
}

// A schema of responses alone closes nothing.
func TestResponsesAreOpen(t *testing.T) {
	t.Parallel()
	eachDocument(t, func(t *testing.T, spec *openapi3.T) {
		shared := map[*openapi3.Schema]bool{}
		requests(spec, func(_ string, schema *openapi3.Schema) { shared[schema] = true })
		responses(spec, func(place string, schema *openapi3.Schema) {
			has := schema.AdditionalProperties.Has
			assert.True(t, has == nil || *has || shared[schema], "%s: additionalProperties must not be false", place)
		})
	})
}

// Forms are sent as plain fields: anything else gets lost or garbled on the way through generated clients.
func TestFormsArePlain(t *testing.T) {
	t.Parallel()
	eachDocument(t, func(t *testing.T, spec *openapi3.T) {
		for _, c := range calls(spec) {
			if c.RequestBody == nil || c.RequestBody.Value.Content["application/x-www-form-urlencoded"] == nil {
				continue
			}
			schema := c.RequestBody.Value.Content["application/x-www-form-urlencoded"].Schema.Value
			for name, field := range schema.Properties {
				assert.True(t, field.Value.Type.Is("string"), "%s %s", c.OperationID, name)
				assert.False(t, field.Value.Nullable, "%s %s", c.OperationID, name)
			}
		}
	})
}

// secrets are the members and parameters that must never be shown. The format makes generators and tools hide them.
var secrets = []string{"access_token", "refresh_token", "client_secret", "password", "token", "bridge_token"}

func TestSecretsArePasswords(t *testing.T) {
	t.Parallel()
	found := map[string]bool{}
	for _, doc := range specs.All() {
		check := func(place string, schema *openapi3.Schema) {
			name := path.Base(place)
			secret := slices.Contains(secrets, name)
			found[name] = found[name] || secret
			assert.True(t, !secret || schema.Format == "password", "%s %s: format password", doc.Name(), place)
		}
		spec := load(t, doc)
		requests(spec, check)
		responses(spec, check)
	}
	for _, name := range secrets {
		assert.True(t, found[name], "%s is in no document", name)
	}
}

func TestDocumentsSuitTheCheckOfTraffic(t *testing.T) {
	t.Parallel()
	for _, doc := range specs.All() {
		_, err := spectest.New(doc)
		assert.NoError(t, err)
	}
}

// No component is left over: something refers to each, an event at least.
func TestComponentsAreUsed(t *testing.T) {
	t.Parallel()
	for _, doc := range specs.All() {
		text := string(doc.YAML())
		spec := load(t, doc)
		for section, names := range map[string][]string{
			"schemas": sorted(spec.Components.Schemas), "parameters": sorted(spec.Components.Parameters), "headers": sorted(spec.Components.Headers),
			"responses": sorted(spec.Components.Responses), "examples": sorted(spec.Components.Examples),
		} {
			for _, name := range names {
				assert.Contains(t, text, "'#/components/"+section+"/"+name+"'", "%s: %s is used by nothing", doc.Name(), name)
			}
		}
	}
}
