package finogates

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/gen/finogatesapi"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// api is what Finogates' operations have in common. It documents no header for an id or a key.
var api = &rest.API{Provider: "finogates", Open: open, Explain: explain}

// Unwrap takes the payload out of the answer of a raw method of the generated client: a 2xx envelope becomes its
// data, anything else an [*rest.Error]. It reads and closes the body, and does not look into the payload: whether a
// token is in it is for the caller to see. The results of the method can be handed in as they are:
//
//	token, err := finogates.Unwrap[finogatesapi.EmbedToken](api.CreateEmbedToken(ctx, body))
func Unwrap[T any](resp *http.Response, err error) (*T, error) {
	op := &rest.Operation{API: api}
	if resp != nil && resp.Request != nil {
		op.Name = resp.Request.Method
	}
	return rest.Decode[T](op, resp, err)
}

// envelope is the frame of every answer. Detail is what the provider's framework would send instead of data.
type envelope struct {
	StatusCode   int
	Meta         rest.Meta
	Data, Detail json.RawMessage
}

// read reads the members that are known, without a copy. A time that cannot be read is left out; a status that cannot
// be is the error, after all else is read.
func (e *envelope) read(body []byte) error {
	var wrong error
	err := rest.Members(body, func(name, value []byte) error {
		switch string(name) {
		case "status_code":
			wrong = rest.Int("status_code", value, &e.StatusCode)
		case "data":
			e.Data = value
		case "query_generated_time":
			e.Meta.Time = readTime(value)
		case "detail":
			e.Detail = value
		}
		return nil
	})
	return rest.First(err, wrong)
}

// open takes the data out of the envelope of a 2xx. One whose own status is a failure is an error.
func open(body []byte) ([]byte, rest.Meta, error) {
	var e envelope
	if err := e.read(body); err != nil {
		return nil, e.Meta, err
	}
	if e.StatusCode >= http.StatusBadRequest {
		bad := rest.Bad("the answer is an error under a status that says success")
		e.explain(bad)
		return nil, e.Meta, bad
	}
	return e.Data, e.Meta, nil
}

// explain reads the body of a failure.
func explain(out *rest.Error, _ http.Header, body []byte) {
	var e envelope
	_ = e.read(body) // what can be read counts
	e.explain(out)
}

// explain reads the details. Their shape is not documented, so anything that can be read as words is taken.
func (e *envelope) explain(out *rest.Error) {
	raw := e.Data
	if len(raw) == 0 {
		raw = e.Detail
	}
	if len(raw) == 0 && e.StatusCode == 0 {
		return
	}
	if text := strings.Join(words(raw, 0), "; "); text != "" {
		out.Message = text
	}
	detail := finogatesapi.ValidationErrorResponse{Data: e.Data, Detail: e.Detail}
	if e.StatusCode != 0 {
		code := finogatesapi.StatusCode(e.StatusCode) //nolint:gosec // a status that does not fit is no status
		detail.StatusCode = &code
	}
	out.Detail = &detail
}

// maxDepth is how deep words looks.
const maxDepth = 4

// words collects the readable parts of an error of unknown shape: a text, the message of an object, all of a list.
func words(raw json.RawMessage, depth int) []string {
	if depth > maxDepth || len(raw) == 0 {
		return nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil && text != "" {
		return []string{text}
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		var out []string
		for _, item := range list {
			out = append(out, words(item, depth+1)...)
		}
		return out
	}
	return wordsOf(raw, depth)
}

// wordsOf returns the message of an object, after the field it is about, under any of the names that frameworks use.
func wordsOf(raw json.RawMessage, depth int) []string {
	var v struct {
		Message json.RawMessage `json:"message"`
		Msg     json.RawMessage `json:"msg"`
		Error   json.RawMessage `json:"error"`
		Detail  json.RawMessage `json:"detail"`
		Field   string          `json:"field"`
		Loc     []any           `json:"loc"`
	}
	_ = json.Unmarshal(raw, &v) // what can be read counts
	if v.Field == "" && len(v.Loc) > 0 {
		v.Field = fmt.Sprint(v.Loc[len(v.Loc)-1])
	}
	for _, part := range []json.RawMessage{v.Message, v.Msg, v.Error, v.Detail} {
		if text := strings.Join(words(part, depth+1), "; "); text != "" {
			return []string{strings.TrimPrefix(v.Field+": "+text, ": ")}
		}
	}
	return nil
}

// readTime reads a moment in any of the forms the provider uses: RFC 3339, or a number of seconds or milliseconds
// since 1970. One that cannot be read is the zero time.
func readTime(raw []byte) time.Time {
	if len(raw) > 0 && raw[0] == '"' {
		var text string
		_ = rest.Text("", raw, &text)
		t, _ := time.Parse(time.RFC3339, text)
		return t
	}
	if number, err := strconv.ParseFloat(string(raw), 64); err == nil && number > 0 && number < 1e15 {
		if number < 1e11 { // seconds until the year 5138
			number *= 1000
		}
		whole, part := math.Modf(number)
		return time.UnixMilli(int64(whole)).Add(time.Duration(math.Round(part*1000)) * time.Microsecond).UTC()
	}
	return time.Time{}
}
