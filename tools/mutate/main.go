// Command mutate changes one line of the tree at a time and runs the tests: a change that no test notices shows what is
// not tested. The changes are those of the lists in mutants, and those that gremlins makes. It never touches the tree
// itself: what a test is to see changed is handed to the go command as an overlay.
//
//	go -C tools run ./mutate [-p n] [-timeout 3m] [-lists=false] [-gremlins=false] [folder ...]
//
// A folder, such as wrappers/rest, limits the run to the package in it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// targets are the packages that gremlins changes.
var targets = []string{
	"wrappers/secret", "wrappers/token", "wrappers/rest", "wrappers/finapi", "wrappers/finogates", "wrappers/straddle",
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := mutate(ctx, os.Stdout, "..")
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// mutate does what the arguments of the program ask for, to the tree at root.
func mutate(ctx context.Context, out io.Writer, root string) error {
	workers := flag.Int("p", runtime.NumCPU(), "mutants at the same time")
	timeout := flag.Duration("timeout", 3*time.Minute, "time for the tests of one package; a mutant that takes longer hangs, and is noticed")
	lists := flag.Bool("lists", true, "run the mutants of the lists")
	gremlins := flag.Bool("gremlins", true, "run gremlins")
	flag.Parse()
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	r, err := newRunner(ctx, root, *timeout, *workers)
	if err != nil {
		return err
	}
	own, err := readLists()
	if err != nil {
		return err
	}
	only := flag.Args()
	if err := known(only, r.packages); err != nil {
		return err
	}
	folders := selected(targets, only, func(folder string) string { return folder })
	own = selected(own, only, mutant.folder)
	if !*gremlins {
		folders = nil
	}
	if !*lists {
		own = nil
	}
	if err := r.baseline(ctx, needed(r.packages, own, folders)); err != nil {
		return err
	}
	var faults []error
	if len(own) > 0 {
		faults = append(faults, runLists(ctx, out, r, own))
	}
	if len(folders) > 0 {
		faults = append(faults, runGremlins(ctx, out, r, folders))
	}
	return errors.Join(faults...)
}

// selected returns those of all that are in one of the folders; all of them if there is none.
func selected[T any](all []T, folders []string, of func(T) string) []T {
	if len(folders) == 0 {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(one T) bool { return !slices.Contains(folders, of(one)) })
}

// known refuses a folder that has no package.
func known(folders []string, packages map[string]pkg) error {
	for _, folder := range folders {
		if _, ok := packages[folder]; !ok {
			return fmt.Errorf("%s is not the folder of a package, such as %s", folder, strings.Join(targets, ", "))
		}
	}
	return nil
}

// needed returns the folders whose tests a run needs.
func needed(packages map[string]pkg, own []mutant, folders []string) []string {
	all := slices.Clone(folders)
	for _, m := range own {
		all = append(all, witnesses(packages, m.folder())...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
