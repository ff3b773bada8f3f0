package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// promiseLine is a line of docs/promises.md: a number, words of the README, tests. A | in the words stands behind a \.
var promiseLine = regexp.MustCompile(`^\| P(\d+) \| (.+) \| (.+) \|$`)

// parsePromises reads the promises and lists what is wrong with them: numbers out of order, words that the README does not
// have, no tests.
func parsePromises(text, readme string) (rules []rule, faults []string) {
	readme = plain(readme)
	for l := range strings.Lines(text) {
		if !strings.HasPrefix(l, "| P") {
			continue
		}
		m := promiseLine.FindStringSubmatch(strings.TrimSuffix(l, "\n"))
		if m == nil {
			faults = append(faults, "a line is no promise: "+l)
			continue
		}
		r := rule{id: "P" + m[1]}
		if want := fmt.Sprintf("P%d", len(rules)+1); r.id != want {
			faults = append(faults, r.id+": stands where "+want+" should be")
		}
		if !strings.Contains(readme, plain(strings.ReplaceAll(m[2], `\|`, "|"))) {
			faults = append(faults, fmt.Sprintf("%s: the README does not say %q", r.id, m[2]))
		}
		var wrong []string
		r.tests, wrong = tests(r.id, m[3])
		rules, faults = append(rules, r), append(faults, wrong...)
	}
	return rules, faults
}

// plain returns text with each run of white space as one space, so that lines may be broken anywhere.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

// absent lists the tests that no file of their folder has. Whether they run and pass is for run.
func absent(root string, rules []rule) []string {
	var faults []string
	sources := map[string]string{}
	for _, r := range rules {
		for _, test := range r.tests {
			folder, name, _ := strings.Cut(test, ".")
			if _, read := sources[folder]; !read {
				sources[folder] = source(filepath.Join(root, folder))
			}
			if !strings.Contains(sources[folder], "\nfunc "+name+"(") {
				faults = append(faults, r.id+": there is no "+test)
			}
		}
	}
	return faults
}

// source returns the test files of a folder as one text.
func source(folder string) string {
	files, _ := filepath.Glob(filepath.Join(folder, "*_test.go")) // the pattern is good
	var all strings.Builder
	for _, file := range files {
		text, _ := os.ReadFile(file) // one that cannot be read has no test
		all.Write(text)
	}
	return all.String()
}
