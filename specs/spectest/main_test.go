package spectest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/fintoken/fintoken-go/specs"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeTB is a test that may fail without harm.
type fakeTB struct {
	mu       sync.Mutex
	errors   []string
	cleanups []func()
}

func (f *fakeTB) Helper()      {}
func (f *fakeTB) Name() string { return "TestFake/case" }

func (f *fakeTB) Errorf(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.errors = append(f.errors, fmt.Sprintf(format, args...))
}

func (f *fakeTB) Cleanup(c func()) { f.cleanups = append(f.cleanups, c) }

// end runs the cleanups, the last first, and returns what the test has failed with.
func (f *fakeTB) end() []string {
	for i := len(f.cleanups) - 1; i >= 0; i-- {
		f.cleanups[i]()
	}
	return f.errors
}

// request returns a request with header fields given as "Name: value".
func request(method, target string, fields ...string) *http.Request {
	req := httptest.NewRequest(method, target, nil)
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		req.Header[name] = append(req.Header[name], value)
	}
	return req
}

// texts returns violations as "kind | in name: rule".
func texts(err error) []string {
	vs, _ := err.(Violations)
	all := []string{}
	for _, v := range vs {
		text := v.Kind.String() + " | " + v.Error()
		if v.Note {
			text = "note: " + text
		}
		all = append(all, text)
	}
	return all
}

func checker(t *testing.T, doc specs.Document, opts ...Option) *Checker {
	t.Helper()
	c, err := New(doc, opts...)
	require.NoError(t, err)
	return c
}

// labChecker checks against a document that has what the real ones lack.
func labChecker(t *testing.T, opts ...Option) *Checker {
	t.Helper()
	d, err := load("lab.yaml", []byte(labYAML))
	require.NoError(t, err)
	c, err := newChecker(d, opts...)
	require.NoError(t, err)
	return c
}

const labYAML = `
openapi: 3.0.3
info: {title: Lab, version: '1'}
servers: [{url: 'https://lab.example.com/base'}]
security: [{key: []}]
paths:
  /things/{id}:
    servers: [{url: 'https://things.example.com'}]
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
      - {name: page, in: query, schema: {type: string}}
      - {name: Trace-Level, in: header, schema: {type: integer}}
    get:
      operationId: readThing
      security: [{}, {key: []}]
      parameters:
        - {name: page, in: query, schema: {type: integer, minimum: 1}}
        - {name: ids, in: query, schema: {type: array, items: {type: string}}}
        - {name: link, in: query, schema: {type: string, format: uri}}
        - {name: mode, in: query, required: true, schema: {type: string, enum: [short, long]}}
        - {name: empty, in: query, schema: {type: integer}}
      responses:
        '200':
          description: A thing.
          headers:
            X-Total: {required: true, schema: {type: integer}}
            X-Note: {schema: {type: string, maxLength: 5}}
          content:
            application/json: {schema: {$ref: '#/components/schemas/Thing'}}
        '302': {description: Elsewhere.}
        '404': {description: Nothing.}
    put:
      operationId: writeThing
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              additionalProperties: false
              properties:
                tags: {type: array, items: {type: string}}
                count: {type: integer}
                done: {type: boolean}
            examples:
              all: {value: {count: 1780567200123, done: true}}
              list: {value: {tags: [a, b]}}
          application/merge-patch+json:
            schema: {$ref: '#/components/schemas/Thing'}
      responses:
        '204': {description: Written.}
    post:
      operationId: anyThing
      requestBody:
        required: true
        content:
          application/json:
            examples:
              markup: {value: {a: '<b>&'}}
          application/x-www-form-urlencoded:
            schema: {type: object, properties: {a: {type: string}}}
            examples:
              text: {value: {a: x}}
      responses:
        '200': {description: Anything., content: {application/json: {}}}
    patch:
      operationId: formThing
      requestBody: {content: {application/x-www-form-urlencoded: {}}}
      responses:
        '204': {description: Written.}
components:
  securitySchemes:
    key: {type: http, scheme: bearer}
  schemas:
    Thing:
      type: object
      required: [name]
      properties:
        name: {type: string, minLength: 2, maxLength: 4, pattern: '^[a-z]*$'}
        kind: {type: string, enum: [a, b]}
        link: {type: string, format: uri}
        counts: {type: object, additionalProperties: {type: integer}}
        parts: {type: array, items: {$ref: '#/components/schemas/Part'}}
        whole: {nullable: true, allOf: [{$ref: '#/components/schemas/Part'}]}
        either: {oneOf: [{type: string, maxLength: 1}, {type: integer}]}
        secret: {type: string, writeOnly: true}
        free: {type: object}
        open: {type: array, items: {$ref: '#/components/schemas/Open'}}
    Open:
      allOf:
        - {properties: {in: {type: object, properties: {a: {type: string}}}}}
    Part:
      type: object
      additionalProperties: false
      required: [size]
      properties:
        size: {type: integer, maximum: 9}
`

const thing = "/things/3c90c3cc-0d44-4b50-8888-8dd25736052a"
