// The door: every request comes in here, is checked against the spec, answered by a fake, checked again and sent.

package sandbox

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

// bodyLimit is how many bytes of a request's body the door reads.
const bodyLimit = 1 << 20

// provider is one fake, the spec it keeps to, and the faults that may come between.
type provider struct {
	name  string
	spec  *spectest.Checker
	fake  fake
	rules *rules
	clock *VirtualClock

	strict bool // nothing passes that the spec does not have
}

// fake is what the three providers differ in.
type fake interface {
	// begin sets the request id and the headers that every answer to this call has.
	begin(c *call)
	// handler returns what answers an operation of the spec, or nil if nothing does. c.violations says where the request
	// breaks the spec, and nobody has looked yet whether the bearer is any good.
	handler(operation string) func(c *call) answer
	// refuse words, in the provider's shape, what the door refuses by itself.
	refuse(c *call, status int, why string) answer
	// fail words a failure that was asked for; an empty code stands for the provider's usual one.
	fail(c *call, status int, code, message string) answer
}

// call is a request on its way through the sandbox.
type call struct {
	r          *http.Request
	provider   *provider
	path       string // without the provider's segment
	operation  *spectest.Operation
	body       []byte
	violations spectest.Violations // that the fake must word
	notes      spectest.Violations // what passes although the document does not have it
	fault      *firing             // nil in most cases
	now        time.Time
	requestID  string
	header     http.Header // of the answer
	left       bool        // the caller did not wait until the call was processed
}

// answer is what a fake decided.
type answer struct {
	status    int
	body      any         // sent as JSON; nil sends no body
	inferred  bool        // the provider's pages do not show this status and shape
	refused   string      // why, for the journal
	requestID string      // that the body names; empty stands for the call's own
	repeats   []byte      // the body of an earlier answer, as it was sent; in place of body
	header    http.Header // of the earlier answer

	isRaw bool // the rest is sent as it is, and breaks the spec on purpose
	media string
	raw   []byte
}

// ServeHTTP answers one request: a provider's, below /finapi, /finogates and /straddle; the admin API, below
// /_sandbox/v1; or the status page, at /. Bodies of more than 1 MiB are refused with 413. An answer that breaks the spec
// does not leave the sandbox: a 500 that names the broken rules goes out in its place.
func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if name == "_sandbox" || r.URL.Path == "/" {
		s.admin.ServeHTTP(w, r)
		return
	}
	p, known := s.state.Load().providers[name]
	if !known {
		p = &provider{fake: nowhere{}}
	}
	c := &call{r: r, provider: p, path: "/" + rest, now: s.clock.Now(), header: w.Header()}
	p.fake.begin(c)
	a, body := p.checked(c, p.answer(c)) //nolint:contextcheck // the request in c carries the context
	s.journal.add(line(p.name, c, a))
	send(w, c, a.status, body)
}

func line(provider string, c *call, a answer) Call {
	entry := Call{
		Time: c.now, Provider: provider, Method: cut(c.r.Method), Path: cut(c.r.URL.Path),
		Status: a.status, RequestID: cutAt(cmp.Or(a.requestID, c.requestID), reasonLimit), Refused: cutAt(a.refused, reasonLimit),
		Notes: cutAt(notesOf(c.notes), reasonLimit),
	}
	if c.operation != nil {
		entry.Operation = c.operation.ID
	}
	if c.fault != nil {
		entry.Fault = c.fault.ID
	}
	if c.left || c.fault.silent() {
		entry.Status = 0
	}
	return entry
}

// answer reads the request, holds it against the spec and lets the fake decide.
func (p *provider) answer(c *call) answer {
	body, err := readBody(c.r, bodyLimit)
	switch {
	case err != nil:
		return p.fake.refuse(c, http.StatusBadRequest, "the body broke off")
	case len(body) > bodyLimit:
		return p.fake.refuse(c, http.StatusRequestEntityTooLarge, "the body is larger than 1 MiB")
	case p.spec == nil:
		return p.fake.refuse(c, http.StatusNotFound, "the path does not begin with /finapi, /finogates or /straddle")
	}
	c.body = body
	return p.matched(c)
}

