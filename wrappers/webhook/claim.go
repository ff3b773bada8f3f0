package webhook

import (
	"context"
	"crypto/sha256"
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
	// Max is how many events are remembered after they were handled, the newest ones, and how many may be handled at the
	// same time. 0 means 100,000, which take about 5 MB.
	Max int
	// Keep is how long an event is remembered after it was handled. It should be longer than the provider goes on
	// sending: Straddle does so for 27 h 35 min. 0 means 72 hours.
	Keep time.Duration
}

// Memory is a [Claims] in the memory of this process. It knows nothing of other replicas, and forgets all at a restart.
type Memory struct {
	cfg MemoryConfig

	mu   sync.Mutex
	busy map[string]claim
	// done has until when an event that was handled is remembered, and order who comes first: a ring, of which count are
	// used, from first on. Both have no pointers, so that the garbage collector need not look at them.
	done         map[mark]int64
	order        []mark
	first, count int
}

// claim is an event that is being handled.
type claim struct {
	owner string
	until time.Time
}

// mark stands for an id. No two ids have the same one, as far as anybody knows how to find such two.
type mark [16]byte

func markOf(id string) mark {
	sum := sha256.Sum256([]byte(id))
	return mark(sum[:len(mark{})])
}

// NewMemory returns an empty Memory. What is not positive in cfg is as if it were left out.
func NewMemory(cfg MemoryConfig) *Memory {
	if cfg.Max <= 0 {
		cfg.Max = 100_000
	}
	if cfg.Keep <= 0 {
		cfg.Keep = 72 * time.Hour
	}
	return &Memory{cfg: cfg, busy: map[string]claim{}, done: map[mark]int64{}}
}

// Claim is that of [Claims]. It fails with [ErrFull] alone.
func (m *Memory) Claim(_ context.Context, id, owner string, lease time.Duration) (State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	for m.count > 0 && m.done[m.order[m.first]] <= now.UnixNano() {
		m.forget()
	}
	if _, handled := m.done[markOf(id)]; handled {
		return Done, nil
	}
	other, known := m.busy[id]
	switch {
	case known && other.owner != owner && now.Before(other.until):
		return Busy, nil
	case !known && len(m.busy) == m.cfg.Max:
		return Busy, ErrFull
	}
	m.busy[id] = claim{owner, now.Add(lease)}
	return Claimed, nil
}

// Confirm is that of [Claims].
func (m *Memory) Confirm(_ context.Context, id, owner string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if own, known := m.busy[id]; !known || own.owner != owner {
		return ErrLost
	}
	delete(m.busy, id)
	m.remember(markOf(id), time.Now().Add(m.cfg.Keep))
	return nil
}

// Release is that of [Claims].
func (m *Memory) Release(_ context.Context, id, owner string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if own, known := m.busy[id]; known && own.owner == owner {
		delete(m.busy, id)
	}
	return nil
}

// remember puts an event at the end of the ring. Where that has no room, it grows, or the first one goes.
func (m *Memory) remember(event mark, until time.Time) {
	switch {
	case m.count == m.cfg.Max:
		m.forget()
	case m.count == len(m.order):
		bigger := make([]mark, min(max(2*m.count, 16), m.cfg.Max))
		n := copy(bigger, m.order[m.first:])
		copy(bigger[n:], m.order[:m.first])
		m.order, m.first = bigger, 0
	}
	m.order[(m.first+m.count)%len(m.order)] = event
	m.count++
	m.done[event] = until.UnixNano()
}

// forget drops the event that was handled first.
func (m *Memory) forget() {
	delete(m.done, m.order[m.first])
	m.first = (m.first + 1) % len(m.order)
	m.count--
}
