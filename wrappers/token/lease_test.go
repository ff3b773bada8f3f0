package token

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The rules of Leaser, the same for all stores. Requirement H121.
func TestLeases(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Run("one at a time", func(t *testing.T) { testOneAtATime(t, open(t)) })
			t.Run("waiting ends", func(t *testing.T) { testWaitingEnds(t, open(t)) })
			t.Run("fence", func(t *testing.T) { testFence(t, open(t)) })
		})
	}
}

// acquire takes a lease that must be had.
func acquire(tb testing.TB, s Store) Lease {
	tb.Helper()
	l, err := s.(Leaser).Acquire(tb.Context(), "k")
	require.NoError(tb, err)
	assert.True(tb, l.Valid())
	return l
}

func testOneAtATime(t *testing.T, open func() Store) {
	t.Helper()
	var mu sync.Mutex
	var holders, most int
	var fences []uint64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			l := acquire(t, open())
			mu.Lock()
			holders++
			most = max(most, holders)
			fences = append(fences, l.Fence())
			mu.Unlock()
			time.Sleep(time.Millisecond) // so that others come while it is held
			mu.Lock()
			holders--
			mu.Unlock()
			l.Release()
		})
	}
	all.Wait()
	assert.Equal(t, 1, most)
	require.Len(t, fences, 8)
	for i := range fences[1:] {
		assert.Greater(t, fences[i+1], fences[i])
	}
}

func testWaitingEnds(t *testing.T, open func() Store) {
	t.Helper()
	a, b := open(), open()
	held := acquire(t, a)
	ctx, cancel := context.WithCancelCause(t.Context())
	gone := errors.New("gone")
	time.AfterFunc(time.Millisecond, func() { cancel(gone) })
	_, err := b.(Leaser).Acquire(ctx, "k")
	assert.ErrorIs(t, err, gone)
	other, err := b.(Leaser).Acquire(t.Context(), "other")
	require.NoError(t, err, "the lease is one of a key")
	other.Release()
	held.Release()
	acquire(t, b).Release()
}

func testFence(t *testing.T, open func() Store) {
	t.Helper()
	s := open()
	old := acquire(t, s)
	old.Release()
	newer := acquire(t, s)
	defer newer.Release()
	require.NoError(t, s.Save(t.Context(), "k", 0, Record{Generation: 1, Fence: newer.Fence()}))
	assert.ErrorIs(t, s.Save(t.Context(), "k", 1, Record{Generation: 2, Fence: old.Fence()}), ErrConflict, "an earlier holder writes no more")
	assert.NoError(t, s.Save(t.Context(), "k", 1, Record{Generation: 2}), "a revocation has no lease")
	assert.NoError(t, s.Save(t.Context(), "k", 2, Record{Generation: 3, Fence: newer.Fence()}))
}

