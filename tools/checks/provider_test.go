package checks

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// edit is a change of a file that is there already.
type edit struct{ file, old, new string }

// The lines that a new provider needs in files that are not its own, as CONTRIBUTING.md says.
var providerEdits = []edit{
	{"tools.go", "//go:generate go -C tools run ./bundle ../specs/finapi-access.yaml\n", `//go:generate go -C tools run ./bundle ../specs/acme.yaml
//go:generate go tool -modfile=tools/go.mod oapi-codegen -config tools/oapi-codegen/usual.yaml -package acmeapi -o gen/acmeapi/acmeapi.gen.go specs/bundle/acme.yaml
//go:generate go -C tools run ./generate ../specs/bundle/acme.yaml ../gen/acmeapi/acmeapi.gen.go ../wrappers/acme
//go:generate go -C tools run ./bundle ../specs/finapi-access.yaml
`},
	{"specs/specs.go", "var (\n", "var (\n\t// Acme describes the link tokens and the accounts of Acme.\n\tAcme = Document{file: \"acme.yaml\", index: &acmeIndex}\n"},
	{"specs/specs.go", "return []Document{", "return []Document{Acme, "},
	{"wrappers/internal/web/insecure.go", "\"straddle.com\"}", "\"straddle.com\", \"acme.example\"}"},
	{"sandbox/providers.go", "import (\n", "import (\n\t\"github.com/fintoken/fintoken-go/sandbox/internal/acme\"\n"},
	{"sandbox/providers.go", "straddleRoutes},\n", "straddleRoutes},\n\t\t{acme.Provider(), nil},\n"},
	{"sandbox/providers.go", "`json:\"straddle\"`\n}\n\n// Fix", "`json:\"straddle\"`\n\tAcme AcmeCredentials `json:\"acme\"`\n}\n\n// Fix"},
	{"sandbox/providers.go", "`json:\"straddle,omitzero\"`\n", "`json:\"straddle,omitzero\"`\n\tAcme AcmeFixtures `json:\"acme,omitzero\"`\n"},
	{"sandbox/providers.go", "StraddleState  `json:\"straddle\"`\n", "StraddleState  `json:\"straddle\"`\n\tAcme AcmeState `json:\"acme\"`\n"},
	{"sandbox/clients.go", "import (\n", "import (\n\t\"github.com/fintoken/fintoken-go/wrappers/acme\"\n"},
	{"sandbox/clients.go", "*straddle.Client\n", "*straddle.Client\n\tAcme *acme.Client\n"},
	{"sandbox/clients.go", "\tmade.Straddle, err =", `	if made.Acme, err = acme.New(acme.Config{
		ClientID: creds.Acme.ClientID, Secret: secret.New(creds.Acme.Secret), BaseURL: url + "/acme", HTTP: calls,
	}); err != nil {
		return nil, err
	}
	made.Straddle, err =`},
	{"README.md", "| the program | `FINTOKEN_SANDBOX_URL`", "| Acme | `ACME_CLIENT_ID`, `ACME_SECRET`, `ACME_BASE_URL`, `ACME_ENVIRONMENT` | |\n| the program | `FINTOKEN_SANDBOX_URL`"},
	{"cmd/fintoken/internal/cli/vendor.go", "straddleVendor()}", "straddleVendor(), acmeVendor()}"},
}

