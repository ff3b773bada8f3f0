package finapi

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// apis is what the operations of each version have in common. finAPI has no envelope.
var apis = map[APIVersion]*rest.API{V1: newAPI("finapi.V2"), V2: newAPI("finapi.V1")}

// newAPI returns the API of a version; other is the Go name of the other one.
func newAPI(other string) *rest.API {
	return &rest.API{
		Provider:          "finapi",
		RequestID:         rest.HeaderRule{Name: "X-Request-Id", Check: checkRequestID},
		ResponseRequestID: "X-Request-Id",
		Explain: func(out *rest.Error, _ http.Header, body []byte) {
			if !explainCredentials(out, body) {
				explainMessage(out, body, other)
			}
		},
	}
}

// checkRequestID refuses an id that finAPI would refuse.
func checkRequestID(field, id string) error { return rest.Length(field, id, 1, 255) }

// explainCredentials reads the body of a 401 and reports whether it was one. Both spellings of the description are
// taken.
func explainCredentials(out *rest.Error, body []byte) bool {
	var e finapiaccess.BadCredentialsError
	_ = json.Unmarshal(body, &e) // what can be read counts
	if e.Error == "" {
		return false
	}
	out.Detail, out.Code, out.Message = &e, e.Error, e.ErrorDescription
	if out.Message == "" {
		out.Message = e.ErrorDescriptionV1
	}
	return true
}

// explainMessage reads the body of every other error.
func explainMessage(out *rest.Error, body []byte, other string) {
	var e finapiaccess.ErrorMessage
	_ = json.Unmarshal(body, &e) // what can be read counts
	if len(e.Errors) == 0 {
		return
	}
	out.Detail, out.RequestID = &e, e.RequestID
	out.Code = e.Errors[0].Code
	var messages []string
	for _, d := range e.Errors {
		if d.Message != "" {
			messages = append(messages, d.Message)
		}
	}
	out.Message = strings.Join(messages, "; ")
	if out.Status == http.StatusForbidden && isVersionMismatch(out.Message) {
		out.AddKind(rest.ErrVersionMismatch)
		out.Field = "Config.APIVersion"
		out.Message = "this client is bound to another version of the API, set it to " + other + " (" + out.Message + ")"
	}
}

// isVersionMismatch reports whether the words of a 403 say that the client is bound to the other version. They are
// known from reports alone, so more than one wording counts.
func isVersionMismatch(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "version mismatch") || strings.Contains(m, "scope") && strings.Contains(m, "/api/v")
}
