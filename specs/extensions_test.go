package specs_test

import (
	"errors"
	"fmt"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/fintoken/fintoken-go/specs"
)

// extension is one of our own members of a document: docs/documents.md describes them.
type extension struct {
	where string // what it may stand on, as patterns of path.Match, one of which must match
	holds func(value, on map[string]any, given any) error
}

const (
	operations = "/paths/*/*"
	schemas    = "schema"
	anywhere   = "*"
)

var (
	goName       = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	commandWords = regexp.MustCompile(`^[a-z]+(-[a-z]+)*( [a-z]+(-[a-z]+)*)*$`)
	eventName    = regexp.MustCompile(`^[a-z][a-z0-9_.]*$`)
	schemaPrefix = "#/components/schemas/"
)

var extensions = map[string]extension{
	"x-evidence":          {anywhere, oneOf("documented", "observed", "inferred")},
	"x-repeat":            {operations, oneOf("unprocessed", "freely", "by-key", "refused", "password", "idempotent", "by-grant")},
	"x-max-body":          {operations, wholeNumber},
	"x-page":              {operations, parameterOfQuery},
	"x-handwritten":       {operations, reason},
	"x-service":           {operations, matches(goName, "a name of Go")},
	"x-method":            {operations, matches(goName, "a name of Go")},
	"x-command":           {operations, matches(commandWords, "words of a command")},
	"x-sandbox-only":      {anywhere, truth},
	"x-deprecated-reason": {anywhere, reasonBeside("deprecated")},
	"x-secret":            {schemas, truth},
	"x-extensible-enum":   {schemas, listOfTexts},
	"x-older-map":         {schemas, namesOf("name", "value")},
	"x-events":            {"", events},
	"x-json-media-types":  {"", listsOf("requests", "answers")},
}

type check = func(whole, on map[string]any, given any) error

func oneOf(words ...string) check {
	return func(_, _ map[string]any, given any) error {
		text, _ := given.(string)
		return must(slices.Contains(words, text), "be one of %s", strings.Join(words, ", "))
	}
}

func matches(form *regexp.Regexp, what string) check {
	return func(_, _ map[string]any, given any) error {
		text, _ := given.(string)
		return must(form.MatchString(text), "be %s", what)
	}
}

func must(good bool, format string, args ...any) error {
	if good {
		return nil
	}
	return fmt.Errorf("must "+format, args...)
}

func wholeNumber(_, _ map[string]any, given any) error {
	n, ok := given.(int)
	return must(ok && n > 0 && n <= math.MaxInt32, "be a whole number above zero")
}

func truth(_, _ map[string]any, given any) error { return must(given == true, "be true, or left out") }

func reason(_, _ map[string]any, given any) error {
	text, _ := given.(string)
	return must(given == true || strings.TrimSpace(text) != "", "be true or a reason")
}

func reasonBeside(name string) check {
	return func(_, on map[string]any, given any) error {
		text, _ := given.(string)
		return must(text != "" && on[name] == true, "be a reason, beside %s: true", name)
	}
}

func listOfTexts(_, _ map[string]any, given any) error {
	list, _ := given.([]any)
	texts := slices.DeleteFunc(slices.Clone(list), func(one any) bool { text, _ := one.(string); return text == "" })
	return must(len(list) > 0 && len(texts) == len(list), "be a list of texts")
}

func listsOf(names ...string) check {
	return func(_, _ map[string]any, given any) error {
		lists, ok := given.(map[string]any)
		for name, list := range lists {
			ok = ok && slices.Contains(names, name) && listOfTexts(nil, nil, list) == nil
		}
		return must(ok && len(lists) > 0, "have lists under %s", strings.Join(names, " and "))
	}
}

func namesOf(names ...string) check {
	return func(_, _ map[string]any, given any) error {
		members, _ := given.(map[string]any)
		ok := len(members) == len(names)
		for _, name := range names {
			text, _ := members[name].(string)
			ok = ok && text != ""
		}
		return must(ok, "have %s, and nothing else", strings.Join(names, " and "))
	}
}

