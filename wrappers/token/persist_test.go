package token

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// faulty is a store that fails when it is told to.
type faulty struct {
	MemoryStore
	mu         sync.Mutex
	load, save error
	saves      int
	marks      int
	before     func() // the next save of a token
	after      func() // the next save of a token
	mark       func() // the next time a record is marked
}

func (f *faulty) set(load, save error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.load, f.save = load, save
}

// fails reports whether it may fail; a store that is none does not.
func (f *faulty) fails() bool {
	if f == nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.load != nil || f.save != nil
}

func (f *faulty) Load(ctx context.Context, key string) (Record, error) {
	f.mu.Lock()
	err := f.load
	f.mu.Unlock()
	if err != nil {
		return Record{}, err
	}
	return f.MemoryStore.Load(ctx, key)
}

func (f *faulty) Save(ctx context.Context, key string, old uint64, next Record) error {
	f.mu.Lock()
	var before, after func()
	if next.InDoubt {
		f.marks++
		before, f.mark = f.mark, nil
	} else {
		f.saves++
		before, after, f.before, f.after = f.before, f.after, nil, nil
	}
	err := f.save
	f.mu.Unlock()
	if before != nil {
		before()
	}
	if err != nil {
		return err
	}
	err = f.MemoryStore.Save(ctx, key, old, next)
	if after != nil {
		after()
	}
	return err
}

// A service that restarts goes on with the token of the store, and with its refresh token when that has ended.
func TestRestart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Hour), &MemoryStore{}
		cfg := Config{Store: store, Key: "k"}
		kinds := &journal{}
		first := open(t, d.fetch, cfg)
		get(t, first)
		first.Close()

		time.Sleep(30 * time.Minute)
		cfg.OnEvent = kinds.add
		second := open(t, d.fetch, cfg)
		tok, err := second.Token(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "access-1", tok.Access.Reveal())
		assert.Equal(t, 30*time.Minute, tok.Remaining(time.Now()))
		synctest.Wait()
		assert.Equal(t, []EventKind{EventLoaded}, kinds.kinds())
		assert.Equal(t, 1, d.count())
		assert.EqualValues(t, 1, second.Stats().Loads)

		time.Sleep(30 * time.Minute)
		assert.Equal(t, "access-2", get(t, second))
		assert.Equal(t, "refresh-1", d.seen[1].Refresh.Reveal())
		assert.EqualValues(t, 3, second.Stats().Generation, "one for the mark before the refresh token was sent")
		second.Close()

		time.Sleep(2 * time.Hour)
		third := open(t, d.fetch, cfg)
		assert.Equal(t, "access-3", get(t, third))
		assert.Equal(t, "refresh-2", d.seen[2].Refresh.Reveal())
	})
}

// Requirement D38 with a store: a new refresh token is in the store before anybody gets its access token.
func TestSavedBeforeHandedOut(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &faulty{}
		d := grant(time.Hour)
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		store.before = func() {
			assert.Nil(t, s.current.Load(), "not handed out yet")
			time.Sleep(time.Second)
		}
		begin := time.Now()
		get(t, s)
		assert.Equal(t, time.Second, time.Since(begin))
	})
}

// A save that fails surfaces; the token is not lost meanwhile, and the provider is not asked again.
func TestSaveThatFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &faulty{}
		store.set(nil, errDown)
		d := grant(time.Hour)
		kinds := &journal{}
		s := open(t, d.fetch, Config{Store: store, Key: "k", OnEvent: kinds.add})
		for range 3 {
			_, err := s.Token(t.Context())
			assert.ErrorIs(t, err, ErrStore)
			assert.ErrorIs(t, err, errDown)
			time.Sleep(10 * time.Second)
		}
		assert.Equal(t, 1, d.count())
		assert.Equal(t, 3, store.saves)
		store.set(nil, nil)
		assert.Equal(t, "access-1", get(t, s))
		assert.Equal(t, 1, d.count())
		synctest.Wait()
		assert.Equal(t, []EventKind{
			EventSaveFailed, EventFailed, EventSaveFailed, EventFailed, EventSaveFailed, EventFailed, EventFetched,
		}, kinds.kinds())
	})
}

// A token that was held back and has ended when the store works again: its refresh token counts.
func TestSaveThatFailsForLong(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &faulty{}
		store.set(nil, errDown)
		d := grant(time.Minute)
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		_, err := s.Token(t.Context())
		assert.ErrorIs(t, err, ErrStore)
		time.Sleep(time.Hour)
		store.set(nil, nil)
		assert.Equal(t, "access-2", get(t, s))
		assert.Equal(t, "refresh-1", d.seen[1].Refresh.Reveal())
	})
}

