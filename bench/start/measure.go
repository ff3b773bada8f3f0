package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"slices"
	"time"
)

// What is measured. The first row is what the others are compared with.
const (
	helloRow     = "a program that prints a word"
	helpRow      = "`fintoken straddle bridge initialize --help`"
	byHandRow    = "net/http by hand, to the first byte of the request"
	firstByteRow = "`fintoken straddle bridge initialize`, to the first byte of the request"
)

// row is a program and how long it took, once a repetition.
type row struct {
	name  string
	args  []string
	env   []string
	calls bool // it is measured up to its request, and not to its end
	took  []float64
}

// measure runs the program once.
func (r *row) measure(ctx context.Context, s *server) error {
	cmd := exec.CommandContext(ctx, r.args[0], r.args[1:]...) //nolint:gosec // a program that was built here
	cmd.Env = r.env
	begun := time.Now()
	err := cmd.Run()
	took := time.Since(begun)
	if !r.calls && err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	if r.calls {
		select {
		case arrived := <-s.arrived:
			took = arrived.Sub(begun)
		default:
			return fmt.Errorf("%s: made no request: %w", r.name, err)
		}
	}
	r.took = append(r.took, float64(took))
	return nil
}

// server tells when a request arrives.
type server struct {
	url     string
	arrived chan time.Time
	http    *http.Server
}

// listen serves on loopback. The answer is one that nobody repeats a request after.
func listen() (*server, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{url: "http://" + l.Addr().String(), arrived: make(chan time.Time, 1)}
	s.http = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.arrived <- time.Now()
		w.WriteHeader(http.StatusTeapot)
	})}
	go func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			panic(err)
		}
	}()
	return s, nil
}

func (s *server) close() { _ = s.http.Close() }

// median returns the middle of some values, or one of the two.
func median(all []float64) float64 { return slices.Sorted(slices.Values(all))[len(all)/2] }

// ratio returns the median of the ratios of two rows, repetition by repetition.
func ratio(r, base *row) float64 {
	var all []float64
	for i := range r.took {
		all = append(all, r.took[i]/base.took[i])
	}
	return median(all)
}

// printTable writes the table as Markdown.
func printTable(w io.Writer, rows []*row, reps int) {
	_, _ = fmt.Fprintf(w, "Medians of %d interleaved repetitions, %s, %s/%s. × is the median of the ratios to the first line.\n\n| start to end | time |\n|---|---:|\n",
		reps, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, r := range rows {
		_, _ = fmt.Fprintf(w, "| %s | %.1f ms (%.1f ×) |\n", r.name, median(r.took)/1e6, ratio(r, rows[0]))
	}
}

// The most that fintoken should take.
const (
	mostHelp      = 10 // times a program that prints a word
	mostFirstByte = 5  // times a program by hand that sends the same request
)

// goals lists those that fintoken misses.
func goals(rows []*row) []string {
	find := func(name string) *row {
		return rows[slices.IndexFunc(rows, func(r *row) bool { return r.name == name })]
	}
	var missed []string
	if got := ratio(find(helpRow), find(helloRow)); got > mostHelp {
		missed = append(missed, fmt.Sprintf("%s: %.1f × the time of %s, which should be %d at most", helpRow, got, helloRow, mostHelp))
	}
	if got := ratio(find(firstByteRow), find(byHandRow)); got > mostFirstByte {
		missed = append(missed, fmt.Sprintf("%s: %.1f × the time of %s, which should be %d at most", firstByteRow, got, byHandRow, mostFirstByte))
	}
	return missed
}
