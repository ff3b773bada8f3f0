// Snapshots: everything the providers remember, as one document. It is the state itself and never a list of calls to
// repeat, so restoring one takes no account of how it came about.

package engine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// What a snapshot says of itself. The version changes when snapshots of before can be read no more; a member that may be
// missing changes nothing.
const (
	SnapshotFormat  = "fintoken-sandbox"
	SnapshotVersion = 2
)

// snapshot is what parts writes down, under the names it gives.
type snapshot struct {
	format     string
	version    int
	clock      ClockState
	members    []Part // of the providers
	done       []func(r *Restoring)
	creds      []Part
	faults     []Fault
	faultsMade int
	events     []Event
	random     map[string][]byte // where the sources are, with a seed only
	read       map[string]bool   // the members that were there
}

// parts are the members of a snapshot, in the order in which they are written.
func (s *snapshot) parts() []Part {
	all := []Part{
		checked("format", &s.format, s.known),
		checked("version", &s.version, s.known),
		Single("clock", &s.clock),
		group("credentials", s.creds...),
	}
	all = append(all, s.members...)
	all = append(all, ListOf("faults", &s.faults, ruleLimit), Single("faults_made", &s.faultsMade))
	if len(s.events) > 0 || s.read != nil { // a snapshot without events is one of before there were any
		all = append(all, ListOf("events", &s.events, eventLimit))
	}
	return append(all, Single("random", &s.random))
}

// known refuses a snapshot that says something else of itself than ours do, as soon as it says so.
func (s *snapshot) known() error {
	switch {
	case s.format != "" && s.format != SnapshotFormat:
		return Invalid("snapshot.format", "must be %s", SnapshotFormat)
	case s.version != 0 && s.version != SnapshotVersion:
		return Invalid("snapshot.version", "is %d, and this sandbox reads version %d only", s.version, SnapshotVersion)
	}
	return nil
}

// unknown reports whether a snapshot has nothing of a provider, which came later.
func (s *snapshot) unknown(provider string) bool {
	return !s.read[provider] && !s.read["credentials."+provider]
}

// noting notes that a member was there.
func (s *snapshot) noting(name string, p Part) Part {
	read := p.read
	p.read = func(d *json.Decoder) error {
		s.read[name] = true
		return read(d)
	}
	return p
}

// Snapshot returns what SnapshotTo writes, for Restore.
func (e *Engine) Snapshot() ([]byte, error) {
	var text bytes.Buffer
	err := e.SnapshotTo(&text)
	return text.Bytes(), err
}

// taken returns what the providers remember now.
func (e *Engine) taken() *snapshot {
	e.swap.Lock()
	defer e.swap.Unlock()
	made := &snapshot{format: SnapshotFormat, version: SnapshotVersion, clock: e.clock.State(), random: map[string][]byte{}}
	sources := map[string]*IDs{}
	for i, f := range e.fakes() {
		name := e.config.Providers[i].Name
		f.Lock()
		members := f.Save()
		f.Unlock()
		made.members = append(made.members, group(name, members...))
		made.creds = append(made.creds, Part{name: name, write: func(w io.Writer) error { return writeJSON(w, f.Credentials()) }})
		sources[name] = f.Common().IDs
	}
	made.events = e.state.Load().events.list()
	e.rules.mu.Lock()
	for _, f := range e.rules.faults {
		made.faults = append(made.faults, *f)
	}
	made.faultsMade, sources["faults"] = e.rules.made, e.rules.ids
	e.rules.mu.Unlock()
	for purpose, ids := range sources {
		if state := ids.state(); state != nil {
			made.random[purpose] = state
		}
	}
	return made
}

// SnapshotTo writes everything the providers remember, with the clock, the faults and, with a seed, where the random
// sources are, for RestoreFrom. It holds their secrets and tokens. The error is one of w.
func (e *Engine) SnapshotTo(w io.Writer) error {
	made := e.taken()
	b := bufio.NewWriter(w)
	if err := group("", made.parts()...).write(b); err != nil {
		return err
	}
	return b.Flush()
}

// readSnapshot reads a snapshot as far as its format goes, for fakes with nothing in them.
func (e *Engine) readSnapshot(from io.Reader, fakes []Fake) (*snapshot, error) {
	made, source := &snapshot{read: map[string]bool{}}, &watched{from: from}
	for i, f := range fakes {
		name := e.config.Providers[i].Name
		members, done := f.Restore()
		made.members, made.done = append(made.members, made.noting(name, group(name, members...))), append(made.done, done)
		made.creds = append(made.creds, made.noting("credentials."+name, Part{name: name, read: func(d *json.Decoder) error {
			return d.Decode(f.Credentials())
		}}))
	}
	d := json.NewDecoder(source)
	d.DisallowUnknownFields()
	err := readMembers(d, made.parts())
	if err == nil {
		if _, end := d.Token(); !errors.Is(end, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
	}
	var syntax *json.SyntaxError
	var bad *InvalidError
	switch {
	case source.err != nil:
		return nil, fmt.Errorf("sandbox: snapshot: %w", source.err)
	case errors.As(err, &bad):
		return nil, err
	case errors.As(err, &syntax), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, Invalid("snapshot", "must be the JSON that Snapshot made")
	case err != nil:
		return nil, errUnknownMember
	case made.format == "":
		return nil, Invalid("snapshot.format", "must be %s", SnapshotFormat)
	case made.version == 0:
		return nil, Invalid("snapshot.version", "is required")
	}
	return made, nil
}
