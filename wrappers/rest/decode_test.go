package rest

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// checked is a payload that says whether it is complete.
type checked struct {
	Token string `json:"token"`
}

func (c *checked) Check() error { return TokenText("token", secret.New(c.Token)) }

// enveloped is an API whose answers have a frame.
var enveloped = &API{
	Provider: "acme",
	Open: func(body []byte) ([]byte, Meta, error) {
		var e struct {
			ID   string          `json:"id"`
			Fail bool            `json:"fail"`
			Data json.RawMessage `json:"data"`
		}
		if err := json.Unmarshal(body, &e); err != nil {
			return nil, Meta{}, err
		}
		if e.Fail {
			return nil, Meta{RequestID: e.ID}, Bad("the envelope says error")
		}
		return e.Data, Meta{RequestID: e.ID}, nil
	},
	Explain: func(e *Error, _ http.Header, body []byte) {
		var b struct{ Code, Message string }
		if json.Unmarshal(body, &b) == nil {
			e.Code, e.Message = b.Code, b.Message
			e.AddKind(ErrVersionMismatch)
			e.Detail = &b
		}
	},
}

// Requirements C24, C25, C26, C34, C35 and C36: what counts as an answer.
func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name, body string
		fields     []string
		message    string // "" succeeds
	}{
		{"good", `{"id":"r1","data":{"token":"abc"}}`, nil, ""},
		{"unknown members", `{"id":"r1","new":{"x":[1]},"data":{"token":"abc","more":1}}`, nil, ""},
		{"other JSON types", `{"id":"r1","data":{"token":"abc"}}`, []string{"Content-Type: application/problem+json; charset=utf-8"}, ""},
		{"identity", `{"id":"r1","data":{"token":"abc"}}`, []string{"Content-Encoding: identity"}, ""},
		{"empty", ``, nil, "the answer is empty"},
		{"HTML", `<html>`, []string{"Content-Type: text/html"}, "the answer is text/html and not JSON"},
		{"no type", `{}`, []string{"Content-Type: "}, "the answer does not say that it is JSON"},
		{"odd encoding", `{}`, []string{"Content-Encoding: br"}, "the answer is in an encoding that was not asked for: br"},
		{"trailing", `{"data":{"token":"abc"}} x`, nil, "the answer goes on after its end"},
		{"twice", `{"data":{"token":"abc","token":"x"}}`, nil, "the answer has an object with the same member twice"},
		{"deep", `{"data":` + strings.Repeat("[", 99), nil, "the answer is nested more than 64 deep"},
		{"broken", `{"data":`, nil, "the answer is not valid JSON, from byte 8 on"},
		{"null", `null`, nil, "the answer has no data"},
		{"no data", `{"id":"r1"}`, nil, "the answer has no data"},
		{"null data", `{"id":"r1","data": null }`, nil, "the answer has no data"},
		{"other type", `{"data":{"token":7}}`, nil, "has another JSON type than promised"},
		{"incomplete", `{"data":{}}`, nil, "is missing or empty"},
		{"bad token", `{"data":{"token":"a\nb"}}`, nil, "holds characters that a token cannot have"},
		{"envelope says error", `{"id":"r1","fail":true,"data":{"token":"abc"}}`, nil, "the envelope says error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			op := &Operation{API: enveloped, Name: "getToken"}
			v, err := Decode[checked](op, reply(200, c.body, c.fields...), nil)
			if c.message == "" {
				require.NoError(t, err)
				assert.Equal(t, "abc", v.Token)
				return
			}
			e := failure(t, err)
			assert.Nil(t, v)
			assert.ErrorIs(t, err, ErrBadResponse)
			assert.NotErrorIs(t, err, ErrInDoubt)
			assert.Equal(t, c.message, e.Message)
			assert.Equal(t, 200, e.Status, "the status is never lost")
			assert.Equal(t, c.body, string(e.RawBody()))
			assert.Equal(t, "getToken", e.Operation)
			if strings.Contains(c.body, "r1") {
				assert.Equal(t, "r1", e.RequestID, "the request id is always kept")
			}
		})
	}
}

