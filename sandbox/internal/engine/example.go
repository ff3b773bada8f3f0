// What operations are answered from, and what those answer that the documents have and no fake handles.

package engine

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

// Source is what an operation is answered from.
type Source string

// The sources.
const (
	FromState   Source = "state"   // a handler of the fake, by what it remembers
	FromExample Source = "example" // the document's first example of success
	FromNothing Source = "none"    // neither is there: 501
)

// Operation is an operation of a provider's documents, and what it is answered from.
type Operation struct {
	Provider string // the first segment of its path
	ID       string // operationId
	From     Source
}

// Sources returns all operations, in the order of the providers and by id.
func (e *Engine) Sources() (all []Operation) {
	st := e.state.Load()
	for _, name := range e.Names() {
		for _, id := range e.Operations(name) {
			_, from := st.providers[name].handler(id)
			all = append(all, Operation{name, id, from})
		}
	}
	return all
}

// handler returns what answers an operation, or nil, and from what.
func (p *provider) handler(operation string) (Handler, Source) {
	if handle := p.handlers[operation]; handle != nil {
		return handle, FromState
	}
	if shown := p.exampleOf(operation); shown != nil {
		return shown.show, FromExample
	}
	return nil, FromNothing
}

// example is an answer as a document shows it.
type example struct {
	name   string
	status int
	body   json.RawMessage
}

// exampleOf returns the first example of success that a document has for an operation, by status and then by name, or nil.
func (p *provider) exampleOf(operation string) *example {
	key := p.name + " " + operation
	if found, ok := p.engine.examples.Load(key); ok {
		return found.(*example)
	}
	found, _ := p.engine.examples.LoadOrStore(key, p.findExample(operation))
	return found.(*example)
}

func (p *provider) findExample(operation string) *example {
	for _, document := range p.documents() {
		for status := 200; status < 300; status++ {
			part := strconv.Itoa(status)
			for _, name := range spectest.Examples(document, operation, part) {
				if body, _, err := spectest.Example(document, operation, part, name); err == nil && json.Valid(body) {
					return &example{name, status, body}
				}
			}
		}
	}
	return nil
}

// show answers a call that the document has nothing against by an example.
func (e *example) show(c *Call) Verdict {
	if len(c.Violations) > 0 {
		return Refused(c.provider.fake.Violated(c))
	}
	return Accepted(func() Answer { return Answer{Status: e.status, Body: e.body, example: e.name} })
}

// unhandled answers an operation that the documents have without an example and the fake has not, in the provider's shape
// and whatever the document says of that status.
func (p *provider) unhandled(c *Call) Answer {
	a := p.fake.Refuse(c, http.StatusNotImplemented, "the sandbox does not answer "+c.Operation.ID)
	a.raw, _ = json.Marshal(c.bodyOf(a)) //nolint:errchkjson // an error in words
	a.isRaw, a.media = true, "application/json"
	return a
}
