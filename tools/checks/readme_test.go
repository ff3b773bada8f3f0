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
	namedTarget = regexp.MustCompile("(?m)(?:`|^|\\()make ([a-z-]+)")
	fileLink    = regexp.MustCompile(`\]\(([^)#:]+)\)`)
	kindName    = regexp.MustCompile("`rest\\.(Err[A-Za-z]+)`")
	operation   = regexp.MustCompile("(?m)^\\| [^|]+ \\| `([a-zA-Z0-9]+)` \\| `(POST|GET) ([^`]+)` \\|")
)

// Each program in the README compiles against the tree as it is.
func TestReadmePrograms(t *testing.T) {
	programs := goBlock.FindAllStringSubmatch(read(t, "README.md"), -1)
	if len(programs) < 3 {
		t.Fatalf("found %d programs, want one for each provider at least", len(programs))
	}
	// Below a folder that begins with a dot, where ./... does not look, but inside the module.
	dir, err := os.MkdirTemp(root, ".readme-") //nolint:usetesting // t.TempDir is outside the module
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	args := []string{"vet"}
	for i, p := range programs {
		name := fmt.Sprintf("program%d", i+1)
		write(t, dir, filepath.Join(name, "main.go"), p[1])
		args = append(args, "./"+filepath.Join(filepath.Base(dir), name))
	}
	if out, err := command(root, "go", args...); err != nil {
		t.Errorf("a program does not compile: %v\n%s", err, out)
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
	documents := read(t, "specs/finapi-access.yaml") + read(t, "specs/finogates.yaml") + read(t, "specs/straddle.yaml")
	listed := operation.FindAllStringSubmatch(readme, -1)
	for _, m := range listed {
		if !strings.Contains(documents, "\n  "+m[3]+":\n    "+strings.ToLower(m[2])+":\n      operationId: "+m[1]+"\n") {
			t.Errorf("README.md: no document has %s as %s %s", m[1], m[2], m[3])
		}
	}
	if want := strings.Count(documents, "operationId: "); len(listed) != want {
		t.Errorf("README.md lists %d operations, the documents have %d", len(listed), want)
	}
}

// Every kind of error is explained in the README.
func TestReadmeExplainsEveryKind(t *testing.T) {
	readme := read(t, "README.md")
	for _, m := range regexp.MustCompile(`\t(Err[A-Za-z]+) = errors\.New`).FindAllStringSubmatch(read(t, "wrappers/rest/error.go"), -1) {
		if !strings.Contains(readme, "`rest."+m[1]+"`") {
			t.Errorf("README.md does not explain rest.%s", m[1])
		}
	}
}
