package checks

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/fintoken/fintoken-go"

// edge is one import, written in one package.
type edge struct {
	from string // a folder below the root; "x_test" stands for a test file of x
	to   string // an import path; one that begins with "/" is ours
}

// The imports that the design allows. No floor may become too narrow to work on.
var allowed = []edge{
	{"wrappers/otelrest", "go.opentelemetry.io/otel"},
	{"wrappers/otelrest", "/wrappers/rest"},
	{"gen/straddleapi", "github.com/oapi-codegen/runtime"},
	{"gen/finapiaccess", "net/http"},
	{"gen/straddleapi_test", "/gen/internal/gentest"},
	{"gen/internal/gentest", "/specs/spectest"},
	{"specs", "embed"},
	{"specs/spectest", "/specs"},
	{"specs/spectest", "github.com/getkin/kin-openapi"},
	{"wrappers/secret", "fmt"},
	{"wrappers/secret_test", "github.com/stretchr/testify"},
	{"wrappers/token", "/wrappers/secret"},
	{"wrappers/token", "/wrappers/internal/web"},
	{"wrappers/rest", "/wrappers/token"},
	{"wrappers/straddle", "/wrappers/rest"},
	{"wrappers/straddle", "/gen/straddleapi"},
	{"wrappers/straddle_test", "/specs/spectest"},
	{"wrappers/straddle_test", "/wrappers/internal/wiretest"},
	{"wrappers/internal/wiretest", "/wrappers/rest"},
	{"wrappers/straddle_test", "/sandbox"},
	{"sandbox", "/specs/spectest"},
	{"sandbox", "/gen/straddleapi"},
	{"sandbox", "/wrappers/token"},
	{"sandbox", "/sandbox/internal/straddle"},
	{"sandbox/internal/straddle", "/sandbox/internal/engine"},
	{"sandbox/internal/straddle", "/gen/straddleapi"},
	{"sandbox/internal/engine", "/specs/spectest"},
	{"cmd/fintoken_test", "/internal/testenv"},
	{"cmd/fintoken", "/sandbox"},
	{"cmd/fintoken", "/wrappers/straddle"},
	{"cmd/fintoken", "github.com/spf13/cobra"},
}

// The imports that it forbids: up, sideways between providers, and what no user of a wrapper should have to link.
var forbidden = []edge{
	{"wrappers/token", "golang.org/x/oauth2"},
	{"wrappers/rest", "go.opentelemetry.io/otel"},
	{"gen/straddleapi", "/specs"},
	{"gen/straddleapi", "github.com/getkin/kin-openapi"},
	{"gen/straddleapi", "/gen/internal/gentest"},
	{"gen/internal/gentest", "/wrappers/secret"},
	{"gen/internal/gentest", "github.com/stretchr/testify"},
	{"specs", "/wrappers/secret"},
	{"specs", "github.com/getkin/kin-openapi"},
	{"specs/spectest", "/wrappers/secret"},
	{"specs/spectest", "github.com/stretchr/testify"},
	{"wrappers/secret", "/wrappers/token"},
	{"wrappers/internal/web", "/wrappers/secret"},
	{"wrappers/token", "/wrappers/rest"},
	{"wrappers/rest", "/wrappers/finapi"},
	{"wrappers/finapi", "/wrappers/straddle"},
	{"wrappers/straddle", "/wrappers/finogates"},
	{"wrappers/straddle", "/wrappers/internal/wiretest"},
	{"wrappers/token", "/wrappers/internal/wiretest"},
	{"wrappers/rest", "/wrappers/internal/wiretest"},
	{"wrappers/finogates", "/sandbox"},
	{"wrappers/yettocome", "/specs/spectest"},
	{"wrappers/yettocome", "/wrappers/finapi"},
	{"sandbox", "github.com/spf13/cobra"},
	{"sandbox", "github.com/stretchr/testify"},
	{"cmd/fintoken", "github.com/stretchr/testify"},
	{"cmd/fintoken", "/internal/testenv"},
	{"sandbox", "/internal/memnet"},
	{"sandbox/internal/engine", "/sandbox/internal/finapi"},
	{"sandbox/internal/engine", "/gen/straddleapi"},
	{"sandbox/internal/straddle", "/sandbox/internal/finogates"},
	{"sandbox/internal/straddle", "/wrappers/straddle"},
	{"sandbox/internal/yettocome", "/sandbox/internal/straddle"},
}

