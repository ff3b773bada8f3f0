// Package output prints what a command must say: answers and errors, as JSON, YAML or bare text. It keeps the order
// of members as it came. It will never fetch, decide or hide anything by itself; what is to be masked it is told.
package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// value is a JSON value whose members keep their order.
type value struct {
	kind  byte     // '{', '[', '"', '0' for a number, 'l' for true, false and null
	text  string   // of a string, a number or a literal
	keys  []string // of an object
	items []value  // of an object or an array
}

// parse reads one JSON value.
func parse(text []byte) (value, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := read(d)
	if err != nil {
		return value{}, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return value{}, errors.New("not JSON: there is something behind the value")
	}
	return v, nil
}

func read(d *json.Decoder) (value, error) {
	t, err := d.Token()
	if err != nil {
		return value{}, err
	}
	switch t := t.(type) {
	case json.Delim:
		return readNested(d, t)
	case string:
		return value{kind: '"', text: t}, nil
	case json.Number:
		return value{kind: '0', text: t.String()}, nil
	case bool:
		return value{kind: 'l', text: fmt.Sprint(t)}, nil
	}
	return value{kind: 'l', text: "null"}, nil
}

// readNested reads an object or an array behind its opening bracket.
func readNested(d *json.Decoder, bracket json.Delim) (value, error) {
	kind := bracket.String()[0]
	v := value{kind: kind}
	for d.More() {
		if kind == '{' {
			key, err := d.Token()
			if err != nil {
				return v, err
			}
			name, _ := key.(string) // the decoder takes nothing else
			v.keys = append(v.keys, name)
		}
		item, err := read(d)
		if err != nil {
			return v, err
		}
		v.items = append(v.items, item)
	}
	_, err := d.Token()
	return v, err
}

// redacted returns v with change applied to every string, and with every string masked that is in a member of the names
// in hide, whatever their case.
func (v value) redacted(change func(string) string, hide []string) value {
	out := v
	out.items = slices.Clone(v.items)
	if v.kind == '"' {
		out.text = change(v.text)
	}
	for i, item := range v.items {
		inner := change
		if v.kind == '{' && slices.ContainsFunc(hide, func(name string) bool { return strings.EqualFold(name, v.keys[i]) }) {
			inner = func(string) string { return redacted }
		}
		out.items[i] = item.redacted(inner, hide)
	}
	return out
}

// The colors of JSON on a terminal.
const (
	colorKey    = "\x1b[36m"
	colorString = "\x1b[32m"
	colorOther  = "\x1b[33m"
	colorEnd    = "\x1b[0m"
)

// style says how JSON is written.
type style struct {
	indent bool
	color  bool
}

// json returns v as JSON text without a line break at its end.
func (s style) json(v value) string {
	var b strings.Builder
	s.write(&b, v, 0)
	return b.String()
}

func (s style) write(b *strings.Builder, v value, depth int) {
	switch v.kind {
	case '{', '[':
		s.writeNested(b, v, depth)
	case '"':
		s.paint(b, colorString, quote(v.text))
	default:
		s.paint(b, colorOther, v.text)
	}
}

func (s style) writeNested(b *strings.Builder, v value, depth int) {
	b.WriteByte(v.kind)
	for i, item := range v.items {
		if i > 0 {
			b.WriteByte(',')
		}
		s.line(b, depth+1)
		if v.kind == '{' {
			s.paint(b, colorKey, quote(v.keys[i]))
			b.WriteByte(':')
			if s.indent {
				b.WriteByte(' ')
			}
		}
		s.write(b, item, depth+1)
	}
	if len(v.items) > 0 {
		s.line(b, depth)
	}
	b.WriteByte(v.kind + 2) // the closing bracket stands two places behind in ASCII
}

func (s style) line(b *strings.Builder, depth int) {
	if s.indent {
		b.WriteString("\n" + strings.Repeat("  ", depth))
	}
}

func (s style) paint(b *strings.Builder, color, text string) {
	if s.color {
		text = color + text + colorEnd
	}
	b.WriteString(text)
}

// quote returns text as a JSON string. It escapes what a terminal could take for a command, and no more than it must.
func quote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(text) //nolint:errchkjson // a string always can be encoded
	out := strings.TrimSuffix(b.String(), "\n")
	return strings.Map(keep, strings.NewReplacer("\x7f", `\u007f`).Replace(out))
}

// Printable returns text without what a terminal takes for a command; only the ends of lines and tabs stay.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return keep(r)
	}, text)
}

// keep drops the control characters above ASCII, which some terminals obey.
func keep(r rune) rune {
	if r >= 0x80 && r < 0xa0 {
		return -1
	}
	return r
}
