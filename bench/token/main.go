// Command token measures what it costs to get a token from a cache, here and in other libraries, in one run and one
// table. It asks no provider: a fetch is a pause. It is for reading, and for -check, which fails where a goal is missed.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
)

func main() {
	reps := flag.Int("reps", 15, "repetitions, interleaved, of which the median counts")
	check := flag.Bool("check", false, "fail if fintoken misses a goal")
	flag.Parse()
	if *reps < 1 {
		fmt.Fprintln(os.Stderr, "-reps must be positive")
		os.Exit(2)
	}
	runtime.GOMAXPROCS(2)
	rows := measure(*reps)
	printTable(os.Stdout, rows, *reps)
	if missed := goals(rows); *check && len(missed) > 0 {
		for _, m := range missed {
			fmt.Fprintln(os.Stderr, "missed:", m)
		}
		os.Exit(1)
	}
}
