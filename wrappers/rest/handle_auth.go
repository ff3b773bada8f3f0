package rest

import (
	"maps"
	"net/http"
	"sync/atomic"

	"github.com/fintoken/fintoken-go/wrappers/token"
)

// authorize gives the call its credential. When that is refused with a 401, the credential is dropped and the
// call made once more with another one, if there is another: a refused call was not carried out (RFC 6750 §3.1).
func authorize(next handler, auth *token.Source) handler {
	var last atomic.Pointer[signature]
	return func(c *call, req *http.Request) (*http.Response, error) {
		if auth == nil || c.op.Public {
			return next(c, req)
		}
		first, err := auth.Token(&c.life)
		if err != nil {
			return nil, err
		}
		if err := c.sign(first, &last); err != nil {
			return nil, err
		}
		resp, err := next(c, req)
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			return resp, err
		}
		auth.Invalidate(first) // or somebody else did already
		if !rewind(req) {
			return resp, nil
		}
		second, err := auth.Token(&c.life)
		if err != nil {
			return nil, err
		}
		if second.Same(first) {
			return resp, nil
		}
		if err := c.sign(second, &last); err != nil {
			return nil, err
		}
		return next(c, req)
	}
}

// signature is what the credential of a token is to a request, which is the same for every call.
type signature struct {
	token *token.Token
	put   credential
}

// credential puts a credential into the header of a request. It is a function, into which a dump of a context, with the
// call in it, does not look.
type credential func(http.Header)

// sign makes t the credential of the attempts that follow (RFC 6750 §2.1), and has it masked in what comes back.
func (c *call) sign(t *token.Token, last *atomic.Pointer[signature]) error {
	s := last.Load()
	if s == nil || s.token != t {
		header := []string{"Bearer " + t.Access.Reveal()}
		if headerValueRule(header[0]) != "" {
			return invalid("credential", "holds what a header cannot")
		}
		s = &signature{t, func(h http.Header) { h["Authorization"] = header }}
		last.Store(s)
	}
	c.credential = s.put
	c.masked = append(c.masked, t.Access)
	return nil
}

// signed gives out, which is what a transport gets, the credential of the call. Nothing else has it: not the request that
// out was made from, which those can see who see the response.
func (c *call) signed(out *http.Request) *http.Request {
	if c.credential != nil {
		out.Header = maps.Clone(out.Header)
		c.credential(out.Header)
	}
	return out
}

// rewind puts the body of req back to its start and reports whether it could.
func rewind(req *http.Request) bool {
	if req.Body == nil || req.Body == http.NoBody {
		return true
	}
	if req.GetBody == nil {
		return false
	}
	body, err := req.GetBody()
	if err != nil {
		return false
	}
	req.Body = body
	return true
}
