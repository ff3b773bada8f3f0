// Command canary runs the tests of the whole tree with their output captured, and searches that for the secrets that
// the tests use, in every spelling that package secret knows. One that is found fails the run. It changes nothing. It is a
// module of its own, so that the other tools do not depend on the code that they check.
//
//	go -C tools/canary run . [root]
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	flag.Parse()
	root := "../.."
	if flag.NArg() > 0 {
		root = flag.Arg(0)
	}
	secrets, err := collect(root)
	if err == nil && len(secrets) < 10 {
		err = fmt.Errorf("only %d secrets in the tests: that cannot be all", len(secrets))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var size, leaks int
	var failed bool
	for _, module := range []string{".", "wrappers/otelrest"} {
		out, err := test(filepath.Join(root, module))
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", module, err)
			failed = true
		}
		size += len(out)
		for _, l := range search(out, secrets) {
			fmt.Fprintln(os.Stderr, l)
			leaks++
		}
	}
	fmt.Printf("canary: %d secrets in all their spellings, %.1f MB of output, %d found\n", len(secrets), float64(size)/1e6, leaks)
	if leaks > 0 || failed {
		os.Exit(1)
	}
}
