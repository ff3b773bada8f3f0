package operations_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/internal/operations"
	"github.com/fintoken/fintoken-go/internal/operations/operationstest"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const id = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"

// wire answers each request with what the document has as an example, and keeps what was sent.
type wire struct {
	status string // of the document
	body   []byte
	sent   []*http.Request
	bodies [][]byte
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
	}
	w.sent, w.bodies = append(w.sent, req), append(w.bodies, body)
	status := map[string]int{"200": 200, "201": 201, "202": 202}[w.status]
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
		Body: io.NopCloser(bytes.NewReader(w.body)),
	}, nil
}

// client returns a client of the table over the transport.
func client(t *testing.T, table operationstest.Table, over http.RoundTripper) any {
	t.Helper()
	made, err := table.Client("", false, operationstest.Over(over))
	require.NoError(t, err)
	return made
}

// eachOperation runs a test for each call of each table.
func eachOperation(t *testing.T, test func(t *testing.T, table operationstest.Table, op operationstest.Operation)) {
	t.Helper()
	for _, table := range operationstest.Tables {
		for _, op := range table.Operations {
			t.Run(table.Name+"/"+op.ID, func(t *testing.T) { test(t, table, op) })
		}
	}
}

// Each document has its table here, unless all its methods are written by hand, and tested where they are.
func TestTables(t *testing.T) {
	var generated, tested []string
	for _, op := range operations.All() {
		if !operationstest.ByHand(*op) {
			generated = append(generated, op.Provider+" "+op.ID)
		}
	}
	eachOperation(t, func(_ *testing.T, table operationstest.Table, op operationstest.Operation) {
		tested = append(tested, table.Name+" "+op.ID)
	})
	assert.ElementsMatch(t, generated, tested)
}

// Each operation sends what the examples of its request say, and returns what the examples of its responses hold.
func TestEveryOperation(t *testing.T) {
	eachOperation(t, func(t *testing.T, table operationstest.Table, op operationstest.Operation) {
		doc := operationstest.Document(op.Info)
		for name, in := range operationstest.Inputs(t, op.Info) {
			for _, status := range []string{"200", "201", "202"} {
				for _, example := range spectest.Examples(doc, op.ID, status) {
					answer, _, err := spectest.Example(doc, op.ID, status, example)
					require.NoError(t, err)
					w := &wire{status: status, body: answer}
					got, err := op.Call(t.Context(), client(t, table, spectest.Transport(t, doc, w)), in)
					require.NoError(t, err, "%s, %s %s", name, status, example)
					require.Len(t, w.sent, 1)
					for header, value := range table.Signed {
						assert.Equal(t, value, w.sent[0].Header.Get(header))
					}
					sent(t, op.Info, in, w)
					returned(t, answer, got)
				}
			}
		}
	})
}

// sent holds the request against what the operation was called with.
func sent(t *testing.T, op operations.Info, in *operations.Input, w *wire) {
	t.Helper()
	req := w.sent[0]
	path := op.Path
	for name, value := range in.Path {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	assert.Equal(t, op.Method, req.Method)
	assert.Equal(t, path, req.URL.Path)
	assert.Equal(t, slices.Contains(op.Headers, "Idempotency-Key"), req.Header.Get("Idempotency-Key") != "")
	assert.Equal(t, queryOf(t, in.Query), req.URL.Query())
	switch op.Media {
	case "application/json":
		assert.JSONEq(t, string(in.Body), string(w.bodies[0]))
	case "multipart/form-data":
		_, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
		require.NoError(t, err)
		part, err := multipart.NewReader(bytes.NewReader(w.bodies[0]), params["boundary"]).NextPart()
		require.NoError(t, err)
		content, err := io.ReadAll(part)
		require.NoError(t, err)
		assert.Equal(t, []string{"File", operationstest.FileName, operationstest.FileContent}, []string{part.FormName(), part.FileName(), string(content)})
		assert.Equal(t, int64(len(w.bodies[0])), req.ContentLength)
	default:
		assert.Empty(t, w.bodies[0])
	}
}

// queryOf writes the parameters as a query has them.
func queryOf(t *testing.T, object json.RawMessage) url.Values {
	t.Helper()
	values := url.Values{}
	if len(object) == 0 {
		return values
	}
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	require.NoError(t, d.Decode(&members))
	for name, v := range members {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, one := range list {
			text, err := json.Marshal(one)
			require.NoError(t, err)
			values.Add(name, strings.Trim(string(text), `"`))
		}
	}
	return values
}

// returned holds a result against the payload of an answer. A token is no JSON that can be compared.
func returned(t *testing.T, answer []byte, got any) {
	t.Helper()
	var envelope struct{ Data json.RawMessage }
	require.NoError(t, json.Unmarshal(answer, &envelope))
	if envelope.Data == nil { // there is none
		envelope.Data = answer
	}
	if token, ok := tokenOf(got); ok {
		assert.Contains(t, string(envelope.Data), `"`+token.Reveal()+`"`)
		return
	}
	text, err := json.Marshal(got)
	require.NoError(t, err)
	if bytes.HasPrefix(envelope.Data, []byte("[")) {
		var page struct{ Items json.RawMessage }
		require.NoError(t, json.Unmarshal(text, &page))
		text = page.Items
	}
	assert.JSONEq(t, without(t, envelope.Data), without(t, text))
}

// tokenOf returns the token of a payload that has one.
func tokenOf(payload any) (secret.String, bool) {
	v := reflect.ValueOf(payload).Elem()
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			continue
		}
		if token, ok := v.Field(i).Interface().(secret.String); ok {
			return token, true
		}
	}
	return secret.String{}, false
}

