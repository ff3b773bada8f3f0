// How a snapshot is written and read: member by member, and its lists element by element. So it takes the memory of what
// it holds and no more, however large its text is, and a list that is too long is refused before it is read.

package sandbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// part is a member of a snapshot.
type part struct {
	name  string
	write func(w io.Writer) error
	read  func(d *json.Decoder) error
}

// parts are the members of a snapshot, in the order in which they are written.
func (s *snapshot) parts() []part {
	return []part{
		checked("format", &s.Format, s.known),
		checked("version", &s.Version, s.known),
		single("clock", &s.Clock),
		single("credentials", &s.Credentials),
		group(
			"finapi",
			listOf("clients", &s.FinAPI.Clients, fixtureLimit),
			listOf("users", &s.FinAPI.Users, fixtureLimit),
			listOf("grants", &s.FinAPI.Grants, grantLimit),
			listOf("retired", &s.FinAPI.Retired, retiredLimit),
		),
		group(
			"finogates",
			listOf("tenants", &s.Finogates.Tenants, fixtureLimit),
			listOf("users", &s.Finogates.Users, math.MaxInt), // each tenant has its own limit
			listOf("bearers", &s.Finogates.Bearers, bearerLimit),
			listOf("embeds", &s.Finogates.Embeds, embedLimit),
		),
		group(
			"straddle",
			listOf("accounts", &s.Straddle.Accounts, fixtureLimit),
			listOf("api_keys", &s.Straddle.APIKeys, fixtureLimit),
			listOf("customers", &s.Straddle.Customers, fixtureLimit),
			listOf("sessions", &s.Straddle.Sessions, bridgeLimit),
			listOf("repeats", &s.Straddle.Repeats, keyLimit),
		),
		listOf("faults", &s.Faults, ruleLimit),
		single("faults_made", &s.FaultsMade),
		single("random", &s.Random),
	}
}

// known refuses a snapshot that says something else of itself than ours do, as soon as it says so.
func (s *snapshot) known() error {
	switch {
	case s.Format != "" && s.Format != snapshotFormat:
		return invalid("snapshot.format", "must be %s", snapshotFormat)
	case s.Version != 0 && s.Version != snapshotVersion:
		return invalid("snapshot.version", "is %d, and this sandbox reads version %d only", s.Version, snapshotVersion)
	}
	return nil
}

// single is a member that is written and read as a whole.
func single[T any](name string, to *T) part {
	return part{
		name:  name,
		write: func(w io.Writer) error { return writeJSON(w, *to) },
		read:  func(d *json.Decoder) error { return d.Decode(to) },
	}
}

// checked is a member that is looked at once it was read.
func checked[T any](name string, to *T, check func() error) part {
	p := single(name, to)
	read := p.read
	p.read = func(d *json.Decoder) error {
		if err := read(d); err != nil {
			return err
		}
		return check()
	}
	return p
}

// listOf is a member with at most limit elements.
func listOf[T any](name string, to *[]T, limit int) part {
	return part{name: name, write: func(w io.Writer) error {
		return framed(w, "[", "]", len(*to), func(i int) error { return writeJSON(w, (*to)[i]) })
	}, read: func(d *json.Decoder) error {
		if open, err := opened(d, '['); err != nil || !open {
			return err
		}
		for d.More() {
			if len(*to) == limit {
				return invalid("snapshot."+name, "must have at most %d entries", limit)
			}
			var one T
			if err := d.Decode(&one); err != nil {
				return err
			}
			*to = append(*to, one)
		}
		_, err := d.Token()
		return err
	}}
}

// group is an object of parts. Each comes once, in any order, and no other.
func group(name string, members ...part) part {
	return part{name: name, write: func(w io.Writer) error {
		return framed(w, "{", "}", len(members), func(i int) error {
			if err := writeJSON(w, members[i].name); err != nil {
				return err
			}
			if _, err := io.WriteString(w, ":"); err != nil {
				return err
			}
			return members[i].write(w)
		})
	}, read: func(d *json.Decoder) error { return readMembers(d, members) }}
}

func readMembers(d *json.Decoder, members []part) error {
	if open, err := opened(d, '{'); err != nil || !open {
		return err
	}
	rest := map[string]part{}
	for _, p := range members {
		rest[p.name] = p
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string) // nothing else stands there
		p, known := rest[name]
		if !known {
			return errUnknownMember
		}
		delete(rest, name)
		if err := p.read(d); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// errUnknownMember is about a member that there is not, or not a second time.
var errUnknownMember = invalid("snapshot", "has a member that is malformed or not known")

// opened reads the beginning of a list or an object, and reports false for a null in its place.
func opened(d *json.Decoder, begin json.Delim) (bool, error) {
	token, err := d.Token()
	if err != nil || token == nil {
		return false, err
	}
	if token != begin {
		return false, errUnknownMember
	}
	return true, nil
}

// framed writes n things with commas between them.
func framed(w io.Writer, begin, end string, n int, write func(i int) error) error {
	if _, err := io.WriteString(w, begin); err != nil {
		return err
	}
	for i := range n {
		if i > 0 {
			if _, err := io.WriteString(w, ","); err != nil {
				return err
			}
		}
		if err := write(i); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, end)
	return err
}

func writeJSON(w io.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// SnapshotTo writes everything the providers remember, with the clock, the faults and, with [Seed], where the random
// sources are, for [Sandbox.RestoreFrom]. It holds the secrets and tokens of this Sandbox. The journal is not in it. The
// error is one of w.
func (s *Sandbox) SnapshotTo(w io.Writer) error {
	made := s.taken()
	b := bufio.NewWriter(w)
	if err := group("", made.parts()...).write(b); err != nil {
		return err
	}
	return b.Flush()
}

// readSnapshot reads a snapshot as far as its format goes.
func readSnapshot(from io.Reader) (*snapshot, error) {
	made, source := &snapshot{}, &watched{from: from}
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
		return nil, invalid("snapshot", "must be the JSON that Snapshot made")
	case err != nil:
		return nil, errUnknownMember
	case made.Format == "":
		return nil, invalid("snapshot.format", "must be %s", snapshotFormat)
	case made.Version == 0:
		return nil, invalid("snapshot.version", "is required")
	}
	return made, nil
}

// watched notes an error of reading, which says nothing of what was read.
type watched struct {
	from io.Reader
	err  error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