// The members of the admin document, which describes the state of the sandbox, and what is for tests alone.
var providerMembers = []edit{
	{"sandbox/admin.yaml", "required: [finapi, finogates, straddle]", "required: [finapi, finogates, straddle, acme]"},
	{"sandbox/admin.yaml", "[clock, finapi, finogates, straddle,", "[clock, finapi, finogates, straddle, acme,"},
	{"sandbox/admin.yaml", "schemas/StraddleCredentials'\n", "schemas/StraddleCredentials'\n        acme:\n          $ref: '#/components/schemas/AcmeCredentials'\n"},
	{"sandbox/admin.yaml", "schemas/StraddleFixtures'\n", "schemas/StraddleFixtures'\n        acme:\n          $ref: '#/components/schemas/AcmeFixtures'\n"},
	{"sandbox/admin.yaml", "schemas/StraddleState'\n", "schemas/StraddleState'\n        acme:\n          $ref: '#/components/schemas/AcmeState'\n"},
	{"internal/operations/operationstest/tables.go", "import (\n", "import (\n\t\"github.com/fintoken/fintoken-go/wrappers/acme\"\n"},
	{"internal/operations/operationstest/tables.go", "var Tables = []Table{\n", `var Tables = []Table{
	{
		Name: "acme", Operations: of(operations.Acme),
		Client: func(baseURL string, production bool, calls rest.Config) (any, error) {
			cfg := acme.Config{ClientID: "the-client", Secret: secret.New(SomeSecret), BaseURL: baseURL, HTTP: calls}
			if production {
				cfg.Environment = acme.Production
			}
			return acme.New(cfg)
		},
		Zero:   &acme.Client{},
		Signed: map[string]string{"Acme-Client-Id": "the-client", "Acme-Secret": SomeSecret},
		Failure: func(_ int, text string) any {
			return map[string]any{"error_code": "BAD", "error_message": text, "request_id": "r1"}
		},
	},
`},
}

// providerFolder has the files of the new provider, where they stand in the tree.
const providerFolder = "testdata/provider"

// maxProvider is how many handwritten lines a provider may need besides its document, its fake and its tests.
const maxProvider = 250

// A provider without an envelope, with two headers for a credential and a token for one use, is what CONTRIBUTING.md says:
// its own files and a few lines in those of all. With them it is generated, called, swept, checked and typed like the others.
func TestNewProvider(t *testing.T) {
	t.Parallel()
	dir := copyTree(t)
	lines := addFiles(t, dir) + apply(t, dir, providerEdits)
	apply(t, dir, providerMembers)
	t.Logf("%d handwritten lines", lines)
	if lines > maxProvider {
		t.Errorf("a new provider takes %d handwritten lines, more than %d", lines, maxProvider)
	}
	for _, args := range [][]string{
		{"generate", "./..."},
		{"test", "./cmd/fintoken", "-run", "^TestHidden$", "-update"},
		{"build", "./..."},
		{"test", "./internal/operations", "./cmd/fintoken/internal/cli", "./gen/acmeapi"},
		{"test", "./wrappers/faults", "-run", "^(TestSweep|TestProvidersStayEncrypted)$"},
		{"test", "./sandbox", "-run", "^Test(ProvidersAreWhole|PageCommands|Journal)$"},
		{"test", "./cmd/fintoken", "-run", "^Test(Hidden|SandboxSecretsStay|Doctor|DoctorLeavesNoTrace|EveryCommandHasAScene|Variables|VariablesAreAllTold)$"},
	} {
		if out, err := command(dir, "go", args...); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// addFiles copies the files of the provider into the tree, and counts the lines of those that are neither its document nor
// its fake.
func addFiles(t *testing.T, dir string) (lines int) {
	t.Helper()
	err := filepath.WalkDir(providerFolder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(providerFolder, path)
		if err != nil {
			return err
		}
		if name == "sandbox/admin.part.yaml" {
			apply(t, dir, []edit{{"sandbox/admin.yaml", "    Reset:\n", string(text) + "    Reset:\n"}})
			return nil
		}
		write(t, dir, name, string(text))
		if !strings.HasPrefix(name, "specs/") && !strings.HasPrefix(name, "sandbox/internal/") {
			lines += strings.Count(string(text), "\n")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// apply makes changes, and counts the lines that are new or others. None is in a file of another provider.
func apply(t *testing.T, dir string, edits []edit) (lines int) {
	t.Helper()
	for _, e := range edits {
		for _, other := range []string{"finapi", "finogates", "straddle"} {
			if strings.Contains(e.file, other) {
				t.Errorf("%s is a file of %s", e.file, other)
			}
		}
		text, err := os.ReadFile(filepath.Join(dir, e.file))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(text), e.old) {
			t.Fatalf("%s has no %q any more: say in CONTRIBUTING.md and here where the line goes", e.file, e.old)
		}
		write(t, dir, e.file, strings.Replace(string(text), e.old, e.new, 1))
		lines += max(1, strings.Count(e.new, "\n")-strings.Count(e.old, "\n"))
	}
	return lines
}
