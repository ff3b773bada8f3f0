package faults

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// The size of the matrix. A fault, an operation or a cell that goes missing fails the test.
const (
	allFaults     = 60
	allOperations = 8
	notApplicable = 11
	allCells      = allFaults*allOperations - notApplicable // 469
)

// fault is a row of the matrix.
type fault struct {
	name string
	// real faults need the real clock: the client waits for a network that does not wait with it.
	real bool
	// except are the operations that cannot have the fault.
	except []string
	// setup, if set, comes before the fake clock begins.
	setup func(c *cell)
	// run makes the call of the cell and checks what came of it.
	run func(c *cell)
}

// inside returns f with its server under the fake clock, after prepare.
func (f fault) inside(prepare func(c *cell)) fault {
	run := f.run
	f.run = func(c *cell) {
		defer c.inside()()
		prepare(c)
		run(c)
	}
	return f
}

// groups are the rows of the matrix.
func groups() []group {
	return []group{
		{"connect", 6, connectFaults()},
		{"in flight", 12, flightFaults()},
		{"status", 22, statusFaults()},
		{"content", 12, contentFaults()},
		{"client side", 8, clientFaults()},
	}
}

type group struct {
	name   string
	size   int
	faults []fault
}

// Requirements A2, A3, A5, A6, A9, A10, A14, B15 to B21, C22 to C29, C34 to C37, D42, E54, E55, F59, F60, F63 to F65,
// F69 to F71, F73 to F75, G76, G77, G84: the fault matrix.
func TestFaultMatrix(t *testing.T) {
	var ran, passed, faults, skipped atomic.Int32
	one := func(f fault, o *operation) func(*testing.T) {
		return func(t *testing.T) {
			if !f.real {
				t.Parallel()
			}
			ran.Add(1)
			defer func() {
				if !t.Failed() {
					passed.Add(1)
				}
			}()
			if f.real {
				before := goleak.IgnoreCurrent()
				runCell(t, f, o)
				goleak.VerifyNone(t, before)
			} else {
				runCell(t, f, o)
			}
		}
	}
	each := func(t *testing.T, onReal bool) {
		for _, g := range groups() {
			for _, f := range g.faults {
				for _, o := range operations {
					if f.real == onReal && !slices.Contains(f.except, o.id) {
						t.Run(fmt.Sprintf("%s/%s/%s", g.name, f.name, o.id), one(f, o))
					}
				}
			}
		}
	}
	// Those on the real clock one by one, so that a goroutine that stays is seen; the others all at once.
	t.Run("real clock", func(t *testing.T) { each(t, true) })
	t.Run("fake clock", func(t *testing.T) { each(t, false) })

	require.Len(t, operations, allOperations)
	for _, g := range groups() {
		assert.Len(t, g.faults, g.size, g.name)
		faults.Add(int32(len(g.faults)))
		for _, f := range g.faults {
			skipped.Add(int32(len(f.except)))
		}
	}
	assert.EqualValues(t, allFaults, faults.Load())
	assert.EqualValues(t, notApplicable, skipped.Load())
	assert.EqualValues(t, allCells, ran.Load(), "cells are missing")
	fmt.Printf("fault matrix: %d faults × %d operations − %d = %d cells, %d run, %d passed\n",
		faults.Load(), len(operations), skipped.Load(), allCells, ran.Load(), passed.Load())
}

// runCell runs one cell, under a fake clock if it can. The server stays outside: a goroutine that waits for the
// network would keep the fake clock from moving.
func runCell(t *testing.T, f fault, o *operation) {
	t.Helper()
	c := newCell(t, o, f)
	if f.setup != nil {
		f.setup(c)
	}
	if f.real {
		f.run(c)
	} else {
		synctest.Test(t, func(t *testing.T) {
			c.T = t
			f.run(c)
		})
	}
	c.T = t
	c.searchOutput()
	assert.Zero(t, c.trap.touched(), "something reached another origin")
	c.stop()
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
