package token

import (
	"context"
	"errors"
	"sync"
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
}

// Store keeps tokens for other processes and the next start. A Source loads before it fetches and saves before it
// hands out. Implementations are safe for any number of goroutines and hold no secret in clear text unless they are
// memory. Keys may be told to no one but the provider: they name clients and users.
//
// That a record is replaced only by whom has seen it makes the store safe to share: of two that renew at once, one
// saves and the other takes what was saved. Where a refresh token is good for one use only, that one of them has asked
// in vain is still seen by the provider.
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

// MemoryStore is a [Store] that ends with its process. The zero MemoryStore is empty and ready.
type MemoryStore struct {
	mu      sync.Mutex
	records map[string]Record
}

// Load returns the record of key. It never fails.
func (m *MemoryStore) Load(_ context.Context, key string) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.records[key].clone(), nil
}

// Save replaces the record of key. The one error is [ErrConflict].
func (m *MemoryStore) Save(_ context.Context, key string, old uint64, next Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records[key].Generation != old || next.Generation <= old {
		return ErrConflict
	}
	if m.records == nil {
		m.records = map[string]Record{}
	}
	m.records[key] = next.clone()
	return nil
}

// Delete removes the record of key. The one error is [ErrConflict].
func (m *MemoryStore) Delete(_ context.Context, key string, old uint64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records[key].Generation != old {
		return ErrConflict
	}
	delete(m.records, key)
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
