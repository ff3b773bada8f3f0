package token

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// Requirement D123: a revocation of the access token alone, during a renewal, costs the grant nothing: the refresh token
// that the renewal brings is kept, and the one that it has used is not sent again.
func TestForgetAccessDuringARenewal(t *testing.T) {
	for kind, store := range map[string]Store{"memory": nil, "leases": &MemoryStore{}, "no leases": simple{&MemoryStore{}}} {
		t.Run(kind, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := grant(time.Minute)
				cfg := Config{Store: store}
				if store != nil {
					cfg.Key = "k"
				}
				s := open(t, d.fetch, cfg)
				get(t, s)
				d.mu.Lock()
				d.delay = time.Second
				d.mu.Unlock()
				time.Sleep(50 * time.Second)
				get(t, s) // which is renewed in the background
				synctest.Wait()
				assert.True(t, s.ForgetAccess(access(1)))
				assert.Equal(t, "access-2", get(t, s))
				time.Sleep(time.Minute)
				assert.Equal(t, "access-3", get(t, s))
				var sent []string
				for _, last := range d.seen[1:] {
					sent = append(sent, last.Refresh.Reveal())
				}
				assert.Equal(t, []string{"refresh-1", "refresh-2"}, sent)
			})
		})
	}
}

// The same by another source of the same store, as another process has one.
func TestForgetAccessElsewhereDuringARenewal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Minute), &MemoryStore{}
		s, other := open(t, d.fetch, Config{Store: store, Key: "k"}), open(t, d.fetch, Config{Store: store, Key: "k"})
		get(t, s)
		d.mu.Lock()
		d.delay = time.Second
		d.mu.Unlock()
		time.Sleep(50 * time.Second)
		get(t, s)
		synctest.Wait()
		assert.True(t, other.ForgetAccess(access(1)))
		r, err := store.Load(t.Context(), "k")
		require.NoError(t, err)
		assert.True(t, r.InDoubt, "the mark stays")
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, "access-2", get(t, s))
		assert.Equal(t, 2, d.count())
	})
}

// A fetch that began before the token was forgotten brings the same one once more: nobody gets it.
func TestForgetMeetsTheSameTokenOnItsWay(t *testing.T) {
	for name, c := range map[string]struct {
		forget func(*Source, secret.String) bool
		next   string // the refresh token that the next fetch has
	}{
		"access token": {(*Source).ForgetAccess, "refresh-2"},
		"grant":        {(*Source).Forget, ""},
	} {
		for _, store := range []Store{nil, &MemoryStore{}} {
			t.Run(name, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					d := &desk{delay: time.Second}
					d.then(func(n int, _ *Token) (*Token, error) {
						if n == 1 {
							return &Token{Access: access(7), Refresh: refresh(2), ExpiresIn: time.Hour}, nil
						}
						return &Token{Access: access(n), ExpiresIn: time.Hour}, nil
					})
					cfg := Config{Store: store}
					if store != nil {
						cfg.Key = "k"
					}
					s := open(t, d.fetch, cfg)
					got := make(chan string)
					go func() { got <- get(t, s) }()
					synctest.Wait()
					c.forget(s, access(7))
					assert.Equal(t, "access-2", <-got)
					if c.next == "" {
						assert.Nil(t, d.seen[1])
					} else {
						assert.Equal(t, c.next, d.seen[1].Refresh.Reveal(), "the grant goes on")
					}
					assert.Equal(t, 2, d.count())
				})
			})
		}
	}
}

