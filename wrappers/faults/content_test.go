package faults

import (
	"io"
	"net/http"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// The operations that a content fault may not apply to.
var (
	o1, o2, o3, o4, o7, o8 = operations[0].id, operations[1].id, operations[2].id, operations[3].id, operations[6].id, operations[7].id
)

// content is the row of a success whose content is no good: sent once, typed; in doubt where a token may have been
// used up; a success where the status says all.
func content(o *operation) want {
	w := want{attempts: 1, wire: -1, status: o.status, is: []error{rest.ErrBadResponse}}
	switch o.class {
	case revoke:
		w.success = true
	case refresh:
		w.is = append(w.is, rest.ErrInDoubt)
	default:
		w.isNot = []error{rest.ErrInDoubt}
	}
	return w
}

// fine is the row of an oddity that does not matter.
func fine(o *operation) want { return want{success: true, attempts: 1, wire: -1, status: o.status} }

// contentFault answers with a body.
func contentFault(name string, expect func(*operation) want, body func(o *operation, got request) string, except ...string) fault {
	return fault{name: name, except: except, run: func(c *cell) {
		c.server.misbehave(func(w http.ResponseWriter, _ *http.Request, got request) {
			answer(w, c.op.status, body(c.op, got))
		})
		c.check(expect(c.op), c.call(c.Context()))
	}}
}

// swap returns the good answer with one part of it replaced.
func swap(o *operation, part, other string) string {
	if o.class == revoke {
		return other // its success has no content; anything will do
	}
	if !strings.Contains(o.good, part) {
		panic("the good answer of " + o.id + " has no " + part)
	}
	return strings.Replace(o.good, part, other, 1)
}

// tokenOf is the member that an operation is called for, with its token.
func tokenOf(o *operation) string {
	switch o.class {
	case embed:
		return `"token":"` + embedToken + `"`
	case bridge:
		return `"bridge_token":"` + bridgeToken + `"`
	}
	return `"access_token":"` + bearerToken + `"`
}

// begins returns how the object with the token begins.
func begins(o *operation) string { return `{` + tokenOf(o) }

func contentFaults() []fault {
	return []fault{
		contentFault("2xx error envelope", content, func(o *operation, got request) string {
			return o.errorBody(http.StatusBadRequest, got)
		}),
		contentFault("200 empty", content, func(*operation, request) string { return "" }, o4),
		{name: "200 text/html", run: func(c *cell) {
			c.server.misbehave(func(w http.ResponseWriter, _ *http.Request, got request) {
				w.Header().Set("Content-Type", "text/html; charset=utf-8")
				w.WriteHeader(c.op.status)
				_, _ = io.WriteString(w, "<html>"+got.echo())
			})
			c.check(content(c.op), c.call(c.Context()))
		}},
		contentFault("trailing garbage", content, func(o *operation, _ request) string { return o.good + `{"x":1}<!-- -->` }),
		contentFault("invalid JSON", content, func(o *operation, _ request) string { return strings.TrimSuffix(o.good, "}") }),
		contentFault("missing token", content, func(o *operation, _ request) string {
			return swap(o, tokenOf(o), `"other":"x"`)
		}, o4),
		{name: "bad expires_in", except: []string{o4, o7, o8}, run: badLife},
		contentFault("unknown members", fine, func(o *operation, _ request) string {
			return swap(o, begins(o), begins(o)+`,"new":{"token":["x",{"deep":null}]}`)
		}),
		contentFault("duplicate members", content, func(o *operation, _ request) string {
			return swap(o, begins(o), begins(o)+`,`+strings.Replace(tokenOf(o), "canary", "other", 1))
		}),
		contentFault("control characters in token", content, func(o *operation, _ request) string {
			return swap(o, tokenOf(o), strings.Replace(tokenOf(o), "canary", `canary\r\n`, 1))
		}, o4),
		contentFault("deep nesting", content, func(o *operation, _ request) string {
			return swap(o, begins(o), begins(o)+`,"deep":`+strings.Repeat("[", 5000)+strings.Repeat("]", 5000))
		}),
		contentFault("null data", content, func(o *operation, _ request) string {
			before, _, _ := strings.Cut(o.good, `"data":`)
			return before + `"data":null}`
		}, o1, o2, o3, o4, o8),
	}
}

// badLife gives the token a life that is none. Zero means never or unknown, a text of digits is taken; an embed token
// tells a moment, and a bad one does not matter.
func badLife(c *cell) {
	for life, good := range map[string]bool{
		`0`: true, `"3600"`: true, `-1`: false, `"soon"`: false, `99999999999999999999`: false, `9000000000000`: false, `1.5`: false,
	} {
		body := ""
		expect := content
		switch c.op.class {
		case embed:
			body = swap(c.op, `"2026-01-02T03:14:05Z"`, life)
			expect = fine
		default:
			body = swap(c.op, `"expires_in":3600`, `"expires_in":`+life)
		}
		if good {
			expect = fine
		}
		c.server.misbehave(func(w http.ResponseWriter, _ *http.Request, _ request) { answer(w, c.op.status, body) })
		c.check(expect(c.op), c.call(c.Context()), life)
	}
}