// parameterOfQuery wants the name of a parameter of the operation.
func parameterOfQuery(whole, on map[string]any, given any) error {
	parameters, _ := on["parameters"].([]any)
	found := slices.ContainsFunc(parameters, func(one any) bool {
		p, _ := one.(map[string]any)
		if ref, ok := p["$ref"].(string); ok {
			p, _ = below(whole, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...).(map[string]any)
		}
		return p["in"] == "query" && p["name"] == given
	})
	return must(found, "be the name of a parameter of the query")
}

func events(whole, _ map[string]any, given any) error {
	list, _ := given.(map[string]any)
	for name, one := range list {
		ref, _ := below(one, "$ref").(string)
		schema, ok := strings.CutPrefix(ref, schemaPrefix)
		if !ok || !eventName.MatchString(name) || below(whole, "components", "schemas", schema) == nil {
			return fmt.Errorf("%s: must be the name of an event, with a schema behind $ref", name)
		}
	}
	return must(len(list) > 0, "have events")
}

// namedMembers are the members whose own members are names, literalMembers those that hold data.
var (
	namedMembers   = strings.Fields("callbacks content encoding examples headers links parameters paths properties requestBodies responses schemas securitySchemes variables")
	literalMembers = strings.Fields("default enum example mapping required scopes security value")
)

// checkExtensions finds what is wrong with the extensions of a document.
func checkExtensions(whole map[string]any) []error {
	var errs []error
	var visit func(at string, value any, names, schema bool)
	visit = func(at string, value any, names, schema bool) {
		switch v := value.(type) {
		case []any:
			for i, item := range v {
				visit(fmt.Sprintf("%s/%d", at, i), item, false, schema)
			}
		case map[string]any:
			for _, name := range sorted(v) {
				below := at + "/" + strings.ReplaceAll(name, "/", "~1")
				switch {
				case names:
					visit(below, v[name], false, schema)
				case strings.HasPrefix(name, "x-"):
					if err := checkExtension(whole, v, at, name, schema); err != nil {
						errs = append(errs, fmt.Errorf("%s: %w", below, err))
					}
				case !slices.Contains(literalMembers, name):
					list := slices.Contains(namedMembers, name)
					visit(below, v[name], list, schema && name != "examples" || name == "schema" || name == "schemas")
				}
			}
		}
	}
	visit("", whole, false, false)
	return errs
}

func checkExtension(whole, on map[string]any, at, name string, schema bool) error {
	x, known := extensions[name]
	if !known {
		return errors.New("is not known; see docs/documents.md")
	}
	ok, _ := path.Match(x.where, at)
	if ok = ok || x.where == anywhere || x.where == schemas && schema; !ok {
		return fmt.Errorf("has no place here")
	}
	return x.holds(whole, on, on[name])
}

func TestExtensions(t *testing.T) {
	t.Parallel()
	for _, doc := range specs.All() {
		var whole map[string]any
		require.NoError(t, yaml.Unmarshal(doc.YAML(), &whole))
		for _, err := range checkExtensions(whole) {
			t.Errorf("%s: %v", doc.Name(), err)
		}
	}
}

const extended = `
paths:
  /a:
    get:
      x-evidence: documented
      x-repeat: by-key
      x-max-body: 8388608
      x-page: page
      x-handwritten: true
      x-service: Things
      x-method: All
      parameters: [{$ref: '#/components/parameters/Page'}]
      responses:
        '200':
          content:
            application/json:
              schema: {type: object, properties: {x-odd: {type: string, x-secret: true}}}
              examples: {x-name: {value: {x-other: 1}}}
components:
  parameters:
    Page: {name: page, in: query, deprecated: true, x-deprecated-reason: gone, schema: {type: integer}}
  schemas:
    Event: {type: object, x-extensible-enum: [a]}
x-events: {a.b: {$ref: '#/components/schemas/Event'}}
x-json-media-types: {requests: [text/json]}
`

