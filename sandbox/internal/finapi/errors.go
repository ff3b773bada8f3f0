// The errors of finAPI in the shapes of its two versions.

package finapi

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // finAPI writes dates in German time, and not every machine knows what that is

	"github.com/fintoken/fintoken-go/sandbox/internal/engine"
)

// finVersion is the version of the API that a client is bound to, as the scope it is limited to.
type finVersion string

const (
	finV1 finVersion = "/api/v1"
	finV2 finVersion = "/api/v2"
)

// String returns the version as the provider names it.
func (v finVersion) String() string { return strings.ToUpper(strings.TrimPrefix(string(v), "/api/")) }

func finVersionOf(path string) finVersion {
	if strings.HasPrefix(path, string(finV2)+"/") {
		return finV2
	}
	return finV1
}

// germany cannot fail to load: its data is linked in.
var germany, _ = time.LoadLocation("Europe/Berlin")

// finMessage is one entry of an error's list. V1 has every member, V2 leaves out what says nothing.
func finMessage(v finVersion, code, kind, message string) map[string]any {
	entry := map[string]any{"message": message, "code": code, "type": kind}
	if v == finV1 {
		entry["multiStepAuthentication"] = nil
	}
	return entry
}

// finAnswer is the body of every error but a 401.
func finAnswer(c *engine.Call, status int, refused string, entries ...map[string]any) engine.Answer {
	version := finVersionOf(c.Path)
	body := map[string]any{
		"errors":      entries,
		"requestId":   c.RequestID,
		"endpoint":    engine.Cut(c.R.Method) + " " + engine.Cut(c.Path),
		"authContext": "1/0",
		"date":        c.Now.In(germany).Format("2006-01-02T15:04:05.000-07:00"),
	}
	if version == finV1 {
		body["bank"] = nil
		body["date"] = c.Now.In(germany).Format("2006-01-02 15:04:05.000")
	}
	return engine.Answer{Status: status, Body: body, Refused: refused}
}

func finError(c *engine.Call, status int, code, message string) engine.Answer {
	return finAnswer(c, status, message, finMessage(finVersionOf(c.Path), code, "BUSINESS", message))
}

func finBad(c *engine.Call, message string) engine.Answer {
	return finError(c, http.StatusBadRequest, "BAD_REQUEST", message)
}

// finBadGuess is a 400 that no page of the provider mentions.
func finBadGuess(c *engine.Call, message string) engine.Answer {
	a := finBad(c, message)
	a.Inferred = true
	return a
}

func finMismatch(c *engine.Call, client *finClient) engine.Answer {
	return finError(c, http.StatusForbidden, "UNAUTHORIZED_ACCESS",
		fmt.Sprintf("API Version mismatch: this client is limited to the scope %s", string(client.version)))
}

// finFaults lists what a request breaks in the spec. The provider may well be more tolerant.
func finFaults(c *engine.Call) engine.Answer {
	var entries []map[string]any
	for _, fault := range c.Violations {
		entries = append(entries, finMessage(finVersionOf(c.Path), "BAD_REQUEST", "BUSINESS", fault.Error()))
	}
	a := finAnswer(c, http.StatusBadRequest, engine.SummaryOf(c.Violations), entries...)
	a.Inferred = true
	return a
}

// Violated words what a request breaks in the document.
func (f *Fake) Violated(c *engine.Call) engine.Answer { return finFaults(c) }

func finUnauthenticated(code, description string) engine.Answer {
	return engine.Answer{
		Status:  http.StatusUnauthorized,
		Body:    map[string]any{"error": code, "error_description": description},
		Refused: description,
	}
}

// statusCodes are finAPI's words for a status.
var statusCodes = map[int]string{
	http.StatusForbidden:            "UNAUTHORIZED_ACCESS",
	http.StatusNotFound:             "UNKNOWN_ENTITY",
	http.StatusMethodNotAllowed:     "METHOD_NOT_ALLOWED",
	http.StatusUnsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE",
	http.StatusUnprocessableEntity:  "ILLEGAL_FIELD_VALUE",
	http.StatusLocked:               "LOCKED",
}

func finCode(status int) string {
	if status >= 500 {
		return "UNEXPECTED_ERROR"
	}
	return cmp.Or(statusCodes[status], "BAD_REQUEST")
}

// Refuse words what the door refuses.
func (f *Fake) Refuse(c *engine.Call, status int, why string) engine.Answer {
	a := finAnswer(c, status, why, finMessage(finVersionOf(c.Path), finCode(status), "TECHNICAL", why))
	a.Inferred = true
	return a
}

// Fail has the shapes of the pages: all 401 are of one, all others of another.
func (f *Fake) Fail(c *engine.Call, status int, code, message string) engine.Answer {
	if status == http.StatusUnauthorized {
		return finUnauthenticated(cmp.Or(code, "invalid_client"), message)
	}
	kind := "BUSINESS"
	if status >= 500 {
		kind = "TECHNICAL"
	}
	a := finAnswer(c, status, message, finMessage(finVersionOf(c.Path), cmp.Or(code, finCode(status)), kind, message))
	a.Inferred = !slices.Contains([]int{400, 403, 423, 500}, status)
	return a
}
