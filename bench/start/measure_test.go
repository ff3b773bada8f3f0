package main

import (
	"strings"
	"testing"
)

// The ratio is taken repetition by repetition, so that what else the machine does falls on both.
func TestGoals(t *testing.T) {
	rows := func(help, first float64) []*row {
		return []*row{
			{name: helloRow, took: []float64{1, 9, 1}},
			{name: helpRow, took: []float64{help, 9 * help, help}},
			{name: byHandRow, took: []float64{2, 2, 18}},
			{name: firstByteRow, took: []float64{2 * first, 2 * first, 18 * first}},
		}
	}
	if missed := goals(rows(mostHelp, mostFirstByte)); len(missed) != 0 {
		t.Errorf("missed %q", missed)
	}
	missed := strings.Join(goals(rows(mostHelp+1, mostFirstByte+1)), "\n")
	for _, want := range []string{helpRow + ": 11.0 ×", firstByteRow + ": 6.0 ×"} {
		if !strings.Contains(missed, want) {
			t.Errorf("%s: not in %q", want, missed)
		}
	}
}
