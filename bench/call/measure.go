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

// The calls of one repetition.
const stubCalls, loopbackCalls = 500, 500

// measure takes all measurements. The peers of a scenario take turns within each repetition, so that what else the
// machine does falls on all of them.
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
			for n := range rows {
				r := rows[(rep+n)%len(rows)] // nobody is always the first
				r.stub = append(r.stub, timeOf(r.calls[0], stubCalls))
				r.loopback = append(r.loopback, timeOf(r.calls[1], loopbackCalls))
			}
		}
		all = append(all, rows...)
	}
	return all, nil
}

// timeOf returns the nanoseconds of one of n calls. It is the best of several short slices: what else the machine
// does makes one longer, never shorter.
func timeOf(c call, n int) float64 {
	const slices = 5
	best := 0.0
	for range slices {
		begun := time.Now()
		for range n / slices {
			must(c)
		}
		if ns := float64(time.Since(begun)) / float64(n/slices); best == 0 || ns < best {
			best = ns
		}
	}
	return best
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
