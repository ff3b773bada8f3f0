package webhook

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// State is what a [Claims] says of an event.
type State uint8

const (
	// Claimed is an event that is now the caller's to handle.
	Claimed State = iota
	// Busy is an event that somebody else is handling.
	Busy
	// Done is an event that was handled.
	Done
)

// Claims remembers which events were handled, so that [Handler] hands none out twice. Events are known by an id of at most
// a few hundred bytes. Replicas that share a Claims share what it knows. All methods must be safe for any number of
// goroutines, and each must happen whole or not at all.
type Claims interface {
	// Claim makes the event the owner's for a lease, and returns Claimed; or it returns Busy, as long as a claim of
	// somebody else holds, or Done.
	Claim(ctx context.Context, id, owner string, lease time.Duration) (State, error)
	// Confirm notes that the event was handled. It fails with ErrLost if the claim is not the owner's any more.
	Confirm(ctx context.Context, id, owner string) error
	// Release gives the claim back, so that the event can be claimed again. What is not the owner's stays.
	Release(ctx context.Context, id, owner string) error
}

var (
	// ErrLost is the answer to a Confirm of a claim whose lease has ended, and which is now somebody else's.
	ErrLost = errors.New("webhook: the claim is somebody else's now")
	// ErrFull is the answer to a Claim where so many events are being handled that no other one can be remembered.
	ErrFull = errors.New("webhook: too many events are being handled")
)

// MemoryConfig is how much a [Memory] keeps. Its zero value is good for production.
type MemoryConfig struct {
	// Max is how many events are remembered; beyond them the oldest that was handled is forgotten. 0 means 100,000.
	Max int
	// Keep is how long an event is remembered after it was handled. It should be longer than the provider goes on
	// sending: Straddle does so for 27 h 35 min. 0 means 72 hours.
	Keep time.Duration
}

// Memory is a [Claims] in the memory of this process. It knows nothing of other replicas, and forgets all at a restart.
type Memory struct {
	cfg MemoryConfig

	mu   sync.Mutex
	all  map[string]*mark
	done list.List // of ids, in the order in which they were handled
}

// mark is what is known of an event.
type mark struct {
	owner   string
	handled bool
	until   time.Time
}

// NewMemory returns an empty Memory. What is not positive in cfg is as if it were left out.
func NewMemory(cfg MemoryConfig) *Memory {
	if cfg.Max <= 0 {
		cfg.Max = 100_000
	}
	if cfg.Keep <= 0 {
		cfg.Keep = 72 * time.Hour
	}
	return &Memory{cfg: cfg, all: map[string]*mark{}}
}

// Claim is that of [Claims]. It fails with [ErrFull] alone.
func (m *Memory) Claim(_ context.Context, id, owner string, lease time.Duration) (State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.forget(now)
	known := m.all[id]
	switch {
	case known != nil && known.handled:
		return Done, nil
	case known != nil && known.owner != owner && now.Before(known.until):
		return Busy, nil
	case known == nil && len(m.all) >= m.cfg.Max && !m.dropOldest():
		return Busy, ErrFull
	}
	m.all[id] = &mark{owner: owner, until: now.Add(lease)}
	return Claimed, nil
}

// Confirm is that of [Claims].
func (m *Memory) Confirm(_ context.Context, id, owner string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.all[id]
	if known == nil || known.handled || known.owner != owner {
		return ErrLost
	}
	*known = mark{handled: true, until: time.Now().Add(m.cfg.Keep)}
	m.done.PushBack(id)
	return nil
}

// Release is that of [Claims].
func (m *Memory) Release(_ context.Context, id, owner string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.all[id]; known != nil && !known.handled && known.owner == owner {
		delete(m.all, id)
	}
	return nil
}

// forget drops what was handled too long ago.
func (m *Memory) forget(now time.Time) {
	for first := m.done.Front(); first != nil && !now.Before(m.all[first.Value.(string)].until); first = m.done.Front() {
		m.dropOldest()
	}
}

// dropOldest drops the event that was handled first, and reports whether there was one.
func (m *Memory) dropOldest() bool {
	first := m.done.Front()
	if first == nil {
		return false
	}
	delete(m.all, m.done.Remove(first).(string))
	return true
}