// A success of something that can be used up, whose content is lost, is in doubt.
func TestDecodeLostContentIsInDoubt(t *testing.T) {
	op := &Operation{API: enveloped, Name: "refresh", Repeat: RepeatRefused}
	_, err := Decode[checked](op, reply(200, `{}`), nil)
	assert.ErrorIs(t, err, ErrInDoubt)
	assert.ErrorIs(t, err, ErrBadResponse)
}

// Requirements C32 and C33: a failing status has its kind, whatever the body.
func TestDecodeStatus(t *testing.T) {
	for status, kinds := range map[int][]error{
		400: {ErrInvalid}, 401: {ErrUnauthenticated}, 403: {ErrForbidden}, 404: {ErrNotFound}, 408: {ErrUnavailable},
		409: {ErrConflict}, 415: {ErrInvalid}, 422: {ErrInvalid}, 423: {ErrLocked}, 429: {ErrRateLimited},
		500: {ErrUnavailable, ErrInDoubt}, 501: {ErrUnavailable}, 502: {ErrUnavailable, ErrInDoubt}, 503: {ErrUnavailable, ErrInDoubt},
		504: {ErrUnavailable, ErrInDoubt}, 302: {ErrBadResponse}, 101: {ErrBadResponse},
	} {
		for name, body := range map[string]string{
			"explained": `{"code":"c","message":"m\u0000\n x"}`, "broken": `{"code`, "HTML": `<html>`, "empty": ``,
			"twice": `{"code":"a","message":"m","code":"b"}`,
		} {
			t.Run(http.StatusText(status)+"/"+name, func(t *testing.T) {
				_, err := Decode[checked](&Operation{API: enveloped}, reply(status, body, "Retry-After: 7"), nil)
				e := failure(t, err)
				assert.Equal(t, status, e.Status)
				assert.Equal(t, 7*time.Second, e.RetryAfter)
				for _, k := range kinds {
					assert.ErrorIs(t, err, k)
				}
				assert.Equal(t, len(kinds) > 1, errors.Is(err, ErrInDoubt))
				if name == "explained" && status >= 400 {
					assert.Equal(t, "m x", e.Message, "control characters are gone")
					assert.Equal(t, "c", e.Code)
					assert.ErrorIs(t, err, ErrVersionMismatch)
					assert.NotNil(t, e.Detail)
				} else {
					assert.NotEmpty(t, e.Message)
					assert.True(t, e.Code == "" || e.Code == "redirect", "what is no JSON is not explained")
					assert.Nil(t, e.Detail)
				}
			})
		}
	}
}

// Requirement B15: a redirect is an error that names the origin it goes to and nothing else of its address.
func TestDecodeRedirect(t *testing.T) {
	_, err := Decode[checked](&Operation{API: enveloped}, reply(307, "", "Location: https://evil.example.com/path?code=1#x"), nil)
	e := failure(t, err)
	assert.Equal(t, "redirect", e.Code)
	assert.Equal(t, "redirects are not followed; this one goes to https://evil.example.com", e.Message)
	for _, nowhere := range []string{":", "", "/path?code=1"} {
		_, err = Decode[checked](&Operation{API: enveloped}, reply(302, "", "Location: "+nowhere), nil)
		assert.Equal(t, "redirects are not followed", failure(t, err).Message)
	}
}

func TestDecodePasses(t *testing.T) {
	op := &Operation{API: enveloped, Name: "x"}
	_, err := Decode[checked](op, nil, io.ErrUnexpectedEOF)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = Decode[checked](op, nil, nil)
	assert.Equal(t, "there is no answer", failure(t, err).Message)
	mine := &Error{Provider: "other"}
	_, err = Decode[checked](op, nil, mine)
	assert.Same(t, mine, err)

	v, err := Decode[None](op, reply(204, ""), nil)
	assert.NoError(t, err)
	assert.NotNil(t, v)

	plain := &API{Provider: "acme", Open: func([]byte) ([]byte, Meta, error) { return nil, Meta{}, io.EOF }}
	_, err = Decode[checked](&Operation{API: plain}, reply(200, "{}"), nil)
	assert.Equal(t, "the answer is not the JSON that was promised", failure(t, err).Message)
	_, err = Decode[checked](&Operation{API: plain}, reply(429, ""), nil)
	assert.Equal(t, "too many requests", failure(t, err).Message)
}

