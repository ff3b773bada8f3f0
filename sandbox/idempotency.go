// Idempotency keys: what was asked under each, and what was answered.

package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Keys are remembered for a day, and this many of them at most.
const (
	keyRetention = 24 * time.Hour
	keyLimit     = 4_000
)

// scope is what a key is unique in: two accounts, or two API keys, may use the same one.
type scope struct {
	apiKey  digest
	account string
	key     string
}

// outcome is what a key says about a request.
type outcome int

const (
	fresh        outcome = iota // it is the first
	replayed                    // it repeats a finished one
	otherRequest                // the key belongs to another request
	stillRunning                // the first has not finished
	spent                       // the first was answered with 400, which burns the key
)

// idempotency holds the keys that were used lately. It is safe for many goroutines.
type idempotency struct {
	mu      sync.Mutex
	records *bounded[scope, *record]
}

type record struct {
	fingerprint digest
	made        time.Time
	finished    bool
	answer      answer
}

func newIdempotency() *idempotency {
	return &idempotency{records: newBounded[scope, *record](keyLimit)}
}

// fingerprintOf tells requests apart by method, path and body: by what the body says, not by how JSON writes it.
func fingerprintOf(c *call) digest {
	body := c.body
	var value any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&value) == nil {
		body, _ = json.Marshal(value) //nolint:errchkjson // it came from JSON; sorts the members
	}
	return digestOf(c.r.Method + " " + c.path + "\n" + string(body))
}

// do runs the first request under a key and remembers its answer, with its headers. For every later one it says what
// became of the first. A request that was not processed leaves the key as if it had never come.
func (i *idempotency) do(c *call, key scope, run func() (a answer, processed bool)) (answer, outcome) {
	r, what := i.claim(key, fingerprintOf(c), c.now)
	if what == replayed {
		return r.answer, what
	}
	if what != fresh {
		return answer{}, what
	}
	a, processed := run()
	if !processed {
		i.release(key, r)
		return a, fresh
	}
	// Kept as bytes: that is what is sent again, and takes less memory.
	if body, err := json.Marshal(a.body); err == nil {
		a.body, a.repeats = nil, body
	}
	a.header = c.header.Clone()
	i.mu.Lock()
	defer i.mu.Unlock()
	r.answer, r.finished = a, true
	return a, fresh
}

// release gives a key back that a request has claimed.
func (i *idempotency) release(key scope, r *record) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if now, _ := i.records.get(key); now == r {
		i.records.drop(key)
	}
}

// claim returns the record of the key, or a new one for the caller to finish. Where the outcome is replayed the record
// does not change any more.
func (i *idempotency) claim(key scope, request digest, now time.Time) (*record, outcome) {
	i.mu.Lock()
	defer i.mu.Unlock()
	r, ok := i.records.get(key)
	switch {
	case !ok || now.Sub(r.made) >= keyRetention:
		r = &record{fingerprint: request, made: now}
		i.records.put(key, r)
		return r, fresh
	case r.finished && r.answer.status == http.StatusBadRequest:
		return r, spent
	case r.fingerprint != request:
		return r, otherRequest
	case !r.finished:
		return r, stillRunning
	}
	return r, replayed
}
