package faults

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/internal/operations/operationstest"
	"github.com/fintoken/fintoken-go/wrappers/finapi"
	"github.com/fintoken/fintoken-go/wrappers/finogates"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/straddle"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// cell is one fault of one operation.
type cell struct {
	*testing.T
	op     *operation
	fault  fault
	server *server
	trap   *trap
	output *output

	// What the client of the cell is made of; a fault may change it before it makes the call.
	base      string
	method    string // of the operation, if it is not POST
	transport *http.Transport
	cfg       rest.Config
	tokens    token.Config
	sleep     func(time.Duration) // lets the time of the cell go by

	closers []io.Closer // further servers

	// What the server tells and is told; made where the server is, which is outside of the fake clock unless inside was
	// called.
	arrived, release chan struct{}
}

// longAttempt is the limit of an attempt on the real clock: long enough for a busy machine.
const longAttempt = 20 * time.Second

func newCell(t *testing.T, o *operation, f fault) *cell {
	t.Helper()
	c := &cell{T: t, op: o, fault: f, output: &output{}, arrived: make(chan struct{}, 100), release: make(chan struct{})}
	c.server = newServer(t, o)
	c.trap = newTrap(t)
	c.base = c.server.url
	if f.real {
		c.cfg = rest.Config{AttemptTimeout: longAttempt, MaxRetryWait: 5 * time.Millisecond}
	}
	return c
}

// stop ends what the cell began.
func (c *cell) stop() {
	c.server.stop()
	c.trap.stop()
	for _, closer := range c.closers {
		_ = closer.Close()
	}
}

