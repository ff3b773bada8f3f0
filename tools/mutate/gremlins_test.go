package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestGremlinApply(t *testing.T) {
	const source = "package shop\n\nvar a = 1 < 2\nvar b = 1 <= 2\nvar c = \"ä\" + \"ö\"\n"
	for _, c := range []struct {
		name         string
		line, column int
		kind         string
		old, new     string // "" for a fault
	}{
		{"negated", 3, 11, "CONDITIONALS_NEGATION", "1 < 2", "1 >= 2"},
		{"bound", 3, 11, "CONDITIONALS_BOUNDARY", "1 < 2", "1 <= 2"},
		{"two characters", 4, 11, "CONDITIONALS_BOUNDARY", "1 <= 2", "1 < 2"},
		{"columns are bytes", 5, 14, "ARITHMETIC_BASE", "+", "-"},
		{"no operator", 3, 5, "ARITHMETIC_BASE", "", ""},
		{"another operator", 3, 11, "ARITHMETIC_BASE", "", ""},
		{"unknown kind", 3, 11, "INVERT_LOGICAL", "", ""},
		{"after the line", 9, 1, "ARITHMETIC_BASE", "", ""},
		{"after the end", 5, 99, "ARITHMETIC_BASE", "", ""},
	} {
		g := gremlin{file: "shop.go", line: c.line, column: c.column, kind: c.kind}
		got, err := g.apply([]byte(source))
		if c.old == "" {
			if err == nil {
				t.Errorf("%s: got %q", c.name, got)
			}
			continue
		}
		if err != nil || string(got) != strings.Replace(source, c.old, c.new, 1) {
			t.Errorf("%s: got %q, %v", c.name, got, err)
		}
	}
}

func TestReadReport(t *testing.T) {
	got, err := readReport("wrappers/price", []byte(`{"go_module":"m","files":[{"file_name":"price.go","mutations":[
		{"line":3,"column":11,"type":"ARITHMETIC_BASE","status":"NOT COVERED"}]}],"mutants_total":1}`))
	if err != nil || len(got) != 1 || got[0] != (gremlin{priceFile, 3, 11, "ARITHMETIC_BASE", "NOT COVERED"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := readReport("wrappers/price", []byte("{")); err == nil {
		t.Error("half a report is none")
	}
}

// What gremlins says is taken where it can be trusted, and looked at again where not.
func TestGremlinEnd(t *testing.T) {
	r := newShop(t, nil)
	for _, c := range []struct {
		name string
		g    gremlin
		want verdict
	}{
		{"survives", gremlin{priceFile, 5, 36, "CONDITIONALS_BOUNDARY", "LIVED"}, survived},
		{"killed", gremlin{priceFile, 5, 36, "CONDITIONALS_BOUNDARY", "KILLED"}, killed},
		{"not covered, but killed", gremlin{priceFile, 5, 37, "CONDITIONALS_BOUNDARY", "NOT COVERED"}, killed},
		{"not covered at all", gremlin{priceFile, 12, 34, "ARITHMETIC_BASE", "NOT COVERED"}, survived},
		{"takes long, but passes", gremlin{priceFile, 12, 34, "ARITHMETIC_BASE", "TIMED OUT"}, survived},
		{"hangs", gremlin{priceFile, 8, 22, "INCREMENT_DECREMENT", "TIMED OUT"}, killed},
		{"does not compile", gremlin{priceFile, 14, 43, "ARITHMETIC_BASE", "KILLED"}, invalid},
		{"not viable", gremlin{priceFile, 14, 43, "ARITHMETIC_BASE", "NOT VIABLE"}, invalid},
	} {
		got, err := c.g.end(t.Context(), r)
		if err != nil || got != c.want {
			t.Errorf("%s: got %q, %v", c.name, got, err)
		}
	}
}

// Gremlins itself, which must be fetched, is run by `make checks`.
func TestGremlins(t *testing.T) {
	r := newShop(t, map[string]string{
		"wrappers/price/price_windows.go": "package price\n\nfunc less(a, b int) bool { return a < b }\n",
		"wrappers/price/inner/inner.go":   "package inner\n\nfunc less(a, b int) bool { return a < b }\n",
	})
	pinned, err := filepath.Abs("../gremlins/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	r.gremlins = pinned
	var out bytes.Buffer
	err = runGremlins(t.Context(), &out, r, []string{"wrappers/price"})
	t.Log(out.String())
	for _, want := range []string{
		"survived  " + priceFile + ":12:34: ARITHMETIC_BASE: func Twice(n int) int { return n + n }\n",
		"wrappers/price              3        3           1   50.0 %             2 ",
		"all                         3        3           1   50.0 %             2 ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	if strings.Contains(out.String(), "inner") || strings.Contains(out.String(), "windows") {
		t.Error("another package, or another system")
	}
	if err == nil || !strings.Contains(err.Error(), "is below 90 %") {
		t.Errorf("got %v", err)
	}
}
