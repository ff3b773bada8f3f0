package spectest

import "slices"

// findings are the violations of one request or answer while they are collected. Whoever finds one stops when there are
// enough, so that a check takes a time in proportion to what it looks at, whatever that breaks.
type findings struct {
	list  Violations
	notes Violations // apart, so that many of them hide no violation
	steps int        // how many things that a caller can have many of were looked at; for the test of that proportion
}

// add keeps a violation that is not there yet.
func (f *findings) add(v Violation) {
	list := &f.list
	if v.Note {
		list = &f.notes
	}
	f.steps++
	if len(*list) >= MaxViolations {
		return
	}
	f.steps += len(*list)
	if !slices.Contains(*list, v) {
		*list = append(*list, v)
	}
}

// all returns the violations, and then the notes.
func (f *findings) all() Violations { return append(f.list, f.notes...) }

// full reports whether there are enough violations: what else may be wrong is not looked for.
func (f *findings) full() bool { return len(f.list) >= MaxViolations }

// next counts a step to another thing to look at, and reports whether that is of any use.
func (f *findings) next() bool {
	f.steps++
	return !f.full()
}

// names reports whether something was found about a field of that name, in that place.
func (f *findings) names(in, name string) bool {
	return slices.ContainsFunc(f.list, func(v Violation) bool { return v.In == in && v.Name == name })
}
