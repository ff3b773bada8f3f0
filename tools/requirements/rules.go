package main

import (
	"fmt"
	"regexp"
	"strings"
)

// rule is a line of the document.
type rule struct {
	id    string
	tests []string // as "folder.TestName"; none if it is not built yet
}

// chapters are the letters of the document and the last number of each.
var chapters = []struct {
	letter string
	last   int
}{{"A", 14}, {"B", 21}, {"C", 37}, {"D", 52}, {"E", 58}, {"F", 75}, {"G", 84}, {"H", 92}, {"I", 110}, {"J", 123}}

// built are the chapters that have to be proven whole.
const built = "ABCEFG"

// notBuilt stands in place of the tests.
const notBuilt = "not built yet"

var (
	line     = regexp.MustCompile(`^\| ([A-J]\d+) \|`)
	testName = regexp.MustCompile("^`([a-z0-9/_]+\\.Test\\w+)`$")
)

// parse reads the rules and lists what is wrong with the document itself.
func parse(text string) (rules []rule, faults []string) {
	for _, l := range strings.Split(text, "\n") {
		if !line.MatchString(l) {
			continue
		}
		cells := strings.Split(strings.Trim(l, "| "), " | ")
		if len(cells) != 4 {
			faults = append(faults, fmt.Sprintf("%s: has %d cells instead of 4", cells[0], len(cells)))
			continue
		}
		r := rule{id: cells[0]}
		if cells[1] == "" || cells[2] == "" {
			faults = append(faults, r.id+": has no rule or no source")
		}
		if cells[3] != notBuilt {
			for _, part := range strings.Split(cells[3], "<br>") {
				m := testName.FindStringSubmatch(part)
				if m == nil {
					faults = append(faults, fmt.Sprintf("%s: %q is neither a test nor %q", r.id, part, notBuilt))
					continue
				}
				r.tests = append(r.tests, m[1])
			}
		} else if strings.Contains(built, r.id[:1]) {
			faults = append(faults, r.id+": is said to be not built, but its chapter is")
		}
		rules = append(rules, r)
	}
	return rules, append(faults, outOfOrder(rules)...)
}

// outOfOrder compares the numbers with those that have to be there.
func outOfOrder(rules []rule) []string {
	var want []string
	n := 1
	for _, c := range chapters {
		for ; n <= c.last; n++ {
			want = append(want, fmt.Sprintf("%s%d", c.letter, n))
		}
	}
	var faults []string
	for i, id := range want {
		if i >= len(rules) {
			return append(faults, id+": is missing, and what comes after it")
		}
		if rules[i].id != id {
			return append(faults, fmt.Sprintf("%s: stands where %s should be", rules[i].id, id))
		}
	}
	for _, r := range rules[len(want):] {
		faults = append(faults, r.id+": is one too many")
	}
	return faults
}
