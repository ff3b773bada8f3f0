package finapi

import (
	"context"
	"hash/maphash"
	"runtime"
	"slices"
	"sync"
	"weak"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// holders finds the sources that may hold a token without asking each of them. It keeps no source alive, and of tokens
// it has hashes: that two of them are the same costs one source a question in vain.
type holders struct {
	seed maphash.Seed

	mu sync.Mutex
	by map[uint64][]*holder
}

// holder is one source. The tokens before its newest ones count as well: they are handed out until those are saved, and a
// refresh token stays in use where none comes with the next access token.
type holder struct {
	source      weak.Pointer[token.Source]
	now, before []uint64 // guarded by the mu of holders
}

func newHolders() *holders { return &holders{seed: maphash.MakeSeed(), by: map[uint64][]*holder{}} }

// add returns a new source that is found by each token that it gets: from fetch, from the Store, or to begin with.
func (all *holders) add(fetch token.Fetch, cfg token.Config) (*token.Source, error) {
	h := &holder{}
	cfg.OnEvent = all.watch(h, cfg.OnEvent)
	s, err := token.New(func(ctx context.Context, last *token.Token) (*token.Token, error) {
		if last != nil {
			all.note(h, last.Access, last.Refresh) // it may be from the Store, where one that has ended is no event
		}
		t, err := fetch(ctx, last)
		if err == nil {
			all.note(h, t.Access, t.Refresh)
		}
		return t, err
	}, cfg)
	if err != nil {
		return nil, err
	}
	h.source = weak.Make(s)
	all.note(h, cfg.Refresh)
	runtime.AddCleanup(s, all.remove, h)
	return s, nil
}

// watch returns next with an ear for the tokens that h loads from the Store.
func (all *holders) watch(h *holder, next func(context.Context, token.Event)) func(context.Context, token.Event) {
	if next == nil {
		next = token.LogEvents(nil)
	}
	return func(ctx context.Context, e token.Event) {
		if e.Kind == token.EventLoaded {
			if t := h.source.Value().Peek(); t != nil {
				all.note(h, t.Access, t.Refresh)
			}
		}
		next(ctx, e)
	}
}

// of returns the sources that may hold t.
func (all *holders) of(t secret.String) []*token.Source {
	all.mu.Lock()
	defer all.mu.Unlock()
	var out []*token.Source
	for _, h := range all.by[all.hash(t)] {
		if s := h.source.Value(); s != nil {
			out = append(out, s)
		}
	}
	return out
}

// note makes h one that is found by these tokens and by those of the note before.
func (all *holders) note(h *holder, tokens ...secret.String) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.unlink(h)
	h.before, h.now = h.now, nil
	for _, t := range tokens {
		if !t.IsZero() {
			h.now = append(h.now, all.hash(t))
		}
	}
	for _, hash := range h.hashes() {
		all.by[hash] = append(all.by[hash], h)
	}
}

// remove makes h one that is not found. Its source is gone.
func (all *holders) remove(h *holder) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.unlink(h)
}

// unlink takes h out of the table. The caller holds mu.
func (all *holders) unlink(h *holder) {
	for _, hash := range h.hashes() {
		all.by[hash] = slices.DeleteFunc(all.by[hash], func(other *holder) bool { return other == h })
		if len(all.by[hash]) == 0 {
			delete(all.by, hash)
		}
	}
}

// hashes returns those of all tokens of h, each once.
func (h *holder) hashes() []uint64 {
	out := slices.Concat(h.now, h.before)
	slices.Sort(out)
	return slices.Compact(out)
}

func (all *holders) hash(t secret.String) uint64 { return maphash.String(all.seed, t.Reveal()) }
