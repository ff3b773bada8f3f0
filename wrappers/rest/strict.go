package rest

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// maxNesting is how deep the arrays and objects of an answer may be nested.
const maxNesting = 64

// strict returns the rule that body breaks, or "": it must be one JSON value (RFC 8259), nested sanely, and no
// object in it may have a member twice, which encoding/json would let pass (§4). It is what lets everything behind it
// read the answer without checking again.
func strict(body []byte) string {
	rule, _ := scan(body)
	return rule
}

// scan is strict, and also reports whether the names of all members are [isSmall].
func scan(body []byte) (rule string, small bool) {
	var room [32][]byte
	s := scanner{body: body, small: true}
	s.space()
	if rule := s.value(0, room[:0]); rule != "" {
		return s.explain(rule), false
	}
	s.space()
	if s.pos < len(s.body) {
		return "the answer goes on after its end", false
	}
	return "", s.small
}

// isSmall reports whether a name, as it stands between its quotes, has neither capital letters nor characters beyond ASCII
// nor escapes, so that it differs from any other such name by more than case.
func isSmall[T string | []byte](name T) bool {
	for i := range len(name) {
		if c := name[i]; 'A' <= c && c <= 'Z' || c == '\\' || c >= 0x80 {
			return false
		}
	}
	return true
}

// scanner walks through a JSON text once. Its methods move past what they are named after, from pos on, and return
// the rule that is broken there, or "". They hand down the names of all objects that are open, so that one piece of
// memory does for all.
type scanner struct {
	body  []byte
	pos   int
	small bool
}

// noJSON is the rule of what breaks the syntax; explain says where.
const noJSON = "the answer is not valid JSON"

func (s *scanner) explain(rule string) string {
	if rule == noJSON {
		return noJSON + ", from byte " + strconv.Itoa(max(1, min(s.pos+1, len(s.body)))) + " on"
	}
	return rule
}

// peek returns the next byte, or 0 at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.body) {
		return s.body[s.pos]
	}
	return 0
}

func (s *scanner) space() {
	for s.pos < len(s.body) && isSpace(s.body[s.pos]) {
		s.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (s *scanner) value(depth int, names [][]byte) string {
	switch c := s.peek(); {
	case c == '"':
		_, rule := s.text()
		return rule
	case (c == '{' || c == '[') && depth == maxNesting:
		return "the answer is nested more than " + strconv.Itoa(maxNesting) + " deep"
	case c == '{':
		return s.object(depth+1, names)
	case c == '[':
		return s.array(depth+1, names)
	case c == '-' || isDigit(c):
		return s.number()
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	}
	return noJSON
}

func (s *scanner) object(depth int, names [][]byte) string {
	outer := len(names)
	var known map[string]struct{}
	s.pos++
	s.space()
	if s.peek() == '}' {
		s.pos++
		return ""
	}
	for {
		name, rule := s.text()
		if rule != "" {
			return rule
		}
		s.small = s.small && isSmall(name)
		name = plain(name)
		if known = index(known, names[outer:]); has(known, names[outer:], name) {
			return "the answer has an object with the same member twice"
		}
		names = append(names, name)
		s.space()
		if s.peek() != ':' {
			return noJSON
		}
		s.pos++
		s.space()
		if rule := s.value(depth, names); rule != "" {
			return rule
		}
		s.space()
		switch s.peek() {
		case ',':
			s.pos++
			s.space()
		case '}':
			s.pos++
			return ""
		default:
			return noJSON
		}
	}
}

func (s *scanner) array(depth int, names [][]byte) string {
	s.pos++
	s.space()
	if s.peek() == ']' {
		s.pos++
		return ""
	}
	for {
		if rule := s.value(depth, names); rule != "" {
			return rule
		}
		s.space()
		switch s.peek() {
		case ',':
			s.pos++
			s.space()
		case ']':
			s.pos++
			return ""
		default:
			return noJSON
		}
	}
}

// text also returns what is between the quotes.
func (s *scanner) text() ([]byte, string) {
	if s.peek() != '"' {
		return nil, noJSON
	}
	start := s.pos + 1
	for i := start; i < len(s.body); i++ {
		switch c := s.body[i]; {
		case c == '"':
			s.pos = i + 1
			return s.body[start:i], ""
		case c == '\\':
			n := escape(s.body[i+1:])
			if n == 0 {
				s.pos = i
				return nil, noJSON
			}
			i += n
		case c < ' ':
			s.pos = i
			return nil, noJSON
		}
	}
	s.pos = len(s.body)
	return nil, noJSON
}

// escape returns the length of the escape after a backslash; 0 if it is none.
func escape(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	switch text[0] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 1
	case 'u':
		if len(text) < 5 {
			return 0
		}
		for _, c := range text[1:5] {
			if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return 0
			}
		}
		return 5
	}
	return 0
}

func (s *scanner) number() string {
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else if !s.digits() {
		return noJSON
	}
	if s.peek() == '.' {
		s.pos++
		if !s.digits() {
			return noJSON
		}
	}
	if s.peek()|0x20 == 'e' {
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		if !s.digits() {
			return noJSON
		}
	}
	return ""
}

// digits reports whether there was one.
func (s *scanner) digits() bool {
	start := s.pos
	for isDigit(s.peek()) {
		s.pos++
	}
	return s.pos > start
}

func (s *scanner) word(word string) string {
	if !bytes.HasPrefix(s.body[s.pos:], []byte(word)) {
		return noJSON
	}
	s.pos += len(word)
	return ""
}

// manyNames is the number of members from which an object's names are looked up instead of compared: making the
// index costs as much as a thousand comparisons.
const manyNames = 48

// index returns the index of names, brought up to date; nil if they are few.
func index(known map[string]struct{}, names [][]byte) map[string]struct{} {
	switch {
	case len(names) < manyNames:
		return nil
	case known == nil:
		known = make(map[string]struct{}, 2*manyNames)
		for _, n := range names {
			known[string(n)] = struct{}{}
		}
	default:
		known[string(names[len(names)-1])] = struct{}{}
	}
	return known
}

// has reports whether name is one of names, of which known is the index if there is one.
func has(known map[string]struct{}, names [][]byte, name []byte) bool {
	if known != nil {
		_, found := known[string(name)]
		return found
	}
	for _, n := range names {
		if bytes.Equal(n, name) {
			return true
		}
	}
	return false
}

// plain returns a name without its escapes.
func plain(name []byte) []byte {
	if bytes.IndexByte(name, '\\') < 0 {
		return name
	}
	var text string
	if json.Unmarshal(append(append([]byte{'"'}, name...), '"'), &text) != nil {
		return name
	}
	return []byte(text)
}
