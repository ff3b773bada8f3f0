package cli

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/fintoken/fintoken-go/cmd/fintoken/internal/wire"
)

// standIns puts variables of the shell in place of the secrets of a body that a dry run shows. It counts how often it
// used a name.
type standIns map[string]int

// in replaces the secrets in v, member by member in the order of their names.
func (s standIns) in(v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if text, isText := v[name].(string); isText && slices.Contains(hidden, name) && !wire.IsStandIn(text) {
				v[name] = wire.StandIn(s.variable(name)).Reveal()
			} else {
				s.in(v[name])
			}
		}
	case []any:
		for _, item := range v {
			s.in(item)
		}
	}
}

// hideBody returns a body of JSON with variables in place of its secrets, and any other body as it is.
func hideBody(text []byte) []byte {
	var body any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if d.Decode(&body) != nil {
		return text
	}
	used := standIns{}
	used.in(body)
	if len(used) == 0 {
		return text
	}
	out, err := json.Marshal(body)
	if err != nil {
		return text
	}
	return out
}

// variableName returns the variable of the shell for a member.
func variableName(member string) string { return strings.ToUpper(strings.ReplaceAll(member, ".", "_")) }

// variable returns the variable for a member of that name: PASSWORD for the first, then PASSWORD_2.
func (s standIns) variable(name string) string {
	s[name]++
	variable := variableName(name)
	if n := s[name]; n > 1 {
		variable += "_" + strconv.Itoa(n)
	}
	return variable
}
