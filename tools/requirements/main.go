// Command requirements checks docs/requirements.md and docs/promises.md against the tests: every rule is there, in order,
// every promise is one of the README, and each test that they name exists, runs and passes. It runs those tests and no
// others, and changes nothing.
//
//	go -C tools run ./requirements [-race] [root]
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	race := flag.Bool("race", false, "run the tests with the race detector")
	flag.Parse()
	root := ".."
	if flag.NArg() > 0 {
		root = flag.Arg(0)
	}
	rules, faults, err := load(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
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
	fmt.Printf("requirements: %d rules and promises, %d proven by %d tests, %d not built yet, %d faults\n",
		len(rules), report.proven, report.tests, report.open, len(faults))
	if len(faults) > 0 {
		os.Exit(1)
	}
}

// load reads the rules and the promises of the tree, and what is wrong with them.
func load(root string) (rules []rule, faults []string, err error) {
	var texts [3]string
	for i, name := range []string{"docs/requirements.md", "docs/promises.md", "README.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, nil, err
		}
		texts[i] = string(text)
	}
	rules, faults = parse(texts[0])
	promises, wrong := parsePromises(texts[1], texts[2])
	return append(rules, promises...), append(faults, wrong...), nil
}
