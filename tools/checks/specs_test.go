package checks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// seed is one fault, planted in one document.
type seed struct {
	name     string
	document string
	old, new string // the first occurrence of old becomes new
	finds    string // what the check must say about it
}

const (
	straddle = "specs/straddle.yaml"
	bridge   = "specs/straddle/bridge.yaml"
	finapi   = "specs/finapi-access.yaml"
	finogate = "specs/finogates.yaml"
)

func TestCleanSpecsPass(t *testing.T) {
	if out, err := command(copyTree(t), "make", "specs", "BASE=HEAD"); err != nil {
		t.Errorf("make specs: %v\n%s", err, out)
	}
}

func TestSpecsValidateFinds(t *testing.T) {
	plant(t, "specs-validate", []seed{
		{"bad example", bridge, "external_id: order-77", "external_id: 77", "external_id"},
		{"bad default", finogate, "default: add_card", "default: add_cart", "default"},
		{"unknown format", straddle, "format: uuid", "format: uuidd", "uuidd"},
		{"unused component", straddle, "    ApiErrorDetail:\n", "    Unused:\n      type: string\n    ApiErrorDetail:\n", "Unused is used by nothing"},
		{"undeclared path parameter", bridge, "/v1/bridge/initialize:", "/v1/bridge/{bridge}/initialize:", "bridge"},
	})
}

func TestSpecsLintFinds(t *testing.T) {
	plant(t, "specs-lint", []seed{
		{"misspelled type", straddle, "type: string\n          nullable: true", "type: strnig\n          nullable: true", "struct rule"},
		{"required but undefined", bridge, "required: [customer_id]", "required: [customer_id, customer]", "no-required-schema-properties-undefined"},
		{"trailing slash", bridge, "/v1/bridge/initialize:", "/v1/bridge/initialize/:", "no-path-trailing-slash"},
		{"example is no uuid", bridge, "customer_id: '182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e'", "customer_id: nobody", "no-invalid-media-type-examples"},
		{"example of the wrong type below null", finapi, "multiStepAuthentication: null", "multiStepAuthentication: 7", "no-invalid-media-type-examples"},
	})
}

func TestSpecsBreakingFinds(t *testing.T) {
	plant(t, "specs-breaking", []seed{
		{"removed operation", finogate, "  /v1/platform/embed-tokens:", "  /v9/platform/embed-tokens:", "api-path-removed"},
		{
			"new required member in a request", bridge, "required: [customer_id]\n      properties:\n",
			"required: [customer_id, nickname]\n      properties:\n        nickname:\n          type: string\n", "new-required-request-property",
		},
		{"removed enum value", bridge, "enum: [inline, background, skip]", "enum: [inline, background]", "enum-value-removed"},
		{"other type in a response", finapi, "expires_in:\n          type: integer\n          format: int32", "expires_in:\n          type: string", "response-property-type-changed"},
		{"shorter maxLength", straddle, "maxLength: 40", "maxLength: 36", "max-length-decreased"},
	})
}

func TestSpecsBreakingFindsRemovedDocument(t *testing.T) {
	dir := copyTree(t)
	if err := os.Remove(filepath.Join(dir, straddle)); err != nil {
		t.Fatal(err)
	}
	out, err := command(dir, "make", "specs-breaking", "BASE=HEAD")
	if err == nil || !strings.Contains(out, straddle+" is in HEAD and gone here") {
		t.Errorf("make specs-breaking: %v\n%s", err, out)
	}
}

func TestSpecsBreakingSaysWhatItSkips(t *testing.T) {
	dir := copyTree(t)
	out, err := command(dir, "make", "specs-breaking", "BASE=origin/nowhere")
	if err != nil || !strings.Contains(out, "skipped, there is no origin/nowhere") {
		t.Errorf("without a base: %v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, straddle))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "specs/zz-new.yaml", string(text))
	out, err = command(dir, "make", "specs-breaking", "BASE=HEAD")
	if err != nil || !strings.Contains(out, "specs/zz-new.yaml skipped, it is not in HEAD") {
		t.Errorf("with a new document: %v\n%s", err, out)
	}
}

// plant gives each fault a tree of its own and runs the target there: it must fail, and to name the fault.
func plant(t *testing.T, target string, seeds []seed) {
	t.Helper()
	for _, s := range seeds {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			dir := copyTree(t)
			path := filepath.Join(dir, s.document)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(text), s.old) {
				t.Fatalf("%s has no %q any more: plant the fault elsewhere", s.document, s.old)
			}
			write(t, dir, s.document, strings.Replace(string(text), s.old, s.new, 1))
			out, err := command(dir, "make", target, "BASE=HEAD")
			if err == nil {
				t.Fatalf("make %s passes\n%s", target, out)
			}
			if !strings.Contains(out, s.finds) {
				t.Errorf("make %s fails without a word of %q\n%s", target, s.finds, out)
			}
		})
	}
}
