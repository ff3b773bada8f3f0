package cli

import (
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
			if _, isText := v[name].(string); isText && slices.Contains(hidden, name) {
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

// variable returns the variable for a member of that name: PASSWORD for the first, then PASSWORD_2.
func (s standIns) variable(name string) string {
	s[name]++
	variable := strings.ToUpper(name)
	if n := s[name]; n > 1 {
		variable += "_" + strconv.Itoa(n)
	}
	return variable
}
