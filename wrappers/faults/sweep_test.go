package faults

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// swept is a row of a table of operations, as a document says it: what the sweep needs to take the operation through the
// core faults. Such a table can be generated.
type swept struct {
	op *rest.Operation
	// status and good are a success.
	status int
	good   string
	// enveloped is whether the payload is in a member named data.
	enveloped bool
	// failure is an error of the provider, with a text of its own.
	failure func(status int, text string) any
	// source is where the bearer comes from; nil for a credential that stays.
	source func(p *peers) *token.Source
	// call makes the call, with arguments that pass the checks.
	call func(ctx context.Context, p *peers, opts ...rest.Option) (any, error)
}

// classOf is what the matrix calls a Repeat.
var classOf = map[rest.Repeat]class{
	rest.RepeatFreely: mint, rest.RepeatByKey: bridge, rest.RepeatRefused: refresh, rest.RepeatPassword: password,
	rest.RepeatUnprocessed: embed, rest.RepeatIdempotent: single,
}

// operation returns the row as a column of the matrix.
func (s *swept) operation() *operation {
	return &operation{
		id: s.op.API.Provider + " " + s.op.Name, class: classOf[s.op.Repeat], path: s.op.Path, status: s.status, good: s.good,
		failure: s.failure, source: s.source, signed: s.signed(), call: s.call,
	}
}

// signed reports whether the call is sent under a bearer that can be replaced.
func (s *swept) signed() bool { return s.source != nil && !s.op.Public }

// tables are the operations that are swept.
func tables() []*swept {
	all := []*swept{getLink}
	for _, o := range operations {
		all = append(all, o.swept())
	}
	return all
}

var getItem = &rest.Operation{API: exchangeLink.API, Name: "getItem", Method: http.MethodGet, Path: "/item/{id}", Repeat: rest.RepeatFreely}

// getLink is a row as a generated table has it: a GET with a parameter in its path.
var getLink = &swept{
	op: getItem, status: http.StatusOK, good: `{"item_id":"i"}`, failure: linkFailure,
	call: func(ctx context.Context, p *peers, opts ...rest.Option) (any, error) {
		return rest.Call[linkItem](ctx, getItem, nil, opts, func(ctx context.Context) (*http.Response, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.link.BaseURL()+"/item/i?verbose=true", nil)
			if err != nil {
				return nil, err
			}
			return p.link.Do(req)
		})
	},
}

// linkItem is its payload.
type linkItem struct {
	ID string `json:"item_id"`
}

func (i *linkItem) Check() error {
	if i.ID == "" {
		return rest.BadField("item_id", "is missing")
	}
	return nil
}

// swept returns a column of the matrix as a row of a table.
func (o *operation) swept() *swept {
	op := &rest.Operation{
		API: &rest.API{Provider: o.id[:strings.IndexByte(o.id, ' ')]}, Name: o.id[strings.IndexByte(o.id, ' ')+1:],
		Method: http.MethodPost, Path: o.path, MaxBody: rest.TokenMaxBody, NoContent: o.class == revoke,
		Public: o.source != nil && !o.signed,
	}
	for repeat, class := range classOf {
		if class == o.class {
			op.Repeat = repeat
		}
	}
	if o.class == revoke {
		op.Repeat = rest.RepeatFreely
	}
	return &swept{
		op: op, status: o.status, good: o.good, enveloped: strings.Contains(o.good, `"data":`), failure: o.failure,
		source: o.source, call: o.call,
	}
}

// coreFault is what every operation is taken through.
type coreFault struct {
	name   string
	expect func(s *swept, o *operation) want
	meet   func(s *swept, c *cell) misdeed
}

// about is an expectation that the matrix has as well.
func about(expect func(*operation) want) func(*swept, *operation) want {
	return func(_ *swept, o *operation) want { return expect(o) }
}

// ofContent is about a 2xx whose content is no good, which does not matter where there is none.
func ofContent(expect func(*operation) want) func(*swept, *operation) want {
	return func(s *swept, o *operation) want {
		if s.op.NoContent {
			return fine(o)
		}
		return expect(o)
	}
}

// bodies answers a success with a body.
func bodies(body func(s *swept, got request) string) func(*swept, *cell) misdeed {
	return func(s *swept, _ *cell) misdeed {
		return func(w http.ResponseWriter, _ *http.Request, got request) { answer(w, s.status, body(s, got)) }
	}
}

// statuses answers with a status and a header field.
func statuses(status int, field, value string) func(*swept, *cell) misdeed {
	return func(_ *swept, c *cell) misdeed { return c.op.respond(status, field, value) }
}

// allCore is how many core faults there are.
const allCore = 12

