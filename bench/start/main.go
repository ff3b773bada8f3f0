// Command start measures how quick the program is to start: its help, and the first byte of a request, beside programs by
// hand that print a word and send the same request, in one run. It is for reading, and for -check, which fails where a goal
// is missed. It calls nobody but itself.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
)

func main() {
	reps := flag.Int("reps", 41, "repetitions, interleaved, of which the median counts")
	check := flag.Bool("check", false, "fail if fintoken misses a goal")
	flag.Parse()
	if *reps < 1 {
		fmt.Fprintln(os.Stderr, "-reps must be positive")
		os.Exit(2)
	}
	missed, err := bench(context.Background(), *reps)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, m := range missed {
		fmt.Fprintln(os.Stderr, "missed:", m)
	}
	if *check && len(missed) > 0 {
		os.Exit(1)
	}
}

// bench builds the programs, measures them, prints the table, and returns the goals that were missed.
func bench(ctx context.Context, reps int) ([]string, error) {
	dir, err := os.MkdirTemp("", "bench-start-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	server, err := listen()
	if err != nil {
		return nil, err
	}
	defer server.close()
	rows, err := programs(ctx, dir, server)
	if err != nil {
		return nil, err
	}
	for range reps {
		for _, r := range rows {
			if err := r.measure(ctx, server); err != nil {
				return nil, err
			}
		}
	}
	printTable(os.Stdout, rows, reps)
	return goals(rows), nil
}
