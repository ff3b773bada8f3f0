package main

import (
	"fmt"
	"strings"
	"testing"
)

// document is a document with all rules and one test for each.
func document() string {
	var b strings.Builder
	n := 1
	for _, c := range chapters {
		for ; n <= c.last; n++ {
			fmt.Fprintf(&b, "| %s%d | a rule | a source | `pkg.TestOf%d` |\n", c.letter, n, n)
		}
	}
	return b.String()
}

func TestParseFindsFaults(t *testing.T) {
	if _, faults := parse(document()); len(faults) > 0 {
		t.Fatalf("faults in a good document: %v", faults)
	}
	for _, c := range []struct{ name, old, new, finds string }{
		{"missing", "| A3 | a rule | a source | `pkg.TestOf3` |\n", "", "A4: stands where A3 should be"},
		{"last missing", "| J120 | a rule | a source | `pkg.TestOf120` |\n", "", "J120: is missing"},
		{"twice", "| A3 |", "| A2 |", "A2: stands where A3"},
		{"no source", "| F60 | a rule | a source |", "| F60 | a rule |", "F60: has 3 cells"},
		{"no test", "`pkg.TestOf60`", "later", `F60: "later" is neither`},
		{"not built where all is", "`pkg.TestOf60`", notBuilt, "F60: is said to be not built"},
	} {
		_, faults := parse(strings.Replace(document(), c.old, c.new, 1))
		if len(faults) == 0 || !strings.Contains(strings.Join(faults, "\n"), c.finds) {
			t.Errorf("%s: got %q, want %q", c.name, faults, c.finds)
		}
	}
	if _, faults := parse(strings.Replace(document(), "`pkg.TestOf100`", notBuilt, 1)); len(faults) > 0 {
		t.Errorf("what is not built may say so: %v", faults)
	}
	if _, faults := parse(document() + "| J120 | a rule | a source | `pkg.TestOf120` |\n"); len(faults) != 1 {
		t.Errorf("one too many: %v", faults)
	}
	added := func(after, id string) func(string) string {
		return func(doc string) string {
			return strings.Replace(doc, after, after+"| "+id+" | a rule | a source | `pkg.TestAdded` |\n", 1)
		}
	}
	a, j := "| A14 | a rule | a source | `pkg.TestOf14` |\n", "| J120 | a rule | a source | `pkg.TestOf120` |\n"
	for _, c := range []struct {
		name  string
		first func(string) string
		then  func(string) string
		finds string
	}{
		{"added", added(a, "A122"), added(j, "J121"), ""},
		{"the same number twice", added(a, "A121"), added(j, "J121"), "J121: has the number of another rule"},
		{"another chapter", added(a, "B121"), added(j, "J122"), "B121: stands in another chapter"},
		{"a number left out", added(a, "A121"), added(j, "J123"), "123: leaves numbers out"},
	} {
		_, faults := parse(c.then(c.first(document())))
		if got := strings.Join(faults, "\n"); c.finds == "" && got != "" || !strings.Contains(got, c.finds) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.finds)
		}
	}
}

func TestJudge(t *testing.T) {
	rules := []rule{{"A1", []string{"p.TestA", "p.TestB"}}, {"A2", []string{"p.TestC"}}, {"A3", []string{"p.TestD"}}, {"A4", nil}, {"A5", []string{"p.TestA"}}}
	got := judge(rules, map[string]string{"p.TestA": "pass", "p.TestB": "fail", "p.TestC": "skip"})
	want := []string{"A1: p.TestB: fail", "A2: p.TestC: skip", "A3: p.TestD is missing or did not run"}
	if fmt.Sprint(got.faults) != fmt.Sprint(want) || got.proven != 1 || got.open != 1 || got.tests != 4 {
		t.Errorf("got %+v", got)
	}
}

func TestEvents(t *testing.T) {
	results := map[string]string{}
	out := `{"Action":"run","Test":"TestA"}
{"Action":"pass","Test":"TestA/sub"}
{"Action":"pass","Test":"TestA"}
not json
{"Action":"fail","Test":"TestB"}
{"Action":"pass","Package":"p"}`
	if !events("p", []byte(out), results) || fmt.Sprint(results) != "map[p.TestA:pass p.TestB:fail]" {
		t.Errorf("got %v", results)
	}
	if events("p", nil, results) {
		t.Error("found tests in nothing")
	}
}

func TestPromisesFindFaults(t *testing.T) {
	const readme = "It does **this**,\nand that | too.\n"
	good := "| | Promise | Proven by |\n| P1 | does **this**, and | `a/b.TestA`<br>`c.ExampleB` |\n| P2 | that \\| too | `c.TestC` |\n"
	rules, faults := parsePromises(good, readme)
	if fmt.Sprint(rules) != "[{P1 [a/b.TestA c.ExampleB]} {P2 [c.TestC]}]" || len(faults) > 0 {
		t.Errorf("%v, %v", rules, faults)
	}
	for _, c := range []struct{ old, new, finds string }{
		{"| P2 |", "| P3 |", "P3: stands where P2 should be"},
		{"that \\| too", "those", `P2: the README does not say "those"`},
		{"`c.TestC`", "later", `P2: "later" is neither`},
		{" | `c.TestC` |", " |", "a line is no promise: | P2"},
	} {
		_, faults := parsePromises(strings.Replace(good, c.old, c.new, 1), readme)
		if len(faults) != 1 || !strings.Contains(faults[0], c.finds) {
			t.Errorf("got %q, want %q", faults, c.finds)
		}
	}
}

func TestAbsent(t *testing.T) {
	got := absent(".", []rule{{"A1", []string{".TestAbsent", ".TestAbs", "nowhere.TestAbsent"}}})
	want := []string{"A1: there is no .TestAbs", "A1: there is no nowhere.TestAbsent"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The documents of this tree are in order, and the tests that they name are there. That these pass is for
// `make requirements`.
func TestDocuments(t *testing.T) {
	rules, faults, err := load("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(faults, absent("../..", rules)...) {
		t.Error(f)
	}
	if len(rules) < 180 {
		t.Errorf("%d rules and promises", len(rules))
	}
}
