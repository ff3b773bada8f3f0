// Command requirements checks docs/requirements.md against the tests: every rule is there, in order, and each test that
// a rule names exists, runs and passes. It runs those tests and no others, and changes nothing.
//
//	go -C tools run ./requirements [-race] [root]
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	race := flag.Bool("race", false, "run the tests with the race detector")
	flag.Parse()
	root := ".."
	if flag.NArg() > 0 {
		root = flag.Arg(0)
	}
	text, err := os.ReadFile(root + "/docs/requirements.md")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	rules, faults := parse(string(text))
	results, err := run(root, rules, *race)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	report := judge(rules, results)
	faults = append(faults, report.faults...)
	for _, f := range faults {
		fmt.Fprintln(os.Stderr, f)
	}
	fmt.Printf("requirements: %d rules, %d proven by %d tests, %d not built yet, %d faults\n",
		len(rules), report.proven, report.tests, report.open, len(faults))
	if len(faults) > 0 {
		os.Exit(1)
	}
}
