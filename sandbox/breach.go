// What a request breaks in the spec, as far as the fakes have to know and in words that hold no secret.

package sandbox

import (
	"net/http"
	"slices"
	"strings"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

func breaks(faults spectest.Violations, kind spectest.Kind) bool {
	return slices.ContainsFunc(faults, func(v spectest.Violation) bool { return v.Kind == kind })
}

// withoutHeaders forgives headers that the spec does not declare. Clients and proxies add them, and servers ignore
// what they do not know.
func withoutHeaders(faults spectest.Violations) spectest.Violations {
	return slices.DeleteFunc(faults, func(v spectest.Violation) bool { return v.Kind == spectest.Header })
}

// bearer returns the token of a call, or "" when there is none or its header is malformed.
func (c *call) bearer() string {
	if breaks(c.violations, spectest.Security) {
		return ""
	}
	return strings.TrimPrefix(c.r.Header.Get("Authorization"), "Bearer ")
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

// noStore keeps caches from holding on to a token.
func noStore(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("Pragma", "no-cache")
}
