package rest

import (
	"maps"
	"net/http"
	"sync/atomic"

	"github.com/fintoken/fintoken-go/wrappers/token"
)

// authorize gives the call its credential. When that is refused with a 401, the credential is dropped and the
// call made once more with another one, if there is another: a refused call was not carried out (RFC 6750 §3.1). This
// attempt counts like any other, but the budget does not pay for it: the provider answers, and when a token is revoked
// every call under way gets a 401. Of a call there is one at most.
func authorize(next handler, auth *token.Source) handler {
	var last atomic.Pointer[signature]
	return func(c *call, req *http.Request) (*http.Response, error) {
		if c.op.Public {
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
		if err := c.sign(second, &last); err != nil {
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
