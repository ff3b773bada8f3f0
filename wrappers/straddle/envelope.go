package straddle

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// straddle is what Straddle's operations have in common.
var straddle = &rest.API{
	Provider:       "straddle",
	IdempotencyKey: "Idempotency-Key",
	RequestID:      "Request-Id",
	CorrelationID:  "Correlation-Id",
	AccountID:      "Straddle-Account-Id",
	Open:           open,
	Explain:        explain,
}

// Unwrap takes the payload out of the answer of a raw method of the generated client: a 2xx item envelope becomes its
// data, anything else an [*rest.Error]. It reads and closes the body, and does not look into the payload: whether a
// token is in it is for the caller to see. The results of the method can be handed in as they are:
//
//	token, err := straddle.Unwrap[straddleapi.BridgeToken](api.CreateBridgeToken(ctx, nil, body))
func Unwrap[T any](resp *http.Response, err error) (*T, error) {
	op := &rest.Operation{API: straddle}
	if resp != nil && resp.Request != nil {
		op.Name = resp.Request.Method
	}
	return rest.Decode[T](op, resp, err)
}

// envelope is the frame of every answer: of an item, of a page and of an error.
type envelope struct {
	ResponseType string `json:"response_type"`
	Meta         struct {
		ID   text `json:"api_request_id"`
		Time text `json:"api_request_timestamp"`
	} `json:"meta"`
	Data  json.RawMessage `json:"data"`
	Error json.RawMessage `json:"error"`
}

// text is a member that nothing depends on: what is not a text is left out and does not fail the call.
type text string

// UnmarshalJSON takes a text and ignores everything else.
func (t *text) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*t = text(s)
	}
	return nil
}

// meta returns what the envelope tells. A time that cannot be read is left out.
func (e *envelope) meta() rest.Meta {
	t, _ := time.Parse(time.RFC3339, string(e.Meta.Time))
	return rest.Meta{RequestID: string(e.Meta.ID), Time: t, Type: e.ResponseType}
}

// open takes the data out of the envelope of a 2xx. One that says that it is an error is one.
func open(body []byte) ([]byte, rest.Meta, error) {
	if data, meta, usual := openUsual(body); usual {
		return data, meta, nil
	}
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, rest.Meta{}, err
	}
	if e.ResponseType == string(straddleapi.ResponseTypeError) || present(e.Error) {
		bad := rest.Bad("the answer is an error under a status that says success")
		e.explain(bad, body)
		return nil, e.meta(), bad
	}
	return e.Data, e.meta(), nil
}

// openUsual is open for the frame that answers usually have, which it reads without a copy.
func openUsual(body []byte) (data []byte, meta rest.Meta, usual bool) {
	usual = true
	object := rest.Members(body, func(name, value []byte) {
		switch string(name) {
		case "response_type":
			meta.Type, _ = rest.Text(value)
		case "data":
			data = value
		case "error":
			usual = usual && !present(value)
		case "meta":
			rest.Members(value, func(name, value []byte) {
				switch string(name) {
				case "api_request_id":
					meta.RequestID, _ = rest.Text(value)
				case "api_request_timestamp":
					at, _ := rest.Text(value)
					meta.Time, _ = time.Parse(time.RFC3339, at)
				}
			})
		}
	})
	if meta.Type != string(straddleapi.ResponseTypeObject) {
		usual = false
	}
	return data, meta, usual && object && len(data) > 0
}

// explain reads the body of a failure.
func explain(out *rest.Error, _ http.Header, body []byte) {
	var e envelope
	_ = json.Unmarshal(body, &e) // what can be read counts
	e.explain(out, body)
}

// explain reads the details: from error, as the published schema has it, else from data, as the page words it, else
// from the body itself, as the examples for idempotency keys show it.
func (e *envelope) explain(out *rest.Error, body []byte) {
	out.RequestID = string(e.Meta.ID)
	for _, raw := range [][]byte{e.Error, e.Data, body} {
		var d straddleapi.ErrorDetail
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
func message(d *straddleapi.ErrorDetail) string {
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
