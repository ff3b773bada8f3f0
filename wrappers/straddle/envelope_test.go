package straddle_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/gen/straddleapi"
	"github.com/fintoken/fintoken-go/sandbox"
	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/internal/wiretest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
)

// Requirements C22, C24, C26, C27, C34, C35: what is not the promised answer is a typed error, never a zero value. The
// status, the id and the body are kept, the text tells neither body nor secret.
func TestOddAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		reply reply
		want  fault
	}{
		"error under 201": {
			reply{Status: 201, Body: `{"response_type":"error",` + meta + `,"error":{"status":422,"type":"validation_error","title":"Invalid","detail":"customer_id is unknown"}}`},
			fault{RequestID: requestID, Says: "customer_id is unknown"},
		},
		"error under 201, in data": {
			reply{Status: 201, Body: `{"response_type":"error",` + meta + `,"data":{"status":422,"type":"validation_error","title":"Invalid"}}`},
			fault{RequestID: requestID, Says: "Invalid"},
		},
		"error under 201 without details": {reply{Status: 201, Body: `{"response_type":"error",` + meta + `}`}, fault{RequestID: requestID, Says: "an error under a status that says success"}},
		"error member beside data": {
			reply{Status: 201, Body: `{"response_type":"object",` + meta + `,"data":{"bridge_token":"t"},"error":{"title":"Half done","type":"x"}}`},
			fault{RequestID: requestID, Says: "Half done"},
		},
		"error member before all others": {
			reply{Status: 201, Body: `{"error":{"title":"Half done","type":"x"},"data":{"bridge_token":"t"},` + meta + `,"response_type":"object"}`},
			fault{RequestID: requestID, Says: "Half done"},
		},
		"error under 200":        {reply{Status: 200, Body: `{"response_type":"error","error":{}}`}, fault{Says: "an error under a status that says success"}},
		"null data":              {reply{Status: 201, Body: `{"data":null,` + meta + `}`}, fault{RequestID: requestID, Says: "has no data"}},
		"no data":                {reply{Status: 201, Body: `{` + meta + `,"response_type":"none"}`}, fault{RequestID: requestID, Says: "has no data"}},
		"empty object":           {reply{Status: 201, Body: `{}`}, fault{Says: "has no data"}},
		"JSON null":              {reply{Status: 201, Body: `null`}, fault{Says: "has no data"}},
		"empty body":             {reply{Status: 201}, fault{Says: "is empty"}},
		"empty body under 204":   {reply{Status: 204}, fault{Says: "is empty"}},
		"array":                  {reply{Status: 201, Body: `["` + canary + `"]`}, fault{Says: "JSON type"}},
		"data is a text":         {reply{Status: 201, Body: `{"data":"` + canary + `",` + meta + `}`}, fault{RequestID: requestID, Says: "JSON type"}},
		"data is a list":         {reply{Status: 201, Body: `{"data":[{"bridge_token":"` + canary + `"}],` + meta + `}`}, fault{RequestID: requestID, Says: "JSON type"}},
		"token is a number":      {reply{Status: 201, Body: `{"data":{"bridge_token":12}}`}, fault{Field: "data.bridge_token", Says: "JSON type"}},
		"token is missing":       {reply{Status: 201, Body: `{"data":{"bridge_tokens":"` + canary + `"},` + meta + `}`}, fault{RequestID: requestID, Field: "data.bridge_token", Says: "missing or empty"}},
		"token is null":          {reply{Status: 201, Body: `{"data":{"bridge_token":null}}`}, fault{Field: "data.bridge_token", Says: "missing or empty"}},
		"token is empty":         {created(""), fault{RequestID: requestID, Field: "data.bridge_token", Says: "missing or empty"}},
		"token with LF":          {created(canary + `\n`), fault{RequestID: requestID, Field: "data.bridge_token", Says: "characters that a token cannot have"}},
		"token with NUL":         {created(canary + `\u0000`), fault{RequestID: requestID, Field: "data.bridge_token", Says: "characters that a token cannot have"}},
		"token with umlaut":      {created(canary + `ä`), fault{RequestID: requestID, Field: "data.bridge_token", Says: "characters that a token cannot have"}},
		"HTML":                   {reply{Status: 201, MIME: "text/html; charset=utf-8", Body: "<html>" + canary}, fault{Says: "JSON"}},
		"HTML that claims JSON":  {reply{Status: 200, Body: "<html>" + canary}, fault{Says: "not valid JSON, from byte 1 on"}},
		"no media type":          {reply{Status: 201, MIME: " ", Body: created(canary).Body}, fault{Says: "JSON"}},
		"half of it":             {reply{Status: 201, Body: `{"data":{"bridge_token":"` + canary}, fault{Says: "not valid JSON"}},
		"two answers in one":     {reply{Status: 201, Body: created("a").Body + created("b").Body}, fault{Says: "201"}},
		"over the limit":         {reply{Status: 201, Body: created(canary).Body + strings.Repeat(" ", rest.TokenMaxBody)}, fault{Says: "larger than the limit"}},
		"a status below success": {reply{Status: 304}, fault{Says: "redirects are not followed"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := wiretest.Script(c.reply)
			var info rest.Info
			token, err := client(t, w).Bridge.Initialize(t.Context(), minimal, rest.Capture(&info))
			assert.Nil(t, token)
			c.want.Kind, c.want.Status, c.want.Attempts = rest.ErrBadResponse, c.reply.Status, 1
			e := provider.RequireFault(t, err, c.want)
			wiretest.RequireKinds(t, err, rest.ErrBadResponse)
			assert.Equal(t, "createBridgeToken", e.Operation)
			assert.True(t, strings.HasPrefix(c.reply.Body, string(e.RawBody())))
			assert.Equal(t, c.reply.Body == "", len(e.RawBody()) == 0)
			assert.Equal(t, c.reply.Status, info.Status)
			assert.Len(t, w.Requests(), 1)
		})
	}
}

