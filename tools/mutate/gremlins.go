package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// gremlin is a mutant of gremlins: one operator that becomes another one.
type gremlin struct {
	file         string // below the root
	line, column int    // both count from 1, the columns in bytes
	kind, status string // in the words of gremlins
}

// unleash runs gremlins over the package in folder and returns its mutants.
func unleash(ctx context.Context, r *runner, folder string) ([]gremlin, error) {
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	report := filepath.Join(dir, "report.json")
	args := []string{
		"tool", "-modfile=" + r.gremlins, "gremlins", "unleash", "--output", report,
		"--workers", strconv.Itoa(r.workers), "--timeout-coefficient", "10", "--output-statuses", "lt",
		"--exclude-files", "/", // packages below this one
	}
	for _, name := range r.packages[folder].IgnoredGoFiles {
		args = append(args, "--exclude-files", "^"+regexp.QuoteMeta(name)+"$")
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "./"+folder)...) //nolint:gosec // a folder of this tree
	cmd.Dir = r.root
	// A cached first run of the tests would make gremlins expect all others to be as quick.
	cmd.Env = append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -count=1 -vet=off"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("gremlins %s: %w\n%s", folder, err, out)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		return nil, fmt.Errorf("gremlins %s: %w", folder, err)
	}
	return readReport(folder, text)
}

// readReport reads what gremlins writes about the package in folder.
func readReport(folder string, text []byte) ([]gremlin, error) {
	var report struct {
		Files []struct {
			Name      string `json:"file_name"`
			Mutations []struct {
				Line, Column int
				Type, Status string
			}
		}
	}
	if err := json.Unmarshal(text, &report); err != nil {
		return nil, fmt.Errorf("the report of gremlins: %w", err)
	}
	var all []gremlin
	for _, f := range report.Files {
		for _, m := range f.Mutations {
			all = append(all, gremlin{folder + "/" + f.Name, m.Line, m.Column, m.Type, m.Status})
		}
	}
	return all, nil
}

// swaps are the operators that gremlins exchanges, by its name for the exchange.
var swaps = map[string]map[string]string{
	"ARITHMETIC_BASE":       {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*"},
	"CONDITIONALS_BOUNDARY": {"<": "<=", "<=": "<", ">": ">=", ">=": ">"},
	"CONDITIONALS_NEGATION": {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"},
	"INCREMENT_DECREMENT":   {"++": "--", "--": "++"},
	"INVERT_NEGATIVES":      {"-": "+"},
}

// apply returns source with the change.
func (g gremlin) apply(source []byte) ([]byte, error) {
	lines := bytes.SplitAfter(source, []byte("\n"))
	at := len(bytes.Join(lines[:min(g.line-1, len(lines))], nil)) + g.column - 1
	for _, length := range []int{2, 1} { // <= before <
		if at+length > len(source) {
			continue
		}
		if to, ok := swaps[g.kind][string(source[at:at+length])]; ok {
			return bytes.Join([][]byte{source[:at], []byte(to), source[at+length:]}, nil), nil
		}
	}
	return nil, fmt.Errorf("%s:%d:%d: %s finds no operator there", g.file, g.line, g.column, g.kind)
}

// end returns what becomes of the mutant. Gremlins leaves out what the coverage of Go has no count for, the conditions of
// case clauses and constants; cuts off by a time that it guesses; and takes code that does not compile for code that a
// test has caught. All of these are looked at once more.
func (g gremlin) end(ctx context.Context, r *runner) (verdict, error) {
	compiles := strings.HasPrefix(g.kind, "CONDITIONALS_")
	switch {
	case g.status == "LIVED":
		return survived, nil
	case g.status == "KILLED" && compiles:
		return killed, nil
	case g.status == "NOT VIABLE":
		return invalid, nil
	}
	source, err := os.ReadFile(filepath.Join(r.root, g.file))
	if err != nil {
		return "", err
	}
	text, err := g.apply(source)
	if err != nil {
		return "", err
	}
	o, err := r.try(ctx, g.file, text, []string{path.Dir(g.file)})
	return o.verdict, err
}

// show tells where the mutant is, with the line.
func (g gremlin) show(root string) string {
	text := fmt.Sprintf("%s:%d:%d: %s", g.file, g.line, g.column, g.kind)
	source, _ := os.ReadFile(filepath.Join(root, g.file))
	if lines := strings.Split(string(source), "\n"); g.line <= len(lines) {
		text += ": " + strings.TrimSpace(lines[g.line-1])
	}
	return text
}