// Without an envelope an error under a 2xx is told by what it does not have.
func TestDecodeRequired(t *testing.T) {
	op := &Operation{API: &API{Provider: "acme"}, Name: "x", Required: []string{"id", "rows"}}
	type list struct {
		ID   string   `json:"id"`
		Rows []string `json:"rows"`
	}
	v, err := Decode[list](op, reply(200, `{"id":"i","rows":[]}`), nil)
	require.NoError(t, err)
	assert.Equal(t, "i", v.ID)
	for body, field := range map[string]string{
		`{"error_code":"BAD"}`: "id", `{"id":"i"}`: "rows", `{"id":"i","rows":null}`: "rows", `{"ID":"i","rows":[]}`: "id",
	} {
		_, err := Decode[list](op, reply(200, body), nil)
		require.ErrorIs(t, err, ErrBadResponse, body)
		e := failure(t, err)
		assert.Equal(t, []string{field, "is missing"}, []string{e.Field, e.Message}, body)
	}
	_, err = Decode[list](op, reply(200, `[7]`), nil)
	assert.ErrorIs(t, err, ErrBadResponse)
}

// Requirement G77. What the chain masks, Decode masks, too, and it knows how often the call was sent.
func TestDecodeKnowsTheCall(t *testing.T) {
	const key = "canary-key-2"
	client, _ := newWire(t, Config{}, func(n int, _ *http.Request) (*http.Response, error) {
		if n == 1 {
			return reply(429, `{}`, "Retry-After: 0"), nil
		}
		return reply(422, `{"code":"c","message":"no good: the-api-key and `+key+`"}`), nil
	})
	req, err := http.NewRequestWithContext(WithOptions(t.Context(), Mask(secret.New(key))), http.MethodPost, testURL, nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	_, err = Decode[checked](&Operation{API: enveloped}, resp, err)
	e := failure(t, err)
	assert.Equal(t, "no good: [redacted] and [redacted]", e.Message)
	assert.Equal(t, 2, e.Attempts)

	_, err = Decode[checked](&Operation{API: enveloped}, reply(422, `{}`), nil)
	assert.Equal(t, 1, failure(t, err).Attempts, "it came from somewhere")
}

// A body that was not read yet is read within the limit.
func TestDecodeReads(t *testing.T) {
	op := &Operation{API: enveloped, MaxBody: 10}
	_, err := Decode[checked](op, reply(200, strings.Repeat("x", 11)), nil)
	assert.Equal(t, "the answer is larger than the limit of its operation", failure(t, err).Message)
	assert.Len(t, failure(t, err).RawBody(), 10)

	resp := reply(200, "")
	resp.Body = io.NopCloser(&brokenReader{"abc"})
	_, err = Decode[checked](op, resp, nil)
	assert.Equal(t, "the answer broke off: the connection ended too early", failure(t, err).Message)
	assert.ErrorIs(t, err, ErrInDoubt)

	resp = reply(204, "")
	resp.Body = nil
	_, err = Decode[None](op, resp, nil)
	assert.NoError(t, err)
}

// brokenReader gives its text and then breaks.
type brokenReader struct{ text string }

func (r *brokenReader) Read(p []byte) (int, error) {
	n := copy(p, r.text)
	r.text = r.text[n:]
	if r.text == "" {
		return n, io.ErrUnexpectedEOF
	}
	return n, nil
}

func TestCallChecksFirst(t *testing.T) {
	sent := false
	send := func(context.Context) (*http.Response, error) {
		sent = true
		return reply(200, `{"value":"x"}`), nil
	}
	var info Info
	_, err := Call[thing](t.Context(), operation(RepeatFreely), Invalid("a", "is wrong"), []Option{Timeout(-1), Capture(&info)}, send)
	assert.Equal(t, "a", failure(t, err).Field, "what the caller passed comes first")
	_, err = Call[thing](t.Context(), operation(RepeatFreely), nil, []Option{nil, Timeout(-1)}, send)
	assert.Equal(t, "Timeout", failure(t, err).Field)
	assert.False(t, sent)
}
