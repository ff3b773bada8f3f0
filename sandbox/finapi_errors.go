// The errors of finAPI in the shapes of its two versions.

package sandbox

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // finAPI writes dates in German time, and not every machine knows what that is
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
func finAnswer(c *call, status int, refused string, entries ...map[string]any) answer {
	version := finVersionOf(c.path)
	body := map[string]any{
		"errors":      entries,
		"requestId":   c.requestID,
		"endpoint":    cut(c.r.Method) + " " + cut(c.path),
		"authContext": "1/0",
		"date":        c.now.In(germany).Format("2006-01-02T15:04:05.000-07:00"),
	}
	if version == finV1 {
		body["bank"] = nil
		body["date"] = c.now.In(germany).Format("2006-01-02 15:04:05.000")
	}
	return answer{status: status, body: body, refused: refused}
}

func finError(c *call, status int, code, message string) answer {
	return finAnswer(c, status, message, finMessage(finVersionOf(c.path), code, "BUSINESS", message))
}

func finBad(c *call, message string) answer {
	return finError(c, http.StatusBadRequest, "BAD_REQUEST", message)
}

// finBadGuess is a 400 that no page of the provider mentions.
func finBadGuess(c *call, message string) answer {
	a := finBad(c, message)
	a.inferred = true
	return a
}

func finMismatch(c *call, client *finClient) answer {
	return finError(c, http.StatusForbidden, "UNAUTHORIZED_ACCESS",
		fmt.Sprintf("API Version mismatch: this client is limited to the scope %s", string(client.version)))
}

// finFaults lists what a request breaks in the spec. The provider may well be more tolerant.
func finFaults(c *call) answer {
	var entries []map[string]any
	for _, fault := range c.violations {
		entries = append(entries, finMessage(finVersionOf(c.path), "BAD_REQUEST", "BUSINESS", fault.Error()))
	}
	a := finAnswer(c, http.StatusBadRequest, summaryOf(c.violations), entries...)
	a.inferred = true
	return a
}

func finUnauthenticated(code, description string) answer {
	return answer{
		status:  http.StatusUnauthorized,
		body:    map[string]any{"error": code, "error_description": description},
		refused: description,
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

func (f *finAPIFake) refuse(c *call, status int, why string) answer {
	a := finAnswer(c, status, why, finMessage(finVersionOf(c.path), finCode(status), "TECHNICAL", why))
	a.inferred = true
	return a
}

// fail has the shapes of the pages: all 401 are of one, all others of another.
func (f *finAPIFake) fail(c *call, status int, code, message string) answer {
	if status == http.StatusUnauthorized {
		return finUnauthenticated(cmp.Or(code, "invalid_client"), message)
	}
	kind := "BUSINESS"
	if status >= 500 {
		kind = "TECHNICAL"
	}
	a := finAnswer(c, status, message, finMessage(finVersionOf(c.path), cmp.Or(code, finCode(status)), kind, message))
	a.inferred = !slices.Contains([]int{400, 403, 423, 500}, status)
	return a
}
