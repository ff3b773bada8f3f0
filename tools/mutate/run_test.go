package main

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// shop is a module in which a bound is tested from inside and from outside, and one thing is not tested.
var shop = map[string]string{
	"go.mod": "module example.com/shop\n\ngo 1.25.0\n",
	"wrappers/price/price.go": `package price

const Most = 10

func Allowed(n int) bool { return n <= Most }

func Wait(n int) {
	for i := 0; i < n; i++ {
	}
}

func Twice(n int) int { return n + n }

func Untested(s string) string { return s + "!" }
`,
	"wrappers/price/price_test.go": `package price

import "testing"

func TestAllowed(t *testing.T) {
	t.Run("most", func(t *testing.T) {
		if !Allowed(Most) {
			t.Error("the most is allowed")
		}
	})
}

func TestWait(t *testing.T) { Wait(1) }
`,
	"wrappers/cart/cart.go": `package cart

import "example.com/shop/wrappers/price"

func Pair(n int) int { return price.Twice(n) }
`,
	"wrappers/cart/cart_test.go": `package cart

import "testing"

func TestPair(t *testing.T) {
	if Pair(3) != 6 {
		t.Error("two threes are six")
	}
}
`,
}

// newShop writes the module, with further files, and returns a runner for it.
func newShop(t *testing.T, more map[string]string) *runner {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files := maps.Clone(shop)
	maps.Copy(files, more)
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := newRunner(t.Context(), dir, 2*time.Second, 2)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const priceFile = "wrappers/price/price.go"

func TestWitnesses(t *testing.T) {
	r := newShop(t, nil)
	if got := witnesses(r.packages, "wrappers/price"); !slices.Equal(got, []string{"wrappers/price", "wrappers/cart"}) {
		t.Errorf("of price: %v", got)
	}
	if got := witnesses(r.packages, "wrappers/cart"); !slices.Equal(got, []string{"wrappers/cart"}) {
		t.Errorf("of cart: %v", got)
	}
	if err := known([]string{"wrappers/till"}, r.packages); err == nil {
		t.Error("there is no till")
	}
}

func TestLists(t *testing.T) {
	r := newShop(t, nil)
	change := func(at, old, replacement string) mutant {
		return mutant{at: at, file: priceFile, old: []string{old}, new: []string{replacement}}
	}
	excused := change("excused", `"!"`, `"?"`)
	excused.unseen = "nobody cares"
	var out bytes.Buffer
	err := runLists(t.Context(), &out, r, []mutant{
		change("own", "n <= Most", "n < Most"), change("importer", "n + n", "n"), change("hang", "i < n", "true"),
		change("unseen", `"!"`, `"?"`), excused, change("type", "return n <= Most", "return n"),
	})
	for _, want := range []string{
		"killed    own: " + priceFile + ": -n <= Most  +n < Most  by price.TestAllowed/most\n",
		"killed    importer: " + priceFile + ": -n + n  +n  by cart.TestPair\n",
		"killed    hang: " + priceFile + ": -i < n  +true  by price.TestWait\n",
		"survived  unseen: ", "survived  excused: ", "(unseen: nobody cares)\n", "invalid   type: ",
		"lists: 6 mutants, 3 killed, 1 survive for a reason, 2 faults: 50.0 %\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("missing: %s", want)
		}
	}
	t.Log(out.String())
	for _, want := range []string{"survives: unseen: ", "does not compile: type: ", "a score of 50.0 % is below 90 %"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s in %v", want, err)
		}
	}
	if err := runLists(t.Context(), &out, r, []mutant{change("gone", "n == Most", "n")}); err == nil || !strings.Contains(err.Error(), "occurs 0 times") {
		t.Errorf("got %v", err)
	}
}

// A test that fails once and then not has noticed nothing.
func TestByChance(t *testing.T) {
	r := newShop(t, map[string]string{"wrappers/price/luck_test.go": `package price

import (
	"os"
	"testing"
)

func TestLuck(t *testing.T) {
	if os.Mkdir("met", 0o700) == nil {
		t.Error("for the first time")
	}
}
`})
	if o, err := r.test(t.Context(), "", []string{"wrappers/price"}); err != nil || o.verdict != survived {
		t.Errorf("got %v, %v", o, err)
	}
}

