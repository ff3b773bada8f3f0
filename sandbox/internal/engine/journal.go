// The journal: what was called and how it was answered, for assertions in tests.

package engine

import (
	"context"
	"sync"
	"time"
	"unicode/utf8"
)

// The journal keeps this many calls, this many bytes of a path or a method, which the caller chose, and this many of a
// request id or a reason.
const (
	journalLimit = 10_000
	textLimit    = 256
	reasonLimit  = 1024
)

// Entry is one line of the journal. It holds neither a body nor a header nor a query, so no secret that was sent where
// secrets belong can be in it.
type Entry struct {
	Seq       uint64    `json:"seq"`  // from 1, in the order of the journal
	Time      time.Time `json:"time"` // when it came in, by the clock of the Sandbox
	Provider  string    `json:"provider"`
	Operation string    `json:"operation"` // operation id in the spec; empty when no operation was meant
	Method    string    `json:"method"`
	Path      string    `json:"path"`       // without the query, at most 256 bytes
	Status    int       `json:"status"`     // 0 when a fault kept the answer back
	RequestID string    `json:"request_id"` // the id the caller was told; empty where the provider has none
	Refused   string    `json:"refused"`    // why it was refused, at most 1 KiB of it; empty when it was not
	Fault     string    `json:"fault"`      // id of the rule that it met; empty when it met none

	// Notes say what of the request the document does not have and nothing forbids, at most 1 KiB of it, such as "not in the
	// document: form scope". The provider may ignore it, or not; with [Strict] it is refused.
	Notes string `json:"notes"`
}

// CallFilter says which calls of the journal are meant. The zero filter means all of them.
type CallFilter struct {
	Provider  string
	Operation string
	Status    int
	RequestID string
	Refused   bool   // only those that were refused
	After     uint64 // only those with a higher Seq
}

func (f CallFilter) matches(c *Entry) bool {
	return (f.Provider == "" || f.Provider == c.Provider) &&
		(f.Operation == "" || f.Operation == c.Operation) &&
		(f.Status == 0 || f.Status == c.Status) &&
		(f.RequestID == "" || f.RequestID == c.RequestID) &&
		(!f.Refused || c.Refused != "") && c.Seq > f.After
}

// journal is a ring of calls. The zero journal is empty and ready.
type journal struct {
	mu      sync.Mutex
	calls   []Entry
	oldest  int    // where the next call goes once the ring is full
	seq     uint64 // of the last call
	dropped uint64
	news    chan struct{} // closed at the next call; nil when nobody waits
}

func (j *journal) add(c Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	c.Seq = j.seq
	if j.news != nil {
		close(j.news)
		j.news = nil
	}
	if len(j.calls) < journalLimit {
		j.calls = append(j.calls, c)
		return
	}
	j.calls[j.oldest] = c
	j.oldest = (j.oldest + 1) % journalLimit
	j.dropped++
}

// clear empties the journal; the numbers go on, so that nobody takes a new call for an old one.
func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls, j.oldest, j.dropped = nil, 0, 0
}

// find returns the calls that match, oldest first, and a channel that is closed at the next call, whichever it is.
func (j *journal) find(f CallFilter) ([]Entry, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.news == nil {
		j.news = make(chan struct{})
	}
	found := []Entry{}
	for _, part := range [][]Entry{j.calls[j.oldest:], j.calls[:j.oldest]} {
		for i := range part {
			if f.matches(&part[i]) {
				found = append(found, part[i])
			}
		}
	}
	return found, j.news
}

func (j *journal) count(counts Counts) {
	j.mu.Lock()
	defer j.mu.Unlock()
	counts.Now["calls"], counts.Evicted["calls"] = len(j.calls), int(j.dropped) //nolint:gosec // a count
}

// FindCalls returns the calls in the journal that match the filter, oldest first. The slice is the caller's.
func (e *Engine) FindCalls(f CallFilter) []Entry {
	found, _ := e.journal.find(f)
	return found
}

// WaitForCalls waits until the journal has n calls that match the filter, and returns all that match. When ctx ends
// first it returns those that are there, and the error of ctx. A call is in the journal before its answer is sent, also
// while a fault delays it.
func (e *Engine) WaitForCalls(ctx context.Context, f CallFilter, n int) ([]Entry, error) {
	for {
		found, news := e.journal.find(f)
		if len(found) >= n {
			return found, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return found, ctx.Err()
		}
	}
}

// DroppedCalls returns how many calls have left the journal to make room for later ones.
func (e *Engine) DroppedCalls() uint64 {
	e.journal.mu.Lock()
	defer e.journal.mu.Unlock()
	return e.journal.dropped
}

// Cut shortens a text that a caller chose to what the journal keeps of it.
func Cut(text string) string { return cutAt(text, textLimit) }

// cutAt returns a text, or as much of its beginning as has room in the limit and does not end within a character.
func cutAt(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit]
}
