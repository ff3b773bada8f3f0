package main

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// row is what was measured of one peer, one value a repetition.
type row struct {
	peer
	serial, parallel []float64 // nanoseconds a hit
	allocs           float64   // a hit
	cold, expired    []stampede
	failing          []float64 // fetches
	waiter           []float64 // milliseconds
}

// measure takes all measurements. The peers take turns within each repetition, so that what else the machine does
// falls on all of them.
func measure(reps int) []*row {
	var rows []*row
	for _, p := range peers {
		rows = append(rows, &row{peer: p})
	}
	hits := make([]get, len(rows))
	for i, r := range rows {
		hits[i] = r.make(func(context.Context) (time.Time, error) { return time.Now().Add(24 * time.Hour), nil })
		_ = hits[i](context.Background())
		r.allocs = testing.AllocsPerRun(1000, func() { _ = hits[i](context.Background()) })
	}
	for rep := range reps {
		for n := range rows {
			i := (rep + n) % len(rows) // nobody is always the first
			r := rows[i]
			r.serial = append(r.serial, hit(hits[i], 1))
			r.parallel = append(r.parallel, hit(hits[i], runtime.GOMAXPROCS(0)))
		}
	}
	for range reps {
		for _, r := range rows {
			if r.checkOnly {
				r.cold = append(r.cold, stampedeOf(closedChannel, false))
				continue
			}
			r.cold = append(r.cold, stampedeOf(r.make, false))
			r.expired = append(r.expired, stampedeOf(r.make, true))
			r.failing = append(r.failing, failingOf(r.make))
			r.waiter = append(r.waiter, waiterOf(r.make))
		}
	}
	return rows
}

// hit returns the nanoseconds of a hit, with that many goroutines hitting at once. It is the best of several short
// slices: what else the machine does makes one longer, never shorter.
func hit(g get, goroutines int) float64 {
	const slices, each = 8, 20_000
	best := 0.0
	for range slices {
		var wg sync.WaitGroup
		begin := time.Now()
		for range goroutines {
			wg.Go(func() {
				ctx := context.Background()
				for range each {
					if g(ctx) != nil {
						panic("no hit")
					}
				}
			})
		}
		wg.Wait()
		if ns := float64(time.Since(begin)) / float64(each*goroutines); best == 0 || ns < best {
			best = ns
		}
	}
	return best
}

// stampede is what many callers met who came at once.
type stampede struct {
	fetches int64
	beyond  time.Duration // the longest wait beyond the end of the fetch
	memory  float64       // MiB in use while all wait
}

const (
	callers   = 10_000
	fetchTime = 200 * time.Millisecond // long enough for all callers to come while it runs
)

// stampedeOf lets all callers come at once, to a cache that is empty or whose token has ended.
func stampedeOf(makeGet func(fetch) get, expired bool) stampede {
	var fetches atomic.Int64
	var ended atomic.Int64 // when the last fetch did
	warm := expired
	epoch := time.Now()
	g := makeGet(func(context.Context) (time.Time, error) {
		if warm {
			return time.Now().Add(20 * time.Millisecond), nil
		}
		fetches.Add(1)
		time.Sleep(fetchTime)
		ended.Store(int64(time.Since(epoch)))
		return time.Now().Add(24 * time.Hour), nil
	})
	if warm {
		_ = g(context.Background())
		time.Sleep(50 * time.Millisecond)
		warm = false
	}
	runtime.GC()
	before := inUse()
	var wg sync.WaitGroup
	back := make([]time.Duration, callers)
	start := make(chan struct{})
	for i := range callers {
		wg.Go(func() {
			<-start
			_ = g(context.Background())
			back[i] = time.Since(epoch)
		})
	}
	close(start)
	time.Sleep(fetchTime * 3 / 4)
	memory := inUse() - before
	wg.Wait()
	return stampede{fetches.Load(), slices.Max(back) - time.Duration(ended.Load()), memory}
}

// closedChannel is the least that waking many callers costs: the one who fetches closes a channel.
func closedChannel(f fetch) get {
	done := make(chan struct{})
	go func() {
		_, _ = f(context.Background())
		close(done)
	}()
	return func(context.Context) error {
		<-done
		return nil
	}
}

// inUse returns the MiB of heap and stacks.
func inUse() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapInuse+m.StackInuse) / (1 << 20)
}

// failingOf returns how many fetches 20 callers cause who come at once while each fetch fails.
func failingOf(makeGet func(fetch) get) float64 {
	var fetches atomic.Int64
	g := makeGet(func(context.Context) (time.Time, error) {
		fetches.Add(1)
		time.Sleep(5 * time.Millisecond)
		return time.Time{}, errors.New("down")
	})
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { _ = g(context.Background()) })
	}
	wg.Wait()
	return float64(fetches.Load())
}

// waiterOf returns the milliseconds that a caller with 30 ms of time waits for a fetch of 300 ms that another one began.
func waiterOf(makeGet func(fetch) get) float64 {
	g := makeGet(func(context.Context) (time.Time, error) {
		time.Sleep(300 * time.Millisecond)
		return time.Now().Add(24 * time.Hour), nil
	})
	var wg sync.WaitGroup
	wg.Go(func() { _ = g(context.Background()) })
	time.Sleep(5 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_ = g(ctx)
	waited := time.Since(begin)
	wg.Wait()
	return float64(waited) / float64(time.Millisecond)
}
