package checks

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// skips lists the calls in a test file that skip a test, or make it do less.
func skips(name, text string) ([]string, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Skip", "Skipf", "SkipNow", "Short"}, f.Sel.Name) {
			found = append(found, fmt.Sprintf("%s: %s", set.Position(call.Pos()), f.Sel.Name))
		}
		return true
	})
	return found, nil
}

// No test is skipped but by the helper that CI turns into a failure. What takes long is left out by `make test`, by name.
func TestNoOtherSkip(t *testing.T) {
	seen := 0
	for _, name := range files(t) {
		if !strings.HasSuffix(name, "_test.go") {
			continue
		}
		seen++
		found, err := skips(name, read(t, name))
		if err != nil {
			t.Error(err)
		}
		for _, f := range found {
			t.Errorf("%s: a test is skipped by internal/testenv alone", f)
		}
	}
	if seen < 100 {
		t.Errorf("saw %d test files, which cannot be all", seen)
	}
}

func TestSkipsAreFound(t *testing.T) {
	for text, want := range map[string]int{
		`t.Skip("x")`: 1, `t.Skipf("%d", 1); b.SkipNow()`: 2, `if testing.Short() { return }`: 1, `testenv.Programs(t, "curl")`: 0, `s.Skipped()`: 0,
	} {
		found, err := skips("x_test.go", "package x\nfunc f() { "+text+" }\n")
		if err != nil || len(found) != want {
			t.Errorf("%s: found %q, %v", text, found, err)
		}
	}
}

var (
	slowTests = regexp.MustCompile(`(?m)^SLOW := (.+)$`)
	testFunc  = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// What `make test` leaves out by name is in the packages that `make checks` and `make test-cli` run whole.
func TestSlowTestsHaveATarget(t *testing.T) {
	makefile := read(t, "Makefile")
	pattern := slowTests.FindStringSubmatch(makefile)
	if pattern == nil {
		t.Fatal("the Makefile has no SLOW")
	}
	slow, err := regexp.Compile(strings.ReplaceAll(pattern[1], "$$", "$"))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"\tgo -C tools test -count=1 -timeout 30m ./checks\n", "\tgo -C tools test -count=1 ./mutate\n", "\tgo test -count=1 ./cmd/...\n", "\tgo -C tools test -count=1 ./release/...\n"} {
		if !strings.Contains(makefile, line) {
			t.Errorf("no target runs %q", strings.TrimSpace(line))
		}
	}
	found := 0
	for _, name := range files(t) {
		if !strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range testFunc.FindAllStringSubmatch(read(t, name), -1) {
			if !slow.MatchString(m[1]) {
				continue
			}
			found++
			if !slices.ContainsFunc([]string{"tools/checks/", "tools/mutate/", "tools/release/", "cmd/"}, func(folder string) bool { return strings.HasPrefix(name, folder) }) {
				t.Errorf("%s: `make test` leaves %s out, and nothing else runs it", name, m[1])
			}
		}
	}
	if found < 10 {
		t.Errorf("SLOW names %d tests: does it name what it should?", found)
	}
}
