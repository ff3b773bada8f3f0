// Package demo gets every token once and tells how it went. It runs against a sandbox in the same process, or, with
// real credentials, against a provider's own sandbox host. It will never call a production host or print a token.
package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fintoken/fintoken-go/specs"
	"github.com/fintoken/fintoken-go/specs/spectest"
	"github.com/fintoken/fintoken-go/wrappers/rest"
)

// Providers are the names that Options.Providers takes, in the order of the demo.
var Providers = []string{"finapi", "finogates", "straddle"}

// Row is one call and how it went.
type Row struct {
	Provider    string
	Operation   string
	Variant     string // what tells it from other calls of the operation
	Method      string
	Path        string
	Status      int
	RequestID   string
	ExpiresIn   *time.Duration // nil where the answer does not say; 0 is never
	SpecChecked bool           // the request and its answer were checked against the document and hold
	OK          bool           // the call succeeded and was checked
	Time        time.Duration
	Note        string
	Err         error // why the row is not OK
}

// Options say what the demo does.
type Options struct {
	// Providers are those to call; none means all.
	Providers []string
	// Live calls the provider's own sandbox host instead of the one in this process.
	Live bool
	// Getenv gives the credentials of a live run.
	Getenv func(string) string
	// Transport makes the calls; nil is the standard one.
	Transport http.RoundTripper
}

// Run makes the calls one after the other and hands each row to report as soon as it is there. A call that fails does
// not stop those after it; the end of ctx does. The error is about the demo itself, such as missing credentials.
func Run(ctx context.Context, o Options, report func(Row)) error {
	for _, p := range o.Providers {
		if !slices.Contains(Providers, p) {
			return fmt.Errorf("provider %q is not known; use one of %s", p, strings.Join(Providers, ", "))
		}
	}
	if len(o.Providers) == 0 {
		o.Providers = Providers
	}
	world, err := newWorld(o)
	if err != nil {
		return err
	}
	defer world.close()
	for _, p := range o.Providers {
		steps, err := world.steps(p)
		if err != nil {
			return err
		}
		for _, s := range steps {
			row := s.run(ctx, p)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			report(row)
		}
	}
	return nil
}

// step is one call of the demo.
type step struct {
	variant string
	checks  *checks
	call    func(ctx context.Context, row *Row, opts ...rest.Option) error
}

// run makes the call of s and describes it.
func (s step) run(ctx context.Context, provider string) Row {
	s.checks.reset()
	row := Row{Provider: provider, Variant: s.variant}
	var info rest.Info
	begun := time.Now()
	row.Err = s.call(ctx, &row, rest.Capture(&info))
	row.Time = time.Since(begun)
	if info.Operation != "" {
		row.Operation, row.Method, row.Path = info.Operation, info.Method, info.Path
		row.Status, row.RequestID = info.Status, info.RequestID
	}
	err := s.checks.err(row.Operation)
	row.SpecChecked = err == nil
	if row.Err == nil || row.Status != 0 { // else it is the missing answer that must be told
		row.Err = errors.Join(row.Err, err)
	}
	row.OK = row.Err == nil
	return row
}

// checks collects what the contract check found while a step ran.
type checks struct {
	transport http.RoundTripper
	seen      []spectest.Exchange
}

// newChecks returns a transport over base that checks against doc, whose paths stand below prefix.
func newChecks(base http.RoundTripper, doc specs.Document, prefix string) (*checks, error) {
	var opts []spectest.Option
	if prefix != "" {
		opts = append(opts, spectest.BasePath(prefix))
	}
	checker, err := spectest.New(doc, opts...)
	if err != nil {
		return nil, err
	}
	c := &checks{}
	c.transport = spectest.NewRoundTripper(checker, base, func(e spectest.Exchange) { c.seen = append(c.seen, e) })
	return c, nil
}

func (c *checks) reset() { c.seen = nil }

// err returns what is wrong with the exchanges since reset, or that no answer of operation is among them.
func (c *checks) err(operation string) error {
	found := false
	for _, e := range c.seen {
		if e.Err != nil {
			return fmt.Errorf("against the document: %w", e.Err)
		}
		found = found || e.Operation != nil && e.Operation.ID == operation && e.Status != 0
	}
	if !found {
		return errors.New("was not checked against its document")
	}
	return nil
}