// Without an id of the provider's own, the error has the one that was sent.
func TestOwnRequestIDInErrors(t *testing.T) {
	_, err := client(t, wiretest.Script(reply{Status: 201})).Bridge.Initialize(t.Context(), minimal, rest.RequestID("req-2026-0042"))
	provider.RequireFault(t, err, fault{Kind: rest.ErrBadResponse, Status: 201, Attempts: 1, RequestID: "req-2026-0042", Says: "(request id req-2026-0042)"})
}

// Requirements C25, C37: what is new, missing or odd beside the token does not fail the call.
func TestTolerated(t *testing.T) {
	at := time.Date(2026, time.January, 5, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		body string
		meta rest.Meta
	}{
		"as promised":           {created("t").Body, rest.Meta{RequestID: requestID, Time: at, Type: "object"}},
		"unknown members":       {`{"data":{"bridge_token":"t","new":[1]},` + meta + `,"response_type":"object","more":{}}`, rest.Meta{RequestID: requestID, Time: at, Type: "object"}},
		"unknown type":          {`{"data":{"bridge_token":"t"},` + meta + `,"response_type":"session"}`, rest.Meta{RequestID: requestID, Time: at, Type: "session"}},
		"no type, no meta":      {`{"data":{"bridge_token":"t"}}`, rest.Meta{}},
		"null meta, null error": {`{"data":{"bridge_token":"t"},"meta":null,"error":null}`, rest.Meta{}},
		"a bad time":            {`{"data":{"bridge_token":"t"},"meta":{"api_request_id":"x","api_request_timestamp":"yesterday"}}`, rest.Meta{RequestID: "x"}},
		"a time as a number":    {`{"data":{"bridge_token":"t"},"meta":{"api_request_id":7,"api_request_timestamp":1767607200}}`, rest.Meta{}},
		"odd type, odd meta":    {`{"response_type":7,"data":{"bridge_token":"t"},"meta":"x"}`, rest.Meta{}},
		"paging":                {`{"data":{"bridge_token":"t"},"meta":{"page_number":2,"page_size":100,"total_pages":3,"total_items":250}}`, rest.Meta{Paging: rest.Paging{PageNumber: 2, PageSize: 100, TotalPages: 3, TotalItems: 250}}},
		"paging of accounts":    {`{"data":{"bridge_token":"t"},"meta":{"page_number":1,"page_size":null,"total_rows":7}}`, rest.Meta{Paging: rest.Paging{PageNumber: 1, TotalItems: 7}}},
		"odd paging":            {`{"data":{"bridge_token":"t"},"meta":{"page_number":"1","page_size":1e2,"total_pages":[],"total_items":-0.5}}`, rest.Meta{}},
		"escapes in names":      {`{"\u0064ata":{"bridge_to\u006ben":"t"}}`, rest.Meta{}},
		"spaces around":         {" \n" + created("t").Body + "\n", rest.Meta{RequestID: requestID, Time: at, Type: "object"}},
	} {
		for _, mime := range []string{"", "application/json; charset=utf-8", "application/vnd.straddle+json"} {
			t.Run(name+" "+mime, func(t *testing.T) {
				var info rest.Info
				token, err := client(t, wiretest.Script(reply{Status: 201, Body: c.body, MIME: mime})).Bridge.Initialize(t.Context(), minimal, rest.Capture(&info))
				require.NoError(t, err)
				assert.Equal(t, "t", token.Token.Reveal())
				assert.Equal(t, c.meta, info.Meta)
				assert.Equal(t, c.meta.RequestID, info.RequestID)
			})
		}
	}
}

