// Package spectest checks HTTP traffic against one of the module's OpenAPI documents: every request and every answer,
// on the client's side or on the server's. It uses kin-openapi and adds what that lets pass: repeated form fields, escapes
// that make no UTF-8, members that appear twice, bytes after the body, days that no calendar has and offsets of more than a
// day (RFC 3339).
//
// It reports as well what the document does not have although nothing forbids it, such as a header or a member of another
// name: a [Violation] that is a Note, which [Tolerant] leaves out.
//
// A check takes a time in proportion to the body, whatever is wrong with it, and keeps [MaxViolations] violations.
//
// It will never change what it checks, never take part in a production call of the wrappers, and never put a value it
// saw into a text: a [Violation] is made of the document's words, and at most of a name that looks like one.
//
// When the environment variable FINTOKEN_SPEC_COUNT names a file, each [Transport] and [Middleware] appends a line
// "<test> <document> <checked calls>" to it at the end of its test.
package spectest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/routers"

	"github.com/fintoken/fintoken-go/specs"
)

// MaxBody is the largest body that is checked, in bytes. A larger one is a violation of kind [Size].
const MaxBody = 10 << 20

// Checker checks traffic against one document. It is safe for concurrent use.
type Checker struct {
	doc       *document
	basePath  string
	allowed   map[string]bool // request headers beyond the document and the standard ones
	observers []func(Exchange)
	tolerant  bool
}

// Operation is an operation of the document that a request matched.
type Operation struct {
	ID     string // operationId
	Method string
	Path   string // the template, without the base path

	route      *routers.Route
	pathParams map[string]string
	quick      *quickOperation // nil when the quick check had to leave the request to the full one
}

// Exchange is one call and what is wrong with it.
type Exchange struct {
	Operation *Operation // nil when the request matched none
	Status    int        // 0 when no answer came
	Err       error      // all violations, as Violations; nil when there are none
}

// Option changes what a Checker does.
type Option func(*Checker)

// BasePath sets a path in front of the document's paths, such as "/straddle". It begins with a slash and ends without.
func BasePath(prefix string) Option {
	return func(c *Checker) { c.basePath = prefix }
}

// AllowHeaders lets requests carry headers that neither the document declares nor a standard client sends.
func AllowHeaders(names ...string) Option {
	return func(c *Checker) {
		for _, name := range names {
			c.allowed[http.CanonicalHeaderKey(name)] = true
		}
	}
}

// Tolerant leaves out the violations that are notes: what the document is silent about passes. A test of one's own client
// wants to know of them; a client that nobody here wrote may well send more than the document has.
func Tolerant() Option {
	return func(c *Checker) { c.tolerant = true }
}

// Observe has f called after each exchange that a round tripper or a middleware checked, in the goroutine of the call.
func Observe(f func(Exchange)) Option {
	return func(c *Checker) { c.observers = append(c.observers, f) }
}

// New returns a Checker for doc. The document is read and validated once a process, however many Checkers share it.
func New(doc specs.Document, opts ...Option) (*Checker, error) {
	d, err := cached(doc)
	if err != nil {
		return nil, err
	}
	return newChecker(d, opts...)
}

func newChecker(d *document, opts ...Option) (*Checker, error) {
	c := &Checker{doc: d, allowed: map[string]bool{}}
	for _, opt := range opts {
		opt(c)
	}
	if err := checkBasePath(c.basePath); err != nil {
		return nil, err
	}
	return c, nil
}

func checkBasePath(p string) error {
	plain := (&url.URL{Path: p}).EscapedPath() == p && !strings.Contains(p, "//")
	if p == "" || plain && strings.HasPrefix(p, "/") && !strings.HasSuffix(p, "/") {
		return nil
	}
	return fmt.Errorf("spectest: base path %q must begin with a slash, end without one and need no escapes", p)
}

// find returns the operation that a request is for.
func (c *Checker) find(req *http.Request) (*Operation, Violations) {
	target, ok := c.withoutBase(req.URL)
	if !ok {
		return nil, c.unknownPath()
	}
	route, params, err := c.doc.router.FindRoute(&http.Request{Method: req.Method, URL: target})
	switch {
	case err == nil:
	case isMethodError(err):
		return nil, Violations{{Kind: Method, In: "method", Rule: "must be one that the path has in " + c.doc.name}}
	default:
		return nil, c.unknownPath()
	}
	return &Operation{
		ID: route.Operation.OperationID, Method: route.Method, Path: route.Path,
		route: route, pathParams: unescaped(params),
	}, nil
}

func (c *Checker) unknownPath() Violations {
	rule := fmt.Sprintf("must be one of %s: %s", c.doc.name, strings.Join(c.doc.paths, ", "))
	if c.basePath != "" {
		rule += ", behind " + c.basePath
	}
	return Violations{{Kind: UnknownPath, In: "path", Rule: rule}}
}

// withoutBase returns a copy of u without the base path, and false where u does not begin with it.
func (c *Checker) withoutBase(u *url.URL) (*url.URL, bool) {
	if u == nil {
		return nil, false
	}
	short := *u
	if c.basePath == "" {
		return &short, true
	}
	var found bool
	if short.Path, found = strings.CutPrefix(u.Path, c.basePath); !found || !strings.HasPrefix(short.Path, "/") {
		return nil, false
	}
	if u.RawPath != "" {
		short.RawPath, found = strings.CutPrefix(u.RawPath, c.basePath)
	}
	return &short, found
}

func unescaped(params map[string]string) map[string]string {
	plain := make(map[string]string, len(params))
	for name, value := range params {
		if v, err := url.PathUnescape(value); err == nil {
			value = v
		}
		plain[name] = value
	}
	return plain
}

// observed passes an exchange to the observers.
func (c *Checker) observed(e Exchange) {
	for _, f := range c.observers {
		f(e)
	}
}

// Operations returns the ids of the document's operations, sorted.
func (c *Checker) Operations() []string {
	var ids []string
	for _, item := range c.doc.spec.Paths.Map() {
		for _, op := range item.Operations() {
			ids = append(ids, op.OperationID)
		}
	}
	slices.Sort(ids)
	return ids
}