// A seed that is forgotten while another refresh token is on its way is not sent after it.
func TestForgetASeedDuringAFetch(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store, d := &MemoryStore{}, &desk{delay: time.Second}
		require.NoError(t, store.Save(t.Context(), "k", 0, Record{Generation: 1, Token: &Token{Refresh: refresh(1)}}))
		d.then(func(n int, last *Token) (*Token, error) {
			if last.refreshes() {
				return nil, Final(errDown, ErrDeadGrant)
			}
			return &Token{Access: access(n), ExpiresIn: time.Hour}, nil
		})
		s := open(t, d.fetch, Config{Store: store, Key: "k", Refresh: refresh(7)})
		got := make(chan string)
		go func() { got <- get(t, s) }()
		synctest.Wait()
		assert.True(t, s.Forget(refresh(7)))
		assert.Equal(t, "access-2", <-got)
		require.Len(t, d.seen, 2)
		assert.Equal(t, "refresh-1", d.seen[0].Refresh.Reveal())
		assert.Nil(t, d.seen[1])
	})
}

// A seed that was used up is not sent again because what it has brought was forgotten at once.
func TestForgetWhatASeedHasBrought(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Hour), &faulty{}
		s := open(t, d.fetch, Config{Store: store, Key: "k", Refresh: refresh(7)})
		store.after = func() { assert.True(t, s.Forget(access(1))) }
		assert.Equal(t, "access-2", get(t, s))
		require.Len(t, d.seen, 2)
		assert.Equal(t, "refresh-7", d.seen[0].Refresh.Reveal())
		assert.Nil(t, d.seen[1])
	})
}

// A token that was forgotten right before the fetch that is to replace it: the fetch starts with nothing, and takes place.
func TestForgetRightBeforeAFetch(t *testing.T) {
	for name, forget := range map[string]func(*Source, context.Context, secret.String) bool{
		"the access token": (*Source).ForgetAccessContext, "the grant": (*Source).ForgetContext,
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				store, d := &rude{}, &desk{life: time.Minute}
				s := open(t, d.fetch, Config{Store: store, Key: "k"})
				get(t, s)
				time.Sleep(time.Minute)
				store.load = func() {
					store.load = nil
					ctx, cancel := context.WithCancel(t.Context())
					cancel() // the store is being read
					assert.True(t, forget(s, ctx, access(1)))
				}
				assert.Equal(t, "access-2", get(t, s))
				assert.Len(t, d.seen, 2, "nothing is fetched for nobody")
				assert.Nil(t, d.seen[1])
			})
		})
	}
}

// A token that came out of the Store, and that the source never had itself, is taken off its way as well.
func TestForgetWhatIsRenewedFromTheStore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store, sending := &MemoryStore{}, atomic.Int32{}
		require.NoError(t, store.Save(t.Context(), "k", 0, Record{Generation: 1, Token: &Token{
			Access: access(1), Refresh: refresh(1), ExpiresIn: time.Hour, Expiry: time.Now(),
		}}))
		s := open(t, func(ctx context.Context, last *Token) (*Token, error) {
			if !last.refreshes() {
				return &Token{Access: access(2), ExpiresIn: time.Hour}, nil
			}
			sending.Add(1)
			defer sending.Add(-1)
			<-ctx.Done()
			time.Sleep(grace / 2) // until it has cleaned up
			return nil, ctx.Err()
		}, Config{Store: store, Key: "k"})
		got := make(chan string)
		go func() { got <- get(t, s) }()
		synctest.Wait()
		require.EqualValues(t, 1, sending.Load())
		begun := time.Now()
		assert.True(t, s.Forget(refresh(1)))
		assert.Zero(t, sending.Load())
		assert.Equal(t, grace/2, time.Since(begun), "it is canceled, and not waited for until its time-out")
		assert.Equal(t, "access-2", <-got)
	})
}

// stored puts a token with access and refresh token n into a store, behind what is there.
func stored(t *testing.T, store Store, n int) {
	t.Helper()
	r, err := store.Load(t.Context(), "k")
	require.NoError(t, err)
	require.NoError(t, store.Save(t.Context(), "k", r.Generation, Record{Generation: r.Generation + 1, Token: &Token{
		Access: access(n), Refresh: refresh(n), ExpiresIn: time.Hour, Expiry: time.Now().Add(time.Hour),
	}}))
}

