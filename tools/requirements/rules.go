package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// rule is a line of the document.
type rule struct {
	id    string
	tests []string // as "folder.TestName"; none if it is not built yet
}

// chapters are the letters of the document and the last number of each, of the rules that were there first. A chapter with a
// later letter has later rules alone.
var chapters = []struct {
	letter string
	last   int
}{{"A", 14}, {"B", 21}, {"C", 37}, {"D", 52}, {"E", 58}, {"F", 75}, {"G", 84}, {"H", 92}, {"I", 110}, {"J", 120}}

// built are the chapters that must be proven whole.
const built = "ABCEFG"

// notBuilt stands in place of the tests.
const notBuilt = "not built yet"

var (
	line     = regexp.MustCompile(`^\| ([A-Z]\d+) \|`)
	testName = regexp.MustCompile("^`([a-z0-9/_]+\\.(?:Test|Example)\\w+)`$")
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
			var wrong []string
			r.tests, wrong = tests(r.id, cells[3])
			faults = append(faults, wrong...)
		} else if strings.Contains(built, r.id[:1]) {
			faults = append(faults, r.id+": is said to be not built, but its chapter is")
		}
		rules = append(rules, r)
	}
	return rules, append(faults, outOfOrder(rules)...)
}

// tests reads the tests of a rule.
func tests(id, cell string) (found, faults []string) {
	for _, part := range strings.Split(cell, "<br>") {
		m := testName.FindStringSubmatch(part)
		if m == nil {
			faults = append(faults, fmt.Sprintf("%s: %q is neither a test nor %q", id, part, notBuilt))
			continue
		}
		found = append(found, m[1])
	}
	return found, faults
}

// outOfOrder compares the numbers with those that must be there: the first ones run through the chapters; those that were
// added later, in whatever chapter, go on from there.
func outOfOrder(rules []rule) []string {
	first, later := 0, map[string]bool{}
	var faults []string
	want := expected()
	for i, r := range rules {
		switch {
		case r.number() > len(want):
			if i == 0 || rules[i-1].id[0] != r.id[0] && (r.id[0] < rules[i-1].id[0] || r.id[0] <= chapters[len(chapters)-1].letter[0]) {
				faults = append(faults, r.id+": stands in another chapter")
			}
			if later[r.id[1:]] {
				faults = append(faults, r.id+": has the number of another rule")
			}
			later[r.id[1:]] = true
		case first == len(want):
			faults = append(faults, r.id+": is one too many")
		case r.id != want[first]:
			return append(faults, fmt.Sprintf("%s: stands where %s should be", r.id, want[first]))
		default:
			first++
		}
	}
	if first < len(want) {
		faults = append(faults, want[first]+": is missing, and what comes after it")
	}
	for n := range later {
		if number, _ := strconv.Atoi(n); number > len(want)+len(later) {
			faults = append(faults, n+": leaves numbers out")
		}
	}
	return faults
}

// expected lists the first rules of all chapters.
func expected() []string {
	var want []string
	n := 1
	for _, c := range chapters {
		for ; n <= c.last; n++ {
			want = append(want, fmt.Sprintf("%s%d", c.letter, n))
		}
	}
	return want
}

// number returns the number of a rule.
func (r rule) number() int {
	n, _ := strconv.Atoi(r.id[1:])
	return n
}
