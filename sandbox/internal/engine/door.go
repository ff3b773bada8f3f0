// The door: every request comes in here, is checked against the spec, answered by a fake, checked again and sent.

package engine

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// bodyLimit is how many bytes of a request's body the door reads, unless the body may have a file in it.
const bodyLimit = 1 << 20

// limitOf returns how many bytes of a request's body the door reads, and what it says of more.
func limitOf(header http.Header) (limit int, tooLarge string) {
	if most := spectest.BodyLimit(header); most > spectest.MaxBody {
		return most, "the body is larger than 10 MiB"
	}
	return bodyLimit, "the body is larger than 1 MiB"
}

// provider is one fake, the documents it keeps to, and the faults that may come between.
type provider struct {
	name     string
	engine   *Engine
	specs    []*spectest.Checker
	fake     Fake
	handlers map[string]Handler
	rules    *rules
	clock    *VirtualClock

	strict bool // nothing passes that the spec does not have
}

// ServeHTTP answers one request of a provider, below its name. Bodies of more than 1 MiB, and forms with a file of more than
// 10 MiB, are refused with 413. An answer
// that breaks the spec does not leave the sandbox: a 500 that names the broken rules goes out in its place.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	p, known := e.state.Load().providers[name]
	c := &Call{R: r, provider: p, Path: "/" + rest, Now: e.clock.Now(), Header: w.Header()}
	var a Answer
	if known {
		p.fake.Begin(c)
		a = p.answer(c) //nolint:contextcheck // the request in c carries the context
	} else {
		p = &provider{}
		a = e.nowhere(c)
	}
	a, body := p.checked(c, a)
	e.journal.add(line(p.name, c, a))
	e.hooks.rearm()
	send(w, c, a.Status, body)
}

// nowhere answers where no provider does.
func (e *Engine) nowhere(c *Call) Answer {
	status, why := http.StatusNotFound, "the path does not begin with /"+strings.Join(e.Names(), ", /")
	if i := strings.LastIndex(why, ", "); i > 0 {
		why = why[:i] + " or " + why[i+2:]
	}
	limit, tooLarge := limitOf(c.R.Header)
	switch body, err := ReadBody(c.R, int64(limit)); {
	case err != nil:
		status, why = http.StatusBadRequest, brokenOff
	case len(body) > limit:
		status, why = http.StatusRequestEntityTooLarge, tooLarge
	}
	return Answer{Status: status, Inferred: true, Refused: why, Body: map[string]any{"error": why}}
}

func line(provider string, c *Call, a Answer) Entry {
	entry := Entry{
		Time: c.Now, Provider: provider, Method: Cut(c.R.Method), Path: Cut(c.R.URL.Path),
		Status: a.Status, RequestID: cutAt(cmp.Or(a.RequestID, c.RequestID), reasonLimit), Refused: cutAt(a.Refused, reasonLimit),
		Notes: cutAt(notesOf(c, a), reasonLimit),
	}
	if c.Operation != nil {
		entry.Operation = c.Operation.ID
	}
	if c.fault != nil {
		entry.Fault = c.fault.ID
	}
	if c.left || c.fault.silent() {
		entry.Status = 0
	}
	return entry
}

// brokenOff is what the door says of a body that does not come to its end.
const brokenOff = "the body broke off"

// answer reads the request, holds it against the spec and lets the fake decide.
func (p *provider) answer(c *Call) Answer {
	limit, tooLarge := limitOf(c.R.Header)
	body, err := ReadBody(c.R, int64(limit))
	switch {
	case err != nil:
		return p.fake.Refuse(c, http.StatusBadRequest, brokenOff)
	case len(body) > limit:
		return p.fake.Refuse(c, http.StatusRequestEntityTooLarge, tooLarge)
	}
	c.Body = body
	return p.matched(c)
}