// A lease file that somebody removes is no longer the lease; the fence goes on from what the record tells.
func TestLeaseFileRemoved(t *testing.T) {
	s, dir, _ := saved(t) // its record has fence 7
	first, err := s.Acquire(t.Context(), key)
	require.NoError(t, err)
	assert.EqualValues(t, 8, first.Fence())
	files, err := filepath.Glob(filepath.Join(dir, "*.lease"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	assert.NotContains(t, files[0], key)
	require.NoError(t, os.Remove(files[0]))
	assert.False(t, first.Valid())
	second, err := s.Acquire(t.Context(), key)
	require.NoError(t, err, "nobody waits for the file that is gone")
	assert.EqualValues(t, 8, second.Fence())
	first.Release()
	second.Release()

	require.NoError(t, os.WriteFile(files[0], []byte("not a number that was ever written here"), 0o600))
	third, err := s.Acquire(t.Context(), key)
	require.NoError(t, err)
	assert.EqualValues(t, 8, third.Fence())
	third.Release()
	fourth, err := s.Acquire(t.Context(), key)
	require.NoError(t, err)
	assert.EqualValues(t, 9, fourth.Fence())
	fourth.Release()
}

func TestLeaseOfADamagedRecord(t *testing.T) {
	s, dir, path := saved(t, NewKey())
	require.NoError(t, os.Truncate(path, 20))
	_, err := s.Acquire(t.Context(), key)
	assert.ErrorIs(t, err, ErrBadRecord)
	files, err := filepath.Glob(filepath.Join(dir, "*.lease"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	free, err := tryLock(files[0])
	require.NoError(t, err, "the lease was given back")
	require.NoError(t, free.Close())
}

// simple hides the leases of a store.
type simple struct{ Store }

// odd is a store whose leases are what a test says.
type odd struct {
	MemoryStore
	acquire func(context.Context) (Lease, error)
}

func (o *odd) Acquire(ctx context.Context, _ string) (Lease, error) { return o.acquire(ctx) }

// lease is a Lease that a test makes.
type lease struct {
	valid   func() bool
	release func()
}

func (lease) Fence() uint64 { return 1 }
func (l lease) Valid() bool { return l.valid() }
func (l lease) Release()    { l.release() }

// A lease that was lost before the refresh token went out: it does not go out, and the flight begins anew.
func TestLeaseThatIsLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store, asked := grant(time.Minute), &odd{}, 0
		store.acquire = func(context.Context) (Lease, error) {
			return lease{func() bool { asked++; return asked != 1 }, func() {}}, nil
		}
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		get(t, s)
		assert.Zero(t, asked, "there was no refresh token to lose")
		time.Sleep(time.Minute)
		store2 := store // the same one: what it holds counts
		assert.Equal(t, "access-2", get(t, s))
		assert.Equal(t, 2, asked)
		assert.Equal(t, 2, d.count())
		r, err := store2.Load(t.Context(), "k")
		require.NoError(t, err)
		assert.False(t, r.InDoubt)
		assert.Equal(t, "refresh-2", r.Token.Refresh.Reveal())
	})
}

// Whatever a store does wrong with its leases is its failure and nobody's end.
func TestLeasesThatFail(t *testing.T) {
	fine := lease{func() bool { return true }, func() {}}
	for name, c := range map[string]struct {
		acquire func(context.Context) (Lease, error)
		want    error
	}{
		"error":   {func(context.Context) (Lease, error) { return nil, errDown }, errDown},
		"nothing": {func(context.Context) (Lease, error) { return nil, nil }, ErrStore},
		"panic":   {func(context.Context) (Lease, error) { panic("store") }, ErrStore},
		"hangs":   {func(ctx context.Context) (Lease, error) { <-ctx.Done(); return nil, ctx.Err() }, context.DeadlineExceeded},
		"ignores its context": {func(context.Context) (Lease, error) {
			time.Sleep(time.Hour)
			return nil, nil
		}, context.DeadlineExceeded},
		"release panics": {func(context.Context) (Lease, error) { return lease{fine.valid, func() { panic("store") }}, nil }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := grant(time.Hour)
				s := open(t, d.fetch, Config{Store: &odd{acquire: c.acquire}, Key: "k"})
				_, err := s.Token(t.Context())
				if c.want == nil {
					assert.NoError(t, err)
					return
				}
				assert.ErrorIs(t, err, c.want)
				assert.ErrorIs(t, err, ErrStore)
				assert.Zero(t, d.count())
				s.Close()
				time.Sleep(2 * time.Hour)
			})
		})
	}
	t.Run("valid panics", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			d := grant(time.Minute)
			released := 0
			store := &odd{acquire: func(context.Context) (Lease, error) {
				return lease{func() bool { panic("store") }, func() { released++ }}, nil
			}}
			s := open(t, d.fetch, Config{Store: store, Key: "k"})
			get(t, s)
			time.Sleep(time.Minute)
			_, err := s.Token(t.Context())
			var p *PanicError
			assert.ErrorAs(t, err, &p)
			assert.Equal(t, 1, d.count())
			assert.Equal(t, 2, released)
		})
	})
}

// Processes that start together log in once; with leases the others wait for the one that does.
func TestColdStart(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Hour), &MemoryStore{}
		d.delay = time.Second
		var all sync.WaitGroup
		for range 8 {
			s := open(t, d.fetch, Config{Store: store, Key: "k"})
			all.Go(func() { assert.Equal(t, "access-1", get(t, s)) })
		}
		all.Wait()
		assert.Equal(t, 1, d.count())
		r, err := store.Load(t.Context(), "k")
		require.NoError(t, err)
		assert.NotZero(t, r.Fence)
	})
}

// A lease is waited for longer than a fetch may take; its holder may be in the middle of one.
func TestLeaseIsWaitedFor(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Hour), &MemoryStore{}
		s := open(t, d.fetch, Config{Store: store, Key: "k", Timeout: time.Minute})
		held := acquire(t, store)
		time.AfterFunc(90*time.Second, held.Release)
		assert.Equal(t, "access-1", get(t, s))
	})
}

// The leases of a MemoryStore take no room once nobody holds them or waits for them.
func TestMemoryLeasesLeaveNothing(t *testing.T) {
	m := &MemoryStore{}
	held := acquire(t, m)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := m.Acquire(ctx, "k")
	assert.ErrorIs(t, err, context.Canceled)
	assert.Len(t, m.turns, 1)
	held.Release()
	assert.Empty(t, m.turns)
}

// Requirement D122: many that renew at once send a refresh token once, with leases and without.
func TestRenewalOfMany(t *testing.T) {
	for name, store := range map[string]func() Store{
		"leases":    func() Store { return &MemoryStore{} },
		"no leases": func() Store { return simple{&MemoryStore{}} },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d, store := grant(time.Hour), store()
				var all []*Source
				for range 8 {
					s := open(t, d.fetch, Config{Store: store, Key: "k"})
					get(t, s)
					all = append(all, s)
				}
				logins := d.count()
				for n := range 20 {
					d.mu.Lock()
					d.delay = time.Duration(n%4) * time.Second
					d.mu.Unlock()
					time.Sleep(time.Hour)
					var callers sync.WaitGroup
					for _, s := range all {
						callers.Go(func() { get(t, s) })
					}
					callers.Wait()
				}
				assert.Equal(t, logins+20, d.count())
				sent := map[string]int{}
				for _, last := range d.seen[logins:] {
					sent[last.Refresh.Reveal()]++
				}
				assert.Len(t, sent, 20, "each refresh token once")
			})
		})
	}
}

