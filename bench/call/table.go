package main

import (
	"fmt"
	"io"
	"runtime"
)

// printTable writes the table as Markdown.
func printTable(w io.Writer, rows []*row, reps int) {
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	line("Medians of %d interleaved repetitions, %s, GOMAXPROCS=%d. × is the median of the ratios to the first line of the same scenario.",
		reps, runtime.Version(), runtime.GOMAXPROCS(0))
	for i, r := range rows {
		if i == 0 || rows[i-1].scenario != r.scenario {
			line("\n| %s | stub: time | memory | allocations | loopback: time |", r.scenario)
			line("|---|---:|---:|---:|---:|")
		}
		base := find(rows, r.scenario, byHand)
		line("| %s | %.1f µs (%.2f ×) | %.1f KB | %.0f | %.1f µs (%.2f ×) |", r.peer,
			median(r.stub)/1e3, ratio(r.stub, base.stub), r.bytes/1e3, r.allocs,
			median(r.loopback)/1e3, ratio(r.loopback, base.loopback))
	}
}

// find returns a row.
func find(rows []*row, scenario, peer string) *row {
	for _, r := range rows {
		if r.scenario == scenario && r.peer == peer {
			return r
		}
	}
	panic("no " + peer + " in " + scenario)
}

// goals lists those that fintoken misses.
func goals(rows []*row) []string {
	var missed []string
	miss := func(format string, args ...any) { missed = append(missed, fmt.Sprintf(format, args...)) }
	for _, s := range scenarios {
		us := find(rows, s.name, wrapper)
		if g := find(rows, s.name, responses); ratio(us.stub, g.stub) > 1 {
			miss("%s: %.2f × the time of ClientWithResponses, which should be 1 at most", s.name, ratio(us.stub, g.stub))
		}
		if g := find(rows, s.name, responses); us.allocs > g.allocs+0.5 {
			miss("%s: %.0f allocations, and ClientWithResponses %.0f", s.name, us.allocs, g.allocs)
		}
		if g := find(rows, s.name, stainless); ratio(us.stub, g.stub) > 0.5 {
			miss("%s: %.2f × the time of the Stainless runtime, which should be 0.5 at most", s.name, ratio(us.stub, g.stub))
		}
		if g := find(rows, s.name, byHand); ratio(us.loopback, g.loopback) > 1.1 {
			miss("%s: %.2f × the time of net/http by hand over loopback, which should be 1.1 at most", s.name, ratio(us.loopback, g.loopback))
		}
	}
	return missed
}
