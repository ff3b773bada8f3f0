package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// verdict is what came of a mutant.
type verdict string

const (
	killed   verdict = "killed"   // a test failed
	survived verdict = "survived" // all tests passed
	invalid  verdict = "invalid"  // it does not compile
)

// outcome is a verdict with what led to it: the test that failed, or the message of the compiler.
type outcome struct {
	verdict verdict
	by      string
}

// runner runs the tests of the tree at root, or of what it would be with a change.
type runner struct {
	root     string
	timeout  time.Duration
	workers  int
	gremlins string // the go.mod that pins gremlins
	packages map[string]pkg
}

func newRunner(ctx context.Context, root string, timeout time.Duration, workers int) (*runner, error) {
	packages, err := listPackages(ctx, root)
	return &runner{
		root: root, timeout: timeout, workers: max(workers, 1), packages: packages,
		gremlins: filepath.Join(root, "tools", "gremlins", "go.mod"),
	}, err
}

// baseline refuses a tree whose tests fail as it is: each mutant would look noticed.
func (r *runner) baseline(ctx context.Context, folders []string) error {
	return each(ctx, r.workers, folders, func(ctx context.Context, _ int, folder string) error {
		o, err := r.test(ctx, "", []string{folder})
		if err == nil && o.verdict != survived {
			err = fmt.Errorf("without a mutant all tests must pass: %s %s", o.verdict, o.by)
		}
		return err
	})
}

// try runs the tests of folders, one after the other until one fails, with text as the content of file.
func (r *runner) try(ctx context.Context, file string, text []byte, folders []string) (outcome, error) {
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return outcome{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	changed, overlay := filepath.Join(dir, path.Base(file)), filepath.Join(dir, "overlay.json")
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(r.root, file): changed}})
	err = errors.Join(err, os.WriteFile(changed, text, 0o600), os.WriteFile(overlay, replace, 0o600))
	if err != nil {
		return outcome{}, err
	}
	return r.test(ctx, overlay, folders)
}

// test runs the tests of folders in the tree as the overlay has it.
func (r *runner) test(ctx context.Context, overlay string, folders []string) (outcome, error) {
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return outcome{}, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "test")
	for _, folder := range folders {
		cmd := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", binary, "./"+folder) //nolint:gosec // a folder of this tree
		cmd.Dir = r.root
		if out, err := cmd.CombinedOutput(); ctx.Err() != nil {
			return outcome{}, ctx.Err()
		} else if err != nil {
			return outcome{invalid, string(bytes.TrimSpace(out))}, nil
		}
		by, err := r.failure(ctx, binary, folder)
		if err != nil || by != "" {
			return outcome{killed, path.Base(folder) + "." + by}, err
		}
	}
	return outcome{verdict: survived}, nil
}

// failure returns the test of the binary that fails, or "". One that passes when it is run again does not count: it
// failed by chance, as tests of the real time do on a machine that has too much to do. As it has kept the others from
// running, all of them are run again then.
func (r *runner) failure(ctx context.Context, binary, folder string) (string, error) {
	for range 3 {
		by, err := r.run(ctx, binary, folder, "-test.failfast")
		if err != nil || by == "" {
			return "", err
		}
		again, err := r.run(ctx, binary, folder, "-test.run", only(by))
		if err != nil || again != "" {
			return by, err
		}
	}
	return "", nil
}

// run runs the binary of a package's tests, and returns what it says of its failure, or "".
func (r *runner) run(ctx context.Context, binary, folder string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout+time.Minute) // should it not even end itself
	defer cancel()
	args = append(args, "-test.short", "-test.paniconexit0", "-test.timeout", r.timeout.String())
	cmd := exec.CommandContext(ctx, binary, args...) //nolint:gosec // it was just built
	cmd.Dir = filepath.Join(r.root, folder)
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "", nil
	case errors.Is(ctx.Err(), context.Canceled):
		return "", ctx.Err()
	case errors.As(err, &exit):
		return failed(string(out)), nil
	}
	return "", err
}

var (
	failLine = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)
	hanging  = regexp.MustCompile(`(?m)^panic: test timed out after .*\n\s+running tests:\n\s+(\S+)`)
)

// whole stands for the name of a test where none is known: the process ended, or something leaked.
const whole = "all"

// failed finds the test in the output of a run that failed, the innermost one.
func failed(out string) string {
	if m := hanging.FindStringSubmatch(out); m != nil {
		return m[1]
	}
	name := ""
	for _, m := range failLine.FindAllStringSubmatch(out, -1) {
		if name != "" && !strings.HasPrefix(m[1], name+"/") {
			break
		}
		name = m[1]
	}
	if name == "" {
		return whole
	}
	return name
}

// only returns the pattern of -test.run for one test.
func only(test string) string {
	if test == whole {
		return ""
	}
	parts := strings.Split(test, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}

// each calls do with each of all, several at a time, and returns the first error.
func each[T any](ctx context.Context, workers int, all []T, do func(context.Context, int, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	free := make(chan struct{}, workers)
	for i, one := range all {
		free <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-free }()
			if err := do(ctx, i, one); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}
