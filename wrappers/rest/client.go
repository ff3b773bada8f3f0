package rest

import (
	"cmp"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Client sends requests to one origin through the chain. The zero Client sends none. It is the HttpRequestDoer of a generated client, safe for
// any number of goroutines. Make one for each credential and keep it: it holds the connections, and what it learns
// from a 429 or an outage holds for all its callers.
type Client struct {
	base      *url.URL
	transport http.RoundTripper
	watch     watcher
	do        handler
	closed    atomic.Bool
}

// handler is a link of the chain. It may look at the call, change the request, which is the chain's own, and hand
// it on.
type handler func(c *call, req *http.Request) (*http.Response, error)

// New returns a Client for the API at baseURL; see [ParseBaseURL] for what that may be. auth is the credential of
// operations that are not public, [Bearer] or [Headers]; nil sends none.
func New(baseURL string, auth Credential, cfg Config) (*Client, error) {
	base, err := ParseBaseURL("BaseURL", baseURL, cfg.InsecureHosts...)
	if err != nil {
		return nil, err
	}
	cfg, err = cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	origin := web.OriginOf(base)
	transport, err := cfg.transport(origin)
	if err != nil {
		return nil, err
	}
	c := &Client{base: base, transport: transport, watch: newWatcher(base, cfg)}
	retries := newBucket()

	// The chain, from its end to its beginning.
	c.do = attempt(c.transport, cfg)
	c.do = observe(c.do, &c.watch)
	c.do = pause(c.do, cfg, &c.watch)
	c.do = breaker(c.do, cfg)
	c.do = budget(c.do, retries)
	c.do = retry(c.do, cfg, retries, &c.watch)
	if auth != nil {
		if c.do, err = auth.link(c.do); err != nil {
			return nil, err
		}
	}
	c.do = options(c.do, origin, cfg)
	return c, nil
}

// BaseURL returns the URL that the paths of the API's document are added to; "" for a Client that New did not make.
func (c *Client) BaseURL() string {
	if c.base == nil {
		return ""
	}
	return c.base.String()
}

// Do sends req through the chain and returns its answer, whatever its status, with the body read already and within
// its limit. A request that does not come from [Call] is sent again only if it certainly was not processed, if its
// method is safe (RFC 9110 §9.2.1), or if it carries an Idempotency-Key. Its options are those of [WithOptions]; Accept
// and User-Agent are set in any case. A request whose context is that of another call is a call of its own.
// The error is an [*Error].
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if call := callOf(req.Context()); call != nil {
		// The generated client made req for this one call, so it is ours to change.
		return c.send(call, req)
	}
	ctx, call, err := begin(req.Context(), foreign(req), nil)
	if err != nil {
		closeBody(req)
		err = call.fail(err)
		call.finish(err)
		return nil, err
	}
	resp, err := c.send(call, req.Clone(ctx))
	call.finish(err)
	if resp != nil {
		resp.Request = req // and not the copy that the chain changed
	}
	return resp, err
}

// send hands req to the chain.
func (c *Client) send(call *call, req *http.Request) (*http.Response, error) {
	if c.do == nil {
		closeBody(req)
		return nil, call.fail(invalid("Client", "must be made by New"))
	}
	if c.closed.Load() {
		closeBody(req)
		return nil, call.fail(token.ErrClosed)
	}
	if !c.watch.off() {
		call.watch = &c.watch
		call.watched = c.watch.callStarts(apart{req.Context()}, call)
		req = req.WithContext(call.watched)
	}
	resp, err := c.do(call, req)
	if err != nil {
		return nil, call.fail(err)
	}
	resp.Request = req // the one that the transport got has the credential in it
	return resp, nil
}

// Close ends the use of c and closes the connections that no call is using. Every later call fails with
// [token.ErrClosed], before anything is sent; one that is running goes on. A source of tokens is closed on its own.
func (c *Client) Close() {
	c.closed.Store(true)
	c.CloseIdleConnections()
}

// CloseIdleConnections closes the connections that no call is using.
func (c *Client) CloseIdleConnections() {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// foreign returns the operation of a request that names none. Its options have the names that are usual.
func foreign(req *http.Request) *Operation {
	host := ""
	if req.URL != nil {
		host = req.URL.Hostname()
	}
	op := &Operation{
		API:  &API{Provider: host, IdempotencyKey: HeaderRule{Name: "Idempotency-Key"}},
		Name: cmp.Or(req.Method, http.MethodGet), Method: cmp.Or(req.Method, http.MethodGet), foreign: true,
	}
	if safe(req.Method) {
		op.Repeat = RepeatFreely
	}
	return op
}

// product is fintoken's name and, if it is known, version in User-Agent (RFC 9110 §10.1.5).
var product = sync.OnceValue(func() string {
	const name, module = "fintoken-go", "github.com/fintoken/fintoken-go"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == module && strings.HasPrefix(m.Version, "v") {
				return name + "/" + m.Version
			}
		}
	}
	return name
})