// readBody reads a body, though never more than a byte beyond the limit.
func readBody(r *http.Request, limit int64) ([]byte, error) {
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

func (p *provider) matched(c *call) answer {
	operation, err := p.spec.Request(c.r, c.body)
	c.operation = operation
	errors.As(err, &c.violations)
	if !p.strict {
		c.violations, c.notes = c.violations.Split()
	}
	switch {
	case breaks(c.violations, spectest.UnknownPath):
		return p.fake.refuse(c, http.StatusNotFound, "there is no such path")
	case breaks(c.violations, spectest.Method):
		c.header.Set("Allow", strings.Join(p.methods(c.r.URL), ", "))
		return p.fake.refuse(c, http.StatusMethodNotAllowed, "the path has no such method")
	case breaks(c.violations, spectest.MediaType):
		return p.fake.refuse(c, http.StatusUnsupportedMediaType, "the body has the wrong media type")
	}
	if handle := p.fake.handler(operation.ID); handle != nil {
		return handle(c)
	}
	return p.unhandled(c)
}

// unhandled answers an operation that the spec has and the fake has not, in the provider's shape and whatever the spec
// says of that status.
func (p *provider) unhandled(c *call) answer {
	a := p.fake.refuse(c, http.StatusNotImplemented, "the sandbox does not answer "+c.operation.ID)
	body, _ := json.Marshal(a.body) //nolint:errchkjson // an error in words
	a.isRaw, a.media, a.raw = true, "application/json", body
	return a
}

// methods returns those that the path has.
func (p *provider) methods(target *url.URL) []string {
	var found []string
	for _, method := range []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"} {
		if operation, _ := p.spec.Request(&http.Request{Method: method, URL: target}, nil); operation != nil {
			found = append(found, method)
		}
	}
	return found
}

// checked encodes an answer and holds it against the spec as well. What no operation has asked for has no spec.
func (p *provider) checked(c *call, a answer) (answer, []byte) {
	body, err := encoded(c, a)
	if err == nil && c.operation != nil && !a.isRaw {
		err = p.spec.Response(c.operation, c.r, a.status, c.header, body)
	}
	if err != nil {
		a = drifted(err)
		body, _ = encoded(c, a) // a list of texts
	}
	return a, body
}

func encoded(c *call, a answer) ([]byte, error) {
	c.header.Set("Sandbox-Evidence", evidence(a.inferred))
	switch {
	case a.isRaw:
		if a.media != "" {
			c.header.Set("Content-Type", a.media)
		}
		return a.raw, nil
	case a.repeats == nil && a.body == nil:
		return nil, nil
	}
	c.header.Set("Content-Type", "application/json")
	if a.repeats != nil {
		return a.repeats, nil
	}
	return json.Marshal(a.body)
}

func evidence(inferred bool) string {
	if inferred {
		return "inferred"
	}
	return "documented"
}

// drifted is the answer of a sandbox that has caught itself breaking the spec.
func drifted(err error) answer {
	const why = "sandbox drifted from its spec"
	rules := []string{}
	var violations spectest.Violations
	errors.As(err, &violations)
	for _, violation := range violations {
		rules = append(rules, violation.Error())
	}
	return answer{
		status: http.StatusInternalServerError, inferred: true, refused: why,
		body: map[string]any{"error": why, "violations": rules},
	}
}

// nowhere answers where no provider does.
type nowhere struct{}

func (nowhere) begin(*call) {}

func (nowhere) handler(string) func(*call) answer { return nil }

func (nowhere) refuse(_ *call, status int, why string) answer {
	return answer{status: status, inferred: true, refused: why, body: map[string]any{"error": why}}
}

func (n nowhere) fail(c *call, status int, _, message string) answer {
	return n.refuse(c, status, message)
}