// ReadBody reads a body, though never more than a byte beyond the limit.
func ReadBody(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if n := r.ContentLength; n > 0 && n <= 4096 { // most calls: no growing
		body := make([]byte, n)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(io.LimitReader(r.Body, limit+1))
}

// find holds a call against the documents, and returns what the one says that has its path.
func (p *provider) find(r *http.Request, body []byte) (spec *spectest.Checker, operation *spectest.Operation, violations spectest.Violations) {
	for _, spec = range p.specs {
		var err error
		operation, err = spec.Request(r, body)
		violations = nil
		errors.As(err, &violations)
		if !Breaks(violations, spectest.UnknownPath) {
			break
		}
	}
	return spec, operation, violations
}

func (p *provider) matched(c *Call) Answer {
	c.spec, c.Operation, c.Violations = p.find(c.R, c.Body)
	if !p.strict {
		c.Violations, c.notes = c.Violations.Split()
	}
	switch {
	case Breaks(c.Violations, spectest.UnknownPath):
		return p.fake.Refuse(c, http.StatusNotFound, "there is no such path")
	case Breaks(c.Violations, spectest.Method):
		c.Header.Set("Allow", strings.Join(p.methods(c.R.URL), ", "))
		return p.fake.Refuse(c, http.StatusMethodNotAllowed, "the path has no such method")
	case Breaks(c.Violations, spectest.MediaType):
		return p.fake.Refuse(c, http.StatusUnsupportedMediaType, "the body has the wrong media type")
	}
	if handle, _ := p.handler(c.Operation.ID); handle != nil {
		return p.fake.Serve(c, handle)
	}
	return p.unhandled(c)
}

// methods returns those that the path has.
func (p *provider) methods(target *url.URL) []string {
	var found []string
	for _, method := range []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"} {
		if _, operation, _ := p.find(&http.Request{Method: method, URL: target}, nil); operation != nil {
			found = append(found, method)
		}
	}
	return found
}

// documents returns what the provider keeps to.
func (p *provider) documents() []specs.Document {
	for _, of := range p.engine.config.Providers {
		if of.Name == p.name {
			return of.Documents
		}
	}
	return nil
}

// checked encodes an answer and holds it against the spec as well. What no operation has asked for has no spec.
func (p *provider) checked(c *Call, a Answer) (Answer, []byte) {
	body, err := encoded(c, a)
	if err == nil && c.Operation != nil && !a.isRaw {
		err = c.spec.Response(c.Operation, c.R, a.Status, c.Header, body)
	}
	if err != nil {
		a = drifted(err)
		body, _ = encoded(c, a) // a list of texts
	}
	return a, body
}

// bodyOf returns the body of an answer, in the envelope of the provider where that goes around it.
func (c *Call) bodyOf(a Answer) any {
	if a.Data != nil {
		return c.provider.fake.Envelope(c, a.Status, a.Data)
	}
	return a.Body
}

func encoded(c *Call, a Answer) ([]byte, error) {
	c.Header.Set("Sandbox-Evidence", evidence(a))
	if a.isRaw {
		if a.media != "" {
			c.Header.Set("Content-Type", a.media)
		}
		return a.raw, nil
	}
	if a.written != nil {
		c.Header.Set("Content-Type", "application/json")
		return a.written, nil
	}
	body := c.bodyOf(a)
	if body == nil {
		return nil, nil
	}
	c.Header.Set("Content-Type", "application/json")
	return json.Marshal(body)
}

// evidence says how sure an answer is.
func evidence(a Answer) string {
	switch {
	case a.Inferred:
		return "inferred"
	case a.example != "":
		return "example"
	}
	return "documented"
}

// drifted is the answer of a sandbox that has caught itself breaking the spec.
func drifted(err error) Answer {
	const why = "sandbox drifted from its spec"
	rules := []string{}
	var violations spectest.Violations
	errors.As(err, &violations)
	for _, violation := range violations {
		rules = append(rules, violation.Error())
	}
	return Answer{
		Status: http.StatusInternalServerError, Inferred: true, Refused: why,
		Body: map[string]any{"error": why, "violations": rules},
	}
}
