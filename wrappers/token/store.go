package token

import (
	"context"
	"errors"
)

// Failures of stores.
var (
	// ErrStore is what errors.Is finds in every failure of a [Store] that a [Source] passes on.
	ErrStore = errors.New("token: the store failed")
	// ErrConflict: the record has another generation than the one that was to be replaced.
	ErrConflict = errors.New("token: the record was changed meanwhile")
)

// Record is what a [Store] keeps for a key.
type Record struct {
	// Generation grows with every change of the record, so that of two records the newer one is known. 0 stands for
	// no record.
	Generation uint64
	// Token is the token with its Expiry; nil if it was revoked.
	Token *Token
	// InDoubt tells that the refresh token of Token may have been used: it was going to be sent when the record was
	// written, and nothing was saved since. A Source that finds it, and knows that nobody is at it any more, does not
	// send that refresh token again; see [ErrInDoubt]. The access token is as good as it was.
	InDoubt bool
	// Fence is the number of the lease under which the record was written; 0 without one. See [Lease].
	Fence uint64
}

// Store keeps tokens for other processes and the next start. A Source loads before it fetches and saves before it
// hands out. Implementations are safe for any number of goroutines, and hold no secret in clear text unless they are
// memory. Keys must be told to nobody but the provider: they name clients and users. A panic of a Store, and a call
// that goes on after its context has ended, count as its failure.
//
// A Source marks the record before it sends a refresh token, and a record is replaced only by a writer that has seen
// it. So of two Sources that renew at once one sends the refresh token; the other one waits for what comes of it. A
// Store that can tell whether the other one is still alive is a [Leaser]: nobody waits for a process that was killed,
// and processes that start together log in once.
type Store interface {
	// Load returns the record of key, or the zero Record if there is none.
	Load(ctx context.Context, key string) (Record, error)
	// Save replaces the record of key if its generation is old, 0 if there must be none, and fails with something
	// that is ErrConflict if it is not. It returns when next is safe. next.Generation is greater than old.
	Save(ctx context.Context, key string, old uint64, next Record) error
	// Delete removes the record of key if its generation is old, and fails with something that is ErrConflict if
	// it is not.
	Delete(ctx context.Context, key string, old uint64) error
}

// replaces fails unless next may take the place of r, whose generation must be old.
func (r Record) replaces(old uint64, next Record) error {
	if r.Generation != old || next.Generation <= old || next.Fence < r.Fence && next.Fence != 0 {
		return ErrConflict
	}
	return nil
}

// clone returns a copy that shares nothing that can change.
func (r Record) clone() Record {
	if r.Token != nil {
		t := *r.Token
		r.Token = &t
	}
	return r
}
