// The providers that a Sandbox has fakes of.

package sandbox

import (
	"reflect"
	"strings"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/sandbox/internal/finapi"
	"github.com/fintoken/fintoken-go/sandbox/internal/finogates"
	"github.com/fintoken/fintoken-go/sandbox/internal/straddle"
)

// provider is one of them, with the operations of the admin API that are about it alone.
type provider struct {
	engine.Provider
	admin adminRoutes
}

// providers are all there are, the latest at the end. A new one needs a line here and a field of its name in Credentials,
// Fixtures and State.
func (c *config) providers() []provider {
	return []provider{
		{finapi.Provider(c.finAPI), finAPIRoutes},
		{finogates.Provider(), finogatesRoutes},
		{straddle.Provider(), straddleRoutes},
	}
}

// fakes are the providers as the engine knows them.
func (c *config) fakes() []engine.Provider {
	var all []engine.Provider
	for _, p := range c.providers() {
		all = append(all, p.Provider)
	}
	return all
}

// Credentials are the demo credentials that a Sandbox accepts. They open nothing but that one Sandbox. Secrets, and the
// ids that clients log in with, are its own; the ids of Finogates and Straddle are those of the providers' pages.
type Credentials struct {
	FinAPI    FinAPICredentials    `json:"finapi"`
	Finogates FinogatesCredentials `json:"finogates"`
	Straddle  StraddleCredentials  `json:"straddle"`
}

// Fixtures are what [Sandbox.Add] puts into a Sandbox beside the demo credentials.
type Fixtures struct {
	FinAPI    FinAPIFixtures    `json:"finapi,omitzero"`
	Finogates FinogatesFixtures `json:"finogates,omitzero"`
	Straddle  StraddleFixtures  `json:"straddle,omitzero"`
}

// State is what a Sandbox remembers, without secrets and tokens. Lists that can be long have their newest 100 entries;
// Counts has the whole numbers.
type State struct {
	Clock     ClockState     `json:"clock"`
	FinAPI    FinAPIState    `json:"finapi"`
	Finogates FinogatesState `json:"finogates"`
	Straddle  StraddleState  `json:"straddle"`
	Counts    map[string]int `json:"counts"`  // of all that is remembered, by kind
	Evicted   map[string]int `json:"evicted"` // of what was forgotten to make room, by kind
}

// Providers returns the names of the providers: the first segments of their paths.
func Providers() []string {
	var names []string
	for _, p := range new(config).providers() {
		names = append(names, p.Name)
	}
	return names
}

// fieldOf returns the field of a struct that has a name in JSON.
func fieldOf(whole any, name string) reflect.Value {
	v := reflect.Indirect(reflect.ValueOf(whole))
	for i := range v.NumField() {
		if tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); tag == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// Credentials returns the demo credentials of this Sandbox.
func (s *Sandbox) Credentials() Credentials {
	var all Credentials
	s.engine.Credentials(func(name string, credentials any) {
		fieldOf(&all, name).Set(reflect.ValueOf(credentials).Elem())
	})
	return all
}

// Add puts clients, users and the like into the Sandbox, all of them or none. It fails with an [InvalidError] that names
// the field when one is malformed, is there already, or is a magic value.
func (s *Sandbox) Add(f Fixtures) error {
	return s.engine.Add(func(name string) any { return fieldOf(&f, name).Interface() })
}

// State returns what the Sandbox remembers, for a person or a test to look at.
func (s *Sandbox) State() State {
	made := State{Clock: s.Clock().State()}
	counts := s.engine.State(made.Clock.Now, func(name string, state any) {
		fieldOf(&made, name).Set(reflect.ValueOf(state))
	})
	made.Counts, made.Evicted = counts.Now, counts.Evicted
	return made
}