func coreFaults() []coreFault {
	byHand := func(m func(c *cell) misdeed) func(*swept, *cell) misdeed {
		return func(_ *swept, c *cell) misdeed { return m(c) }
	}
	nothing := func(*cell) string { return "" }
	return []coreFault{
		{"no answer", about(doubtful), byHand(raw(nothing, closeIt))},
		{"reset", about(doubtful), byHand(raw(nothing, reset))},
		{"truncated", ofContent(broken), byHand(raw(head("Content-Length: 500\r\n"), closeIt))},
		{"HTML", ofContent(content), func(s *swept, _ *cell) misdeed {
			return func(w http.ResponseWriter, _ *http.Request, got request) {
				w.Header().Set("Content-Type", "text/html")
				w.WriteHeader(s.status)
				_, _ = io.WriteString(w, "<html>"+got.echo())
			}
		}},
		{"wrong type", ofContent(content), bodies(func(s *swept, _ request) string { return s.payload("[7]") })},
		{"null data", ofContent(content), bodies(func(s *swept, _ request) string { return s.payload("null") })},
		{"error under 2xx", ofContent(content), func(s *swept, c *cell) misdeed {
			return func(w http.ResponseWriter, _ *http.Request, got request) {
				answer(w, s.status, c.op.errorBody(http.StatusBadRequest, got))
			}
		}},
		{"401 once", renewed, func(_ *swept, c *cell) misdeed {
			c.server.helper = freshTokens()
			return c.op.respond(http.StatusUnauthorized)
		}},
		{"429", func(_ *swept, o *operation) want {
			w := limited(6*time.Second, 7*time.Second, 3*time.Second)(o)
			w.status = http.StatusTooManyRequests
			return w
		}, statuses(http.StatusTooManyRequests, "Retry-After", "3")},
		{"503", func(_ *swept, o *operation) want {
			w := busy(o)
			w.status = http.StatusServiceUnavailable
			return w
		}, statuses(http.StatusServiceUnavailable, "Retry-After", "2")},
		{"redirect", func(*swept, *operation) want {
			return want{attempts: 1, status: http.StatusFound, is: []error{rest.ErrBadResponse}, isNot: []error{rest.ErrInDoubt}}
		}, func(_ *swept, c *cell) misdeed { return c.op.respond(http.StatusFound, "Location", c.trap.url) }},
		{"oversize", ofContent(content), bodies(func(s *swept, _ request) string {
			limit := s.op.MaxBody
			if limit == 0 {
				limit = rest.DefaultMaxBody
			}
			return strings.Repeat(" ", int(limit)) + s.good
		})},
	}
}

// payload returns a success with another payload.
func (s *swept) payload(text string) string {
	if s.enveloped {
		return `{"data":` + text + `}`
	}
	return text
}

// renewed is the row of a 401 that comes once: a bearer that can be replaced is, and a credential that stays is refused.
func renewed(s *swept, o *operation) want {
	if s.signed() {
		return want{success: true, attempts: 2}
	}
	w := stop(rest.ErrUnauthenticated)(o)
	w.status = http.StatusUnauthorized
	return w
}

// freshTokens hands out another bearer each time.
func freshTokens() http.HandlerFunc {
	var n atomic.Int32
	good := map[string]string{tokenPath: clientToken, exchangePath: exchange}
	return func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, strings.Replace(good[r.URL.Path], bearerToken, fmt.Sprintf("%s-%d", bearerToken, n.Add(1)), 1))
	}
}

// fault returns the core fault of a row as one of the matrix.
func (f coreFault) fault(s *swept) fault {
	return fault{
		name:  f.name,
		setup: func(c *cell) { c.method = s.op.Method },
		run: func(c *cell) {
			c.server.misbehave(f.meet(s, c))
			if f.name == "401 once" {
				c.server.faultOnce()
			}
			w := f.expect(s, c.op)
			w.wire = -1
			c.check(w, c.call(c.Context()))
		},
	}
}

// Every operation of every table meets every core fault.
func TestSweep(t *testing.T) {
	var ran, passed atomic.Int32
	table, core := append(tables(), generated(t)...), coreFaults()
	assert.Len(t, core, allCore)
	assert.Greater(t, len(table), allOperations)
	t.Run("cells", func(t *testing.T) {
		for _, s := range table {
			o := s.operation()
			for _, f := range core {
				t.Run(o.id+"/"+f.name, func(t *testing.T) {
					t.Parallel()
					ran.Add(1)
					defer func() {
						if !t.Failed() {
							passed.Add(1)
						}
					}()
					runCell(t, f.fault(s), o)
				})
			}
		}
	})
	assert.EqualValues(t, allCore*len(table), ran.Load(), "cells are missing")
	fmt.Printf("sweep: %d core faults × %d operations = %d cells, %d passed\n", len(core), len(table), ran.Load(), passed.Load())
}
