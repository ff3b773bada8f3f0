package token

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// ErrOrigin is the error of a request that goes to another origin than the one that its client's tokens are for. It was not sent.
var ErrOrigin = errors.New("token: the request is not for the origin of its client")

// Client returns an http.Client that gives each request a token of s in its Authorization header (RFC 6750 §2.1), for
// calls of the caller's own. It is for the one origin, such as "https://api.example.com": https, or http on a loopback
// host or one of [Config.InsecureHosts], without a path; an international host is written as its xn-- name. A request to
// any other one fails with [ErrOrigin] and is not sent, and so does one whose Host is not that of the origin, or whose URL
// is opaque or holds user-info. A redirect is not followed but returned, for the caller to look at (RFC 6454 §5). Cookies
// stay off. The Request of a response is the caller's and has no token in it.
//
// A request that is refused with 401 is sent once more with another token, if there is one and the body can be had
// again ([http.Request.GetBody], or no body): what was refused was not carried out.
//
// base gives the transport and the timeout; it is copied. nil means a transport of its own with TLS 1.2 or later and
// no timeout but that of each request's context. An *http.Transport that would let somebody else see the token is refused:
// one that allows TLS below 1.2, takes any certificate, takes another server's (TLSClientConfig.ServerName), or makes TLS
// by itself (DialTLSContext). Over plain http its proxy is not used. Into a RoundTripper of another type nobody can look.
//
// The errors of an http.Client begin with the URL of the request, query included. Put no secret there, or see
// [WithoutQuery].
func (s *Source) Client(base *http.Client, origin string) (*http.Client, error) {
	o, err := parseOrigin(origin, s.cfg.InsecureHosts)
	if err != nil {
		return nil, err
	}
	out := &http.Client{}
	if base != nil {
		*out = *base
	}
	next, rule := o.Transport(out.Transport)
	if rule != "" {
		return nil, errors.New("token: base." + rule)
	}
	out.Transport = &signer{source: s, origin: o, next: next}
	out.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	out.Jar = nil
	return out, nil
}

// signer signs requests to one origin.
type signer struct {
	source *Source
	origin web.Origin
	next   http.RoundTripper
}

// RoundTrip sends req with a token, and once more with another one if that was refused.
func (c *signer) RoundTrip(req *http.Request) (*http.Response, error) {
	if field, rule := c.origin.Refuse(req); rule != "" {
		closeBody(req.Body)
		return nil, fmt.Errorf("%w: %s %s", ErrOrigin, field, rule)
	}
	t, err := c.source.Token(req.Context())
	if err != nil {
		closeBody(req.Body)
		return nil, err
	}
	resp, err := c.send(req, t, req.Body)
	if err != nil || resp == nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	c.source.Invalidate(t)
	renewed, err := c.source.Token(req.Context())
	if err != nil || renewed.Same(t) {
		return resp, nil //nolint:nilerr // the refusal is the answer
	}
	body, ok := bodyAgain(req)
	if !ok {
		return resp, nil
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // so that the connection can be used again
	_ = resp.Body.Close()
	return c.send(req, renewed, body)
}

// send sends req with the token. The transport gets a copy: it must not change its request, and whoever sees the response
// gets to see req without a token in it.
func (c *signer) send(req *http.Request, t *Token, body io.ReadCloser) (*http.Response, error) {
	out := req.Clone(req.Context())
	c.origin.Pin(out)
	out.Body = body
	if out.Header == nil {
		out.Header = http.Header{}
	}
	out.Header.Set("Authorization", t.scheme()+" "+t.Access.Reveal())
	resp, err := c.next.RoundTrip(out)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// CloseIdleConnections is what [http.Client.CloseIdleConnections] calls.
func (c *signer) CloseIdleConnections() {
	if next, ok := c.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// scheme returns the word before the token. Bearer is written as RFC 6750 does, whatever the provider's case.
func (t *Token) scheme() string {
	if t.Type == "" || web.EqualFold(t.Type, "bearer") {
		return "Bearer"
	}
	return t.Type
}

// bodyAgain returns the body of req from its start.
func bodyAgain(req *http.Request) (io.ReadCloser, bool) {
	if req.Body == nil || req.Body == http.NoBody {
		return req.Body, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	return body, err == nil
}

// closeBody closes the body of a request that is not sent, as a transport must.
func closeBody(body io.Closer) {
	if body != nil {
		_ = body.Close()
	}
}

// parseOrigin reads an origin.
func parseOrigin(raw string, insecure []string) (web.Origin, error) {
	u, rule := web.ParseURL(raw, insecure)
	if rule == "" && u.Path != "" && u.Path != "/" {
		rule = "must not have a path"
	}
	if rule != "" {
		return web.Origin{}, errors.New("token: origin: " + rule)
	}
	return web.OriginOf(u), nil
}

// WithoutQuery returns err without the query, the fragment and the user-info of the URL that net/http put in front of
// it, so that it can be logged. What it unwraps to stays. Any other error is returned as it is.
func WithoutQuery(err error) error {
	var ue *url.Error
	if !errors.As(err, &ue) {
		return err
	}
	out := &url.Error{Op: ue.Op, Err: ue.Err}
	if u, perr := url.Parse(ue.URL); perr == nil {
		u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment, u.User = "", false, "", "", nil
		out.URL = u.String()
	}
	return out
}
