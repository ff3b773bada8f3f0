// Package spectest checks HTTP traffic against one of the module's OpenAPI documents: every request and every answer,
// on the client's side or on the server's. It uses kin-openapi and adds what that lets pass: repeated form fields, escapes
// that make no UTF-8, members that appear twice, bytes after the body, days that no calendar has and offsets of more than a
// day (RFC 3339).
// Credentials are those of the document's security schemes: bearer, basic, and keys in headers.
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
	"strings"

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

	*loaded
	values []string // of the parameters in the path, as they stand there
	names  []string // of these parameters
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

// New returns a Checker for doc. A document with an index is read operation by operation, each at its first call; another
// one is read and validated whole. Either happens once a process, however many Checkers share the document.
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
	path, ok := c.pathOf(req.URL)
	if !ok {
		return nil, c.unknownPath()
	}
	it, values := c.doc.tree.find(path, nil)
	if it == nil {
		return nil, c.unknownPath()
	}
	e := it.methods[req.Method]
	if e == nil {
		return nil, Violations{{Kind: Method, In: "method", Rule: "must be one that the path has in " + c.doc.name}}
	}
	return e.operation(it, values), nil
}

// operation returns the operation, which a request with these values in its path is for.
func (e *entry) operation(it *item, values []string) *Operation {
	return &Operation{ID: e.id, Method: e.method, Path: e.path, loaded: e.load(), names: it.names, values: values}
}

// maxPaths is how many paths a violation lists.
const maxPaths = 8

func (c *Checker) unknownPath() Violations {
	rule := fmt.Sprintf("must be one of the %d paths of %s", len(c.doc.paths), c.doc.name)
	if len(c.doc.paths) <= maxPaths {
		rule = fmt.Sprintf("must be one of %s: %s", c.doc.name, strings.Join(c.doc.paths, ", "))
	}
	if c.basePath != "" {
		rule += ", behind " + c.basePath
	}
	return Violations{{Kind: UnknownPath, In: "path", Rule: rule}}
}

// pathOf returns the path of a URL as it is sent, without the base path, and false where it does not begin with that.
func (c *Checker) pathOf(u *url.URL) (string, bool) {
	if u == nil {
		return "", false
	}
	return strings.CutPrefix(u.EscapedPath(), c.basePath)
}

// pathParams returns the parameters in the path by name.
func (o *Operation) pathParams() map[string]string {
	plain := make(map[string]string, len(o.names))
	for i, value := range o.values {
		if v, err := url.PathUnescape(value); err == nil {
			value = v
		}
		plain[o.names[i]] = value
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
	for _, e := range c.doc.entries {
		ids = append(ids, e.id)
	}
	return ids
}
