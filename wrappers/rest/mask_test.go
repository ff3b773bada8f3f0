package rest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/internal/reach"
	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// masking returns a call that masks these secrets.
func masking(secrets ...string) *call {
	c := &call{}
	for _, s := range secrets {
		c.masked = append(c.masked, secret.New(s))
	}
	return c
}

// Requirement G77: what is masked is what a text means, so that no escape hides a secret, and JSON stays JSON.
func TestMaskBody(t *testing.T) {
	c := masking("the-secret", "12345678", `a"b\c/d`, "null")
	for body, want := range map[string]string{
		``:                                      ``,
		`{}`:                                    `{}`,
		`{"a": "as it \u00e4s", "b" : [1, -2]}`: `{"a": "as it \u00e4s", "b" : [1, -2]}`,
		`{"a":"no the-secret here"}`:            `{"a":"no [redacted] here"}`,
		`{"a":"no th\u0065-\u0073ecret here"}`:  `{"a":"no [redacted] here"}`,
		`{"a":"Basic dGhlLXNlY3JldA== dGhlLXNlY3JldA"}`:       `{"a":"Basic [redacted] [redacted]"}`,
		`{"th\u0065-secret":1,"x":"7468652d736563726574"}`:    `{"[redacted]":1,"x":"[redacted]"}`,
		`{"a":12345678,"b":-123456789.5e+3,"c":1}`:            `{"a":"[redacted]","b":"-[redacted]9.5e+3","c":1}`,
		`{"a":null,"b":true}`:                                 `{"a":"[redacted]","b":true}`,
		`{"a":"a\"b\\c/d","b":"a\u0022b\u005cc\/d"}`:          `{"a":"[redacted]","b":"[redacted]"}`,
		`{"a":"{\"inner\":\"a\\\"b\\\\c/d\"}"}`:               `{"a":"{\"inner\":\"[redacted]\"}"}`,
		`<html lang="en">the-secret & a&#34;b\c/d</html>`:     `<html lang="en">[redacted] & [redacted]</html>`,
		`{"a":"the-secret","a":"th\u0065-secret"} 12345678 x`: `{"a":"[redacted]","a":"[redacted]"} [redacted] x`,
		`{"a":"th\u0065-secret","b":"\u00`:                    `{"a":"[redacted]","b":"\u00`,
		`the-secret"`:                                         `[redacted]"`,
	} {
		got := c.maskBody([]byte(body))
		assert.Equal(t, want, string(got), body)
		assert.Equal(t, json.Valid([]byte(body)), json.Valid(got), body)
	}
	assert.Equal(t, `the-secret th\u0065`, string(masking().maskBody([]byte(`the-secret th\u0065`))), "no secret, no mask")
}

// A secret that a call learns of later is masked as well.
func TestMaskOfMore(t *testing.T) {
	c := masking("the-secret")
	assert.Equal(t, "[redacted] another", c.mask("the-secret another"))
	c.masked = append(c.masked, secret.New("another"))
	assert.Equal(t, "[redacted] [redacted]", c.mask("the-secret another"))
	assert.Empty(t, c.mask(""))
}

func TestMaskHeader(t *testing.T) {
	h := http.Header{"Www-Authenticate": {"Basic", `Bearer error_description="the-secret"`}}
	assert.Equal(t, http.Header{"Www-Authenticate": {"Basic", `Bearer error_description="[redacted]"`}}, masking("the-secret").maskHeader(h))
	assert.Contains(t, h.Get("Www-Authenticate")+h["Www-Authenticate"][1], "the-secret", "the answer's own is left alone")
}

// echoing is an API whose errors are made of everything that an answer holds.
var echoing = &API{
	Provider: "acme",
	Open: func(body []byte) ([]byte, Meta, error) {
		e := Bad("the envelope says error: " + string(body))
		e.Detail = map[string]any{"body": string(body), "nested": []json.RawMessage{body}}
		return nil, Meta{}, e
	},
	Explain: func(e *Error, h http.Header, body []byte) {
		e.Code, e.Field, e.Message, e.RequestID = string(body), string(body), string(body), string(body)
		e.Detail = &struct {
			Header http.Header
			body   json.RawMessage
		}{h, body}
	},
}

// Requirements G77 and G130: nothing that can be reached from an Error, by its methods or by reflection, holds a secret that the
// provider echoes: neither the detail, nor the body, nor the cause.
func TestNothingInAnErrorIsASecret(t *testing.T) {
	const plain = `s3cr"t/+ä= <&>?x`
	escaped := strings.NewReplacer("s3", `\u00733`, `"`, `\u0022`).Replace(plain)
	for _, form := range secret.Spellings(plain) {
		quoted, _ := json.Marshal(form)
		for name, answer := range map[string]*http.Response{
			"refused":          reply(400, `{"message":`+string(quoted)+`}`, "X-Echo: "+form),
			"refused, raw":     reply(400, `{"message":"`+form+`"}`, "X-Echo: "+form),
			"refused, escaped": reply(400, `{"message":"`+escaped+`"}`),
			"refused in HTML":  reply(502, "<html>"+form, "Content-Type: text/html"),
			"an error as 200":  reply(200, `{"message":`+string(quoted)+`}`),
			"not JSON":         reply(200, `<p>`+form, "Content-Type: text/html"),
			"broken JSON":      reply(200, `{"message":"`+form),
			"too large":        reply(200, `"`+form+strings.Repeat("x", 2000)),
			"redirect":         reply(302, form, "Location: https://"+secret.Redacted+"/"),
		} {
			client, _ := newWire(t, Config{MaxAttempts: 1}, func(int, *http.Request) (*http.Response, error) { return answer, nil })
			op := operation(RepeatUnprocessed)
			op.API, op.MaxBody = echoing, 1000
			_, err := post(t.Context(), client, op, Mask(secret.New(plain)))
			e := failure(t, err)
			for _, text := range append(reach.Texts(e), e.Sample(), string(e.RawBody()), e.Error()) {
				assert.NotContains(t, text, form, name)
				assert.NotContains(t, text, plain, name)
			}
		}
	}
}

// Requirements G77 and G130: nor does what a transport says, which may hold anything.
func TestNothingInACauseIsASecret(t *testing.T) {
	client, _ := newWire(t, Config{MaxAttempts: 1}, failing(errBroken))
	_, err := post(t.Context(), client, operation(RepeatUnprocessed))
	require.ErrorIs(t, err, errBroken)
	for _, text := range reach.Texts(err) {
		assert.NotContains(t, text, "secret-in-its-text")
	}
	_, err = Decode[thing](&Operation{API: testAPI}, reply(200, `{"value":"x"}`), io.ErrUnexpectedEOF)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// FuzzMaskBody: JSON stays JSON, and no text of it holds the secret.
func FuzzMaskBody(f *testing.F) {
	f.Add(`{"a":"the-secret"}`, "the-secret")
	f.Add(`{"a":"th\u0065-secret","b":123456}`, "123456")
	f.Add(`["\ud800\"x`, `\ud8`)
	f.Fuzz(func(t *testing.T, body, plain string) {
		got := masking(plain).maskBody([]byte(body))
		if strict([]byte(body)) != "" {
			return
		}
		var v any
		require.NoError(t, json.Unmarshal(got, &v), "%q became %q", body, got)
		if len(plain) < 4 || strings.Contains(secret.Redacted, plain) { //nolint:gocritic // in this order
			return
		}
		for _, text := range reach.Texts(v) {
			for part := range strings.SplitSeq(text, secret.Redacted) {
				assert.NotContains(t, part, plain, "%q became %q", body, got)
			}
		}
	})
}
