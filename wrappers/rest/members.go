package rest

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// wrongType is the rule of a member that is not of the JSON type that the API's document promises.
const wrongType = "has another JSON type than promised"

// Members calls visit with each member of a JSON object, its name and its value as it stands in text, without a copy,
// until visit returns an error. It is for the Open of an [API] and the UnmarshalJSON of a payload, whose text is known
// to be valid JSON; of any other text it visits what looks like one. Unlike encoding/json it takes names by the
// letter (RFC 8259 §8.3). null has no members. What is neither is an error that is [ErrBadResponse].
func Members(text []byte, visit func(name, value []byte) error) error {
	if at(text, next(text, 0)) != '{' {
		if isNull(bytes.TrimSpace(text)) {
			return nil
		}
		return Bad("the answer " + wrongType)
	}
	var err error
	inObject(text, func(name, value []byte) bool {
		err = visit(plain(name), value)
		return err == nil
	})
	return err
}

// inObject calls visit with each member of an object, until it returns false: its name as it stands between its quotes and
// its value. What is no object has none.
func inObject(text []byte, visit func(name, value []byte) bool) {
	i := next(text, 0)
	if at(text, i) != '{' {
		return
	}
	for i = next(text, i+1); at(text, i) == '"'; {
		end := skip(text, i)
		name := text[i+1 : max(end-1, i+1)]
		i = next(text, next(text, end)+1) // past the colon
		end = skip(text, i)
		if !visit(name, text[min(i, end):end]) {
			return
		}
		i = afterComma(text, end)
	}
}

// inArray calls visit with each element of an array. What is no array has none; one that is not valid may seem to have fewer.
func inArray(text []byte, visit func(value []byte)) {
	i := next(text, 0)
	if at(text, i) != '[' {
		return
	}
	for i = next(text, i+1); i < len(text) && text[i] != ']' && text[i] != '}'; {
		end := skip(text, i)
		visit(text[i:end])
		i = afterComma(text, end)
	}
}

// afterComma returns the next place from i on that is not white space, past a comma if one is there.
func afterComma(text []byte, i int) int {
	if i = next(text, i); at(text, i) == ',' {
		i = next(text, i+1)
	}
	return i
}

// at returns the byte at i, or 0 after the end.
func at(text []byte, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

// next returns the first place from i on that is not white space.
func next(text []byte, i int) int {
	for i < len(text) && isSpace(text[i]) {
		i++
	}
	return i
}

// skip returns the place after the value that begins at i.
func skip(text []byte, i int) int {
	depth := 0
	for ; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = quote(text, i+1)
			if depth == 0 {
				return min(i+1, len(text))
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
	return len(text)
}

// quote returns the place of the quote that ends the text from i on, in a time that grows with the text alone.
func quote(text []byte, i int) int {
	for i < len(text) {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return len(text)
		}
		for end := i + n; i <= end; {
			escaped := bytes.IndexByte(text[i:end], '\\')
			if escaped < 0 {
				return end
			}
			i += escaped + 2
		}
	}
	return i
}

// Text reads a member that is a text into out. null and what is not there leave it as it is; anything else is an error
// that is [ErrBadResponse] and names field.
func Text[S ~string](field string, value []byte, out *S) error {
	if isNull(value) {
		return nil
	}
	if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
		if inner := value[1 : n-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
			*out = S(inner)
			return nil
		}
	}
	var s string
	if value[0] != '"' || json.Unmarshal(value, &s) != nil {
		return BadField(field, wrongType)
	}
	*out = S(s)
	return nil
}

// Int is [Text] for a whole number.
func Int(field string, value []byte, out *int) error {
	if isNull(value) {
		return nil
	}
	n, err := strconv.Atoi(string(value))
	if err != nil {
		return BadField(field, wrongType)
	}
	*out = n
	return nil
}

// isNull reports whether value is null or nothing at all.
func isNull(value []byte) bool { return len(value) == 0 || string(value) == "null" }

// Secret is [Text] for a text that must not be seen.
func Secret(field string, value []byte, out *secret.String) error {
	var s string
	if err := Text(field, value, &s); err != nil || s == "" {
		return err
	}
	if s == secret.Redacted {
		return BadField(field, "is "+secret.Redacted+": its value was lost on the way")
	}
	*out = secret.New(s)
	return nil
}