// A refresh token from outside that was forgotten is not sent when the grant that is in the Store has died.
func TestForgottenSeedIsNoLastResort(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store, d := &MemoryStore{}, &desk{}
		d.then(func(n int, last *Token) (*Token, error) {
			if last.refreshes() {
				return nil, ErrDeadGrant
			}
			return &Token{Access: access(10 + n)}, nil
		})
		stored(t, store, 1)
		s := open(t, d.fetch, Config{Store: store, Key: "k", Refresh: refresh(7)})
		assert.Equal(t, "access-1", get(t, s))
		assert.True(t, s.Forget(refresh(7)))
		time.Sleep(time.Hour)
		assert.Equal(t, "access-12", get(t, s))
		assert.Equal(t, "refresh-1", d.seen[0].Refresh.Reveal())
		assert.Nil(t, d.seen[1])
	})
}

// A refresh token from outside that was on its way when its flight was given up may have been used: it is not sent again.
func TestSeedOfAFlightThatWasForgotten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store, d := &MemoryStore{}, &desk{}
		arrived := make(chan struct{})
		stored(t, store, 1)
		s := open(t, func(ctx context.Context, last *Token) (*Token, error) {
			if last.refreshes() && last.Refresh.Equal(refresh(7)) {
				close(arrived)
				<-ctx.Done()
			}
			return d.fetch(context.WithoutCancel(ctx), last)
		}, Config{Store: store, Key: "k", Refresh: refresh(7)})
		d.then(func(n int, last *Token) (*Token, error) {
			if last.refreshes() && !last.Refresh.Equal(refresh(7)) {
				return nil, ErrDeadGrant
			}
			return &Token{Access: access(10 + n), Refresh: refresh(10 + n)}, nil
		})
		assert.Equal(t, "access-1", get(t, s))
		time.Sleep(time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		go func() { _, _ = s.Token(ctx) }()
		<-arrived
		cancel() // nobody waits for it
		assert.True(t, s.Forget(access(1)))
		synctest.Wait()
		stored(t, store, 9) // another process has logged in
		assert.Equal(t, "access-9", get(t, s))
		time.Sleep(time.Hour)
		get(t, s)
		var sent []string
		for _, last := range d.seen {
			if last.refreshes() {
				sent = append(sent, last.Refresh.Reveal())
			}
		}
		assert.Equal(t, []string{"refresh-1", "refresh-7", "refresh-9"}, sent)
	})
}

// A login that replaces a dead grant is kept even if the access token of that grant is revoked meanwhile: a password may be
// good for one login only.
func TestForgetAccessDuringALogin(t *testing.T) {
	for kind, store := range map[string]Store{"leases": &MemoryStore{}, "no leases": simple{&MemoryStore{}}} {
		t.Run(kind, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d := &desk{}
				stored(t, store, 1)
				s := open(t, d.fetch, Config{Store: store, Key: "k"})
				assert.Equal(t, "access-1", get(t, s))
				time.Sleep(time.Hour)
				d.then(func(n int, last *Token) (*Token, error) {
					if last.refreshes() {
						return nil, ErrDeadGrant
					}
					time.Sleep(time.Second)
					return &Token{Access: access(10 + n), Refresh: refresh(10 + n)}, nil
				})
				got := make(chan string)
				go func() { got <- get(t, s) }()
				synctest.Wait()
				require.Equal(t, 2, d.count(), "the login is on its way")
				assert.True(t, s.ForgetAccess(access(1)))
				assert.Equal(t, "access-12", <-got)
				assert.Equal(t, 2, d.count())
				r, err := store.Load(t.Context(), "k")
				require.NoError(t, err)
				assert.Equal(t, "refresh-12", r.Token.Refresh.Reveal())
			})
		})
	}
}

