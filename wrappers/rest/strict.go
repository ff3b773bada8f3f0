package rest

import (
	"bytes"
	"encoding/json"
	"strconv"
	"sync"
)

// maxNesting is how deep the arrays and objects of an answer may be nested.
const maxNesting = 64

// strict returns what body breaks of the rules that encoding/json does not hold: no object has a member twice
// (RFC 8259 §4), the nesting is sane, and there is one value. It returns "" if it breaks none. It does not check the
// syntax: what is no JSON at all gets any answer and is left to encoding/json.
func strict(body []byte) string {
	s := scanners.Get().(*scanner)
	defer scanners.Put(s)
	defer s.reset()
	s.body = body
	return s.run()
}

// scanners are those that are not at work, with the room they once needed.
var scanners = sync.Pool{New: func() any { return new(scanner) }}

// reset forgets the text.
func (s *scanner) reset() {
	clear(s.names[:cap(s.names)])
	*s = scanner{names: s.names[:0], starts: s.starts[:0]}
	if cap(s.names) > 1000 {
		s.names = nil
	}
}

// scanner walks through a JSON text once.
type scanner struct {
	body []byte
	pos  int
	// names are those of all objects that are open, and starts where each one's begin.
	names  [][]byte
	starts []int
	seen   []map[string]struct{} // of the objects with many names
}

// manyNames is the number of members from which an object's names are looked up instead of compared.
const manyNames = 16

// run returns the first rule that is broken.
func (s *scanner) run() string {
	values := 0
	for s.pos < len(s.body) {
		switch c := s.body[s.pos]; c {
		case ' ', '\t', '\r', '\n', ':', ',':
			s.pos++
			continue
		case '{', '[':
			if len(s.starts) == maxNesting {
				return "the answer is nested more than " + strconv.Itoa(maxNesting) + " deep"
			}
			if len(s.starts) == 0 {
				values++
			}
			s.starts = append(s.starts, len(s.names))
			s.pos++
		case '}', ']':
			if len(s.starts) == 0 {
				return "" // no JSON
			}
			s.close()
			s.pos++
		case '"':
			if len(s.starts) == 0 {
				values++
			}
			text, ok := s.text()
			if !ok {
				return "" // no JSON
			}
			if s.isName() && !s.add(text) {
				return "the answer has an object with the same member twice"
			}
		default:
			if len(s.starts) == 0 {
				values++
			}
			s.word()
		}
		if values > 1 {
			return "the answer goes on after its end"
		}
	}
	return ""
}

// text moves past the string that begins at pos and returns what is between its quotes.
func (s *scanner) text() ([]byte, bool) {
	start := s.pos + 1
	for i := start; i < len(s.body); i++ {
		switch s.body[i] {
		case '\\':
			i++
		case '"':
			s.pos = i + 1
			return s.body[start:i], true
		}
	}
	return nil, false
}

// word moves past a number, true, false or null.
func (s *scanner) word() {
	n := bytes.IndexAny(s.body[s.pos:], " \t\r\n:,{}[]\"")
	if n <= 0 {
		n = len(s.body) - s.pos
	}
	s.pos += n
}

// isName reports whether the string that ends at pos is the name of a member: whether a colon follows.
func (s *scanner) isName() bool {
	if len(s.starts) == 0 {
		return false
	}
	rest := bytes.TrimLeft(s.body[s.pos:], " \t\r\n")
	return len(rest) > 0 && rest[0] == ':'
}

// add notes a name of the innermost object and reports whether it is new there.
func (s *scanner) add(name []byte) bool {
	if bytes.IndexByte(name, '\\') >= 0 {
		name = unquote(name)
	}
	own := s.names[s.starts[len(s.starts)-1]:]
	s.names = append(s.names, name)
	if len(own) < manyNames {
		for _, n := range own {
			if bytes.Equal(n, name) {
				return false
			}
		}
		return true
	}
	return s.addMany(own, name)
}

// addMany is add for an object with many names.
func (s *scanner) addMany(own [][]byte, name []byte) bool {
	for len(s.seen) < len(s.starts) {
		s.seen = append(s.seen, nil)
	}
	level := len(s.starts) - 1
	if s.seen[level] == nil {
		s.seen[level] = make(map[string]struct{}, 2*manyNames)
		for _, n := range own {
			s.seen[level][string(n)] = struct{}{}
		}
	}
	_, found := s.seen[level][string(name)]
	s.seen[level][string(name)] = struct{}{}
	return !found
}

// close ends the innermost array or object.
func (s *scanner) close() {
	last := len(s.starts) - 1
	s.names = s.names[:s.starts[last]]
	s.starts = s.starts[:last]
	if len(s.seen) > last {
		s.seen = s.seen[:last]
	}
}

// unquote returns a name without its escapes.
func unquote(name []byte) []byte {
	var text string
	if json.Unmarshal(append(append([]byte{'"'}, name...), '"'), &text) != nil {
		return name
	}
	return []byte(text)
}
