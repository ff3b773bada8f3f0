package spectest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/specs"
)

// BenchmarkFirstCheck shows what the first check in a process costs: with a slice, and with the whole document.
func BenchmarkFirstCheck(b *testing.B) {
	for name, read := range map[string]func() (*document, error){
		"slice": func() (*document, error) { return index(specs.Straddle) },
		"whole": func() (*document, error) { return load(specs.Straddle.Name(), specs.Straddle.YAML()) },
	} {
		b.Run(name, func(b *testing.B) {
			r, body := toStraddle("{" + customer + "}")
			for b.Loop() {
				d, err := read()
				require.NoError(b, err)
				c, err := newChecker(d)
				require.NoError(b, err)
				op, err := c.Request(r, []byte(body))
				require.NoError(b, err)
				require.NotNil(b, op)
			}
		})
	}
}

// BenchmarkQuick shows a check of a request with parameters that are right: by the quick check, and by the full one.
func BenchmarkQuick(b *testing.B) {
	c, err := New(quickLab)
	require.NoError(b, err)
	r := request("GET", "/rooms/182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e/days/2024-02-29?since=2026-01-05T10:00:00Z&page=3", "X-Id: a", "X-Secret: b")
	b.Run("quick", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if c.quickly(r, nil) == nil {
				b.Fatal("not known")
			}
		}
	})
	b.Run("full", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, vs := c.fully(r, nil); len(vs) > 0 {
				b.Fatal(vs)
			}
		}
	})
}
