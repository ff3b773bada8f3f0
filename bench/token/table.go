package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// printTable writes the table as Markdown.
func printTable(w io.Writer, rows []*row, reps int) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	line("Medians of %d interleaved repetitions, %s, GOMAXPROCS=%d. × is the median of the ratios to the bare check of the same repetition.\n",
		reps, runtime.Version(), runtime.GOMAXPROCS(0))
	line("| | hit, serial | hit, parallel | allocs | 10,000 callers, cold: fetches, longest extra wait, memory | the same, expired | 20 callers, failing: fetches | leaves after 30 ms |")
	line("|---|---|---|---|---|---|---|---|")
	for _, r := range rows {
		hits := fmt.Sprintf("| %s | %.0f ns (%.2f ×) | %.0f ns (%.2f ×) | %.0f ", r.name,
			median(r.serial), median(ratios(r.serial, rows[0].serial)),
			median(r.parallel), median(ratios(r.parallel, rows[0].parallel)), r.allocs)
		if r.checkOnly {
			line(hits+"| %s (a closed channel) | – | – | – |", summary(r.cold))
			continue
		}
		line(hits+"| %s | %s | %.0f | %.0f ms |", summary(r.cold), summary(r.expired), median(r.failing), median(r.waiter))
	}
}

// summary returns the medians of a stampede.
func summary(all []stampede) string {
	fetches, beyond, memory := parts(all)
	return fmt.Sprintf("%.0f, %.1f ms, %.0f MiB", median(fetches), median(beyond), median(memory))
}

func parts(all []stampede) (fetches, beyond, memory []float64) {
	for _, s := range all {
		fetches = append(fetches, float64(s.fetches))
		beyond = append(beyond, float64(s.beyond)/float64(time.Millisecond))
		memory = append(memory, s.memory)
	}
	return fetches, beyond, memory
}

// goals returns what fintoken missed.
func goals(rows []*row) []string {
	var missed []string
	must := func(ok bool, format string, args ...any) {
		if !ok {
			missed = append(missed, fmt.Sprintf(format, args...))
		}
	}
	var us *row
	for _, r := range rows {
		if r.name == ours {
			us = r
		}
	}
	for _, h := range []struct {
		name string
		of   func(*row) []float64
	}{
		{"serial", func(r *row) []float64 { return r.serial }},
		{"parallel", func(r *row) []float64 { return r.parallel }},
	} {
		ratio := median(ratios(h.of(us), h.of(rows[0])))
		must(ratio <= 1.10, "hit, %s: %.2f × the bare check", h.name, ratio)
		for _, r := range rows {
			if r != us && !r.checkOnly {
				ratio := median(ratios(h.of(us), h.of(r)))
				must(ratio <= 1, "hit, %s: %.2f × %s", h.name, ratio, r.name)
			}
		}
	}
	must(us.allocs == 0, "a hit allocates %.0f times", us.allocs)
	for _, all := range [][]stampede{us.cold, us.expired} {
		fetches, beyond, _ := parts(all)
		must(slices.Max(fetches) == 1, "a stampede of %.0f fetches", slices.Max(fetches))
		must(median(beyond) <= 10, "longest extra wait %.1f ms", median(beyond))
	}
	must(slices.Max(us.failing) == 1, "%.0f fetches of a failing source", slices.Max(us.failing))
	must(median(us.waiter) <= 35, "a waiter leaves after %.0f ms", median(us.waiter))
	return missed
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// ratios divides value by value.
func ratios(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return out
}
