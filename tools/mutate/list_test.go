package main

import (
	"reflect"
	"strings"
	"testing"
)

const root = "../.."

// A list that no longer fits the tree says so here, long before anybody runs the mutants.
func TestListsFitTheTree(t *testing.T) {
	all, err := readLists()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Errorf("only %d mutants: that cannot be all", len(all))
	}
	texts, err := changed(root, all)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for i, m := range all {
		key := m.file + "\n" + string(texts[i])
		if other, twice := seen[key]; twice {
			t.Errorf("%s: is the same change as %s", m.at, other)
		}
		seen[key] = m.at
	}
}

func TestParse(t *testing.T) {
	got, err := parse("shop.txt", `# Prices.
-- wrappers/shop/price.go --

- a < b
+ a <= b

unseen: the sum is the same
unseen: either way
- if a {
- 	b()
- }

-- wrappers/shop/cart.go --
# A comment inside.
- x
+ y
+ z
`)
	want := []mutant{
		{at: "shop.txt:4", file: "wrappers/shop/price.go", old: []string{"a < b"}, new: []string{"a <= b"}},
		{at: "shop.txt:7", file: "wrappers/shop/price.go", old: []string{"if a {", "b()", "}"}, unseen: "the sum is the same either way"},
		{at: "shop.txt:15", file: "wrappers/shop/cart.go", old: []string{"x"}, new: []string{"y", "z"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestParseFindsFaults(t *testing.T) {
	for _, c := range []struct{ name, text, finds string }{
		{"no file", "- a\n+ b\n", "shop.txt:1: a mutant must stand below the name of its file"},
		{"no old text", "-- a.go --\n\nunseen: why\n\n", "shop.txt:3: a mutant must have an old text"},
		{"new text first", "-- a.go --\n+ b\n- a\n", "shop.txt:2: a mutant must be lines of"},
		{"old text again", "-- a.go --\n- a\n+ b\n- c\n", "shop.txt:4: a mutant must be lines of"},
		{"reason last", "-- a.go --\n- a\nunseen: why\n", "shop.txt:3: a mutant must be lines of"},
		{"words", "-- a.go --\nhello\n", "shop.txt:2: a mutant must be lines of"},
	} {
		if _, err := parse("shop.txt", c.text); err == nil || !strings.Contains(err.Error(), c.finds) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.finds)
		}
	}
}

func TestApply(t *testing.T) {
	const source = "package shop\n\nfunc f(a, b int) int {\n\tif a < b { // the least\n\t\treturn a\n\t}\n\treturn b\n}\n"
	for _, c := range []struct {
		name, old, new string // lines
		want, fault    string
	}{
		{"part of a line", "a < b", "a <= b", strings.Replace(source, "a < b", "a <= b", 1), ""},
		{"aligned otherwise", "a  <\tb", "a <= b", strings.Replace(source, "a < b", "a <= b", 1), ""},
		{"lines, indented otherwise", "if a < b {\nreturn a\n}", "", "package shop\n\nfunc f(a, b int) int {\n\t\n\treturn b\n}\n", ""},
		{"more lines", "return b", "a = b\nreturn a", strings.Replace(source, "return b", "a = b\nreturn a", 1), ""},
		{"not there", "a > b", "a", "", "occurs 0 times"},
		{"not only there", "return", "", "", "occurs 2 times"},
		{"no Go", "a < b", "a <", "", "is not Go any more"},
		{"no change", "a < b", "a  <  b", "", "must say something else"},
	} {
		m := mutant{at: "shop.txt:1", file: "shop.go", old: strings.Split(c.old, "\n")}
		if c.new != "" {
			m.new = strings.Split(c.new, "\n")
		}
		got, err := m.apply([]byte(source))
		switch {
		case c.fault == "" && (err != nil || string(got) != c.want):
			t.Errorf("%s: got %q, %v", c.name, got, err)
		case c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.fault)
		}
	}
}