func TestBaseline(t *testing.T) {
	folders := []string{"wrappers/price", "wrappers/cart"}
	if err := newShop(t, nil).baseline(t.Context(), folders); err != nil {
		t.Error(err)
	}
	r := newShop(t, map[string]string{"wrappers/price/bad_test.go": "package price\n\nimport \"testing\"\n\nfunc TestBad(t *testing.T) { t.Fail() }\n"})
	if err := r.baseline(t.Context(), folders); err == nil || !strings.Contains(err.Error(), "killed price.TestBad") {
		t.Errorf("got %v", err)
	}
}

func TestFailed(t *testing.T) {
	for _, c := range []struct{ name, out, test, pattern string }{
		{"test", "--- FAIL: TestA (0.00s)\n    a_test.go:1: wrong\nFAIL\n", "TestA", "^TestA$"},
		{"innermost", "--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\n        --- FAIL: TestA/b/c.d (0.00s)\n    --- FAIL: TestA/e (0.00s)\n", "TestA/b/c.d", `^TestA$/^b$/^c\.d$`},
		{"first", "--- FAIL: TestA (0.00s)\n--- FAIL: TestAB (0.00s)\n", "TestA", "^TestA$"},
		{"hangs", "panic: test timed out after 3m0s\n\trunning tests:\n\t\tTestA/b (2m59s)\n\ngoroutine 1", "TestA/b", "^TestA$/^b$"},
		{"leak", "PASS\ngoleak: Errors on successful test run\n", whole, ""},
	} {
		if got := failed(c.out); got != c.test || only(got) != c.pattern {
			t.Errorf("%s: got %q, %q", c.name, got, only(got))
		}
	}
}

func TestEach(t *testing.T) {
	wrong := errors.New("wrong")
	err := each(t.Context(), 1, []int{1, 2, 3}, func(_ context.Context, i, n int) error {
		if i != n-1 || n == 3 {
			t.Errorf("%d at %d", n, i)
		}
		if n == 2 {
			return wrong
		}
		return nil
	})
	if !errors.Is(err, wrong) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := each(ctx, 1, []int{1}, func(context.Context, int, int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestJudge(t *testing.T) {
	good := make([]mutant, 18)
	outcomes := slices.Repeat([]outcome{{killed, "p.TestA"}}, 18)
	excused := mutant{at: "a.txt:1", old: []string{"a"}, unseen: "why"}
	for _, c := range []struct {
		name   string
		more   []mutant
		ends   []verdict
		line   string
		faults int
	}{
		{"all noticed", nil, nil, "lists: 18 mutants, 18 killed, 0 survive for a reason, 0 faults: 100.0 %\n", 0},
		{"two for a reason", []mutant{excused, excused}, []verdict{survived, survived}, "2 survive for a reason, 0 faults: 90.0 %\n", 0},
		{"too many reasons", []mutant{excused, excused, excused}, []verdict{survived, survived, survived}, "0 faults: 85.7 %\n", 1},
		{"one for none", []mutant{{}}, []verdict{survived}, "1 faults: 94.7 %\n", 1},
		{"the reason does not hold", []mutant{excused}, []verdict{killed}, "1 faults: 94.7 %\n", 1},
		{"invalid", []mutant{{}}, []verdict{invalid}, "1 faults: 94.7 %\n", 1},
	} {
		all, ends := slices.Clone(good), slices.Clone(outcomes)
		for i, m := range c.more {
			all, ends = append(all, m), append(ends, outcome{verdict: c.ends[i]})
		}
		var out bytes.Buffer
		err := judge(&out, all, ends)
		faults := 0
		if err != nil {
			faults = strings.Count(err.Error(), "\n") + 1
		}
		if !strings.HasSuffix(out.String(), c.line) || c.faults == 0 && err != nil || c.faults > 0 && faults < c.faults {
			t.Errorf("%s: %s%v", c.name, out.String(), err)
		}
	}
}