// Requirement C31: a token may be as long as the limit of the answer allows.
func TestLongToken(t *testing.T) {
	long := strings.Repeat("t", 60<<10)
	token, err := client(t, wiretest.Script(created(long))).Bridge.Initialize(t.Context(), minimal)
	require.NoError(t, err)
	assert.Equal(t, long, token.Token.Reveal())
}

// The details of a failure may stand in error, in data, or in the body itself, and be incomplete.
func TestErrorDetails(t *testing.T) {
	const detail = `"status":409,"type":"/conflict","title":"Conflict","detail":"An old key"`
	for name, c := range map[string]struct{ body, code, message, field, id string }{
		"in error":              {`{"response_type":"error",` + meta + `,"error":{` + detail + `}}`, "/conflict", "An old key", "", requestID},
		"in data":               {`{"response_type":"error",` + meta + `,"data":{` + detail + `}}`, "/conflict", "An old key", "", requestID},
		"error null, in data":   {`{"error":null,` + meta + `,"data":{` + detail + `}}`, "/conflict", "An old key", "", requestID},
		"in both":               {`{"error":{` + detail + `},"data":{"type":"other"}}`, "/conflict", "An old key", "", ""},
		"in the body":           {`{` + detail + `}`, "/conflict", "An old key", "", ""},
		"no detail":             {`{"error":{"type":"x","title":"Conflict"}}`, "x", "Conflict", "", ""},
		"only a type":           {`{"error":{"type":"x"}}`, "x", "conflict", "", ""},
		"one item":              {`{"error":{"title":"T","items":[{"reference":"a.b","detail":"bad"}]}}`, "", "T [a.b: bad]", "a.b", ""},
		"two items":             {`{"error":{"title":"T","items":[{"reference":"a","detail":"bad"},{"detail":"worse"}]}}`, "", "T [a: bad; worse]", "", ""},
		"items alone":           {`{"error":{"items":[{"detail":"bad"}]}}`, "", "[bad]", "", ""},
		"null items":            {`{"error":{"title":"T","items":null,"detail":null}}`, "", "T", "", ""},
		"wrong types":           {`{"meta":[],"error":{"status":"409","type":"x","title":7,"detail":"d"}}`, "x", "d", "", ""},
		"control characters":    {`{"error":{"type":"a\nb","detail":"c\r\nd\u0000e"}}`, "a b", "c d e", "", ""},
		"the key comes back":    {`{"error":{"type":"x","detail":"bad key ` + apiKey + `"}}`, "x", "bad key [redacted]", "", ""},
		"an unknown shape":      {`{"problem":"` + canary + `"}`, "", "conflict", "", ""},
		"not an object":         {`["` + canary + `"]`, "", "conflict", "", ""},
		"not JSON":              {`<html>` + canary, "", "conflict", "", ""},
		"nothing":               {``, "", "conflict", "", ""},
		"a token in data":       {`{"data":{"bridge_token":"` + canary + `"}}`, "", "conflict", "", ""},
		"error is only a text":  {`{"error":"` + canary + `"}`, "", "conflict", "", ""},
		"an id with line break": {`{"meta":{"api_request_id":"a\nb"},"error":{"type":"x"}}`, "x", "conflict", "", "a b"},
	} {
		t.Run(name, func(t *testing.T) {
			var info rest.Info
			_, err := client(t, wiretest.Script(reply{Status: 409, Body: c.body})).Bridge.Initialize(t.Context(), minimal, rest.Retries(0), rest.Capture(&info))
			e := provider.RequireFault(t, err, fault{Kind: rest.ErrConflict, Status: 409, Attempts: 1, Field: c.field, RequestID: c.id, Says: c.message})
			wiretest.RequireKinds(t, err, rest.ErrConflict)
			assert.Equal(t, c.code, e.Code)
			assert.Equal(t, e.RequestID, info.RequestID)
			assert.Equal(t, c.message, e.Message)
			assert.Equal(t, strings.ReplaceAll(c.body, apiKey, "[redacted]"), string(e.RawBody()))
		})
	}
}

// Every failure that the document shows becomes an error of its kind, and what the client sends holds throughout.
func TestDocumentedFailures(t *testing.T) {
	kind := map[string]error{
		"400": rest.ErrInvalid, "401": rest.ErrUnauthenticated, "403": rest.ErrForbidden, "409": rest.ErrConflict,
		"422": rest.ErrInvalid, "429": rest.ErrRateLimited, "500": rest.ErrUnavailable, "default": rest.ErrUnavailable,
	}
	for part, want := range kind {
		names := spectest.Examples(specs.Straddle, "createBridgeToken", part)
		require.NotEmpty(t, names, part)
		for _, name := range names {
			t.Run(part+" "+name, func(t *testing.T) {
				body, mime, err := spectest.Example(specs.Straddle, "createBridgeToken", part, name)
				require.NoError(t, err)
				status, err := strconv.Atoi(part)
				if err != nil {
					status = 503
				}
				w := wiretest.Script(reply{Status: status, Body: string(body), MIME: mime})
				_, err = client(t, spectest.Transport(t, specs.Straddle, w)).Bridge.Initialize(t.Context(), minimal, rest.Retries(0))
				wiretest.RequireKinds(t, err, want)
				var e *rest.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, status, e.Status)
				assert.NotEmpty(t, e.Code)
				if name != "bare" { // without the envelope there is none
					assert.NoError(t, rest.UUID("request id", e.RequestID))
				}
				detail, ok := e.Detail.(*straddleapi.APIError)
				require.True(t, ok)
				assert.Contains(t, e.Message, detail.Detail)
			})
		}
	}
}

