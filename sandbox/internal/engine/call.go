// A request on its way through the sandbox, and its answer.

package engine

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

// Call is a request on its way through the sandbox.
type Call struct {
	R          *http.Request
	Path       string // without the provider's segment
	Operation  *spectest.Operation
	Body       []byte
	Violations spectest.Violations // that the fake must word
	Now        time.Time
	RequestID  string      // that the caller is told; set by Begin
	Header     http.Header // of the answer
	Scope      string      // what of the provider's the call is for, such as an account; set by Serve

	provider *provider
	spec     *spectest.Checker   // of the document that has the path
	notes    spectest.Violations // what passes although the document does not have it
	fault    *firing             // nil in most cases
	left     bool                // the caller did not wait until the call was processed
}

// Answer is what a fake decided.
type Answer struct {
	Status    int
	Data      any    // what the provider's envelope goes around; of an accepted call it becomes JSON under the lock
	Body      any    // in place of Data: sent as it is, as JSON, and changed by nobody; without both, no body is sent
	Inferred  bool   // the provider's pages do not show this status and shape
	Refused   string // why, for the journal
	RequestID string // that the body names; empty stands for the call's own

	example string      // the example of the document that it is
	written []byte      // the body as it is sent; in place of Body
	header  http.Header // of the earlier answer

	isRaw bool // the rest is sent as it is, and breaks the spec on purpose
	media string
	raw   []byte
}

// Param returns a parameter of the path: of customer_id what stands in place of {customer_id}.
func (c *Call) Param(name string) string {
	template := strings.Split(c.Operation.Path, "/")
	segments := strings.Split(c.R.URL.EscapedPath(), "/")
	at := slices.Index(template, "{"+name+"}")
	if i := at - len(template) + len(segments); at >= 0 && i >= 0 { // before the path stands the provider's segment
		plain, _ := url.PathUnescape(segments[i]) // the document has seen it
		return plain
	}
	return ""
}

// Decode reads the body into v. The document has seen it, so what does not fit in v is left as it is.
func (c *Call) Decode(v any) { _ = json.Unmarshal(c.Body, v) }

// Bearer returns the token of a call, or "" when there is none or its header is malformed.
func (c *Call) Bearer() string {
	if Breaks(c.Violations, spectest.Security) {
		return ""
	}
	_, token, _ := strings.Cut(c.R.Header.Get("Authorization"), " ")
	return strings.TrimLeft(token, " ")
}

// Form returns the fields of a form that was checked before: those of the body, and those that stand in the URL.
func (c *Call) Form() url.Values {
	form, _ := url.ParseQuery(string(c.Body))
	for name, values := range c.R.URL.Query() {
		form[name] = append(form[name], values...)
	}
	return form
}

// Noted notes what a fake finds odd about a member of the body, if anything, and reports whether that must be refused.
func (c *Call) Noted(member, rule string) bool {
	note := spectest.Violation{Kind: spectest.Body, In: "body", Name: member, Rule: rule, Note: true}
	if rule != "" && !c.provider.strict && !slices.Contains(c.notes, note) { // a call may be judged twice
		c.notes = append(c.notes, note)
	}
	return rule != "" && c.provider.strict
}

// Declares reports whether the document declares a header that the call has. What is noted tells; where nothing passes that
// is not declared, the call is refused for it.
func (c *Call) Declares(header string) bool {
	return !slices.ContainsFunc(c.notes, func(v spectest.Violation) bool {
		return v.Kind == spectest.Header && strings.EqualFold(v.Name, header)
	})
}

// Magic is the answer to a call with a magic id, which [MagicStatus] knows.
func (c *Call) Magic(status int) Answer {
	if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
		c.Header.Set("Retry-After", "1")
	}
	return c.provider.fake.Fail(c, status, "", "the magic id asked for it: "+http.StatusText(status))
}

// NoStore keeps caches from holding on to a token.
func (c *Call) NoStore() {
	c.Header.Set("Cache-Control", "no-store")
	c.Header.Set("Pragma", "no-cache")
}
