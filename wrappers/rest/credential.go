package rest

import (
	"cmp"
	"net/http"
	"net/textproto"
	"slices"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Credential is what a [Client] shows to the provider with each call that is not [Operation.Public]: [Bearer] or [Headers].
// nil is none. The transport gets it, for the origin of the Client, and nobody else: it is not in the request that an
// [Observer] or the maker of the request sees, and what comes back has it masked.
type Credential interface {
	// link returns the link of the chain that signs calls, in front of next.
	link(next handler) (handler, error)
}

// Bearer is the access token of source in the Authorization header (RFC 6750 §2.1). A call that is refused with a 401 is
// made once more if the source has another token by then.
func Bearer(source *token.Source) Credential { return bearer{source} }

type bearer struct{ source *token.Source }

func (b bearer) link(next handler) (handler, error) {
	if b.source == nil {
		return nil, invalid("Bearer", "needs a token.Source")
	}
	return authorize(next, b.source), nil
}

// HeaderCredential is a credential, or a part of one, that has a header of its own.
type HeaderCredential struct {
	// Name is the name of the header, such as X-Api-Key.
	Name string
	// Value is ASCII, without control characters and without spaces at its ends.
	Value secret.String
	// Field is what errors call the value, such as the name that it has in the Config of a wrapper. Empty means the name of
	// the header.
	Field string
}

// Headers is a credential of fixed headers, all of them on each call. After a 401 there is no other one to try. The option
// [Header] is refused for their names.
func Headers(list ...HeaderCredential) Credential { return headers(slices.Clone(list)) }

type headers []HeaderCredential

func (h headers) link(next handler) (handler, error) {
	if len(h) == 0 {
		return nil, invalid("Headers", "must not be empty")
	}
	names, values := make([]string, len(h)), make([][]string, len(h))
	secrets := make([]secret.String, len(h))
	for i, one := range h {
		name := textproto.CanonicalMIMEHeaderKey(one.Name)
		if err := one.check(name, names[:i]); err != nil {
			return nil, err
		}
		names[i], values[i], secrets[i] = name, []string{one.Value.Reveal()}, one.Value
	}
	put := func(header http.Header) {
		for i, name := range names {
			header[name] = values[i]
		}
	}
	return func(c *call, req *http.Request) (*http.Response, error) {
		for _, name := range names {
			if _, taken := c.header[name]; taken {
				return nil, invalid("Header", name+" is not for this option")
			}
		}
		if !c.op.Public {
			c.credential = put
			c.masked = append(c.masked, secrets...)
		}
		return next(c, req)
	}, nil
}

// check refuses a header that cannot be one, that the chain sets, or that stands in the list before it.
func (h HeaderCredential) check(name string, before []string) error {
	switch {
	case !validHeaderName(h.Name):
		return invalid("HeaderCredential.Name", "must be a header name")
	case name != "Authorization" && slices.Contains(reserved, name):
		return invalid("HeaderCredential.Name", name+" is not for credentials")
	case slices.Contains(before, name):
		return invalid("HeaderCredential.Name", name+" is there twice")
	case h.Value.IsZero():
		return invalid(cmp.Or(h.Field, name), "is required")
	}
	value := h.Value.Reveal()
	if rule := cmp.Or(headerValueRule(value), asciiRule(value)); rule != "" {
		return invalid(cmp.Or(h.Field, name), rule)
	}
	return nil
}
