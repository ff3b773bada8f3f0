package checks

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	qualified = regexp.MustCompile("`(secret|token|rest|finapi|finogates|straddle|sandbox|spectest)\\.([A-Z]\\w*)")
	tableRow  = regexp.MustCompile("(?m)^\\| [A-Z][a-z ]+ \\| (`[^|]+`) \\| (`[^|]+`) \\|$")
	adminPath = regexp.MustCompile(`/[a-z][^\s` + "`" + `?,]*`)
	variable  = regexp.MustCompile(`\bos\.(Getenv|LookupEnv|Environ|ExpandEnv)\b`)
)

// sources returns the Go files of a folder, without its tests, as one text.
func sources(t *testing.T, folder string) string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no Go files: %v", folder, err)
	}
	var all strings.Builder
	for _, name := range names {
		if !strings.HasSuffix(name, "_test.go") {
			all.WriteString(read(t, strings.TrimPrefix(name, root+"/")))
		}
	}
	return all.String()
}

// Every name of Go that the README mentions is one that packages have, and every path of the admin API is in its document.
func TestReadmeNamesWhatIsThere(t *testing.T) {
	readme := read(t, "README.md")
	folders := map[string]string{"sandbox": "sandbox", "spectest": "specs/spectest"}
	found := qualified.FindAllStringSubmatch(readme, -1)
	if len(found) < 30 {
		t.Errorf("found %d names only", len(found))
	}
	for _, m := range found {
		folder := folders[m[1]]
		if folder == "" {
			folder = "wrappers/" + m[1]
		}
		declared := regexp.MustCompile(`(?m)^(func |type |var |\t)` + m[2] + `\b`)
		if !declared.MatchString(sources(t, folder)) {
			t.Errorf("README.md: there is no %s.%s", m[1], m[2])
		}
	}

	_, table, _ := strings.Cut(readme, "| | Go | HTTP, below ")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := tableRow.FindAllStringSubmatch(table, -1)
	if len(rows) != 6 {
		t.Errorf("the table of the sandbox has %d rows, want 6", len(rows))
	}
	methods, document := sources(t, "sandbox")+sources(t, "sandbox/internal/engine"), read(t, "sandbox/admin.yaml")
	for _, row := range rows {
		for _, name := range strings.FieldsFunc(row[1], func(r rune) bool { return strings.ContainsRune("`,./ ()", r) }) {
			if !regexp.MustCompile(`(?m)^func \(\w+ \*(Sandbox|VirtualClock)\) ` + name + `\(`).MatchString(methods) {
				t.Errorf("README.md: the sandbox has no method %s", name)
			}
		}
		for _, path := range adminPath.FindAllString(row[2], -1) {
			if !strings.Contains(document, "\n  "+path+":\n") {
				t.Errorf("README.md: sandbox/admin.yaml has no %s", path)
			}
		}
	}
}

// No package that a program imports asks the environment for anything. That spectest, which is for tests, counts its checks
// into a file that a variable names is for the tests of this tree.
func TestLibraryReadsNoVariable(t *testing.T) {
	packages := 0
	for _, name := range files(t) {
		top, _, _ := strings.Cut(name, "/")
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || !slices.Contains([]string{"wrappers", "gen", "specs", "sandbox"}, top) {
			continue
		}
		packages++
		if name != "specs/spectest/testing.go" && variable.MatchString(read(t, name)) {
			t.Errorf("%s reads the environment", name)
		}
	}
	if packages < 100 {
		t.Errorf("looked at %d files only", packages)
	}
}