// without writes JSON without what is null or an empty list: in Go it is the same as what is not there.
func without(t *testing.T, text []byte) string {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal(text, &value))
	var strip func(any) any
	strip = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for name, member := range v {
				if list, ok := member.([]any); member == nil || ok && len(list) == 0 {
					delete(v, name)
				} else {
					v[name] = strip(member)
				}
			}
		case []any:
			for i := range v {
				v[i] = strip(v[i])
			}
		}
		return v
	}
	out, err := json.Marshal(strip(value))
	require.NoError(t, err)
	return string(out)
}

// What breaks a rule of the document is refused before it is sent, and the error names the member: one that must be there
// and is not, a word that is none of an enumeration, and a text that is not of its format.
func TestEveryRule(t *testing.T) {
	broken := 0
	eachOperation(t, func(t *testing.T, table operationstest.Table, op operationstest.Operation) {
		for name, in := range operationstest.Inputs(t, op.Info) {
			if name == "file" {
				continue
			}
			for _, f := range append(slices.Clone(op.Params), op.Body...) {
				for _, wrong := range wrongs(f) {
					bad, ok := with(t, in, f, wrong)
					if !ok {
						continue
					}
					broken++
					w := &wire{status: "200"}
					_, err := op.Call(t.Context(), client(t, table, w), bad)
					require.ErrorIs(t, err, rest.ErrInvalid, "%s: %v", f.Name, wrong)
					var e *rest.Error
					require.ErrorAs(t, err, &e)
					assert.Equal(t, f.Name, e.Field, "%v", wrong)
					assert.Empty(t, w.sent, "%s: %v", f.Name, wrong)
					if text, ok := wrong.(string); ok && text != "" {
						assert.NotContains(t, err.Error(), text)
					}
				}
			}
		}
	})
	assert.Greater(t, broken, 200, "too few rules were broken")
}

// wrongs are values that break a rule for a field.
func wrongs(f operations.Field) (list []any) {
	if f.Required && f.Type == "string" && !f.Nullable && f.Default == "" {
		list = append(list, "")
	}
	if len(f.Values) > 0 && f.Type == "string" {
		list = append(list, "no_such_word")
	}
	if bad, ok := map[string]string{
		"uuid": "182bd5e5", "date": "2026-02-30", "date-time": "yesterday", "email": "nobody", "uri": "no uri", "ipv4": "300.0.0.1",
	}[f.Format]; ok {
		list = append(list, bad)
	}
	return list
}