// Unwrap reads what a raw generated client got, without anything else of this package.
func TestUnwrapRawClient(t *testing.T) {
	server := sandbox.Start(t)
	creds := server.Sandbox().Credentials().Straddle
	checked := spectest.Transport(t, specs.Straddle, &http.Transport{}, spectest.BasePath("/straddle"))
	t.Cleanup(checked.CloseIdleConnections)
	raw, err := straddleapi.NewClient(server.Straddle(),
		straddleapi.WithHTTPClient(&http.Client{Transport: checked}),
		straddleapi.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+creds.APIKey)
			return nil
		}))
	require.NoError(t, err)

	token, err := straddle.Unwrap[straddleapi.BridgeToken](
		raw.CreateBridgeToken(t.Context(), nil, straddleapi.CreateBridgeTokenRequest{CustomerID: creds.CustomerID}))
	require.NoError(t, err)
	assert.NotEmpty(t, token.BridgeToken)

	token, err = straddle.Unwrap[straddleapi.BridgeToken](raw.CreateBridgeToken(t.Context(), nil, straddleapi.CreateBridgeTokenRequest{CustomerID: stranger}))
	assert.Nil(t, token)
	e := provider.RequireFault(t, err, fault{
		Kind: rest.ErrInvalid, Status: 422, Attempts: 1, Field: "customer_id", Says: "straddle: POST: 422",
		RequestID: server.Sandbox().Calls()[1].RequestID,
	})
	assert.Equal(t, "validation_error", e.Code)
}

// The raw client behind a Client goes through the same chain.
func TestUnwrapAPI(t *testing.T) {
	c, creds, _ := against(t)
	key := "order-2026-0042"
	token, err := straddle.Unwrap[straddleapi.BridgeToken](c.API().CreateBridgeToken(t.Context(),
		&straddleapi.CreateBridgeTokenParams{IdempotencyKey: &key, StraddleAccountID: &creds.AccountID},
		straddleapi.CreateBridgeTokenRequest{CustomerID: creds.CustomerID}))
	require.NoError(t, err)
	assert.NotEmpty(t, token.BridgeToken)
}

func TestUnwrapOddAnswers(t *testing.T) {
	closed := false
	answer := func(status int, mime, body string) *http.Response {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {mime}}, ContentLength: -1,
			Body: closer{strings.NewReader(body), &closed},
		}
	}
	const js = "application/json"
	for name, c := range map[string]struct {
		resp *http.Response
		err  error
		kind error
		says string
	}{
		"no answer at all":  {nil, nil, rest.ErrBadResponse, "there is no answer"},
		"an error":          {nil, io.ErrUnexpectedEOF, rest.ErrUnavailable, "the connection ended too early"},
		"an error envelope": {answer(200, js, `{"response_type":"error","error":{"title":"Bad"}}`), nil, rest.ErrBadResponse, "Bad"},
		"no data":           {answer(201, js, `{"data":null}`), nil, rest.ErrBadResponse, "has no data"},
		"HTML":              {answer(200, "text/html", "<html>"+canary), nil, rest.ErrBadResponse, "JSON"},
		"HTML under 502":    {answer(502, "text/html", "<html>"+canary), nil, rest.ErrUnavailable, "bad gateway"},
		"empty":             {answer(201, js, ""), nil, rest.ErrBadResponse, "is empty"},
		"too much":          {answer(201, js, created("t").Body+strings.Repeat(" ", rest.DefaultMaxBody)), nil, rest.ErrBadResponse, "larger than the limit"},
	} {
		t.Run(name, func(t *testing.T) {
			closed = false
			v, err := straddle.Unwrap[straddleapi.BridgeToken](c.resp, c.err)
			assert.Nil(t, v)
			assert.ErrorIs(t, err, c.kind)
			assert.ErrorContains(t, err, c.says)
			assert.NotContains(t, err.Error(), canary)
			assert.Equal(t, c.resp != nil, closed, "the body is closed")
		})
	}
}

type closer struct {
	io.Reader
	closed *bool
}

func (c closer) Close() error { *c.closed = true; return nil }
