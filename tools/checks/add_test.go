package checks

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What CONTRIBUTING.md adds in its chapter "A further operation", and where it says that it goes.
const (
	addedDocument = "specs/straddle/customers.yaml"
	addedHandler  = "sandbox/internal/straddle/customers.go"
	addedMap      = "\treturn map[string]engine.Handler{"
	mostGo        = 15 // lines of Go for the state of an operation
)

// yamlSection is a line of a document that others are put under.
var yamlSection = regexp.MustCompile(`^ {0,2}[a-z]+:$`)

// An operation is added by lines of the document and a handler of a few lines. Client, wrapper, command and sandbox have it
// then, and nothing else in the tree has to be changed: the tests that follow from the documents pass.
func TestAddOperation(t *testing.T) {
	_, chapter, _ := strings.Cut(read(t, "CONTRIBUTING.md"), "\n## A further operation\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	document, handler, commands := fenced(chapter, "yaml"), fenced(chapter, "go"), fenced(chapter, "sh")
	if len(document) != 1 || len(handler) != 2 || len(commands) != 1 {
		t.Fatalf("the chapter has %d blocks of YAML, %d of Go and %d of commands", len(document), len(handler), len(commands))
	}
	if n := strings.Count(handler[0]+handler[1], "\n"); n > mostGo {
		t.Errorf("%d lines of Go, more than %d", n, mostGo)
	}

	t.Setenv("GOFLAGS", "-trimpath") // what is compiled in one copy is not compiled anew in the next
	dir := copyTree(t)
	write(t, dir, addedDocument, merged(t, read(t, addedDocument), document[0]))
	write(t, dir, addedHandler, after(t, read(t, addedHandler), addedMap, handler[0])+"\n"+handler[1])
	if out, err := command(dir, "gofmt", "-l", addedHandler); err != nil || out != "" {
		t.Errorf("gofmt would write it in another way: %v %s", err, out)
	}
	for line := range strings.Lines(commands[0]) {
		inCopy(t, dir, strings.Fields(line)...)
	}
	write(t, dir, "sandbox/added_test.go", read(t, "tools/checks/testdata/added/added_test.go"))
	inCopy(t, dir, "go", "test", "-vet=off", "-run", "^TestAdded$", "./sandbox")
	inCopy(t, dir, "go", "test", "-vet=off", "./internal/operations", "./specs", "./gen/straddleapi", "./wrappers/straddle", "./sandbox/internal/straddle")
	inCopy(t, dir, "go", "test", "-vet=off", "-run", "^Test(EveryOperationIsWhole|Golden|Hidden|SpecOperations)", "./cmd/fintoken")
	changed, err := command(dir, "git", "status", "--porcelain")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(changed) {
		if name := strings.TrimSpace(line[3:]); !madeFromDocuments(name) && !slices.Contains([]string{addedDocument, addedHandler, "sandbox/added_test.go"}, name) {
			t.Errorf("%s has changed, too", name)
		}
	}
}

// madeFromDocuments reports whether a file is one that the commands write.
func madeFromDocuments(name string) bool {
	return strings.HasPrefix(name, "specs/bundle/") || strings.HasSuffix(name, ".gen.go") || strings.HasSuffix(name, "_gen_test.go") ||
		slices.Contains([]string{"docs/operations.md", "specs/testdata/straddle.surface.txt", "cmd/fintoken/internal/cli/hidden.go"}, name)
}

// fenced returns the blocks of a language.
func fenced(text, language string) (blocks []string) {
	for _, m := range regexp.MustCompile("(?s)\n```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// merged puts the lines of a block into a document, each under the line of the document that the block has above it.
func merged(t *testing.T, document, block string) string {
	t.Helper()
	lines, at := strings.SplitAfter(document, "\n"), 0
	for line := range strings.Lines(block) {
		if yamlSection.MatchString(strings.TrimSuffix(line, "\n")) {
			found := slices.Index(lines[at:], line)
			if found < 0 {
				t.Fatalf("%s has no line %q", addedDocument, line)
			}
			at += found + 1
			continue
		}
		lines = slices.Insert(lines, at, line)
		at++
	}
	return strings.Join(lines, "")
}

// after puts a block behind the first line that is so.
func after(t *testing.T, text, line, block string) string {
	t.Helper()
	if !strings.Contains(text, line+"\n") {
		t.Fatalf("%s has no line %q", addedHandler, line)
	}
	return strings.Replace(text, line+"\n", line+"\n"+block, 1)
}

// inCopy runs a command in a copy of the tree; the test ends where it fails.
func inCopy(t *testing.T, dir string, args ...string) {
	t.Helper()
	if out, err := command(dir, args[0], args[1:]...); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}
