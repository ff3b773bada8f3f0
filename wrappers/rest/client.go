package rest

import (
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Client sends requests to one origin through the chain. It is the HttpRequestDoer of a generated client, safe for
// any number of goroutines. Make one for each credential and keep it: it holds the connections.
type Client struct {
	base *url.URL
	http *http.Client
	do   handler
}

// handler is a link of the chain. It may look at the call, change the request, which is the chain's own, and hand
// it on.
type handler func(c *call, req *http.Request) (*http.Response, error)

// New returns a Client for the API at baseURL; see [ParseBaseURL] for what that may be. auth gives the credential of
// operations that are not public; nil sends none.
func New(baseURL string, auth *token.Source, cfg Config) (*Client, error) {
	base, err := ParseBaseURL("BaseURL", baseURL)
	if err != nil {
		return nil, err
	}
	cfg, err = cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Client{base: base, http: cfg.httpClient()}

	c.do = attempt(c.http, cfg)
	c.do = retry(c.do, cfg)
	c.do = authorize(c.do, auth)
	c.do = options(c.do, base, cfg)
	return c, nil
}

// BaseURL returns the URL that the paths of the API's document are added to.
func (c *Client) BaseURL() string { return c.base.String() }

// Do sends req through the chain and returns its answer, whatever its status, with the body read already and within
// its limit. A request of the generated client that does not come from [Call] counts as one that may only be
// repeated if it certainly was not processed, or if its method is safe (RFC 9110 §9.2.1).
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	call := callOf(req.Context())
	if call == nil {
		_, call, _ = begin(req.Context(), foreign(req), nil)
	}
	// The generated client made req for this one call, but it may be the caller's own.
	resp, err := c.do(call, req.Clone(req.Context()))
	if err != nil {
		return nil, call.fail(err)
	}
	return resp, nil
}

// CloseIdleConnections closes the connections that no call is using.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// foreign returns the operation of a request that names none.
func foreign(req *http.Request) *Operation {
	op := &Operation{API: &API{Provider: req.URL.Hostname()}, Name: req.Method, Method: req.Method}
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		op.Repeat = RepeatFreely
	}
	return op
}

// product is fintoken's name in User-Agent (RFC 9110 §10.1.5).
const product = "fintoken-go"

// userAgent returns the product list of every request.
func userAgent(first string) string {
	version := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == "github.com/fintoken/fintoken-go" && strings.HasPrefix(m.Version, "v") {
				version = "/" + m.Version
			}
		}
	}
	return strings.TrimSpace(first + " " + product + version)
}
