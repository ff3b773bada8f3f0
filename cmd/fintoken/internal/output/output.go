package output

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Formats are what --format takes. Auto is Pretty on a terminal and JSON elsewhere.
var Formats = []string{Auto, JSON, JSONL, YAML, Pretty, Raw}

// The formats.
const (
	Auto   = "auto"
	JSON   = "json"  // indented
	JSONL  = "jsonl" // one line
	YAML   = "yaml"
	Pretty = "pretty" // indented, in color on a terminal
	Raw    = "raw"    // the token alone, or a text without quotes
)

// CheckFormat refuses a format that there is not. The error names the flag.
func CheckFormat(flag, format string) error {
	if !slices.Contains(Formats, format) {
		return fmt.Errorf("--%s must be one of %s", flag, strings.Join(Formats, ", "))
	}
	return nil
}

// Printer prints values in one format.
type Printer struct {
	Format    string
	Transform string // a GJSON path; empty for the whole value
	Terminal  bool   // the writer is a terminal
	NoColor   bool
	// Redact masks what is printed: Mask changes every string, Hide names members that hold a secret.
	Redact bool
	Mask   func(string) string
	Hide   []string
}

// redacted stands for what must not be shown.
const redacted = "[redacted]"

// Answer is what a command must print.
type Answer struct {
	JSON []byte // the answer as it came
	Raw  string // what the format raw prints when there is no transform
	// Whole tells that this is the answer as it came.
	Whole bool
}

// Print writes an answer in the printer's format.
func (p Printer) Print(w io.Writer, a Answer) error {
	out, err := p.text(a)
	if err != nil || out == "" {
		return err
	}
	_, err = io.WriteString(w, out)
	return err
}

func (p Printer) text(a Answer) (string, error) {
	if p.Format == Raw && p.Transform == "" && !a.Whole {
		return line(p.bare(p.raw(a.Raw))), nil
	}
	body := a.JSON
	if p.Redact { // before the transform, which could take a secret from under its name
		hidden, err := p.Hidden(body)
		if err != nil {
			return "", err
		}
		body = hidden
	}
	if p.Transform != "" {
		found, err := transform(body, p.Transform)
		if err != nil {
			return "", err
		}
		body = found
	}
	if a.Whole && p.Format == Raw && p.Transform == "" {
		return line(p.bare(strings.TrimRight(string(body), "\n"))), nil
	}
	v, err := parse(body)
	if err != nil {
		return "", err
	}
	return p.write(v)
}

// Hidden returns JSON text with what is secret masked; as it is if nothing is.
func (p Printer) Hidden(text []byte) ([]byte, error) {
	v, err := parse(text)
	if err != nil {
		return nil, err
	}
	masked := style{}.json(v.redacted(p.mask, p.Hide))
	if masked == (style{}.json(v)) {
		return text, nil
	}
	return []byte(masked), nil
}

func (p Printer) mask(s string) string {
	if p.Mask == nil {
		return s
	}
	return p.Mask(s)
}

// raw returns what stands for a bare token.
func (p Printer) raw(token string) string {
	if p.Redact && token != "" {
		return redacted
	}
	return token
}

// bare returns text as it is, unless a terminal could take something in it for a command.
func (p Printer) bare(text string) string {
	if p.Terminal {
		return Printable(text)
	}
	return text
}

func (p Printer) write(v value) (string, error) {
	format := p.Format
	if format == Auto {
		format = map[bool]string{true: Pretty, false: JSON}[p.Terminal]
	}
	switch format {
	case YAML:
		return v.yaml()
	case JSONL:
		return line(style{}.json(v)), nil
	case Pretty:
		return line(style{indent: true, color: p.Terminal && !p.NoColor}.json(v)), nil
	case Raw:
		if v.kind == '"' {
			return line(p.bare(v.text)), nil
		}
		return line(style{}.json(v)), nil
	}
	return line(style{indent: true}.json(v)), nil
}

func line(s string) string {
	if s == "" {
		return ""
	}
	return s + "\n"
}

// transform returns what the GJSON path finds in body.
func transform(body []byte, path string) (found []byte, err error) {
	defer func() {
		if recover() != nil { // paths come from people
			err = errors.New("the transform is not a GJSON path")
		}
	}()
	if !gjson.ValidBytes(body) {
		return nil, errors.New("not JSON")
	}
	r := gjson.GetBytes(body, path)
	if !r.Exists() {
		return nil, fmt.Errorf("the transform %q finds nothing", path)
	}
	return []byte(r.Raw), nil
}
