package main

import (
	"fmt"
	"os"
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
		{"last missing", "| J123 | a rule | a source | `pkg.TestOf123` |\n", "", "J123: is missing"},
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
	if _, faults := parse(document() + "| J123 | a rule | a source | `pkg.TestOf123` |\n"); len(faults) != 1 {
		t.Errorf("one too many: %v", faults)
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

// The document of this tree is in order. That its tests pass is for `make requirements`.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile("../../docs/requirements.md")
	if err != nil {
		t.Fatal(err)
	}
	rules, faults := parse(string(text))
	if len(faults) > 0 || len(rules) != 123 {
		t.Errorf("%d rules, %v", len(rules), faults)
	}
}
