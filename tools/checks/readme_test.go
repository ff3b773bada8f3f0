package checks

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	goBlock     = regexp.MustCompile("(?s)```go\n(.*?)```")
	packageLine = regexp.MustCompile(`^package \w+\n`)
	readmeTest  = regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\) \{`)
	namedTarget = regexp.MustCompile("(?m)(?:`|^|\\()make ([a-z-]+)")
	fileLink    = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	kindName    = regexp.MustCompile("`rest\\.(Err[A-Za-z]+)`")
)

// Each program and each test in the README compiles against the tree as it is and does what it says, against a sandbox.
func TestReadmePrograms(t *testing.T) {
	blocks := goBlock.FindAllStringSubmatch(read(t, "README.md"), -1)
	// Below a folder that begins with an underscore, where ./... does not look, but inside the module.
	dir, err := os.MkdirTemp(root, "_readme-") //nolint:usetesting // t.TempDir is outside the module
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	var imports, programs, tests strings.Builder
	for i, block := range blocks {
		name, text := fmt.Sprintf("block%d", i+1), block[1]
		fmt.Fprintf(&imports, "\t%q\n", "github.com/fintoken/fintoken-go/"+filepath.Base(dir)+"/"+name)
		found := readmeTest.FindAllStringSubmatch(text, -1)
		for _, m := range found {
			fmt.Fprintf(&tests, "\t%q: %s.%s,\n", m[1], name, m[1])
		}
		switch main := strings.Count(text, "\nfunc main() {\n"); {
		case main == 1:
			text = strings.Replace(text, "\nfunc main() {\n", "\nfunc Main() {\n", 1)
			fmt.Fprintf(&programs, "\t{%q, %s.Main, %t},\n", name, name, strings.Contains(text, ".Production"))
		case len(found) == 0:
			t.Errorf("the README has a block of Go that is neither a program nor a test:\n%s", text)
		}
		write(t, dir, filepath.Join(name, "block.go"), packageLine.ReplaceAllString(text, "package "+name+"\n"))
	}
	write(t, dir, "run_test.go", read(t, "tools/checks/testdata/readme/run_test.go"))
	write(t, dir, "list_test.go", "package readme\n\nimport (\n\t\"testing\"\n"+imports.String()+")\n\n"+
		"var programs = []struct {\n\tname string\n\tmain func()\n\tproduction bool\n}{\n"+programs.String()+"}\n\n"+
		"var tests = map[string]func(*testing.T){\n"+tests.String()+"}\n")
	if out, err := command(root, "go", "test", "-count=1", "./"+filepath.Base(dir)); err != nil {
		t.Errorf("a program or a test of the README fails: %v\n%s", err, out)
	}
}

// Every make target, file, kind of error and operation that the papers name is there.
func TestPapersNameWhatIsThere(t *testing.T) {
	makefile := read(t, "Makefile")
	for _, paper := range []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"} {
		text := read(t, paper)
		for _, m := range namedTarget.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s: there is no make target %s", paper, m[1])
			}
		}
		for _, m := range fileLink.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(root, m[1])); err != nil {
				t.Errorf("%s: there is no file %s", paper, m[1])
			}
		}
	}

	readme, kinds := read(t, "README.md"), read(t, "wrappers/rest/error.go")
	for _, m := range kindName.FindAllStringSubmatch(readme, -1) {
		if !strings.Contains(kinds, "\t"+m[1]+" = ") {
			t.Errorf("README.md: there is no rest.%s", m[1])
		}
	}
	documents := read(t, "specs/bundle/finapi-access.yaml") + read(t, "specs/bundle/finogates.yaml") + read(t, "specs/bundle/straddle.yaml")
	listed := read(t, "docs/operations.md")
	for _, m := range operationID.FindAllStringSubmatch(documents, -1) {
		if !strings.Contains(listed, m[1]) {
			t.Errorf("docs/operations.md does not list %s", m[1])
		}
	}
}

// operationID is the name of an operation in a document.
var operationID = regexp.MustCompile(`operationId: ([A-Za-z]+)`)

// Every kind of error is explained in the README.
func TestReadmeExplainsEveryKind(t *testing.T) {
	readme := read(t, "README.md")
	for _, m := range regexp.MustCompile(`\t(Err[A-Za-z]+) = errors\.New`).FindAllStringSubmatch(read(t, "wrappers/rest/error.go"), -1) {
		if !strings.Contains(readme, "`rest."+m[1]+"`") {
			t.Errorf("README.md does not explain rest.%s", m[1])
		}
	}
}
