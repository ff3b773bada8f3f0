// What operations answer that the documents have and no fake handles.

package engine

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

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