// Without leases, a mark that stays is given up for lost after the time that a fetch may take.
func TestMarkThatStays(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := simple{&MemoryStore{}}
		require.NoError(t, store.Save(t.Context(), "k", 0, Record{Generation: 4, InDoubt: true, Token: &Token{Refresh: refresh(1)}}))
		d, kinds := grant(time.Hour), &journal{}
		s := open(t, d.fetch, Config{Store: store, Key: "k", OnEvent: kinds.add, Timeout: time.Minute})
		begin := time.Now()
		assert.Equal(t, "access-1", get(t, s))
		assert.Nil(t, d.seen[0], "the refresh token is not sent")
		assert.InDelta(t, 2*time.Minute, time.Since(begin), float64(2*poll))
		synctest.Wait()
		assert.Equal(t, []EventKind{EventInDoubt, EventFetched}, kinds.kinds())
	})
}

// With leases, nobody waits: the holder of the lease knows that whoever has marked the record is gone.
func TestMarkOfAKilledProcess(t *testing.T) {
	for name, c := range map[string]struct {
		record Record
		seed   int
		login  bool
		want   string
	}{
		"logs in":                        {Record{Generation: 4, InDoubt: true, Token: &Token{Refresh: refresh(71)}}, 0, true, "access-1"},
		"cannot log in":                  {Record{Generation: 4, InDoubt: true, Token: &Token{Refresh: refresh(71)}}, 0, false, ""},
		"the same from outside":          {Record{Generation: 4, InDoubt: true, Token: &Token{Refresh: refresh(71)}}, 71, false, ""},
		"another one from outside":       {Record{Generation: 4, InDoubt: true, Token: &Token{Refresh: refresh(71)}}, 7, false, "access-1"},
		"the access token is good still": {Record{Generation: 4, InDoubt: true, Token: &Token{Access: access(9), Refresh: refresh(71)}}, 0, false, "access-9"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				store, d, begin := &MemoryStore{}, grant(time.Hour), time.Now()
				require.NoError(t, store.Save(t.Context(), "k", 0, c.record))
				cfg := Config{Store: store, Key: "k"}
				if c.seed != 0 {
					cfg.Refresh = refresh(c.seed)
				}
				s := open(t, func(ctx context.Context, last *Token) (*Token, error) {
					assert.False(t, last.refreshes() && strings.HasSuffix(last.Refresh.Reveal(), "-71"), "it is not sent")
					if !last.refreshes() && !c.login {
						return nil, Final(errDown, ErrDeadGrant)
					}
					return d.fetch(ctx, last)
				}, cfg)
				tok, err := s.Token(t.Context())
				assert.Equal(t, begin, time.Now())
				if c.want == "" {
					assert.ErrorIs(t, err, ErrInDoubt)
					assert.ErrorIs(t, err, ErrDeadGrant)
					assert.ErrorIs(t, err, ErrFinal)
					assert.ErrorIs(t, err, errDown)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, c.want, tok.Access.Reveal())
				if c.login {
					time.Sleep(time.Hour)
					get(t, s)
					assert.Equal(t, "refresh-1", d.seen[1].Refresh.Reveal(), "the new grant is not in doubt")
				}
			})
		})
	}
}

// A token that was asked for while the store was being read is as good as any.
func TestTokenFetchedWhileTheStoreIsRead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Hour), &rude{}
		store.load = func() {
			store.load = nil
			time.Sleep(time.Second)
			assert.NoError(t, store.Save(t.Context(), "k", 0, Record{Generation: 1, Token: &Token{
				Access: access(70), ExpiresIn: time.Hour, Expiry: time.Now().Add(time.Hour),
			}}))
		}
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		assert.Equal(t, "access-70", get(t, s))
		assert.Zero(t, d.count())
	})
}

// A token that was refused does not come back with the mark of another process that renews it.
func TestRefusedTokenUnderAMark(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Hour), &MemoryStore{}
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		tok, err := s.Token(t.Context())
		require.NoError(t, err)
		other := acquire(t, store)
		require.NoError(t, store.Save(t.Context(), "k", 1, Record{Generation: 2, InDoubt: true, Token: tok}))
		s.Invalidate(tok)
		got := make(chan string)
		go func() { got <- get(t, s) }()
		time.Sleep(time.Second)
		require.NoError(t, store.Save(t.Context(), "k", 2, Record{Generation: 3, Token: &Token{Access: access(70)}}))
		other.Release()
		assert.Equal(t, "access-70", <-got)
		assert.Equal(t, 1, d.count())
	})
}
