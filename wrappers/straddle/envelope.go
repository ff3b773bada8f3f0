package straddle

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// api is what Straddle's operations have in common. It names no limit for the ids, and accounts both as UUIDs and as acct_….
var api = &rest.API{
	Provider:       "straddle",
	IdempotencyKey: rest.HeaderRule{Name: "Idempotency-Key", Check: length(10, 40)},
	RequestID:      rest.HeaderRule{Name: "Request-Id"},
	CorrelationID:  rest.HeaderRule{Name: "Correlation-Id"},
	AccountID:      rest.HeaderRule{Name: "Straddle-Account-Id"},
	Open:           open,
	Explain:        explain,
}

// length is the rule of a header of so many characters.
func length(low, high int) func(field, value string) error {
	return func(field, value string) error { return rest.Length(field, value, low, high) }
}

// Unwrap takes the payload out of the answer of a raw method of the generated client: a 2xx item envelope becomes its
// data, anything else an [*rest.Error]. It reads and closes the body, and does not look into the payload: whether a
// token is in it is for the caller to see. The results of the method can be handed in as they are:
//
//	token, err := straddle.Unwrap[straddleapi.BridgeToken](api.CreateBridgeToken(ctx, nil, body))
func Unwrap[T any](resp *http.Response, err error) (*T, error) {
	op := &rest.Operation{API: api}
	if resp != nil && resp.Request != nil {
		op.Name = resp.Request.Method
	}
	return rest.Decode[T](op, resp, err)
}

// envelope is the frame of every answer: of an item, of a page and of an error.
type envelope struct {
	Meta        rest.Meta
	Data, Error json.RawMessage
}

// read reads the members that are known, without a copy. Nothing depends on what the meta holds: what of it cannot be
// read is left out.
func (e *envelope) read(body []byte) error {
	return rest.Members(body, func(name, value []byte) error {
		switch string(name) {
		case "response_type":
			_ = rest.Text("", value, &e.Meta.Type)
		case "data":
			e.Data = value
		case "error":
			e.Error = value
		case "meta":
			_ = rest.Members(value, e.readMeta)
		}
		return nil
	})
}

func (e *envelope) readMeta(name, value []byte) error {
	switch string(name) {
	case "api_request_id":
		_ = rest.Text("", value, &e.Meta.RequestID)
	case "api_request_timestamp":
		var at string
		_ = rest.Text("", value, &at)
		e.Meta.Time, _ = time.Parse(time.RFC3339, at)
	case "page_number":
		_ = rest.Int("", value, &e.Meta.PageNumber)
	case "page_size":
		_ = rest.Int("", value, &e.Meta.PageSize)
	case "total_pages":
		_ = rest.Int("", value, &e.Meta.TotalPages)
	case "total_items", "total_rows": // the latter where embedded accounts are listed
		_ = rest.Int("", value, &e.Meta.TotalItems)
	}
	return nil
}

// open takes the data out of the envelope of a 2xx. One that says that it is an error is one.
func open(body []byte) ([]byte, rest.Meta, error) {
	var e envelope
	if err := e.read(body); err != nil {
		return nil, e.Meta, err
	}
	if e.Meta.Type == string(straddleapi.ResponseTypeError) || present(e.Error) {
		bad := rest.Bad("the answer is an error under a status that says success")
		e.explain(bad, body)
		return nil, e.Meta, bad
	}
	return e.Data, e.Meta, nil
}

// explain reads the body of a failure.
func explain(out *rest.Error, _ http.Header, body []byte) {
	var e envelope
	_ = e.read(body) // what can be read counts
	e.explain(out, body)
}

// explain reads the details: from error, as the published schema has it, else from data, as the page words it, else
// from the body itself, as the examples for idempotency keys show it.
func (e *envelope) explain(out *rest.Error, body []byte) {
	out.RequestID = e.Meta.RequestID
	for _, raw := range [][]byte{e.Error, e.Data, body} {
		var d straddleapi.APIError
		_ = json.Unmarshal(raw, &d) // what can be read counts
		if d.Type == "" && d.Title == "" && d.Detail == "" && len(d.Items) == 0 {
			continue
		}
		out.Detail = &d
		out.Code = d.Type
		out.Message = message(&d)
		if len(d.Items) == 1 {
			out.Field = d.Items[0].Reference
		}
		return
	}
}

// message puts the words of the details together: the detail, else the title, and the single faults.
func message(d *straddleapi.APIError) string {
	text := d.Detail
	if text == "" {
		text = d.Title
	}
	var faults []string
	for _, i := range d.Items {
		faults = append(faults, strings.TrimPrefix(i.Reference+": "+i.Detail, ": "))
	}
	if len(faults) > 0 {
		text += " [" + strings.Join(faults, "; ") + "]"
	}
	return text
}

// present reports whether a member is there and not null.
func present(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