// Where no refresh token can get lost, a save that fails costs nobody a token.
func TestSaveThatFailsHarmlessly(t *testing.T) {
	store := &faulty{}
	store.set(nil, errDown)
	s := open(t, (&desk{life: time.Hour}).fetch, Config{Store: store, Key: "k"})
	assert.Equal(t, "access-1", get(t, s))
	assert.EqualValues(t, 1, s.Stats().SaveFailures)
}

// Close waits for a fetch whose refresh token would be lost, and saves what was held back.
func TestCloseLosesNoRefreshToken(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store, d := &faulty{}, grant(time.Hour)
		d.delay = time.Second
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		go func() {
			_, err := s.Token(context.Background())
			assert.ErrorIs(t, err, ErrClosed)
		}()
		synctest.Wait()
		s.Close()
		r, _ := store.Load(t.Context(), "k")
		assert.Equal(t, "refresh-1", r.Token.Refresh.Reveal())
	})
	t.Run("held back", func(t *testing.T) {
		store := &faulty{}
		store.set(nil, errDown)
		s := open(t, grant(time.Hour).fetch, Config{Store: store, Key: "k"})
		_, err := s.Token(t.Context())
		assert.ErrorIs(t, err, ErrStore)
		store.set(nil, nil)
		s.Close()
		r, _ := store.Load(t.Context(), "k")
		assert.Equal(t, "refresh-1", r.Token.Refresh.Reveal())
	})
}

// While the store cannot be read nothing is fetched: the refresh token in memory may be spent.
func TestLoadThatFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store, d := &faulty{}, grant(time.Minute)
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		get(t, s)
		store.set(errDown, nil)
		time.Sleep(50 * time.Second)
		assert.Equal(t, "access-1", get(t, s), "what is in memory goes on")
		time.Sleep(10 * time.Second)
		_, err := s.Token(t.Context())
		assert.ErrorIs(t, err, ErrStore)
		assert.ErrorIs(t, err, errDown)
		assert.NotErrorIs(t, err, ErrFinal)
		assert.Equal(t, 1, d.count())
		store.set(nil, nil)
		s.Reset()
		assert.Equal(t, "access-2", get(t, s))
	})
}

// Two sources share a store. The one that comes second takes what the first one has saved.
func TestTwoSourcesOneStore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Hour), &MemoryStore{}
		cfg := Config{Store: store, Key: "k"}
		a, b := open(t, d.fetch, cfg), open(t, d.fetch, cfg)
		for n := 1; n <= 5; n++ {
			assert.Equal(t, access(n).Reveal(), get(t, a))
			assert.Equal(t, access(n).Reveal(), get(t, b))
			time.Sleep(time.Hour)
			a, b = b, a
		}
		assert.Equal(t, 5, d.count())
	})
}

// Requirement H91: of two that fetched at once, one saves; the other takes that.
func TestLoserOfASaveTakesTheWinnersToken(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Hour), &faulty{}
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		store.before = func() {
			assert.NoError(t, store.MemoryStore.Save(t.Context(), "k", 0, Record{Generation: 1, Token: &Token{
				Access: access(70), Refresh: refresh(70), ExpiresIn: time.Hour, Expiry: time.Now().Add(time.Hour),
			}}))
		}
		assert.Equal(t, "access-70", get(t, s))
		assert.Equal(t, "refresh-70", s.last.Refresh.Reveal())
		assert.Equal(t, 1, d.count())
	})
}

// The same in a store that was put back: what the other one has saved counts, although its generation is lower than the
// one in memory.
func TestLoserInAStoreThatWentBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := &desk{life: time.Minute}, &faulty{}
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		for range 5 {
			get(t, s)
			time.Sleep(time.Minute)
		}
		store.records["k"] = Record{Generation: 1}
		store.before = func() {
			assert.NoError(t, store.MemoryStore.Save(t.Context(), "k", 1, Record{Generation: 2, Token: &Token{Access: access(70)}}))
		}
		assert.Equal(t, "access-70", get(t, s))
		assert.Equal(t, 6, d.count())
	})
}

