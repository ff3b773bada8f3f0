// Package token keeps a token alive: it fetches one when it is needed, hands the same one to every caller, renews
// it before it ends, drops it when it is refused and keeps it in a [Store] for the next start. It works over any [Fetch]
// and knows nothing of a provider. It will never print a token, hand out one that has ended, ask for one twice at the
// same time, or let a new refresh token go unsaved.
package token

import (
	"time"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Token is an access token and what is known of it. A Token that a [Source] has handed out is shared by all its
// callers and must not be changed.
type Token struct {
	// Access is the access token itself (RFC 6749 §1.4).
	Access secret.String
	// Refresh is the refresh token that came with it, if any (RFC 6749 §1.5).
	Refresh secret.String
	// Type is the word before the token in an Authorization header, as the provider wrote it; empty means Bearer.
	Type string
	// Scope is the scope of the token as the provider wrote it.
	Scope string
	// ExpiresIn is the life that was left when the token was asked for. Zero means that it never ends, or that
	// the provider did not say; a refused token is dropped in either case.
	ExpiresIn time.Duration
	// Expiry is when the token ends, counted from the moment its request began. A Source sets it. Zero means never.
	Expiry time.Time
}

// Same reports whether both are the same token: whether their access tokens are equal.
func (t *Token) Same(other *Token) bool {
	return t != nil && other != nil && t.Access.Equal(other.Access)
}

// Remaining returns the life that is left at now, never less than zero. A token that never ends has none.
func (t *Token) Remaining(now time.Time) time.Duration {
	if t.Expiry.IsZero() {
		return 0
	}
	return max(0, t.Expiry.Sub(now))
}
