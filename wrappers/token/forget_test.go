package token

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// grant is a desk whose tokens come with refresh tokens.
func grant(life time.Duration) *desk {
	d := &desk{}
	d.then(func(n int, _ *Token) (*Token, error) {
		return &Token{Access: access(n), Refresh: refresh(n), ExpiresIn: life}, nil
	})
	return d
}

// Requirements D51 and E58: what is revoked leaves the memory and the store, and a refresh token takes its access
// token along.
func TestForget(t *testing.T) {
	for name, c := range map[string]struct {
		value secret.String
		want  bool
	}{
		"access":  {access(1), true},
		"refresh": {refresh(1), true},
		"other":   {access(9), false},
		"empty":   {secret.String{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			d, store := grant(time.Hour), &MemoryStore{}
			s := open(t, d.fetch, Config{Store: store, Key: "k"})
			get(t, s)
			assert.Equal(t, c.want, s.Forget(c.value))
			r, _ := store.Load(t.Context(), "k")
			if !c.want {
				assert.Equal(t, "access-1", get(t, s))
				assert.NotNil(t, r.Token)
				return
			}
			assert.Nil(t, r.Token)
			assert.EqualValues(t, 2, r.Generation, "the record stays, so that no late writer brings the token back")
			assert.Equal(t, "access-2", get(t, s))
			assert.Nil(t, d.seen[1], "it starts over")
		})
	}
}

func TestForgetAccess(t *testing.T) {
	d, store := grant(time.Hour), &MemoryStore{}
	s := open(t, d.fetch, Config{Store: store, Key: "k"})
	get(t, s)
	assert.False(t, s.ForgetAccess(refresh(1)))
	assert.True(t, s.ForgetAccess(access(1)))
	assert.False(t, s.ForgetAccess(access(1)))
	r, _ := store.Load(t.Context(), "k")
	assert.True(t, r.Token.Access.IsZero())
	assert.Equal(t, "refresh-1", r.Token.Refresh.Reveal())
	assert.Equal(t, "access-2", get(t, s))
	assert.Equal(t, "refresh-1", d.seen[1].Refresh.Reveal(), "the grant goes on")
}

func TestForgetAccessWithoutRefreshToken(t *testing.T) {
	d := &desk{life: time.Hour}
	s := open(t, d.fetch, Config{})
	get(t, s)
	assert.True(t, s.ForgetAccess(access(1)))
	assert.Equal(t, "access-2", get(t, s))
	assert.Nil(t, d.seen[1])
}

// A source that has not fetched yet still takes a token that is being revoked out of the store.
func TestForgetInTheStoreAlone(t *testing.T) {
	store := &MemoryStore{}
	cfg := Config{Store: store, Key: "k"}
	get(t, open(t, grant(time.Hour).fetch, cfg))

	d := &desk{life: time.Hour}
	s := open(t, d.fetch, cfg)
	assert.False(t, s.Forget(access(7)))
	assert.True(t, s.Forget(refresh(1)))
	get(t, s)
	assert.Equal(t, 1, d.count())
	assert.Nil(t, d.seen[0])
}

func TestForgetASeed(t *testing.T) {
	d := &desk{}
	s := open(t, d.fetch, Config{Refresh: refresh(7)})
	assert.True(t, s.Forget(refresh(7)))
	get(t, s)
	assert.Nil(t, d.seen[0])
}

// A revocation during a fetch: the fetch is canceled, who waits gets the token of another one.
func TestForgetDuringAFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Minute), &MemoryStore{}
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		get(t, s)
		time.Sleep(time.Minute)
		d.mu.Lock()
		d.delay = time.Second
		d.mu.Unlock()
		got := make(chan string)
		for range 5 {
			go func() { got <- get(t, s) }()
		}
		synctest.Wait()
		assert.Equal(t, 2, d.count())
		assert.True(t, s.Forget(refresh(1)))
		for range 5 {
			assert.Equal(t, "access-3", <-got)
		}
		assert.Equal(t, "refresh-1", d.seen[1].Refresh.Reveal())
		assert.Nil(t, d.seen[2])
		assert.Equal(t, 1, d.most)
		r, _ := store.Load(t.Context(), "k")
		assert.Equal(t, "access-3", r.Token.Access.Reveal())
	})
}

// The fetch does not care for its context and brings a token of the grant that was revoked: it is nobody's.
func TestForgetDuringAFetchThatGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Minute), &MemoryStore{}
		kinds := &journal{}
		s := open(t, func(_ context.Context, last *Token) (*Token, error) { return d.fetch(context.Background(), last) },
			Config{Store: store, Key: "k", OnEvent: kinds.add})
		get(t, s)
		time.Sleep(time.Minute)
		d.mu.Lock()
		d.delay = time.Second
		d.mu.Unlock()
		got := make(chan string)
		go func() { got <- get(t, s) }()
		synctest.Wait()
		assert.True(t, s.Forget(refresh(1)))
		assert.Equal(t, "access-3", <-got)
		synctest.Wait()
		assert.Equal(t, []EventKind{EventFetched, EventFailed, EventForgotten, EventFetched}, kinds.kinds())
		r, _ := store.Load(t.Context(), "k")
		assert.Equal(t, "access-3", r.Token.Access.Reveal())
	})
}

