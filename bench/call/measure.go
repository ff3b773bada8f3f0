package main

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"time"
)

// row is what was measured of one peer in one scenario, one value a repetition.
type row struct {
	scenario, peer string
	stub, loopback []float64 // nanoseconds a call
	bytes, allocs  float64   // a call, on the stub
	calls          [2]call   // on the stub, over loopback
}

// The calls of one slice, and the slices of a repetition.
const sliceCalls, sliceCount = 100, 5

// measure takes all measurements.
func measure(reps int) ([]*row, error) {
	base, stop, err := serve()
	if err != nil {
		return nil, err
	}
	defer stop()
	transport := &http.Transport{MaxIdleConnsPerHost: 10}
	defer transport.CloseIdleConnections()

	var all []*row
	for _, s := range scenarios {
		var rows []*row
		for _, p := range s.peers {
			r := &row{scenario: s.name, peer: p.name}
			if r.calls[0], err = p.make("http://127.0.0.1:1", stub{}); err == nil {
				r.calls[1], err = p.make(base, transport)
			}
			for _, c := range r.calls {
				if err == nil {
					_, err = c(context.Background())
				}
			}
			if err != nil {
				return nil, fmt.Errorf("%s, %s: %w", s.name, p.name, err)
			}
			r.bytes, r.allocs = memory(r.calls[0])
			rows = append(rows, r)
		}
		for rep := range reps {
			repeat(rows, rep)
		}
		all = append(all, rows...)
	}
	return all, nil
}

// repeat takes one repetition. The peers take turns after each slice, so that what else the machine does falls on all of
// them, and nobody is always the first. The best slice of a peer counts: what else happens makes one longer, never
// shorter.
func repeat(rows []*row, rep int) {
	best := make([][2]float64, len(rows))
	for slice := range sliceCount {
		for n := range rows {
			i := (rep + slice + n) % len(rows)
			for where, c := range rows[i].calls {
				if ns := timeOf(c); slice == 0 || ns < best[i][where] {
					best[i][where] = ns
				}
			}
		}
	}
	for i, r := range rows {
		r.stub, r.loopback = append(r.stub, best[i][0]), append(r.loopback, best[i][1])
	}
}

// timeOf returns the nanoseconds of one call out of a slice.
func timeOf(c call) float64 {
	begun := time.Now()
	for range sliceCalls {
		must(c)
	}
	return float64(time.Since(begun)) / sliceCalls
}

// memory returns the bytes and the allocations of one call.
func memory(c call) (bytes, allocs float64) {
	const n = 500
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range n {
		must(c)
	}
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc-before.TotalAlloc) / n, float64(after.Mallocs-before.Mallocs) / n
}

func must(c call) {
	if _, err := c(context.Background()); err != nil {
		panic(err)
	}
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// ratio is the median of the ratios of each repetition.
func ratio(a, b []float64) float64 {
	var out []float64
	for i := range a {
		out = append(out, a[i]/b[i])
	}
	return median(out)
}
