// The errors of Straddle.

package straddle

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
	"github.com/fintoken/fintoken-go/specs/spectest"
)

// stItem is one fault in the list of an error.
type stItem struct {
	Reference string `json:"reference,omitempty"`
	Detail    string `json:"detail"`
}

// stError words an error in the envelope of its operation: that of platforms has an order in its meta, and always items.
func stError(c *engine.Call, status int, kind, detail string, items ...stItem) engine.Answer {
	content := map[string]any{"status": status, "type": kind, "title": title(status), "detail": detail}
	var meta any = metaOf(c)
	if isPlatform(c) {
		meta = stEmbedMeta{metaOf(c), "id", "asc"}
		content["items"] = append([]stItem{}, items...)
	} else if len(items) > 0 {
		content["items"] = items
	}
	return engine.Answer{Status: status, Refused: detail, RequestID: c.RequestID, Body: map[string]any{
		"meta": meta, "response_type": "error", "error": content,
	}}
}

func title(status int) string { return cmp.Or(http.StatusText(status), "Error") }

func stConflict(c *engine.Call, detail string) engine.Answer {
	return stError(c, http.StatusConflict, "/conflict", detail)
}

// Violated lists what a request breaks in the document.
func (s *Fake) Violated(c *engine.Call) engine.Answer {
	var items []stItem
	for _, fault := range c.Violations {
		items = append(items, stItem{engine.FieldOf(fault), fault.Rule})
	}
	a := stError(c, http.StatusBadRequest, "/bad-request", "The request is not valid", items...)
	a.Refused = engine.SummaryOf(c.Violations)
	a.Inferred = slices.ContainsFunc(c.Violations, func(v spectest.Violation) bool { return v.Note || v.In == "query" }) // not documented
	return a
}

// Refuse words what the door refuses.
func (s *Fake) Refuse(c *engine.Call, status int, why string) engine.Answer {
	a := stError(c, status, "/bad-request", why)
	a.Inferred = true
	return a
}

// stTypes are Straddle's words for a status.
var stTypes = map[int]string{
	http.StatusBadRequest:          "/bad-request",
	http.StatusUnauthorized:        "authentication_error",
	http.StatusForbidden:           "authentication_error",
	http.StatusConflict:            "/conflict",
	http.StatusUnprocessableEntity: "validation_error",
	http.StatusTooManyRequests:     "rate_limit",
	http.StatusInternalServerError: "api_error",
}

// Fail words a failure that was asked for.
func (s *Fake) Fail(c *engine.Call, status int, code, message string) engine.Answer {
	usual, known := stTypes[status]
	a := stError(c, status, cmp.Or(code, usual, "api_error"), message)
	a.Inferred = !known
	return a
}
