// What a request breaks in the spec, as far as the fakes must know and in words that hold no secret.

package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

func breaks(faults spectest.Violations, kind spectest.Kind) bool {
	return slices.ContainsFunc(faults, func(v spectest.Violation) bool { return v.Kind == kind })
}

// bearer returns the token of a call, or "" when there is none or its header is malformed.
func (c *call) bearer() string {
	if breaks(c.violations, spectest.Security) {
		return ""
	}
	_, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	return strings.TrimLeft(token, " ")
}

// form returns the fields of a form that was checked before: those of the body, and those that stand in the URL.
func (c *call) form() url.Values {
	form, _ := url.ParseQuery(string(c.body))
	for name, values := range c.r.URL.Query() {
		form[name] = append(form[name], values...)
	}
	return form
}

// fieldOf names the field that a fault is about: a.b for the pointer /a/b.
func fieldOf(fault spectest.Violation) string {
	return strings.ReplaceAll(strings.TrimPrefix(fault.Name, "/"), "/", ".")
}

// summaryOf puts faults into a line for the journal. A name that the spec does not know stays out: it may be a part of
// a secret that was sent unescaped.
func summaryOf(faults spectest.Violations) string {
	lines := make([]string, len(faults))
	for i, fault := range faults {
		if fault.Rule == "is not declared" {
			fault.Name = ""
		}
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "; ")
}

// noted notes what a fake finds odd about a member of the body, if anything, and reports whether that must be refused.
func (c *call) noted(member, rule string) bool {
	note := spectest.Violation{Kind: spectest.Body, In: "body", Name: member, Rule: rule, Note: true}
	if rule != "" && !c.provider.strict && !slices.Contains(c.notes, note) { // a call may be judged twice
		c.notes = append(c.notes, note)
	}
	return rule != "" && c.provider.strict
}

// notesOf puts notes into a line for the journal.
func notesOf(notes spectest.Violations) string {
	lines := make([]string, len(notes))
	for i, note := range notes {
		if lines[i] = note.Error(); note.Rule == "is not declared" {
			lines[i] = "not in the document: " + note.In + " " + note.Name
		}
	}
	return strings.Join(lines, "; ")
}

// noStore keeps caches from holding on to a token.
func noStore(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Pragma", "no-cache")
}