// Nobody who imports a wrapper may get these with it.
var heavy = []string{"github.com/getkin/kin-openapi", "github.com/spf13/cobra", "github.com/stretchr/testify"}

func TestFloorsAllow(t *testing.T) {
	if out, err := lintFloors(t, allowed); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestFloorsForbid(t *testing.T) {
	edges := forbidden
	for _, dir := range wrapperFolders(t) {
		for _, to := range heavy {
			edges = append(edges, edge{dir, to})
		}
	}
	out, err := lintFloors(t, edges)
	if err == nil {
		t.Fatalf("the linter passes\n%s", out)
	}
	for i, e := range edges {
		want := fmt.Sprintf("%s: import '%s' is not allowed", fileOf(i, e), importPath(e.to))
		found := false
		for _, line := range strings.Split(out, "\n") {
			file, rest, _ := strings.Cut(line, ":")
			_, message, _ := strings.Cut(rest, " ")
			found = found || strings.HasPrefix(file+": "+message, want)
		}
		if !found {
			t.Errorf("not found: %s imports %s", e.from, e.to)
		}
	}
	if t.Failed() {
		t.Log(out)
	}
}

// wrapperFolders lists the packages that are under wrappers/ in the tree today.
func wrapperFolders(t *testing.T) []string {
	t.Helper()
	seen := map[string]bool{}
	var dirs []string
	for _, name := range files(t) {
		dir := path.Dir(name)
		if strings.HasPrefix(name, "wrappers/") && strings.HasSuffix(name, ".go") && !seen[dir] {
			seen[dir] = true
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// lintFloors writes one small file an edge into an empty module with the name and the linter configuration of ours,
// puts stand-ins in place of foreign modules, and runs the linter for imports alone.
func lintFloors(t *testing.T, edges []edge) (string, error) {
	t.Helper()
	dir := t.TempDir()
	copyFile(t, filepath.Join(root, ".golangci.yml"), filepath.Join(dir, ".golangci.yml"))

	gomod := "module " + module + "\n\ngo 1.25.0\n"
	foreign := map[string]bool{}
	for i, e := range edges {
		write(t, dir, fileOf(i, e), fmt.Sprintf("package %s\n\nimport _ %q\n", packageOf(e.from), importPath(e.to)))
		if to, ours := strings.CutPrefix(e.to, "/"); ours {
			write(t, dir, to+"/doc.go", "package "+packageOf(to)+"\n")
		} else if strings.Contains(strings.SplitN(e.to, "/", 2)[0], ".") && !foreign[e.to] {
			foreign[e.to] = true
			write(t, dir, "stand-in/"+e.to+"/go.mod", "module "+e.to+"\n\ngo 1.25.0\n")
			write(t, dir, "stand-in/"+e.to+"/doc.go", "package standin\n")
			gomod += fmt.Sprintf("\nrequire %[1]s v0.0.0\n\nreplace %[1]s => ./stand-in/%[1]s\n", e.to)
		}
	}
	write(t, dir, "go.mod", gomod)

	tool, err := filepath.Abs(filepath.Join(root, "tools", "golangci-lint", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	return command(dir, "go", "tool", "-modfile="+tool, "golangci-lint", "run",
		"--enable-only=depguard", "--output.text.print-issued-lines=false", "./...")
}

func fileOf(i int, e edge) string {
	if dir, ok := strings.CutSuffix(e.from, "_test"); ok {
		return fmt.Sprintf("%s/edge%d_test.go", dir, i)
	}
	return fmt.Sprintf("%s/edge%d.go", e.from, i)
}

// packageOf gives every test file the outside view, so that no import of it can close a circle.
func packageOf(folder string) string {
	if strings.HasPrefix(folder, "cmd/") {
		return "main"
	}
	return path.Base(folder)
}

func importPath(to string) string {
	if strings.HasPrefix(to, "/") {
		return module + to
	}
	return to
}
