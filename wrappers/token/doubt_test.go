package token

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Requirement D122: a refresh token whose outcome is in doubt is not sent again, one that certainly was not used is.
func TestLostAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(ctx context.Context) (*Token, error)
		doubt  bool
	}{
		"said to be":           {func(context.Context) (*Token, error) { return nil, fmt.Errorf("x: %w", InDoubt(errDown)) }, true},
		"panic":                {func(context.Context) (*Token, error) { panic("fetch") }, true},
		"no token":             {func(context.Context) (*Token, error) { return nil, nil }, true},
		"negative life":        {func(context.Context) (*Token, error) { return &Token{Access: access(9), ExpiresIn: -1}, nil }, true},
		"timed out":            {func(ctx context.Context) (*Token, error) { <-ctx.Done(); return nil, ctx.Err() }, true},
		"canceled":             {func(context.Context) (*Token, error) { return nil, context.Canceled }, true},
		"ignores its context":  {func(context.Context) (*Token, error) { time.Sleep(time.Hour); return nil, errDown }, true},
		"refused for now":      {func(context.Context) (*Token, error) { return nil, Later(errDown, time.Second) }, false},
		"failed":               {func(context.Context) (*Token, error) { return nil, errDown }, false},
		"no connection yet":    {func(context.Context) (*Token, error) { return nil, fmt.Errorf("dial: %w", context.DeadlineExceeded) }, false},
		"a source within ours": {func(context.Context) (*Token, error) { return nil, ErrClosed }, false},
	} {
		for kind, store := range map[string]Store{"memory": nil, "leases": &MemoryStore{}, "no leases": simple{&MemoryStore{}}} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					d, kinds := grant(time.Minute), &journal{}
					cfg := Config{Store: store, OnEvent: kinds.add}
					if store != nil {
						cfg.Key = "k"
					}
					var failing atomic.Bool
					s := open(t, func(ctx context.Context, last *Token) (*Token, error) {
						if failing.Load() {
							d.mu.Lock()
							d.seen = append(d.seen, last)
							d.mu.Unlock()
							return c.answer(ctx)
						}
						return d.fetch(ctx, last)
					}, cfg)
					get(t, s)
					time.Sleep(time.Minute)
					failing.Store(true)
					_, err := s.Token(t.Context())
					assert.Equal(t, c.doubt, errors.Is(err, ErrInDoubt), "%v", err)
					if store != nil {
						r, err := store.Load(t.Context(), "k")
						require.NoError(t, err)
						assert.Equal(t, c.doubt, r.InDoubt, "others are told, or told no longer")
						assert.Equal(t, "refresh-1", r.Token.Refresh.Reveal())
					}
					failing.Store(false)
					time.Sleep(time.Minute)
					get(t, s)
					require.Len(t, d.seen, 3)
					assert.Equal(t, "refresh-1", d.seen[1].Refresh.Reveal())
					if c.doubt {
						assert.Nil(t, d.seen[2], "it starts over")
						assert.Contains(t, kinds.kinds(), EventInDoubt)
					} else {
						assert.Equal(t, "refresh-1", d.seen[2].Refresh.Reveal())
						assert.NotContains(t, kinds.kinds(), EventInDoubt)
					}
					if store != nil {
						r, err := store.Load(t.Context(), "k")
						require.NoError(t, err)
						assert.False(t, r.InDoubt)
						assert.Equal(t, access(2).Reveal(), r.Token.Access.Reveal())
					}
					time.Sleep(time.Hour)
				})
			})
		}
	}
}

