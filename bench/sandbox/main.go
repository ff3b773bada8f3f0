// Command sandbox measures the sandbox beside a trivial handler, Prism and stripe-mock, on one machine in one run, and
// prints tables. It calls nothing beyond the machine. It needs wrk, node, Prism (npm ci in bench/sandbox/prism) and
// stripe-mock (its path in -stripe-mock); what is missing is left out and said.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

var (
	duration   = flag.Duration("duration", 4*time.Second, "how long one measurement of throughput takes")
	rounds     = flag.Int("rounds", 3, "how often each is repeated; the median counts")
	prismDir   = flag.String("prism", "sandbox/prism", "the folder in which Prism is installed")
	specsDir   = flag.String("specs", "../specs", "the folder of the OpenAPI documents")
	only       = flag.String("only", "", "make this table alone: probes, inprocess, start, throughput, paced, memory or idle")
	stripeMock = flag.String("stripe-mock", "", "the path of stripe-mock; empty leaves it out")
)

func main() {
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, flag.Arg(0))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-sandbox:", err)
		os.Exit(1)
	}
}

// run plays a part of its own in a process of its own, or measures.
func run(ctx context.Context, part string) error {
	switch part {
	case "serve-sandbox":
		return serveSandbox(ctx)
	case "serve-trivial":
		return serveTrivial(ctx)
	case "grow":
		return grow()
	case "":
		return measure(ctx)
	}
	return fmt.Errorf("there is no part %q", part)
}

// tables are the measurements, in the order in which they are made.
var tables = []struct {
	name string
	make func(context.Context) error
}{
	{"probes", probesTable},
	{"inprocess", inProcess},
	{"start", startTable},
	{"throughput", throughput},
	{"paced", paced},
	{"memory", memoryTable},
	{"idle", idleTable},
}

func measure(ctx context.Context) error {
	for _, table := range tables {
		if *only == "" || *only == table.name {
			if err := table.make(ctx); err != nil {
				return fmt.Errorf("%s: %w", table.name, err)
			}
		}
	}
	return nil
}