// What is wrong with an extension is found, and named by its place.
func TestExtensionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ from, to, want string }{
		"all is well":              {"", "", ""},
		"unknown":                  {"x-page: page", "x-pages: page", "/paths/~1a/get/x-pages: is not known; see docs/documents.md"},
		"misplaced":                {"x-odd: {type: string, x-secret: true}", "x-odd: {x-repeat: freely}", "/paths/~1a/get/responses/200/content/application~1json/schema/properties/x-odd/x-repeat: has no place here"},
		"secret of an operation":   {"x-max-body: 8388608", "x-secret: true", "/paths/~1a/get/x-secret: has no place here"},
		"media types of a schema":  {"x-extensible-enum: [a]", "x-json-media-types: {}", "/components/schemas/Event/x-json-media-types: has no place here"},
		"evidence":                 {"documented", "guessed", "/paths/~1a/get/x-evidence: must be one of documented, observed, inferred"},
		"repeat":                   {"by-key", "never", "/paths/~1a/get/x-repeat: must be one of unprocessed, freely, by-key, refused, password, idempotent, by-grant"},
		"size as text":             {"8388608", "8 MiB", "/paths/~1a/get/x-max-body: must be a whole number above zero"},
		"size of nothing":          {"8388608", "0", "x-max-body: must be a whole number above zero"},
		"page":                     {"x-page: page", "x-page: size", "/paths/~1a/get/x-page: must be the name of a parameter of the query"},
		"handwritten for nothing":  {"x-handwritten: true", "x-handwritten: ''", "x-handwritten: must be true or a reason"},
		"not handwritten":          {"x-handwritten: true", "x-handwritten: false", "x-handwritten: must be true or a reason"},
		"service":                  {"x-service: Things", "x-service: things", "x-service: must be a name of Go"},
		"command":                  {"x-method: All", "x-command: Get it", "x-command: must be words of a command"},
		"method":                   {"x-method: All", "x-method: a-b", "x-method: must be a name of Go"},
		"secret as a word":         {"x-secret: true", "x-secret: 'true'", "x-odd/x-secret: must be true, or left out"},
		"reason":                   {"deprecated: true, ", "", "/components/parameters/Page/x-deprecated-reason: must be a reason, beside deprecated: true"},
		"values":                   {"x-extensible-enum: [a]", "x-extensible-enum: []", "/components/schemas/Event/x-extensible-enum: must be a list of texts"},
		"a value that is no text":  {"x-extensible-enum: [a]", "x-extensible-enum: [1]", "x-extensible-enum: must be a list of texts"},
		"older map":                {"x-extensible-enum: [a]", "x-older-map: {name: id}", "x-older-map: must have name and value, and nothing else"},
		"event without schema":     {"schemas/Event'", "schemas/Events'", "/x-events: a.b: must be the name of an event, with a schema behind $ref"},
		"event of another name":    {"a.b:", "A B:", "/x-events: A B: must be the name of an event"},
		"no events":                {"{a.b: {$ref: '#/components/schemas/Event'}}", "{}", "/x-events: must have events"},
		"media types of something": {"requests:", "replies:", "/x-json-media-types: must have lists under requests and answers"},
		"sandbox":                  {"x-extensible-enum: [a]", "x-sandbox-only: 1", "x-sandbox-only: must be true, or left out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, extended, tc.from)
			var whole map[string]any
			require.NoError(t, yaml.Unmarshal([]byte(strings.Replace(extended, tc.from, tc.to, 1)), &whole))
			errs := checkExtensions(whole)
			if tc.want == "" {
				assert.Empty(t, errs)
				return
			}
			require.NotEmpty(t, errs)
			assert.ErrorContains(t, errs[0], tc.want)
		})
	}
}
