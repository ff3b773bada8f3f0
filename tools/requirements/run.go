package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// run runs the tests of all rules and returns how each ended: "pass", "fail" or "skip"; one that did not run is not
// in it.
func run(root string, rules []rule, race bool) (map[string]string, error) {
	names := map[string][]string{} // by folder
	for _, r := range rules {
		for _, t := range r.tests {
			folder, name, _ := strings.Cut(t, ".")
			if !slices.Contains(names[folder], name) {
				names[folder] = append(names[folder], name)
			}
		}
	}
	results := map[string]string{}
	for folder, all := range names {
		if err := runFolder(root, folder, all, race, results); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// runFolder runs the tests of one package, in the module that it belongs to.
func runFolder(root, folder string, names []string, race bool, results map[string]string) error {
	args := []string{"test", "-json", "-count=1", "-run", "^(" + strings.Join(names, "|") + ")$"}
	if race {
		args = append(args, "-race")
	}
	cmd := exec.CommandContext(context.Background(), "go", append(args, ".")...) //nolint:gosec // the names have a pattern to match
	cmd.Dir = filepath.Join(root, folder)
	if !exists(cmd.Dir) {
		return nil // the report says that its tests did not run
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	found := events(folder, out, results)
	if err != nil && !found {
		return fmt.Errorf("%s: %w\n%s%s", folder, err, out, stderr.Bytes())
	}
	return nil
}

// exists reports whether there is such a folder.
func exists(folder string) bool {
	info, err := os.Stat(folder)
	return err == nil && info.IsDir()
}

// events reads the output of go test -json and reports whether a test ran at all.
func events(folder string, out []byte, results map[string]string) (found bool) {
	for l := range bytes.Lines(out) {
		var e struct{ Action, Test string }
		if json.Unmarshal(l, &e) != nil || e.Test == "" || strings.Contains(e.Test, "/") {
			continue
		}
		switch e.Action {
		case "pass", "fail", "skip":
			results[folder+"."+e.Test] = e.Action
			found = true
		}
	}
	return found
}

// report is what came of it.
type report struct {
	proven, tests, open int
	faults              []string
}

// judge compares the rules with the results.
func judge(rules []rule, results map[string]string) report {
	var out report
	seen := map[string]bool{}
	for _, r := range rules {
		if len(r.tests) == 0 {
			out.open++
			continue
		}
		good := true
		for _, t := range r.tests {
			seen[t] = true
			switch result := results[t]; result {
			case "pass":
				continue
			case "":
				out.faults = append(out.faults, r.id+": "+t+" is missing or did not run")
			default:
				out.faults = append(out.faults, r.id+": "+t+": "+result)
			}
			good = false
		}
		if good {
			out.proven++
		}
	}
	out.tests = len(seen)
	return out
}
