package rest

import (
	"net/http"
	"sync/atomic"

	"github.com/fintoken/fintoken-go/wrappers/token"
)

// authorize gives the request its credential. When that is refused with a 401, the credential is dropped and the
// call made once more with another one, if there is another: a refused call was not carried out (RFC 6750 §3.1). This
// attempt counts like any other, but the budget does not pay for it: the provider answers, and when a token is revoked
// every call under way gets a 401. Of a call there is one at most.
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
		if err := c.sign(req, first, &last); err != nil {
			return nil, err
		}
		resp, err := next(c, req)
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			return resp, err
		}
		auth.Invalidate(first) // or somebody else did already
		if !c.mayReplay() || !rewind(req) {
			return resp, nil
		}
		second, err := auth.Token(&c.life)
		if err != nil {
			return nil, c.unsigned(err)
		}
		if second.Same(first) {
			return resp, nil
		}
		if err := c.sign(req, second, &last); err != nil {
			return nil, err
		}
		return next(c, req)
	}
}

// mayReplay reports whether the call may be sent once more under another credential: as its second attempt in any case.
func (c *call) mayReplay() bool {
	return c.repeat != RepeatPassword && c.info.Attempts < max(c.maxAttempts, 2)
}

// unsigned returns the error of a call that gets no other credential. That an attempt of it is in doubt is not forgotten.
func (c *call) unsigned(err error) error {
	if !c.doubt {
		return err
	}
	return &Error{Message: "there is no credential for another attempt", cause: hide(err), kinds: []error{ErrInDoubt}}
}

// signature is the Authorization header of a token, which is the same for every call.
type signature struct {
	token  *token.Token
	header []string
}

// sign sets the Authorization header (RFC 6750 §2.1) and has the token masked in what comes back.
func (c *call) sign(req *http.Request, t *token.Token, last *atomic.Pointer[signature]) error {
	s := last.Load()
	if s == nil || s.token != t {
		if headerValueRule("Bearer "+t.Access.Reveal()) != "" {
			return invalid("credential", "holds what a header cannot")
		}
		s = &signature{t, []string{"Bearer " + t.Access.Reveal()}}
		last.Store(s)
	}
	req.Header["Authorization"] = s.header
	c.masked = append(c.masked, t.Access)
	return nil
}
