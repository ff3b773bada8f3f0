// Command call measures what one call to a provider costs, here and in other clients, in one run and one table: on a
// transport that answers at once, and over loopback. It is for reading, and for -check, which fails where a goal is
// missed. It calls nobody but itself.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
)

func main() {
	reps := flag.Int("reps", 41, "repetitions, interleaved, of which the median counts")
	check := flag.Bool("check", false, "fail if fintoken misses a goal")
	flag.Parse()
	if *reps < 1 {
		fmt.Fprintln(os.Stderr, "-reps must be positive")
		os.Exit(2)
	}
	runtime.GOMAXPROCS(2)
	rows, err := measure(*reps)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	printTable(os.Stdout, rows, *reps)
	missed := goals(rows)
	for _, m := range missed {
		fmt.Fprintln(os.Stderr, "missed:", m)
	}
	if *check && len(missed) > 0 {
		os.Exit(1)
	}
}
