package cli

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/input"
	"github.com/fintoken/fintoken-go/internal/operations"
)

// member is the value of the flag of a parameter, or of a member of a body.
type member struct {
	field operations.Field
	given []string
}

// The types of a document, and those that the help shows, which are also those that errors speak of.
var flagTypes = map[string]string{
	"integer": "integer", "number": "number", "boolean": "bool", "array": "list", "object": "object",
}

// Type returns what the help shows as the value.
func (m *member) Type() string {
	switch {
	case flagTypes[m.field.Type] != "":
		return flagTypes[m.field.Type]
	case m.field.Format != "":
		return m.field.Format
	}
	return "text"
}

// String returns what was given.
func (m *member) String() string { return strings.Join(m.given, ", ") }

// Set takes the text behind the flag. Another one is one more for a list, and else wins.
func (m *member) Set(text string) error {
	if !m.takes(text) {
		return errors.New("of another type") // which plain puts into words
	}
	if m.field.Type != "array" {
		m.given = nil
	}
	m.given = append(m.given, text)
	return nil
}

// takes reports whether text is of the type. What is right beyond that, the provider's package knows.
func (m *member) takes(text string) bool {
	switch m.field.Type {
	case "integer":
		_, err := strconv.ParseInt(text, 10, 64)
		return err == nil
	case "number":
		var n json.Number
		return json.Unmarshal([]byte(text), &n) == nil && text[0] != '"'
	case "boolean":
		return text == "true" || text == "false"
	}
	return true
}

// value returns what to send.
func (m *member) value(stdin *input.Stdin) (any, error) {
	flag, last := "--"+flagName(m.field.Name), m.given[len(m.given)-1]
	switch m.field.Type {
	case "integer", "number":
		return json.Number(last), nil
	case "boolean":
		return last == "true", nil
	case "object":
		return input.Object(flag, last, stdin)
	case "array":
		return m.list(flag, stdin)
	}
	if m.field.Secret && (input.IsStdin(last) || strings.HasPrefix(last, "@")) {
		text, err := input.Text(flag, last, stdin)
		return strings.TrimRight(string(text), "\r\n"), err
	}
	return last, nil
}

// list returns the items: a list in JSON or YAML, or one item a flag.
func (m *member) list(flag string, stdin *input.Stdin) ([]any, error) {
	all := []any{} // an empty list is not null
	for _, text := range m.given {
		items, err := m.items(flag, text, stdin)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}

// items reads one of them.
func (m *member) items(flag, text string, stdin *input.Stdin) ([]any, error) {
	switch {
	case input.IsStdin(text), strings.HasPrefix(text, "@"), strings.HasPrefix(text, "["):
		return input.List(flag, text, stdin)
	case m.field.Items == "object":
		item, err := input.Object(flag, text, stdin)
		return []any{item}, err
	}
	return []any{text}, nil
}

// flagName returns the flag of a member or a parameter: config.balance-check of config.balance_check.
func flagName(member string) string { return strings.ReplaceAll(member, "_", "-") }

// spellings makes flags known under the spellings of other programs: with the underscores that the members have, and with a
// dash for the dot.
func spellings(flags *pflag.FlagSet, names []string) {
	dotted := map[string]string{}
	for _, name := range names {
		dotted[strings.ReplaceAll(name, ".", "-")] = name
	}
	flags.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		name = flagName(name)
		if whole, ok := dotted[strings.ReplaceAll(name, ".", "-")]; ok {
			name = whole
		}
		return pflag.NormalizedName(name)
	})
}