// Where it is not possible to start over, the failure is final and tells of the doubt; a failure that is known is not.
func TestLostAnswerAndNoWayBack(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, kinds := &desk{}, &journal{}
		d.then(func(_ int, last *Token) (*Token, error) {
			if last.refreshes() {
				return nil, InDoubt(errDown)
			}
			return nil, Final(errors.New("log in again"), ErrDeadGrant)
		})
		s := open(t, d.fetch, Config{Refresh: refresh(1), OnEvent: kinds.add})
		_, err := s.Token(t.Context())
		assert.ErrorIs(t, err, ErrInDoubt)
		assert.NotErrorIs(t, err, ErrFinal)
		time.Sleep(time.Minute)
		_, err = s.Token(t.Context())
		assert.ErrorIs(t, err, ErrInDoubt)
		assert.ErrorIs(t, err, ErrDeadGrant)
		assert.ErrorIs(t, err, ErrFinal)
		assert.EqualError(t, err, "log in again")
		assert.Equal(t, "log in again", fmt.Sprintf("%+v", err))
		synctest.Wait()
		assert.Equal(t, []EventKind{EventInDoubt, EventFailed, EventGaveUp}, kinds.kinds())
		s.Reset()
		_, err = s.Token(t.Context())
		assert.ErrorIs(t, err, ErrFinal)
		assert.Len(t, d.seen, 3)
		assert.False(t, d.seen[2].refreshes(), "nor after Reset")
	})
}

// Doubt is told of where it is why the source gave up, and nowhere else: not when a login fails for now, and not when the
// grant after it dies.
func TestDoubtIsOver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var answer error
		d := &desk{}
		d.then(func(n int, _ *Token) (*Token, error) {
			if answer != nil {
				return nil, answer
			}
			return &Token{Access: access(n), Refresh: refresh(n), ExpiresIn: time.Minute}, nil
		})
		s := open(t, d.fetch, Config{})
		get(t, s)
		ask := func(next error) error {
			answer = next
			time.Sleep(time.Minute)
			_, err := s.Token(t.Context())
			return err
		}
		assert.ErrorIs(t, ask(InDoubt(errDown)), ErrInDoubt)
		assert.NotErrorIs(t, ask(errDown), ErrInDoubt)
		assert.NoError(t, ask(nil))
		assert.NotErrorIs(t, ask(Final(errDown, ErrDeadGrant)), ErrInDoubt)
	})
}

// A record that is gone when the new token is to be saved, by an eviction, say, costs no grant.
func TestRecordThatIsGoneDuringARenewal(t *testing.T) {
	bubble(t, func(t *testing.T) {
		d, store := grant(time.Minute), &faulty{}
		s := open(t, d.fetch, Config{Store: store, Key: "k"})
		get(t, s)
		time.Sleep(time.Minute)
		store.before = func() { assert.NoError(t, store.Delete(t.Context(), "k", 2)) }
		assert.Equal(t, "access-2", get(t, s))
		r, err := store.Load(t.Context(), "k")
		require.NoError(t, err)
		assert.Equal(t, "refresh-2", r.Token.Refresh.Reveal())
	})
}

func TestInDoubt(t *testing.T) {
	assert.NoError(t, InDoubt(nil))
	err := InDoubt(errDown)
	assert.ErrorIs(t, err, ErrInDoubt)
	assert.ErrorIs(t, err, errDown)
	assert.NotErrorIs(t, err, ErrFinal)
	assert.Equal(t, "down", fmt.Sprintf("%+v", err))
}

// A process that is killed between the answer and its save: the next one does not send the refresh token again. One that
// is killed before it sends, too, since nobody can tell. Requirement D122.
func TestKilledProcess(t *testing.T) {
	for name, kill := range map[string]func(*faulty, func()){
		"before it sends": func(f *faulty, stop func()) { f.mark = stop },
		"before it saves": func(f *faulty, stop func()) { f.before = stop },
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				d, store := grant(time.Minute), &faulty{}
				first := open(t, d.fetch, Config{Store: store, Key: "k"})
				get(t, first)
				time.Sleep(time.Minute)
				killed, never := make(chan struct{}), make(chan struct{})
				kill(store, func() { close(killed); <-never })
				go func() { _, _ = first.Token(context.Background()) }()
				<-killed
				if name == "before it sends" {
					require.NoError(t, store.MemoryStore.Save(t.Context(), "k", 1, Record{Generation: 2, InDoubt: true, Token: first.last}))
				}
				store.turns = nil // the kernel takes back what the process had
				second := open(t, d.fetch, Config{Store: store, Key: "k"})
				get(t, second)
				assert.Nil(t, d.seen[len(d.seen)-1])
				close(never)
				first.Close()
			})
		})
	}
}
