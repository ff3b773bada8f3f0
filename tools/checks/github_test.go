package checks

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var (
	pinned     = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	makeTarget = regexp.MustCompile(`^make((?: [a-z-]+)+)(?: [A-Z]+=\S+)*$`)
	// Needs the open internet for its database, so it is no target: targets work offline.
	govulncheck = regexp.MustCompile(`^go run golang\.org/x/vuln/cmd/govulncheck@v\d+\.\d+\.\d+ \./\.\.\.$`)
)

// workflow is the part of a workflow file that the rules are about.
type workflow struct {
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]struct {
		Permissions map[string]string `yaml:"permissions"`
		Timeout     int               `yaml:"timeout-minutes"`
		Steps       []struct {
			Uses string         `yaml:"uses"`
			Run  string         `yaml:"run"`
			With map[string]any `yaml:"with"`
		} `yaml:"steps"`
	} `yaml:"jobs"`
}

// faultsOfWorkflow lists what is wrong with one workflow file.
func faultsOfWorkflow(text string, targets []string) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }

	for _, line := range strings.Split(text, "\n") {
		_, uses, found := strings.Cut(line, "uses: ")
		if found && !strings.HasPrefix(uses, "./") && !pinned.MatchString(strings.TrimSpace(uses)) {
			fault("not pinned by a full hash with its version behind it: %s", uses)
		}
	}

	var w workflow
	if err := yaml.Unmarshal([]byte(text), &w); err != nil {
		return append(faults, err.Error())
	}
	if !reflect.DeepEqual(w.Permissions, map[string]string{"contents": "read"}) {
		fault("permissions are not `contents: read`: %v", w.Permissions)
	}
	for name, job := range w.Jobs {
		// Making a release is the one thing that needs more; what it publishes was built in a job that has less.
		if len(job.Permissions) > 0 && !(name == "publish" && reflect.DeepEqual(job.Permissions, map[string]string{"contents": "write"})) {
			fault("job %s widens the permissions", name)
		}
		if job.Timeout == 0 {
			fault("job %s has no timeout-minutes", name)
		}
		for _, step := range job.Steps {
			if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != false {
				fault("job %s leaves its token in the clone: persist-credentials is not false", name)
			}
			for _, line := range strings.Split(strings.TrimSpace(step.Run), "\n") {
				made := makeTarget.FindStringSubmatch(line)
				switch {
				case line == "", govulncheck.MatchString(line):
				case made == nil:
					fault("job %s runs no make target: %s", name, line)
				default:
					for _, target := range strings.Fields(made[1]) {
						if !slices.Contains(targets, target) {
							fault("job %s runs a target the Makefile lacks: %s", name, target)
						}
					}
				}
			}
		}
	}
	return faults
}

// faultsOfDependabot lists the modules that nobody watches, and the watches that have nothing to see.
func faultsOfDependabot(text string, files []string) []string {
	var config struct {
		Updates []struct {
			Ecosystem   string   `yaml:"package-ecosystem"`
			Directory   string   `yaml:"directory"`
			Directories []string `yaml:"directories"`
		} `yaml:"updates"`
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		return []string{err.Error()}
	}
	has := map[string]bool{}
	for _, u := range config.Updates {
		for _, dir := range append(u.Directories, u.Directory) {
			if dir != "" {
				has[u.Ecosystem+" "+dir] = true
			}
		}
	}
	want := map[string]bool{"github-actions /": true}
	for _, name := range files {
		switch path.Base(name) {
		case "go.mod":
			want["gomod "+path.Join("/", path.Dir(name))] = true
		case "package-lock.json":
			want["npm "+path.Join("/", path.Dir(name))] = true
		}
	}
	var faults []string
	for entry := range want {
		if !has[entry] {
			faults = append(faults, "not watched: "+entry)
		}
	}
	for entry := range has {
		if !want[entry] {
			faults = append(faults, "nothing there to watch: "+entry)
		}
	}
	slices.Sort(faults)
	return faults
}

