package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// bar is the score from which on a run is good, in percent.
const bar = 90

// runLists runs the mutants of our own, tells of each, and refuses what the lists must not hold.
func runLists(ctx context.Context, out io.Writer, r *runner, all []mutant) error {
	texts, err := changed(r.root, all)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	outcomes := make([]outcome, len(all))
	err = each(ctx, r.workers, all, func(ctx context.Context, i int, m mutant) error {
		o, err := r.try(ctx, m.file, texts[i], witnesses(r.packages, m.folder()))
		if err != nil {
			return fmt.Errorf("%s: %w", m.at, err)
		}
		mu.Lock()
		defer mu.Unlock()
		outcomes[i] = o
		_, _ = fmt.Fprintf(out, "%-8s  %s\n", o.verdict, describe(m, o))
		return nil
	})
	if err != nil {
		return err
	}
	return judge(out, all, outcomes)
}

// changed returns the files as the mutants make them. All of those that do not fit are in its error.
func changed(root string, all []mutant) ([][]byte, error) {
	texts := make([][]byte, len(all))
	faults := make([]error, len(all))
	for i, m := range all {
		source, err := os.ReadFile(filepath.Join(root, m.file))
		if err == nil {
			texts[i], err = m.apply(source)
		}
		if err != nil {
			faults[i] = fmt.Errorf("%s: %w", m.at, err)
		}
	}
	return texts, errors.Join(faults...)
}

// describe tells of a mutant and its end.
func describe(m mutant, o outcome) string {
	text := fmt.Sprintf("%s: %s", m.at, m)
	switch o.verdict {
	case killed:
		text += "  by " + o.by
	case invalid:
		text += "\n" + o.by
	}
	if m.unseen != "" {
		text += "  (unseen: " + m.unseen + ")"
	}
	return text
}

// judge prints the score of the lists, which is the share of all mutants that a test notices, and what stands against it.
func judge(out io.Writer, all []mutant, outcomes []outcome) error {
	var noticed, reasons int
	var faults []error
	for i, m := range all {
		o := outcomes[i]
		switch {
		case o.verdict == invalid:
			faults = append(faults, fmt.Errorf("does not compile: %s", describe(m, o)))
		case o.verdict == killed && m.unseen != "":
			faults = append(faults, fmt.Errorf("is said to be unseen, a test notices it: %s", describe(m, o)))
		case o.verdict == killed:
			noticed++
		case m.unseen != "":
			reasons++
		default:
			faults = append(faults, fmt.Errorf("survives: %s", describe(m, o)))
		}
	}
	score := percent(noticed, len(all))
	_, _ = fmt.Fprintf(out, "lists: %d mutants, %d killed, %d survive for a reason, %d faults: %.1f %%\n", len(all), noticed, reasons, len(faults), score)
	if score < bar {
		faults = append(faults, fmt.Errorf("lists: a score of %.1f %% is below %d %%", score, bar))
	}
	return errors.Join(faults...)
}

// percent is the share of part in whole; of nothing it is all.
func percent(part, whole int) float64 {
	if whole == 0 {
		return 100
	}
	return 100 * float64(part) / float64(whole)
}

// runGremlins runs gremlins over folders, tells what survives, and refuses a score below the bar.
func runGremlins(ctx context.Context, out io.Writer, r *runner, folders []string) error {
	var sum tally
	table := "gremlins               killed    lived  not viable    score   not covered  timed out\n"
	for _, folder := range folders {
		all, err := unleash(ctx, r, folder)
		if err != nil {
			return err
		}
		ends := make([]verdict, len(all))
		err = each(ctx, r.workers, all, func(ctx context.Context, i int, g gremlin) (err error) {
			ends[i], err = g.end(ctx, r)
			return err
		})
		if err != nil {
			return err
		}
		t := tally{}
		for i, g := range all {
			t.add(g, ends[i])
			if ends[i] == survived {
				_, _ = fmt.Fprintf(out, "survived  %s\n", g.show(r.root))
			}
		}
		table += t.row(folder)
		sum.merge(t)
	}
	_, _ = io.WriteString(out, table+sum.row("all")+
		"What gremlins took for not covered or gave too little time was run again; the first four columns have what came of it.\n")
	if score := sum.score(); score < bar {
		return fmt.Errorf("gremlins: a score of %.1f %% is below %d %%", score, bar)
	}
	return nil
}

// tally counts mutants of gremlins: by their end, and by what gremlins made of some at first.
type tally struct{ killed, lived, notViable, notCovered, timedOut int }

func (t *tally) add(g gremlin, end verdict) {
	switch end {
	case killed:
		t.killed++
	case survived:
		t.lived++
	case invalid:
		t.notViable++
	}
	switch g.status {
	case "NOT COVERED":
		t.notCovered++
	case "TIMED OUT":
		t.timedOut++
	}
}

func (t *tally) merge(other tally) {
	t.killed += other.killed
	t.lived += other.lived
	t.notViable += other.notViable
	t.notCovered += other.notCovered
	t.timedOut += other.timedOut
}

func (t *tally) score() float64 { return percent(t.killed, t.killed+t.lived) }

func (t *tally) row(name string) string {
	return fmt.Sprintf("%-20s %8d %8d %11d %6.1f %% %13d %10d\n",
		name, t.killed, t.lived, t.notViable, t.score(), t.notCovered, t.timedOut)
}
