// What a request breaks in the spec, as far as the fakes must know and in words that hold no secret.

package engine

import (
	"slices"
	"strings"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

// Breaks reports whether there is a violation of a kind.
func Breaks(faults spectest.Violations, kind spectest.Kind) bool {
	return slices.ContainsFunc(faults, func(v spectest.Violation) bool { return v.Kind == kind })
}

// FieldOf names the field that a fault is about: a.b for the pointer /a/b.
func FieldOf(fault spectest.Violation) string {
	return strings.ReplaceAll(strings.TrimPrefix(fault.Name, "/"), "/", ".")
}

// SummaryOf puts faults into a line for the journal. A name that the spec does not know stays out: it may be a part of
// a secret that was sent unescaped.
func SummaryOf(faults spectest.Violations) string {
	lines := make([]string, len(faults))
	for i, fault := range faults {
		if fault.Rule == "is not declared" {
			fault.Name = ""
		}
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "; ")
}

// notesOf puts what is to be noted of a call into a line for the journal.
func notesOf(c *Call, a Answer) string {
	lines := make([]string, len(c.notes), len(c.notes)+1)
	for i, note := range c.notes {
		if lines[i] = note.Error(); note.Rule == "is not declared" {
			lines[i] = "not in the document: " + note.In + " " + note.Name
		}
	}
	if a.example != "" {
		lines = append(lines, "answered by the document's example "+a.example)
	}
	return strings.Join(lines, "; ")
}