func TestGitHubWorkflows(t *testing.T) {
	targets := targetsOfMakefile(t)
	found := 0
	for _, name := range files(t) {
		if path.Dir(name) != ".github/workflows" {
			continue
		}
		found++
		for _, f := range faultsOfWorkflow(read(t, name), targets) {
			t.Errorf("%s: %s", name, f)
		}
	}
	if found == 0 {
		t.Error("no workflow found")
	}
}

func TestGitHubDependabot(t *testing.T) {
	for _, f := range faultsOfDependabot(read(t, ".github/dependabot.yml"), files(t)) {
		t.Error(f)
	}
}

func TestGitHubWorkflowFaultsAreFound(t *testing.T) {
	const good = `permissions:
  contents: read
jobs:
  test:
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789 # v1.2.3
        with:
          persist-credentials: false
      - run: make test
      - run: go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...
`
	targets := []string{"test"}
	if faults := faultsOfWorkflow(good, targets); len(faults) > 0 {
		t.Fatalf("faults in a good workflow: %v", faults)
	}
	for _, c := range []struct{ name, old, new, finds string }{
		{"tag for a hash", "@0123456789012345678901234567890123456789 # v1.2.3", "@v1", "not pinned"},
		{"short hash", "0123456789012345678901234567890123456789", "01234567", "not pinned"},
		{"hash without a version", " # v1.2.3", "", "not pinned"},
		{"no permissions", "permissions:\n  contents: read\n", "", "permissions are not"},
		{"wide permissions", "contents: read", "contents: write", "permissions are not"},
		{"wide permissions of a job", "    steps:", "    permissions:\n      contents: write\n    steps:", "widens"},
		{"no timeout", "    timeout-minutes: 10\n", "", "no timeout-minutes"},
		{"token left behind", "persist-credentials: false", "fetch-depth: 0", "persist-credentials"},
		{"command of its own", "make test", "go test ./...", "runs no make target"},
		{"two commands", "make test", "make test && curl example.com", "runs no make target"},
		{"unknown target", "make test", "make tset", "the Makefile lacks: tset"},
	} {
		t.Run(c.name, func(t *testing.T) {
			faults := faultsOfWorkflow(strings.Replace(good, c.old, c.new, 1), targets)
			if len(faults) != 1 || !strings.Contains(faults[0], c.finds) {
				t.Errorf("got %q, want one fault with %q", faults, c.finds)
			}
		})
	}
}

func TestGitHubDependabotFaultsAreFound(t *testing.T) {
	const config = `updates:
  - package-ecosystem: gomod
    directories: [/, /tools]
  - package-ecosystem: github-actions
    directory: /
`
	got := faultsOfDependabot(config, []string{"go.mod", "bench/go.mod", "tools/redocly/package-lock.json"})
	want := []string{"not watched: gomod /bench", "not watched: npm /tools/redocly", "nothing there to watch: gomod /tools"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestGitHubLocksNameNoHost keeps the addresses of somebody's own registry out of the lock files: without addresses npm
// asks the registry it is set up for, and the hashes still decide.
func TestGitHubLocksNameNoHost(t *testing.T) {
	for _, name := range files(t) {
		if path.Base(name) != "package-lock.json" {
			continue
		}
		for i, line := range strings.Split(read(t, name), "\n") {
			if strings.Contains(line, `"resolved": "http`) && !strings.Contains(line, `"https://registry.npmjs.org/`) {
				t.Errorf("%s:%d: %s", name, i+1, strings.TrimSpace(line))
			}
		}
	}
}

func targetsOfMakefile(t *testing.T) []string {
	t.Helper()
	var targets []string
	for _, line := range strings.Split(read(t, "Makefile"), "\n") {
		if names, ok := strings.CutPrefix(line, ".PHONY: "); ok {
			targets = append(targets, strings.Fields(names)...)
		}
	}
	return targets
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
