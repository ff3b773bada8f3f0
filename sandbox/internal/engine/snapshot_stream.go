// How a snapshot is written and read: member by member, and its lists element by element. So it takes the memory of what
// it holds and no more, however large its text is, and a list that is too long is refused before it is read.

package engine

import (
	"encoding/json"
	"errors"
	"io"
)

// Part is a member of a snapshot.
type Part struct {
	name  string
	write func(w io.Writer) error
	read  func(d *json.Decoder) error
}

// Single is a member that is written and read as a whole.
func Single[T any](name string, to *T) Part {
	return Part{
		name:  name,
		write: func(w io.Writer) error { return writeJSON(w, *to) },
		read:  func(d *json.Decoder) error { return d.Decode(to) },
	}
}

// checked is a member that is looked at once it was read.
func checked[T any](name string, to *T, check func() error) Part {
	p := Single(name, to)
	read := p.read
	p.read = func(d *json.Decoder) error {
		if err := read(d); err != nil {
			return err
		}
		return check()
	}
	return p
}

// ListOf is a member with at most limit elements.
func ListOf[T any](name string, to *[]T, limit int) Part {
	return Part{name: name, write: func(w io.Writer) error {
		return framed(w, "[", "]", len(*to), func(i int) error { return writeJSON(w, (*to)[i]) })
	}, read: func(d *json.Decoder) error {
		if open, err := opened(d, '['); err != nil || !open {
			return err
		}
		for d.More() {
			if len(*to) == limit {
				return Invalid("snapshot."+name, "must have at most %d entries", limit)
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
func group(name string, members ...Part) Part {
	return Part{name: name, write: func(w io.Writer) error {
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

func readMembers(d *json.Decoder, members []Part) error {
	if open, err := opened(d, '{'); err != nil || !open {
		return err
	}
	rest := map[string]Part{}
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
var errUnknownMember = Invalid("snapshot", "has a member that is malformed or not known")

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