// A revocation elsewhere, seen when saving: the new token belongs to the grant that was revoked.
func TestRevokedElsewhereDuringAFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Minute), &faulty{}
		cfg := Config{Store: store, Key: "k"}
		s, other := open(t, d.fetch, cfg), open(t, d.fetch, cfg)
		get(t, s)
		time.Sleep(time.Minute)
		store.before = func() { assert.True(t, other.Forget(refresh(1))) }
		assert.Equal(t, "access-3", get(t, s))
		assert.Nil(t, d.seen[2], "it starts over")
		r, _ := store.Load(t.Context(), "k")
		assert.Equal(t, "access-3", r.Token.Access.Reveal())
	})
}

func TestConflictsWithoutEnd(t *testing.T) {
	store := &faulty{}
	store.set(nil, ErrConflict)
	s := open(t, grant(time.Hour).fetch, Config{Store: store, Key: "k"})
	_, err := s.Token(t.Context())
	assert.ErrorIs(t, err, ErrConflict)
	assert.ErrorIs(t, err, ErrStore)
	assert.Equal(t, rounds*rounds, store.saves)
	assert.EqualValues(t, 1, s.Stats().Fetches, "it is kept and not fetched again")
}

// Requirement D48: a dead grant is looked up in the store before it counts.
func TestDeadGrantIsReadAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &MemoryStore{}
		d := grant(time.Minute)
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		get(t, s)
		time.Sleep(time.Minute)
		d.then(func(_ int, last *Token) (*Token, error) {
			// Another process was faster; this refresh token is spent.
			assert.Equal(t, "refresh-1", last.Refresh.Reveal())
			assert.NoError(t, store.Save(t.Context(), "k", 2, Record{Generation: 3, Token: &Token{
				Access: access(2), Refresh: refresh(2), ExpiresIn: time.Minute, Expiry: time.Now().Add(time.Minute),
			}}))
			return nil, Final(errors.New("invalid_grant"), ErrDeadGrant)
		})
		assert.Equal(t, "access-2", get(t, s))
		assert.Equal(t, 2, d.count())
	})
}

// The store was put back, or emptied: what is in memory is newer and is saved again.
func TestStoreThatWentBack(t *testing.T) {
	for name, old := range map[string]Record{
		"emptied":  {},
		"put back": {Generation: 1, Token: &Token{Access: access(1), Refresh: refresh(1), ExpiresIn: time.Hour, Expiry: time.Now().Add(time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				store, d := &MemoryStore{}, grant(time.Minute)
				s := open(t, d.fetch, Config{Store: store, Key: "k"})
				for range 3 {
					get(t, s)
					time.Sleep(time.Minute)
				}
				store.mu.Lock()
				store.records["k"] = old
				store.mu.Unlock()
				assert.Equal(t, "access-4", get(t, s))
				assert.Equal(t, "refresh-3", d.seen[3].Refresh.Reveal())
				r, _ := store.Load(t.Context(), "k")
				assert.Equal(t, "refresh-4", r.Token.Refresh.Reveal())
				assert.EqualValues(t, 7, r.Generation)
			})
		})
	}
}

// A refresh token from outside stands in for one of the store that is dead.
func TestSeedAndStore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store, d := &MemoryStore{}, &desk{}
		require.NoError(t, store.Save(t.Context(), "k", 0, Record{Generation: 1, Token: &Token{Refresh: refresh(1)}}))
		d.then(func(n int, last *Token) (*Token, error) {
			if last.Refresh.Reveal() == "refresh-1" {
				return nil, Final(errDown, ErrDeadGrant)
			}
			assert.Equal(t, "refresh-7", last.Refresh.Reveal())
			return &Token{Access: access(n), Refresh: refresh(8), ExpiresIn: time.Hour}, nil
		})
		s := open(t, d.fetch, Config{Store: store, Key: "k", Refresh: refresh(7)})
		assert.Equal(t, "access-2", get(t, s))
		assert.True(t, s.seed.IsZero(), "it was used and is not sent again")
	})
}

func TestRevive(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		token Token
		want  bool
	}{
		"good":               {Token{Access: access(1), ExpiresIn: time.Hour, Expiry: now.Add(time.Minute)}, true},
		"endless":            {Token{Access: access(1)}, true},
		"ended":              {Token{Access: access(1), ExpiresIn: time.Hour, Expiry: now.Add(-1)}, false},
		"refresh only":       {Token{Refresh: refresh(1)}, false},
		"clock was put back": {Token{Access: access(1), ExpiresIn: time.Hour, Expiry: now.Add(61 * time.Minute)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, revive(&c.token, now, time.Minute) != nil)
		})
	}
}
