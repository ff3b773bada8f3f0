package token

import (
	"context"
	"sync"
)

// MemoryStore is a [Store] that ends with its process, with leases among the Sources of that process. The zero
// MemoryStore is empty and ready.
type MemoryStore struct {
	mu      sync.Mutex
	records map[string]Record
	turns   map[string]*turn
	fence   uint64
}

// turn is the lease of a key, for as long as somebody holds it or waits for it.
type turn struct {
	taken   chan struct{} // has one in it while it is held
	callers int           // that hold it or wait for it
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
	if err := m.records[key].replaces(old, next); err != nil {
		return err
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

// Acquire waits for the lease of key; see [Leaser]. The one error is the cause of ctx.
func (m *MemoryStore) Acquire(ctx context.Context, key string) (Lease, error) {
	t := m.join(key)
	select {
	case t.taken <- struct{}{}:
	case <-ctx.Done():
		m.leave(key, t)
		return nil, over(ctx)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fence++
	return &memoryLease{store: m, key: key, turn: t, fence: m.fence}, nil
}

// join returns the turn of key and counts the caller in.
func (m *MemoryStore) join(key string) *turn {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.turns == nil {
		m.turns = map[string]*turn{}
	}
	t := m.turns[key]
	if t == nil {
		t = &turn{taken: make(chan struct{}, 1)}
		m.turns[key] = t
	}
	t.callers++
	return t
}

// leave counts a caller out.
func (m *MemoryStore) leave(key string, t *turn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t.callers--; t.callers == 0 {
		delete(m.turns, key)
	}
}

// memoryLease is held until it is released.
type memoryLease struct {
	store *MemoryStore
	key   string
	turn  *turn
	fence uint64
}

func (l *memoryLease) Fence() uint64 { return l.fence }
func (*memoryLease) Valid() bool     { return true }

func (l *memoryLease) Release() {
	<-l.turn.taken
	l.store.leave(l.key, l.turn)
}
