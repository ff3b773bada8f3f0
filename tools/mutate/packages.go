package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// pkg is a package of the tree.
type pkg struct {
	Dir            string
	ImportPath     string
	Deps           []string // what it imports, by any way
	IgnoredGoFiles []string // files that are for other platforms
	TestImports    []string // what its tests import
	XTestImports   []string
	TestGoFiles    []string
	XTestGoFiles   []string
	Module         struct{ Path string }
}

// folder is where the package stands below the root.
func (p pkg) folder() string { return strings.TrimPrefix(p.ImportPath, p.Module.Path+"/") }

// listPackages returns the packages of the module at root, by folder.
func listPackages(ctx context.Context, root string) (map[string]pkg, error) {
	cmd := exec.CommandContext(ctx, "go", "list", "-json", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, stderr.Bytes())
	}
	packages := map[string]pkg{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		packages[p.folder()] = p
	}
}

// witnesses returns the packages below wrappers whose tests may notice a change in folder: its own first, then those
// that import it, the smallest first.
func witnesses(packages map[string]pkg, folder string) []string {
	type witness struct {
		folder string
		size   int
	}
	var all []witness
	for at, p := range packages {
		needs := reach(packages, p)
		if strings.HasPrefix(at, "wrappers/") && len(p.TestGoFiles)+len(p.XTestGoFiles) > 0 && needs[packages[folder].ImportPath] {
			all = append(all, witness{at, len(needs)})
		}
	}
	slices.SortFunc(all, func(a, b witness) int {
		if a.folder == folder {
			return -1
		}
		if b.folder == folder {
			return 1
		}
		return cmp.Or(cmp.Compare(a.size, b.size), cmp.Compare(a.folder, b.folder))
	})
	folders := make([]string, len(all))
	for i, w := range all {
		folders[i] = w.folder
	}
	return folders
}

// reach returns the packages that are in the test binary of p, as far as they are of this module.
func reach(packages map[string]pkg, p pkg) map[string]bool {
	seen := map[string]bool{p.ImportPath: true}
	add := func(paths []string) {
		for _, path := range paths {
			seen[path] = true
		}
	}
	add(p.Deps)
	for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
		seen[path] = true
		add(packages[strings.TrimPrefix(path, p.Module.Path+"/")].Deps)
	}
	return seen
}
