package specs_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

var update = flag.Bool("update", false, "write the golden files")

// The golden file shows the whole surface of Straddle, short enough to be read and to be held against another description:
// the parameters of each operation, the members of its request, required ones first, and those of its response.
func TestSurface(t *testing.T) {
	const golden = "testdata/straddle.surface.txt"
	got := strings.Join(surface(load(t, specs.Straddle)), "\n") + "\n"
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "run the test with -update, and read the difference")
}

// surface describes each operation in a few lines.
func surface(spec *openapi3.T) (lines []string) {
	for _, c := range calls(spec) {
		lines = append(lines, c.OperationID+" "+c.method+" "+c.path+" "+strings.Join(c.Tags, " "))
		for _, in := range []string{"path", "query", "header"} {
			var names []string
			for _, p := range c.Parameters {
				if p.Value.In == in {
					names = append(names, p.Value.Name)
				}
			}
			lines = appendList(lines, in, names)
		}
		if c.RequestBody != nil {
			for _, media := range sorted(c.RequestBody.Value.Content) {
				ref := c.RequestBody.Value.Content[media].Schema
				lines = append(lines, "  request "+media+" "+ref.Ref[strings.LastIndex(ref.Ref, "/")+1:])
				lines = appendList(lines, "required", membersOf(ref, true, true))
				lines = appendList(lines, "optional", membersOf(ref, true, false))
			}
		}
		statuses := sorted(answers(c))
		success := answers(c)[statuses[0]].Content["application/json"].Schema
		lines = append(lines, "  statuses "+strings.Join(statuses, " ")+" "+success.Ref[strings.LastIndex(success.Ref, "/")+1:])
		lines = appendList(lines, "response", membersOf(success, false, false))
	}
	return lines
}

func appendList(lines []string, what string, names []string) []string {
	if len(names) == 0 {
		return lines
	}
	slices.Sort(names)
	return append(lines, "  "+what+" "+strings.Join(slices.Compact(names), " "))
}

// membersOf lists the members of a schema, and those of the objects in it, as a.b and a[].b. Of a request it lists those
// that are required, or those that are not; what is in an optional member is optional.
func membersOf(ref *openapi3.SchemaRef, request, required bool) (names []string) {
	var visit func(prefix string, schema *openapi3.Schema, needed bool)
	visit = func(prefix string, schema *openapi3.Schema, needed bool) {
		for _, refs := range []openapi3.SchemaRefs{schema.AllOf, schema.OneOf, schema.AnyOf} {
			for _, part := range refs {
				visit(prefix, part.Value, needed)
			}
		}
		if schema.Items != nil {
			visit(prefix+"[]", schema.Items.Value, needed)
		}
		for name, member := range schema.Properties {
			need := needed && slices.Contains(schema.Required, name)
			if !request || need == required {
				names = append(names, strings.TrimPrefix(prefix+"."+name, "."))
			}
			visit(prefix+"."+name, member.Value, need)
		}
	}
	visit("", ref.Value, true)
	return names
}
