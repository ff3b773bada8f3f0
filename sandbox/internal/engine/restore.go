// Restoring a snapshot: it is built and checked aside, and takes the place of the state in one step or not at all.

package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

// Restore is RestoreFrom for what Snapshot returned.
func (e *Engine) Restore(data []byte) error { return e.RestoreFrom(bytes.NewReader(data)) }

// RestoreFrom reads a snapshot and puts it in place of all that the providers remember, with its credentials, clock and
// faults. It fails with an [InvalidError], and changes nothing, when the snapshot does not hold together; another error is
// one of from. A provider that the snapshot does not know is as in a new Engine.
func (e *Engine) RestoreFrom(from io.Reader) error {
	e.swap.Lock()
	fakes := e.empty()
	e.swap.Unlock()
	saved, err := e.readSnapshot(from, fakes)
	if err != nil {
		return err
	}
	e.swap.Lock()
	defer e.swap.Unlock()
	r := &Restoring{engine: e, random: saved.random}
	for i, p := range e.config.Providers {
		if saved.unknown(p.Name) {
			fakes[i] = e.furnished()[i]
			continue
		}
		r.source(p.Name, fakes[i].Common().IDs)
		saved.done[i](r)
	}
	draws := unseeded()
	r.source("faults", draws)
	faults := r.faults(saved.faults, saved.faultsMade)
	r.Require(e.clock.reaches(saved.clock.Now), "clock.now", "must be at most a hundred years away")
	if r.err != nil {
		return r.err
	}
	events := newEvents(e.hooks)
	for _, event := range saved.events {
		events.all.Put(event.ID, event)
	}
	e.state.Store(e.newState(fakes, events))
	e.rules.replace(faults, saved.faultsMade, draws)
	e.clock.restore(saved.clock)
	e.hooks.restored(events)
	return nil
}

// Restoring collects the first thing that is wrong with a snapshot.
type Restoring struct {
	engine *Engine
	random map[string][]byte
	err    error
}

// OK reports whether nothing was wrong so far.
func (r *Restoring) OK() bool { return r.err == nil }

// Require notes the first rule that does not hold, of a member such as finapi.users[0].
func (r *Restoring) Require(holds bool, field, rule string) {
	if !holds && r.err == nil {
		r.err = Invalid("snapshot."+field, "%s", rule)
	}
}

// source lets the ids of a purpose go on from where they were. Without that they are as those without a seed.
func (r *Restoring) source(purpose string, ids *IDs) {
	ids.src, ids.seeded = unseeded().src, nil
	if state, seeded := r.random[purpose]; seeded {
		r.Require(ids.restore(state) == nil, "random."+purpose, "must be the state of a source")
	}
}

// Add checks fixtures as those that come later are checked, and puts them where they belong.
func (r *Restoring) Add(fixtures func(a *Adding)) {
	a := newAdding()
	fixtures(a)
	if a.err != nil && r.err == nil {
		r.err = fmt.Errorf("snapshot: %w", a.err)
	}
	if r.err == nil {
		a.done()
	}
}

// operation finds the operation of a provider that has a method and the template of a path.
func (r *Restoring) operation(name string, of spectest.Operation) (*spectest.Checker, *spectest.Operation) {
	p := &provider{specs: r.engine.checkers[name]}
	spec, operation, _ := p.find(&http.Request{Method: of.Method, URL: &url.URL{Path: "/" + name + of.Path}}, nil)
	return spec, operation
}

// Answers requires that an operation may answer with a body. What a snapshot holds goes out later, and what breaks the document
// would be a failure of the sandbox then.
func (r *Restoring) Answers(name string, of spectest.Operation, body any, field string) {
	spec, operation := r.operation(name, of)
	text, err := json.Marshal(body)
	fits := err == nil && operation != nil &&
		spec.Response(operation, nil, http.StatusOK, http.Header{"Content-Type": {"application/json"}}, text) == nil
	r.Require(fits, field, "must hold to the document")
}

// faults checks rules as AddFault does; what they have counted stays.
func (r *Restoring) faults(saved []Fault, made int) []Fault {
	seen := map[string]bool{}
	for i, f := range saved {
		plain := f
		plain.ID = ""
		number, numbered := strings.CutPrefix(f.ID, faultPrefix)
		n, _ := strconv.Atoi(number)
		ok := r.engine.checkFault(&plain) == nil && numbered && n > 0 && n <= made && !seen[f.ID]
		r.Require(ok && f.Seen >= f.Fired && f.Fired >= 0 && !f.used(), indexed("faults", i), "is not a rule that Faults lists")
		seen[f.ID] = true
	}
	return saved
}