// The mark of another process stays where an access token alone is forgotten.
func TestForgetAccessKeepsTheMark(t *testing.T) {
	store := &MemoryStore{}
	require.NoError(t, store.Save(t.Context(), "k", 0, Record{Generation: 1, InDoubt: true, Token: &Token{Access: access(1), Refresh: refresh(1)}}))
	s := open(t, (&desk{}).fetch, Config{Store: store, Key: "k"})
	assert.True(t, s.ForgetAccess(access(1)))
	r, err := store.Load(t.Context(), "k")
	require.NoError(t, err)
	assert.True(t, r.InDoubt)
	assert.Equal(t, "refresh-1", r.Token.Refresh.Reveal())
	assert.True(t, s.Forget(refresh(1)))
	r, err = store.Load(t.Context(), "k")
	require.NoError(t, err)
	assert.False(t, r.InDoubt, "nothing is left to be in doubt")
}

// saving is a store whose saves can be watched, and made to fail.
type saving struct {
	MemoryStore
	save func(ctx context.Context, next Record) error
}

func (s *saving) Save(ctx context.Context, key string, old uint64, next Record) error {
	if s.save != nil {
		if err := s.save(ctx, next); err != nil {
			return err
		}
	}
	return s.MemoryStore.Save(ctx, key, old, next)
}

// A save goes on when its flight is given up: what it leaves half done would be in doubt.
func TestSaveOutlivesItsFlight(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Minute), &saving{}
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		get(t, s)
		time.Sleep(time.Minute)
		var ended error
		store.save = func(ctx context.Context, next Record) error {
			if next.Token != nil && next.Token.Access.Equal(access(2)) {
				time.Sleep(grace / 2)
				ended = ctx.Err()
			}
			return nil
		}
		got := make(chan string)
		go func() { got <- get(t, s) }()
		synctest.Wait()
		assert.True(t, s.Forget(access(1)))
		assert.Equal(t, "access-3", <-got)
		assert.NoError(t, ended)
	})
}

// What cannot be saved is handed out nevertheless, if its refresh token is the one that the Store has.
func TestFailedSaveOfTheSameRefreshToken(t *testing.T) {
	bubble(t, func(t *testing.T) {
		store := &saving{}
		stored(t, store, 1)
		time.Sleep(time.Hour)
		store.save = func(_ context.Context, next Record) error {
			if next.InDoubt {
				return nil
			}
			return errDown
		}
		s := open(t, func(context.Context, *Token) (*Token, error) { return &Token{Access: access(2)}, nil }, Config{Store: store, Key: "k"})
		assert.Equal(t, "access-2", get(t, s))
	})
}

// When Forget returns, what was forgotten is not on its way any more, whatever the fetch does about its context; it waits
// no longer than its own.
func TestForgetWaitsForWhatIsOnItsWay(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		sending := 0
		s := open(t, func(ctx context.Context, last *Token) (*Token, error) {
			if !last.refreshes() {
				return &Token{Access: access(1), ExpiresIn: time.Hour}, nil
			}
			mu.Lock()
			sending++
			mu.Unlock()
			<-ctx.Done()
			time.Sleep(grace / 2) // until it has cleaned up
			mu.Lock()
			sending--
			mu.Unlock()
			return nil, ctx.Err()
		}, Config{Refresh: refresh(7)})
		go func() { _, _ = s.Token(context.Background()) }()
		synctest.Wait()
		assert.Equal(t, 1, sending)
		assert.True(t, s.Forget(refresh(7)))
		mu.Lock()
		assert.Zero(t, sending)
		mu.Unlock()
	})
	t.Run("no longer than its context", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			d := &desk{}
			d.then(func(int, *Token) (*Token, error) { time.Sleep(grace / 2); return nil, errDown })
			s := open(t, d.fetch, Config{Refresh: refresh(7)})
			go func() { _, _ = s.Token(context.Background()) }()
			synctest.Wait()
			ctx, cancel := context.WithTimeout(t.Context(), grace/4)
			defer cancel()
			begun := time.Now()
			assert.True(t, s.ForgetContext(ctx, refresh(7)))
			assert.Equal(t, grace/4, time.Since(begun))
		})
	})
}

