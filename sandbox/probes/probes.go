// Package probes is a list of questions to a stand-in of the three providers: does it answer as the providers'
// documents say, in shape and in meaning? The sandbox must get every one of them right; the same list can be put to
// any other stand-in. It will never call a provider: a probe guesses passwords and locks users.
package probes

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/sandbox"
)

// Kind says what it takes to answer a probe.
type Kind string

// The kinds of probes.
const (
	// Shape can be answered with the OpenAPI document alone.
	Shape Kind = "shape"
	// Meaning takes knowledge of what was said before, or of what the document cannot say.
	Meaning Kind = "meaning"
)

// Probe is one question.
type Probe struct {
	Provider string // finapi, finogates or straddle
	Name     string
	Kind     Kind
	ask      func(t *Target) error
}

// Ask puts the question to the target, which should remember nothing of earlier ones. The error says what was wrong
// with the answer.
func (p Probe) Ask(t *Target) error { return p.ask(t) }

// All returns every probe.
func All() []Probe { return slices.Concat(finapi(), finogates(), straddle()) }

// Target is the stand-in that is asked.
type Target struct {
	Client      *http.Client
	FinAPI      string // base URLs, without a slash at the end
	Finogates   string
	Straddle    string
	Credentials sandbox.Credentials
	// Advance moves the clock of the target. nil where there is none to move; probes that need it fail.
	Advance func(time.Duration) error
}

// call is a request of a probe.
type call struct {
	method, url string
	header      map[string]string
	body        string
}

// with returns the call with another header; an empty value takes the header away.
func (c call) with(name, value string) call {
	header := map[string]string{name: value}
	for n, v := range c.header {
		if n != name {
			header[n] = v
		}
	}
	c.header = header
	return c
}

func (c call) to(url string) call {
	c.url = url
	return c
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	text   string
	body   any // nil when there is no JSON
}

func (t *Target) send(c call) (*answer, error) {
	r, err := http.NewRequest(c.method, c.url, strings.NewReader(c.body)) //nolint:noctx // the client has a time limit
	if err != nil {
		return nil, err
	}
	for name, value := range c.header {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	response, err := t.Client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	a := &answer{status: response.StatusCode, header: response.Header, text: string(text)}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&a.body) != nil {
		a.body = nil
	}
	return a, nil
}

// at returns a member by its path, such as data.token or errors.0.code.
func (a *answer) at(path string) any {
	here := a.body
	for name := range strings.SplitSeq(path, ".") {
		switch v := here.(type) {
		case map[string]any:
			here = v[name]
		case []any:
			if name != "0" || len(v) == 0 {
				return nil
			}
			here = v[0]
		default:
			return nil
		}
	}
	return here
}

func (a *answer) string(path string) string {
	text, _ := a.at(path).(string)
	return text
}

// check is a rule for an answer.
type check func(a *answer) error

func status(codes ...int) check {
	return func(a *answer) error {
		if !slices.Contains(codes, a.status) {
			return fmt.Errorf("status %d, not %v", a.status, codes)
		}
		return nil
	}
}

// malformed is how a request that breaks the document is refused: providers differ in the status.
var malformed = status(http.StatusBadRequest, http.StatusUnprocessableEntity)

// has asks for members that are there, whatever they are.
func has(paths ...string) check {
	return func(a *answer) error {
		for _, path := range paths {
			if a.at(path) == nil {
				return fmt.Errorf("there is no %s", path)
			}
		}
		return nil
	}
}

func lacks(paths ...string) check {
	return func(a *answer) error {
		for _, path := range paths {
			if a.at(path) != nil {
				return fmt.Errorf("there is a %s", path)
			}
		}
		return nil
	}
}

func is(path string, want any) check {
	return func(a *answer) error {
		if fmt.Sprint(a.at(path)) != fmt.Sprint(want) {
			return fmt.Errorf("%s is not %v", path, want)
		}
		return nil
	}
}

func says(text string) check {
	return func(a *answer) error {
		if !strings.Contains(a.text, text) {
			return fmt.Errorf("it does not say %q", text)
		}
		return nil
	}
}

func headed(name, want string) check {
	return func(a *answer) error {
		if a.header.Get(name) != want {
			return fmt.Errorf("header %s is not %q", name, want)
		}
		return nil
	}
}

func empty(a *answer) error {
	if a.text != "" {
		return errors.New("there is a body")
	}
	return nil
}

// one is a probe of one call.
func one(provider string, kind Kind, name string, build func(t *Target) call, checks ...check) Probe {
	return Probe{Provider: provider, Name: name, Kind: kind, ask: func(t *Target) error {
		_, err := t.must(build(t), checks...)
		return err
	}}
}

// many is a probe of several calls.
func many(provider, name string, ask func(t *Target) error) Probe {
	return Probe{Provider: provider, Name: name, Kind: Meaning, ask: ask}
}

// must sends a call and holds the answer against the checks.
func (t *Target) must(c call, checks ...check) (*answer, error) {
	a, err := t.send(c)
	if err != nil {
		return nil, err
	}
	for _, check := range checks {
		if err := check(a); err != nil {
			return a, err
		}
	}
	return a, nil
}

// later moves the clock.
func (t *Target) later(d time.Duration) error {
	if t.Advance == nil {
		return errors.New("there is no clock to move")
	}
	return t.Advance(d)
}

func different(a, b string) error {
	if a == b {
		return errors.New("the same came twice")
	}
	return nil
}

func equal(a, b string) error {
	if a != b || a == "" {
		return errors.New("it is not the same again")
	}
	return nil
}

const formType = "application/x-www-form-urlencoded"

func form(target string, fields ...string) call {
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	return call{http.MethodPost, target, map[string]string{"Content-Type": formType}, values.Encode()}
}

func post(target string, body any) call {
	text, ok := body.(string)
	if !ok {
		encoded, _ := json.Marshal(body) //nolint:errchkjson // maps of texts
		text = string(encoded)
	}
	return call{http.MethodPost, target, map[string]string{"Content-Type": "application/json"}, text}
}

func (c call) bearer(token string) call { return c.with("Authorization", "Bearer "+token) }

type object = map[string]any

// nobody is an id that nobody has.
const nobody = "99999999-9999-4999-8999-999999999999"
