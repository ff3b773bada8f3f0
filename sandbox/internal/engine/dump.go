// What there is, for a person or a test to look at, without a secret in it.

package engine

import (
	"maps"
	"slices"
)

// DumpLimit is how many entries of each list a dump has.
const DumpLimit = 100

// Counts are how much of each kind there is, and how much was forgotten to make room.
type Counts struct{ Now, Evicted map[string]int }

// NoCounts returns counts that nobody will read.
func NoCounts() Counts { return Counts{Now: map[string]int{}, Evicted: map[string]int{}} }

// Count counts the entries of a map.
func (c Counts) Count(kind string, n int) { c.Now[kind] = n }

// CountBounded counts the entries of a map that forgets.
func CountBounded[K comparable, V any](c Counts, kind string, b *Bounded[K, V]) {
	c.Now[kind], c.Evicted[kind] = b.Len(), int(b.evicted) //nolint:gosec // a count
}

// First returns at most [DumpLimit] of the keys, sorted.
func First[V any](m map[string]V) []string {
	keys := slices.Sorted(maps.Keys(m))
	return keys[:min(len(keys), DumpLimit)]
}

// Newest returns at most [DumpLimit] of the values, the newest first.
func Newest[K comparable, V any](b *Bounded[K, V]) []V {
	values := make([]V, 0, min(b.Len(), DumpLimit))
	for _, value := range b.Newest() {
		if len(values) == DumpLimit {
			break
		}
		values = append(values, value)
	}
	return values
}