// taken lists what a Config's Discard is given.
type taken struct {
	mu  sync.Mutex
	all []string
}

func (d *taken) list() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all
}

func (d *taken) discard(_ context.Context, t *Token) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, t.Access.Reveal())
	return nil
}

// A token that nobody will use is taken back: the one of a source that lost against another one, and one that was
// forgotten on its way. One that the winner has as well is not.
func TestDiscard(t *testing.T) {
	winner := Record{Generation: 1, Token: &Token{Access: access(70), Refresh: refresh(70), ExpiresIn: time.Hour, Expiry: time.Now().Add(24 * 365 * 50 * time.Hour)}}
	for name, c := range map[string]struct {
		other Record
		want  []string
	}{
		"lost":             {winner, []string{"access-1"}},
		"the same access":  {Record{Generation: 1, Token: &Token{Access: access(1)}}, nil},
		"the same refresh": {Record{Generation: 1, Token: &Token{Access: access(70), Refresh: refresh(1)}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d, store, bin := grant(time.Hour), &faulty{}, &taken{}
				s := open(t, d.fetch, Config{Store: store, Key: "k", Discard: bin.discard})
				store.before = func() { assert.NoError(t, store.MemoryStore.Save(t.Context(), "k", 0, c.other)) }
				get(t, s)
				assert.Equal(t, c.want, bin.list())
				s.Close()
				assert.Equal(t, c.want, bin.list(), "Close has nothing to do with it")
			})
		})
	}
	t.Run("forgotten on its way", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			bin, d := &taken{}, grant(time.Minute)
			s := open(t, func(_ context.Context, last *Token) (*Token, error) { return d.fetch(context.Background(), last) }, Config{Discard: bin.discard})
			get(t, s)
			time.Sleep(time.Minute)
			d.mu.Lock()
			d.delay = grace / 2
			d.mu.Unlock()
			go func() { _, _ = s.Token(context.Background()) }()
			synctest.Wait()
			s.Forget(refresh(1))
			time.Sleep(time.Minute)
			assert.Equal(t, []string{"access-2"}, bin.list())
		})
	})
	t.Run("forgotten between its save and its use", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			bin, d, store := &taken{}, grant(time.Minute), &faulty{}
			s := open(t, d.fetch, Config{Store: store, Key: "k", Discard: bin.discard})
			get(t, s)
			time.Sleep(time.Minute)
			store.after = func() { assert.True(t, s.Forget(refresh(1))) }
			assert.Equal(t, "access-3", get(t, s))
			assert.Equal(t, []string{"access-2"}, bin.list())
		})
	})
	t.Run("revoked elsewhere", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			bin, d, store := &taken{}, grant(time.Minute), &faulty{}
			s, other := open(t, d.fetch, Config{Store: store, Key: "k", Discard: bin.discard}), open(t, d.fetch, Config{Store: store, Key: "k"})
			get(t, s)
			time.Sleep(time.Minute)
			store.before = func() { assert.True(t, other.Forget(refresh(1))) }
			assert.Equal(t, "access-3", get(t, s))
			assert.Equal(t, []string{"access-2"}, bin.list())
		})
	})
}

// What another process has revoked while this one logs in does not cost the new grant anything.
func TestLoginDuringARevocationElsewhere(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store, bin := grant(time.Hour), &faulty{}, &taken{}
		s := open(t, d.fetch, Config{Store: store, Key: "k", Discard: bin.discard})
		store.before = func() { assert.NoError(t, store.MemoryStore.Save(t.Context(), "k", 0, Record{Generation: 3})) }
		assert.Equal(t, "access-1", get(t, s))
		assert.Equal(t, 1, d.count())
		assert.Empty(t, bin.list())
		r, err := store.Load(t.Context(), "k")
		require.NoError(t, err)
		assert.Equal(t, "refresh-1", r.Token.Refresh.Reveal())
	})
}
