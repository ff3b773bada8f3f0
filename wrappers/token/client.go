package token

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/fintoken/fintoken-go/wrappers/internal/web"
)

// ErrOrigin is the error of a request that goes to another origin than the one that its client's tokens are for. It was not sent.
var ErrOrigin = errors.New("token: the request is not for the origin of its client")

// Client returns an http.Client that gives each request a token of s in its Authorization header (RFC 6750 §2.1), for
// calls of the caller's own. It is for the one origin, such as "https://api.example.com": https, or http on a loopback
// host, without a path. A request to any other one fails with [ErrOrigin] and is not sent, and so does one whose Host
// is not the host of its URL. A redirect is not followed but returned, for the caller to look at (RFC 6454 §5). Cookies
// stay off.
//
// A request that is refused with 401 is sent once more with another token, if there is one and the body can be had
// again ([http.Request.GetBody], or no body): what was refused was not carried out.
//
// base gives the transport and the timeout; it is copied. nil means a transport of its own with TLS 1.2 or later and
// no timeout but that of each request's context.
//
// The errors of an http.Client begin with the URL of the request, query included. Put no secret there, or see
// [WithoutQuery].
func (s *Source) Client(base *http.Client, origin string) (*http.Client, error) {
	o, err := parseOrigin(origin)
	if err != nil {
		return nil, err
	}
	out := &http.Client{}
	if base != nil {
		*out = *base
	}
	if out.Transport == nil {
		scheme, _, _ := strings.Cut(o, ":")
		out.Transport = web.Transport(scheme)
	}
	out.Transport = &signer{source: s, origin: o, next: out.Transport}
	out.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	out.Jar = nil
	return out, nil
}

// signer signs requests to one origin.
type signer struct {
	source *Source
	origin string
	next   http.RoundTripper
}

// RoundTrip sends req with a token, and once more with another one if that was refused.
func (c *signer) RoundTrip(req *http.Request) (*http.Response, error) {
	if web.Origin(req.URL) != c.origin || req.Host != "" && req.Host != req.URL.Host { // which server answers goes by Host
		closeBody(req.Body)
		return nil, fmt.Errorf("%w: it is for %s", ErrOrigin, c.origin)
	}
	t, err := c.source.Token(req.Context())
	if err != nil {
		closeBody(req.Body)
		return nil, err
	}
	resp, err := c.next.RoundTrip(signed(req, t, req.Body))
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
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
	return c.next.RoundTrip(signed(req, renewed, body))
}

// CloseIdleConnections is what [http.Client.CloseIdleConnections] calls.
func (c *signer) CloseIdleConnections() {
	if next, ok := c.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

// signed returns a copy of req with the token: a transport must not change its request.
func signed(req *http.Request, t *Token, body io.ReadCloser) *http.Request {
	out := req.Clone(req.Context())
	out.Body = body
	out.Header.Set("Authorization", t.scheme()+" "+t.Access.Reveal())
	return out
}

// scheme returns the word before the token. Bearer is written as RFC 6750 does, whatever the provider's case.
func (t *Token) scheme() string {
	if t.Type == "" || strings.EqualFold(t.Type, "bearer") {
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

// closeBody closes the body of a request that is not sent, as a transport has to.
func closeBody(body io.Closer) {
	if body != nil {
		_ = body.Close()
	}
}

// parseOrigin returns the one spelling of an origin.
func parseOrigin(raw string) (string, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "":
		return "", errors.New("token: origin: has to be an absolute URL such as https://api.example.com")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#") || u.Path != "" && u.Path != "/":
		return "", errors.New("token: origin: must not have user-info, path, query or fragment")
	case u.Scheme == "https", u.Scheme == "http" && web.IsLoopback(u.Hostname()):
		return web.Origin(u), nil
	}
	return "", errors.New("token: origin: has to be https; plain http is for loopback hosts only")
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
