package spectest

import "bytes"

// quickReader reads a JSON text once, along a schema. It gives up, with false, at everything that is wrong and at
// everything that is rare: escapes, fractions, members that are not declared.
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
	case c == 'n':
		return q.nullable && q.enum == nil && r.word("null")
	case c == '{' && q.kind == 'o':
		return r.object(q)
	case c == '[' && q.kind == 'a':
		return r.array(q)
	case c == '"' && (q.kind == 's' || q.kind == '?'):
		text, ok := r.string()
		return ok && q.holdsText(text)
	case c >= '0' && c <= '9' && (q.kind == 'i' || q.kind == '?'):
		return r.integer(q.digits)
	case (c == 't' || c == 'f') && (q.kind == 'b' || q.kind == '?'):
		return r.word("true") || r.word("false")
	}
	return false
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

// integer reads a number of so few digits that its format has room for it.
func (r *quickReader) integer(most int) bool {
	begin := r.at
	for r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '9' {
		r.at++
	}
	digits := r.text[begin:r.at]
	if len(digits) == 0 || len(digits) > most || digits[0] == '0' && len(digits) > 1 {
		return false
	}
	return r.at == len(r.text) || r.text[r.at] != '.' && r.text[r.at] != 'e' && r.text[r.at] != 'E'
}

func (r *quickReader) array(q *quickSchema) bool {
	r.at++
	if r.take(']') {
		return q.minItems == 0
	}
	for n := 1; r.value(q.item); n++ {
		if r.take(']') {
			return n >= q.minItems && (q.maxItems < 0 || n <= q.maxItems)
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
	if r.take('}') {
		return q.complete(seen, choice)
	}
	for {
		r.next()
		name, ok := r.string()
		if !ok {
			return false
		}
		i := q.member(name)
		if i < 0 || seen&(1<<i) != 0 || !r.take(':') {
			return false
		}
		r.next()
		begin := r.at
		if !r.value(q.members[i].schema) {
			return false
		}
		if i == q.choice {
			choice = bytes.Trim(r.text[begin:r.at], `"`)
		}
		seen |= 1 << i
		if r.take('}') {
			return q.complete(seen, choice)
		}
		if !r.take(',') {
			return false
		}
	}
}
