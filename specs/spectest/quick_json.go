package spectest

import (
	"bytes"
	"slices"
	"strconv"
)

// quickReader reads a JSON text once, along a schema. It gives up, with false, at everything that is wrong and at
// everything that is rare: escapes, exponents, members that are not declared.
type quickReader struct {
	text []byte
	at   int
}

// next returns the byte after white space, or 0 at the end.
func (r *quickReader) next() byte {
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take skips a byte, if it is next.
func (r *quickReader) take(c byte) bool {
	if r.next() != c {
		return false
	}
	r.at++
	return true
}

func (r *quickReader) word(word string) bool {
	if end := r.at + len(word); end <= len(r.text) && string(r.text[r.at:end]) == word {
		r.at = end
		return true
	}
	return false
}

func (r *quickReader) value(q *quickSchema) bool {
	if q == nil {
		return false
	}
	switch c := r.next(); {
	case q.kind == 'c' && c != 'n':
		return r.choice(q)
	case c == 'n':
		return q.nullable && r.word("null")
	case c == '{' && q.kind == 'o':
		return r.object(q)
	case c == '[' && q.kind == 'a':
		return r.array(q)
	case c == '"' && (q.kind == 's' || q.kind == '?'):
		text, ok := r.string()
		return ok && q.holdsText(text)
	case (c >= '0' && c <= '9' || c == '-') && (q.kind == 'i' || q.kind == 'n' || q.kind == '?'):
		return r.number(q)
	case (c == 't' || c == 'f') && (q.kind == 'b' || q.kind == '?'):
		return r.word("true") || r.word("false")
	}
	return false
}

// choice reads a value of one of several schemas.
func (r *quickReader) choice(q *quickSchema) bool {
	begin := r.at
	return slices.ContainsFunc(q.ways, func(way *quickSchema) bool {
		r.at = begin
		return r.value(way)
	})
}

// string reads a string without escapes.
func (r *quickReader) string() ([]byte, bool) {
	if !r.take('"') {
		return nil, false
	}
	begin := r.at
	for ; r.at < len(r.text); r.at++ {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return r.text[begin : r.at-1], true
		case c == '\\' || c < ' ':
			return nil, false
		}
	}
	return nil, false
}

// number reads a number of so few digits that its format has room for it, and that nothing of it is lost: without an
// exponent, and with a fraction where that may be.
func (r *quickReader) number(q *quickSchema) bool {
	begin := r.at
	if r.at < len(r.text) && r.text[r.at] == '-' {
		r.at++
	}
	whole := r.digits()
	first := r.at - whole
	if whole == 0 || r.text[first] == '0' && whole > 1 {
		return false
	}
	fraction := 0
	if q.kind == 'n' && r.at < len(r.text) && r.text[r.at] == '.' {
		r.at++
		if fraction = r.digits(); fraction == 0 {
			return false
		}
	}
	if whole+fraction > q.digits || r.at < len(r.text) && (r.text[r.at] == '.' || r.text[r.at]|0x20 == 'e') {
		return false
	}
	return q.holdsNumber(r.text[begin:r.at])
}

// digits skips digits, and returns how many.
func (r *quickReader) digits() int {
	begin := r.at
	for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
		r.at++
	}
	return r.at - begin
}

// holdsNumber holds a number against the least and the greatest that there may be.
func (q *quickSchema) holdsNumber(text []byte) bool {
	if q.min == nil && q.max == nil {
		return true
	}
	n, err := strconv.ParseFloat(string(text), 64)
	return err == nil && (q.min == nil || n >= *q.min) && (q.max == nil || n <= *q.max)
}

func (r *quickReader) array(q *quickSchema) bool {
	r.at++
	if r.take(']') {
		return q.holdsCount(0)
	}
	for n := 1; r.value(q.item); n++ {
		if r.take(']') {
			return q.holdsCount(n)
		}
		if !r.take(',') {
			return false
		}
	}
	return false
}

func (r *quickReader) object(q *quickSchema) bool {
	r.at++
	var seen uint64
	var choice []byte
	var others [20][]byte // the names that are not declared
	n := 0
	if r.take('}') {
		return q.complete(seen, n, choice)
	}
	for {
		r.next()
		name, ok := r.string()
		if !ok {
			return false
		}
		i, schema := q.member(name), q.rest
		switch {
		case i >= 0 && seen&(1<<i) == 0:
			schema = q.members[i].schema
			seen |= 1 << i
		case i >= 0 || schema == nil || n == len(others) || has(others[:n], name):
			return false
		default:
			others[n] = name
			n++
		}
		if !r.take(':') {
			return false
		}
		r.next()
		begin := r.at
		if !r.value(schema) {
			return false
		}
		if i >= 0 && i == q.choice {
			choice = bytes.Trim(r.text[begin:r.at], `"`)
		}
		if r.take('}') {
			return q.complete(seen, n, choice)
		}
		if !r.take(',') {
			return false
		}
	}
}

func has(names [][]byte, name []byte) bool {
	return slices.ContainsFunc(names, func(one []byte) bool { return bytes.Equal(one, name) })
}