// connect makes the clients. It is called under the clock of the cell.
func (c *cell) connect() *peers {
	c.Helper()
	if c.transport == nil {
		c.transport = &http.Transport{}
	}
	// Under the fake clock no connection may stay: its goroutines would wait for the network.
	c.transport.DisableKeepAlives = c.transport.DisableKeepAlives || !c.fault.real
	cfg := c.cfg
	cfg.HTTPClient = &http.Client{
		Transport: c.transport,
		// It would follow every redirect. Nobody asks it.
		CheckRedirect: func(*http.Request, []*http.Request) error { return nil },
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewJSONHandler(c.output, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	tokens := c.tokens
	if tokens.OnEvent == nil {
		tokens.OnEvent = func(_ context.Context, e token.Event) { fmt.Fprintf(c.output, "%v %+v\n", e, e) }
	}
	var p peers
	var err error
	p.finapi, err = finapi.New(finapi.Config{
		ClientID: "the-client", ClientSecret: secret.New(clientSecret), BaseURL: c.base, HTTP: cfg, Tokens: tokens,
	})
	require.NoError(c, err)
	p.finogates, err = finogates.New(finogates.Config{
		ClientID: "the-client", ClientSecret: secret.New(clientSecret), BaseURL: c.base, HTTP: cfg, Tokens: tokens,
	})
	require.NoError(c, err)
	p.straddle, err = straddle.New(straddle.Config{APIKey: secret.New(apiKey), BaseURL: c.base, HTTP: cfg})
	require.NoError(c, err)
	p.tables = map[string]any{}
	for _, table := range operationstest.Tables {
		p.tables[table.Name], err = table.Client(c.base, false, cfg)
		require.NoError(c, err)
	}
	p.link, err = rest.New(c.base, rest.Headers(
		rest.HeaderCredential{Name: "Link-Client-Id", Value: secret.New(linkID)},
		rest.HeaderCredential{Name: "Link-Secret", Value: secret.New(linkSecret)},
	), cfg)
	require.NoError(c, err)
	return &p
}

func (p *peers) close() {
	p.finapi.Close()
	p.finogates.Close()
	p.straddle.CloseIdleConnections()
	for _, client := range p.tables {
		operationstest.Close(client)
	}
	if p.link != nil {
		p.link.Close()
	}
}

// outcome is what a call came to.
type outcome struct {
	err     error
	info    rest.Info
	elapsed time.Duration
	wire    int // requests that the server got whole
}

// call makes the call of the cell once, with clients of its own.
func (c *cell) call(ctx context.Context, opts ...rest.Option) outcome {
	c.Helper()
	p := c.connect()
	defer p.close()
	return c.callOver(ctx, p, opts...)
}

// callOver makes the call of the cell once.
func (c *cell) callOver(ctx context.Context, p *peers, opts ...rest.Option) outcome {
	c.Helper()
	var out outcome
	before := len(c.server.requests())
	begun := time.Now()
	result, err := c.op.call(ctx, p, append(opts, rest.Capture(&out.info))...)
	out.err, out.elapsed = err, time.Since(begun)
	got := c.server.requests()[before:]
	out.wire = len(got)
	c.output.print(result, out.info, err)
	if c.op.class == bridge {
		for _, r := range got { // Requirement F60
			assert.NotEmpty(c, r.key)
			assert.Equal(c, got[0].key, r.key, "all attempts share their key")
		}
	}
	for _, r := range got { // Requirements A6 and A9
		assert.NotContains(c, r.path+r.query, "canary")
		assert.Equal(c, cmp.Or(c.method, http.MethodPost), r.method)
		if r.method == http.MethodPost && !queried[c.op.id] {
			assert.Empty(c, r.query)
		}
	}
	return out
}

// want is what a cell expects of a call.
type want struct {
	success  bool
	attempts int
	wire     int // -1: as many as attempts
	status   int
	is       []error
	isNot    []error
	// The time it takes, on the fake clock.
	least, most time.Duration
	retryAfter  time.Duration
}

// check compares.
func (c *cell) check(w want, got outcome, about ...any) {
	c.Helper()
	if w.wire < 0 {
		w.wire = w.attempts
	}
	assert.Equal(c, w.attempts, got.info.Attempts, append([]any{"attempts"}, about...)...)
	assert.Equal(c, w.wire, got.wire, append([]any{"requests on the wire"}, about...)...)
	if !c.fault.real { // what the real clock says depends on the machine
		assert.GreaterOrEqual(c, got.elapsed, w.least, about...)
		assert.LessOrEqual(c, got.elapsed, w.most, about...)
	}
	if w.success {
		assert.NoError(c, got.err, about...)
		return
	}
	var e *rest.Error
	if !assert.ErrorAs(c, got.err, &e, about...) {
		return
	}
	assert.Equal(c, w.status, e.Status, about...)
	assert.Equal(c, w.retryAfter, e.RetryAfter, about...)
	for _, kind := range w.is {
		assert.ErrorIs(c, got.err, kind, about...)
	}
	for _, kind := range w.isNot {
		assert.NotErrorIs(c, got.err, kind, about...)
	}
}

// backoff is the longest that three attempts wait in between.
const backoff = 1500 * time.Millisecond

// recovers makes the call again where there are retries, with a fault that happens once: it must succeed.
func (c *cell) recovers(w want, setup func(c *cell), opts ...rest.Option) {
	c.Helper()
	if w.success || w.attempts < 2 {
		return
	}
	setup(c)
	c.server.faultOnce()
	got := c.call(c.Context(), opts...)
	assert.NoError(c, got.err, "the fault is over after one attempt")
	assert.Equal(c, 2, got.info.Attempts)
}

// output is everything that could be seen of a cell.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

// print prints values in every way there is.
func (o *output) print(values ...any) {
	for _, v := range values {
		if v == nil {
			continue
		}
		fmt.Fprintf(o, "%v %+v %#v %s %q\n", v, v, v, v, v)
		text, _ := json.Marshal(v)
		_, _ = o.Write(text)
		slog.New(slog.NewTextHandler(o, nil)).Info("x", "v", v)
		if err, ok := v.(error); ok {
			for ; err != nil; err = errors.Unwrap(err) {
				fmt.Fprintf(o, "%v %+v\n", err, err)
			}
			var e *rest.Error
			if errors.As(v.(error), &e) {
				fmt.Fprintln(o, e.Sample())
			}
		}
	}
}

// searchOutput fails if a canary is anywhere in the output of the cell (Requirement G84).
func (c *cell) searchOutput() {
	c.Helper()
	c.output.mu.Lock()
	defer c.output.mu.Unlock()
	for _, s := range canaries {
		for _, form := range secret.Spellings(s) {
			if strings.Contains(c.output.b.String(), form) {
				c.Errorf("the output holds %s: %s", form, around(c.output.b.String(), form))
			}
		}
	}
}

// around returns the place where part is in text.
func around(text, part string) string {
	i := strings.Index(text, part)
	return text[max(0, i-100):min(len(text), i+len(part)+20)]
}
