// Idempotency keys: what was asked under each, and what was answered.

package engine

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/fintoken/fintoken-go/specs/spectest"
)

// Keys are remembered for a day, and this many of them at most.
const (
	keyRetention = 24 * time.Hour
	keyLimit     = 4_000
)

// Scope is what a key is unique in: two callers, or two accounts of one, may use the same key.
type Scope struct {
	Caller  Digest
	Account string
	Key     string
}

// Outcome is what a key says about a request.
type Outcome int

// The outcomes.
const (
	Fresh        Outcome = iota // it is the first
	Replayed                    // it repeats a finished one
	OtherRequest                // the key belongs to another request
	StillRunning                // the first has not finished
	Spent                       // the first was answered with a status that burns the key
)

// Idempotency holds the keys that were used lately. It is safe for many goroutines.
type Idempotency struct {
	burns   int
	mu      sync.Mutex
	records *Bounded[Scope, *record]
}

type record struct {
	fingerprint Digest
	made        time.Time
	operation   spectest.Operation // its method and path
	finished    bool
	answer      Answer
}

// NewIdempotency returns one without keys. An answer with the status burns its key, which is then of no use to anybody.
func NewIdempotency(burns int) *Idempotency {
	return &Idempotency{burns: burns, records: NewBounded[Scope, *record](keyLimit)}
}

// fingerprintOf tells requests apart by method, path and body: by what the body says, not by how JSON writes it.
func fingerprintOf(c *Call) Digest {
	body := c.Body
	var value any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&value) == nil {
		body, _ = json.Marshal(value) //nolint:errchkjson // it came from JSON; sorts the members
	}
	return DigestOf(c.R.Method + " " + c.Path + "\n" + string(body))
}

// Do runs the first request under a key and remembers its answer, with its headers. For every later one it says what
// became of the first. A request that was not processed leaves the key as if it had never come.
func (i *Idempotency) Do(c *Call, key Scope, run func() (a Answer, processed bool)) (Answer, Outcome) {
	r, what := i.claim(key, c)
	if what == Replayed {
		return r.answer, what
	}
	if what != Fresh {
		return Answer{}, what
	}
	a, processed := run()
	if !processed {
		i.release(key, r)
		return a, Fresh
	}
	// Kept as bytes: that is what is sent again, and takes less memory.
	if body := c.bodyOf(a); body != nil { // Data of what was accepted is written already
		if text, err := json.Marshal(body); err == nil {
			a.Data, a.Body, a.written = nil, nil, text
		}
	}
	a.header = c.Header.Clone()
	i.mu.Lock()
	defer i.mu.Unlock()
	r.answer, r.finished = a, true
	return a, Fresh
}

// release gives a key back that a request has claimed.
func (i *Idempotency) release(key Scope, r *record) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if now, _ := i.records.Get(key); now == r {
		i.records.Drop(key)
	}
}

// claim returns the record of the key, or a new one for the caller to finish. Where the outcome is Replayed the record
// does not change any more.
func (i *Idempotency) claim(key Scope, c *Call) (*record, Outcome) {
	request := fingerprintOf(c)
	i.mu.Lock()
	defer i.mu.Unlock()
	r, ok := i.records.Get(key)
	switch {
	case !ok || c.Now.Sub(r.made) >= keyRetention:
		r = &record{fingerprint: request, made: c.Now, operation: spectest.Operation{Method: c.Operation.Method, Path: c.Operation.Path}}
		i.records.Put(key, r)
		return r, Fresh
	case r.finished && r.answer.Status == i.burns:
		return r, Spent
	case r.fingerprint != request:
		return r, OtherRequest
	case !r.finished:
		return r, StillRunning
	}
	return r, Replayed
}

// Replay gives an earlier answer once more, with a header that says so. If that was a good one, a fault may come between.
func (c *Call) Replay(first Answer, mark string) Answer {
	replay := func() Answer {
		maps.Copy(c.Header, first.header)
		c.Header.Set(mark, "true")
		return first
	}
	if first.Status >= http.StatusBadRequest {
		return replay()
	}
	a, _ := c.Decide(func(*Call) Verdict { return Accepted(replay) })
	return a
}

// Count counts the keys.
func (i *Idempotency) Count(counts Counts, kind string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	CountBounded(counts, kind, i.records)
}

// savedRepeat is a key in a snapshot.
type savedRepeat struct {
	Caller      Digest      `json:"api_key"`
	Account     string      `json:"account"`
	Key         string      `json:"key"`
	Fingerprint Digest      `json:"fingerprint"`
	Made        time.Time   `json:"made"`
	Status      int         `json:"status"`
	Refused     string      `json:"refused"`
	RequestID   string      `json:"request_id"`
	Inferred    bool        `json:"inferred"`
	Header      http.Header `json:"header"`
	Body        []byte      `json:"body"`

	Method  string `json:"method,omitempty"` // of the operation, with the template of its path
	Path    string `json:"path,omitempty"`
	Example string `json:"example,omitempty"`
}

// Save returns the keys as a member of a snapshot.
func (i *Idempotency) Save(name string) Part {
	i.mu.Lock()
	defer i.mu.Unlock()
	var saved []savedRepeat
	for key, r := range i.records.All() {
		if a := r.answer; r.finished { // one that is running ends in the state it began with
			saved = append(saved, savedRepeat{
				key.Caller, key.Account, key.Key, r.fingerprint, r.made,
				a.Status, a.Refused, a.RequestID, a.Inferred, a.header, a.written, r.operation.Method, r.operation.Path, a.example,
			})
		}
	}
	return ListOf(name, &saved, keyLimit)
}

// Restore returns the member of a snapshot that Save writes, and what puts its keys in. What names no operation is of
// the usual one: once there was no other.
func (i *Idempotency) Restore(name string, usual spectest.Operation) (Part, func(r *Restoring, provider string)) {
	var saved []savedRepeat
	return ListOf(name, &saved, keyLimit), func(r *Restoring, provider string) {
		for n, k := range saved {
			made := &record{
				fingerprint: k.Fingerprint, made: k.Made, operation: spectest.Operation{Method: k.Method, Path: k.Path}, finished: true,
				answer: Answer{
					Status: k.Status, Refused: k.Refused, RequestID: k.RequestID, Inferred: k.Inferred, example: k.Example,
					header: k.Header, written: k.Body,
				},
			}
			if k.Method == "" && k.Path == "" {
				made.operation = usual
			}
			r.Require(r.repeatable(provider, made), indexed(provider+"."+name, n), "must have an answer that holds to the document")
			i.records.Put(Scope{k.Caller, k.Account, k.Key}, made)
		}
	}
}

// repeatable reports whether an earlier answer can be given again: what goes out is held against the spec, and an answer
// that breaks it would be a failure of the sandbox, later.
func (r *Restoring) repeatable(provider string, k *record) bool {
	for name, values := range k.answer.header {
		bad := slices.ContainsFunc(values, func(v string) bool { return !headerValue(v) })
		if bad || !headerName(name) || slices.Contains(framing, http.CanonicalHeaderKey(name)) {
			return false
		}
	}
	spec, operation := r.operation(provider, k.operation)
	header := k.answer.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	return operation != nil && k.answer.Status >= 200 && k.answer.Status <= 599 &&
		spec.Response(operation, nil, k.answer.Status, header, k.answer.written) == nil
}