func TestForgetWithAStoreThatFails(t *testing.T) {
	store := &faulty{}
	d := grant(time.Hour)
	s := open(t, d.fetch, Config{Store: store, Key: "k"})
	get(t, s)
	store.set(errDown, nil)
	assert.True(t, s.Forget(access(1)), "it is dropped here")
	assert.EqualValues(t, 1, s.Stats().SaveFailures)
	store.set(nil, errDown)
	assert.False(t, s.Forget(access(1)))
	assert.EqualValues(t, 2, s.Stats().SaveFailures)
	store.set(nil, nil)
	assert.Equal(t, "access-2", get(t, s))
	assert.Nil(t, d.seen[1], "what is dropped here does not come back from the store")
}

// Who comes while a revocation is being written gets a token by one fetch: its record is no conflict.
func TestForgetInASlowStore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Hour), &faulty{}
		d.delay = time.Millisecond
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		get(t, s)
		store.before = func() { time.Sleep(time.Second) }
		go s.Forget(access(1))
		synctest.Wait()
		assert.Equal(t, "access-2", get(t, s))
		assert.Equal(t, 2, d.count())
		r, _ := store.Load(t.Context(), "k")
		assert.EqualValues(t, 3, r.Generation)
	})
}

// The revocation comes when the new token of the grant is in the store and not yet in use: it leaves the store again.
func TestForgetBetweenSavingAndUse(t *testing.T) {
	for name, down := range map[string]error{"done": nil, "the store fails": errDown} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d, store := grant(time.Minute), &faulty{}
				s := open(t, d.fetch, Config{Store: store, Key: "k"})
				get(t, s)
				time.Sleep(time.Minute)
				var r Record
				store.after = func() {
					assert.True(t, s.Forget(refresh(1)))
					store.set(nil, down)
					store.after = nil
					store.before = func() { store.set(nil, nil) }
				}
				assert.Equal(t, "access-3", get(t, s))
				assert.Nil(t, d.seen[2], "it starts over")
				r, _ = store.Load(t.Context(), "k")
				assert.Equal(t, "access-3", r.Token.Access.Reveal())
				assert.Equal(t, down != nil, s.Stats().SaveFailures > 0)
			})
		})
	}
}

// hung is a store that answers nothing once it is told so.
type hung struct {
	MemoryStore
	on atomic.Bool
}

func (h *hung) Load(ctx context.Context, key string) (Record, error) {
	if h.on.Load() {
		<-ctx.Done()
		return Record{}, ctx.Err()
	}
	return h.MemoryStore.Load(ctx, key)
}

// A store that hangs holds nobody up for longer than the context lasts, and the memory drops the token all the same.
func TestForgetContextEnds(t *testing.T) {
	for name, c := range map[string]struct {
		forget func(*Source, context.Context) bool
		seen   *Token // by the fetch after it
		flight bool   // one is reading the store
	}{
		"token":          {func(s *Source, ctx context.Context) bool { return s.ForgetContext(ctx, access(1)) }, nil, false},
		"access token":   {func(s *Source, ctx context.Context) bool { return s.ForgetAccessContext(ctx, access(1)) }, &Token{Refresh: refresh(1)}, false},
		"during a fetch": {func(s *Source, ctx context.Context) bool { return s.ForgetContext(ctx, refresh(1)) }, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d, store := grant(time.Minute), &hung{}
				s := open(t, d.fetch, Config{Store: store, Key: "k"})
				get(t, s)
				store.on.Store(true)
				if c.flight {
					time.Sleep(time.Minute)
					caller, leave := context.WithCancel(t.Context())
					go func() { _, _ = s.Token(caller) }()
					synctest.Wait()
					leave() // it would start another one
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				begun := time.Now()
				assert.True(t, c.forget(s, ctx))
				assert.Equal(t, time.Second, time.Since(begun))
				assert.EqualValues(t, 1, s.Stats().SaveFailures)
				store.on.Store(false)
				require.Equal(t, "access-2", get(t, s))
				assert.Equal(t, c.seen, d.seen[1])
			})
		})
	}
}

// A context that is over is enough for a store that does not care for it.
func TestForgetContextThatIsOver(t *testing.T) {
	d, store := grant(time.Hour), &MemoryStore{}
	s := open(t, d.fetch, Config{Store: store, Key: "k"})
	get(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.True(t, s.ForgetContext(ctx, access(1)))
	r, _ := store.Load(t.Context(), "k")
	assert.Nil(t, r.Token)
	assert.Zero(t, s.Stats().SaveFailures)
}

// What the store still has of a grant that is forgotten goes, too: a token before the one that could not be saved, and one
// of a store that was put back. The record then counts as newer than all that any process has seen.
func TestForgetEmptiesOlderRecords(t *testing.T) {
	t.Run("not saved", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			d, store := &desk{life: time.Minute}, &faulty{}
			s := open(t, d.fetch, Config{Store: store, Key: "k"})
			get(t, s)
			time.Sleep(time.Minute)
			store.set(nil, errDown)
			assert.Equal(t, "access-2", get(t, s))
			store.set(nil, nil)
			assert.True(t, s.Forget(access(2)))
			r, err := store.Load(t.Context(), "k")
			require.NoError(t, err)
			assert.Nil(t, r.Token)
		})
	})
	t.Run("put back", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			d, store := grant(time.Minute), &MemoryStore{}
			s := open(t, d.fetch, Config{Store: store, Key: "k"})
			get(t, s)
			first, err := store.Load(t.Context(), "k")
			require.NoError(t, err)
			time.Sleep(time.Minute)
			get(t, s)
			seen := s.Stats().Generation
			store.records["k"] = first
			assert.True(t, s.Forget(refresh(2)))
			r, err := store.Load(t.Context(), "k")
			require.NoError(t, err)
			assert.Nil(t, r.Token)
			assert.Greater(t, r.Generation, seen)
		})
	})
}
