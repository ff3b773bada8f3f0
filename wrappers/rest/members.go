package rest

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Members calls visit with each member of a JSON object: its name and its value as they stand in text, without a
// copy. It reports false, without a call, if text is not valid JSON or not an object. Names with an escape in them
// are passed as written. It is for the Open of an [API], which looks at a frame and hands on what is in it.
func Members(text []byte, visit func(name, value []byte)) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	if len(text) == 0 || text[0] != '{' || !json.Valid(text) {
		return false
	}
	for i := next(text, 1); text[i] != '}'; {
		end := skip(text, i)
		name := text[i+1 : end-1]
		i = next(text, end) // at the colon
		i = next(text, i+1)
		end = skip(text, i)
		visit(name, text[i:end])
		if i = next(text, end); text[i] == ',' {
			i = next(text, i+1)
		}
	}
	return true
}

// next returns the first place from i on that is not white space.
func next(text []byte, i int) int {
	for text[i] == ' ' || text[i] == '\t' || text[i] == '\r' || text[i] == '\n' {
		i++
	}
	return i
}

// skip returns the place after the value that begins at i. The text is valid JSON.
func skip(text []byte, i int) int {
	depth := 0
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
			if depth < 0 {
				return i
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// Text returns the text that a JSON value is, and whether it is one.
func Text(value []byte) (string, bool) {
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
		if plain := value[1 : n-1]; bytes.IndexByte(plain, '\\') < 0 && utf8.Valid(plain) {
			return string(plain), true
		}
	}
	var s string
	if len(value) == 0 || value[0] != '"' || json.Unmarshal(value, &s) != nil {
		return "", false
	}
	return s, true
}
