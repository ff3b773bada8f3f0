package finapi

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/fintoken/fintoken-go/gen/finapiaccess"
	"github.com/fintoken/fintoken-go/wrappers/rest"
	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// VerifyPassword asks finAPI whether password is the user's, and returns nil if it is. It sends the password once, past
// the Store and every source, and never again by itself. Each wrong one counts towards locking the user; a right one sets
// that count back to zero.
//
// The token that comes with a right one is dropped and not revoked: finAPI hands out one access token to everybody that
// logs the user in, and revoking it would end it for all of them. Its refresh token lives on unused until its end.
//
// Errors: [token.ErrBadUser] if the password is not the user's, [token.ErrLocked], [token.ErrForbidden] for a user who is
// not verified, [token.ErrBadClient]. Any other error tells nothing of the password; with [rest.ErrInDoubt], or a status,
// it may have been counted.
//
// Source: finAPI Access, Authorization, get tokens (RFC 6749 §4.3).
func (c *Client) VerifyPassword(ctx context.Context, username string, password secret.String, opts ...rest.Option) error {
	_, _, err := c.passwordGrant(ctx, username, password, opts...)
	return err
}

// fate is what became of a password.
type fate uint8

const (
	accepted fate = iota
	unsent        // certainly
	refused       // with a status that tells of it, of its user or of the client
	answered      // in any other way, or the answer was lost
)

// login is passwordGrant for a source, which takes a panic for an error and would try again.
func (c *Client) login(ctx context.Context, username string, password secret.String) (t *token.Token, f fate, err error) {
	defer func() {
		if v := recover(); v != nil {
			t, f, err = nil, answered, panicked(v)
		}
	}()
	return c.passwordGrant(ctx, username, password)
}

// passwordGrant sends a password and tells what became of it.
func (c *Client) passwordGrant(ctx context.Context, username string, password secret.String, opts ...rest.Option) (*token.Token, fate, error) {
	t, err := c.GetToken(ctx, finapiaccess.GetTokenRequest{
		GrantType: finapiaccess.GrantTypePassword, Username: username, Password: password.Reveal(),
	}, opts...)
	if err == nil {
		return t, accepted, nil
	}
	var e *rest.Error
	if !errors.As(err, &e) {
		return nil, answered, err
	}
	if e.Status == 0 && !errors.Is(err, rest.ErrInDoubt) {
		return nil, unsent, classify(err)
	}
	if e.Status == http.StatusBadRequest {
		return nil, refused, token.Final(err, token.ErrBadUser)
	}
	if kind := refusalKinds[e.Status]; kind != nil {
		return nil, refused, token.Final(err, kind)
	}
	return nil, answered, later(err, e)
}

// refusals are the passwords that were refused since the last success or Reset of a source.
type refusals []refusal

// refusal is a password that was refused, as its mark, and the error that it was refused with.
type refusal struct {
	mark [sha256.Size]byte
	err  error
}

// marker returns what tells passwords apart without keeping them: a hash with a key of its own.
func marker() func(secret.String) [sha256.Size]byte {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails; it ends the program instead
	return func(password secret.String) (mark [sha256.Size]byte) {
		h := hmac.New(sha256.New, key)
		_, _ = io.WriteString(h, password.Reveal())
		h.Sum(mark[:0])
		return mark
	}
}

// of returns the error that a password was refused with, or nil.
func (r refusals) of(mark [sha256.Size]byte) error {
	for _, one := range r {
		if one.mark == mark {
			return one.err
		}
	}
	return nil
}

// with returns err in the company of r, for the next fetch to find; see refusedBefore.
func (r refusals) with(err error) error {
	if err == nil || len(r) == 0 {
		return err
	}
	return &refusedError{err, r}
}

// refusedBefore returns the passwords that were refused before a fetch.
func refusedBefore(ctx context.Context) refusals {
	var e *refusedError
	if errors.As(token.Held(ctx), &e) {
		return e.refusals
	}
	return nil
}

// refusedError is handed out by its address: what errors are compared with must be comparable.
type refusedError struct {
	error
	refusals refusals
}

func (e *refusedError) Unwrap() error { return e.error }

// Format prints the text of the error under every verb.
func (e *refusedError) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, e.Error()) }
