package spectest

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checkJSON checks what decoders let pass: a second value, bytes after the first, and a member that comes twice, of
// which readers differ in the one they take. It reports whether all is well.
func (f *findings) checkJSON(body []byte) bool {
	fault := func(name, rule string) bool {
		f.add(Violation{Kind: Body, In: "body", Name: name, Rule: rule})
		return false
	}
	switch {
	case !utf8.Valid(body):
		return fault("", "must be UTF-8")
	case json.Valid(body):
	case beginsWithJSON(body):
		return fault("", "must hold one JSON value and nothing after it")
	default:
		return fault("", "must be JSON")
	}
	good := true
	for _, name := range f.duplicates(body) {
		good = fault(name, "must not come twice")
	}
	return good
}

func beginsWithJSON(body []byte) bool {
	var first json.RawMessage
	return json.NewDecoder(bytes.NewReader(body)).Decode(&first) == nil
}

// level is an object or an array that the scanner is in.
type level struct {
	seen  map[string]int // how often each member has come so far; nil in an array
	name  string         // the current member
	index int            // the current item
	value bool           // in an object: the next token is a value
}

// duplicates returns the JSON pointers of the members that come twice, of the first [MaxViolations] of them. The text has
// to be valid JSON.
func (f *findings) duplicates(text []byte) []string {
	var stack []*level
	var found []string
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	for len(found) < MaxViolations && f.next() {
		token, err := dec.Token()
		if err != nil { // the end
			break
		}
		if name, ok := memberName(stack, token); ok {
			top := stack[len(stack)-1]
			top.name, top.value = name, true
			if top.seen[name]++; top.seen[name] == 2 {
				f.steps += len(stack)
				found = append(found, pointerOf(stack))
			}
			continue
		}
		stack = step(stack, token)
	}
	return found
}

// memberName returns the token as the name of a member, if that is what it is.
func memberName(stack []*level, token json.Token) (string, bool) {
	if len(stack) == 0 {
		return "", false
	}
	top := stack[len(stack)-1]
	name, isString := token.(string)
	return name, isString && top.seen != nil && !top.value
}

// step goes in at the start of an object or array, out at its end, and on after a value.
func step(stack []*level, token json.Token) []*level {
	switch token {
	case json.Delim('{'):
		return append(stack, &level{seen: map[string]int{}})
	case json.Delim('['):
		return append(stack, &level{})
	case json.Delim('}'), json.Delim(']'):
		stack = stack[:len(stack)-1]
	}
	if len(stack) > 0 {
		top := stack[len(stack)-1]
		top.value = false
		top.index++
	}
	return stack
}

func pointerOf(stack []*level) string {
	path := make([]string, len(stack))
	for i, l := range stack {
		path[i] = l.name
		if l.seen == nil {
			path[i] = strconv.Itoa(l.index)
		}
	}
	return pointer(path)
}

// pointer returns a JSON pointer to a member, of which it shows no more than it may.
func pointer(path []string) string {
	var b strings.Builder
	for _, name := range path {
		b.WriteString("/" + shown(name))
	}
	return b.String()
}