// with returns the input with another value for a field. It reports whether the field is in it, or can be.
func with(t *testing.T, in *operations.Input, f operations.Field, value any) (*operations.Input, bool) {
	t.Helper()
	out := *in
	if f.In == "path" {
		out.Path = map[string]string{}
		for name, v := range in.Path {
			out.Path[name] = v
		}
		out.Path[f.Name] = value.(string)
		return &out, true
	}
	from := &out.Body
	if f.In == "query" {
		if value == "" {
			return nil, false // is left out
		}
		from = &out.Query
	}
	var object map[string]any
	require.NoError(t, json.Unmarshal(*from, &object))
	at, names := object, strings.Split(f.Name, ".")
	for _, name := range names[:len(names)-1] {
		inner, ok := at[name].(map[string]any)
		if !ok {
			return nil, false
		}
		at = inner
	}
	last := names[len(names)-1]
	if _, given := at[last]; !given {
		return nil, false
	}
	at[last] = value
	text, err := json.Marshal(object)
	require.NoError(t, err)
	*from = text
	return &out, true
}

// What only the sandbox takes is refused in production.
func TestSandboxOnly(t *testing.T) {
	refused := 0
	eachOperation(t, func(t *testing.T, table operationstest.Table, op operationstest.Operation) {
		for _, in := range operationstest.Inputs(t, op.Info) {
			only := strings.HasPrefix(op.ID, "simulate") || bytes.Contains(in.Body, []byte("sandbox_outcome"))
			w := &wire{status: "200", body: []byte(`{}`)}
			live, err := table.Client("", true, operationstest.Over(w))
			require.NoError(t, err)
			_, err = op.Call(t.Context(), live, in)
			var e *rest.Error
			require.ErrorAs(t, err, &e, op.ID)
			assert.Equal(t, only, errors.Is(err, rest.ErrInvalid), "%s: %v", op.ID, err)
			if only {
				refused++
				assert.Empty(t, w.sent)
				assert.Contains(t, e.Message, "is for the sandbox only")
			}
		}
	})
	assert.Positive(t, refused)
}

// Each operation takes the options whose headers the document has, and refuses the others.
func TestOptions(t *testing.T) {
	eachOperation(t, func(t *testing.T, table operationstest.Table, op operationstest.Operation) {
		for header, option := range map[string]rest.Option{
			"Idempotency-Key": rest.IdempotencyKey("0123456789"), "Request-Id": rest.RequestID("r-1"),
			"Correlation-Id": rest.CorrelationID("c-1"), "Straddle-Account-Id": rest.AccountID(id),
		} {
			for _, in := range operationstest.Inputs(t, op.Info) {
				w := &wire{status: "200", body: []byte(`{}`)}
				_, err := op.Call(t.Context(), client(t, table, w), in, option)
				require.Error(t, err)
				if takes := slices.Contains(op.Headers, header); !takes {
					require.ErrorIs(t, err, rest.ErrInvalid, "%s %s", op.ID, header)
					assert.Empty(t, w.sent)
				} else if assert.NotEmpty(t, w.sent, "%s %s: %v", op.ID, header, err) {
					assert.NotEmpty(t, w.sent[0].Header.Get(header))
				}
			}
		}
	})
}

// A client for an account names it in the calls that can be made for one, and in no other.
func TestAccount(t *testing.T) {
	for _, op := range operations.Straddle {
		for _, in := range operationstest.Inputs(t, op.Info) {
			w := &wire{status: "200", body: []byte(`{}`)}
			st, err := straddle.New(straddle.Config{APIKey: secret.New("sk_test_0123456789"), HTTP: operationstest.Over(w)})
			require.NoError(t, err)
			_, err = op.Call(t.Context(), st.ForAccount(id), in)
			require.Error(t, err)
			require.NotEmpty(t, w.sent, "%s: %v", op.ID, err)
			want := ""
			if slices.Contains(op.Headers, "Straddle-Account-Id") {
				want = id
			}
			assert.Equal(t, want, w.sent[0].Header.Get("Straddle-Account-Id"), op.ID)
		}
	}
}

// Calls of services that no client has fail like those of a client that New did not make.
func TestZeroServices(t *testing.T) {
	eachOperation(t, func(t *testing.T, table operationstest.Table, op operationstest.Operation) {
		for _, in := range operationstest.Inputs(t, op.Info) {
			_, err := op.Call(t.Context(), table.Zero, in)
			require.ErrorIs(t, err, rest.ErrInvalid, op.ID)
			assert.ErrorContains(t, err, "must be made by ")
		}
	})
}
