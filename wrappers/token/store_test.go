package token

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
)

// stores are the implementations that must conform. Each call of the function they return opens the same store
// once more, as another process would.
var stores = map[string]func(tb testing.TB) func() Store{
	"memory": func(testing.TB) func() Store {
		m := &MemoryStore{}
		return func() Store { return m }
	},
	"plain file": func(tb testing.TB) func() Store {
		tb.Helper()
		dir := private0700(tb)
		return func() Store { return openFile(tb, dir) }
	},
	"sealed file": func(tb testing.TB) func() Store {
		tb.Helper()
		dir, key := private0700(tb), NewKey()
		return func() Store { return openFile(tb, dir, key) }
	},
}

func private0700(tb testing.TB) string {
	tb.Helper()
	return tb.TempDir() + "/store"
}

func openFile(tb testing.TB, dir string, keys ...secret.String) *FileStore {
	tb.Helper()
	s, err := tryOpen(tb, dir, keys...)
	require.NoError(tb, err)
	return s
}

// tryOpen opens a store that is sealed with the first of keys, or a plain one.
func tryOpen(tb testing.TB, dir string, keys ...secret.String) (*FileStore, error) {
	tb.Helper()
	if len(keys) == 0 {
		return NewPlainFileStore(tb.Context(), dir)
	}
	return NewFileStore(tb.Context(), dir, keys[0], keys[1:]...)
}

func full(n uint64) Record {
	return Record{Generation: n, InDoubt: n%2 == 1, Fence: 7, Token: &Token{
		Access: access(int(n)), Refresh: refresh(int(n)), Type: "bearer", Scope: "scope-all",
		ExpiresIn: time.Hour, Expiry: time.Unix(1_800_000_000, 123).UTC(),
	}}
}

func same(tb testing.TB, want, got Record) {
	tb.Helper()
	assert.Equal(tb, want.Generation, got.Generation)
	assert.Equal(tb, want.InDoubt, got.InDoubt)
	assert.Equal(tb, want.Fence, got.Fence)
	if want.Token == nil {
		assert.Nil(tb, got.Token)
		return
	}
	require.NotNil(tb, got.Token)
	assert.Equal(tb, want.Token.Access.Reveal(), got.Token.Access.Reveal())
	assert.Equal(tb, want.Token.Refresh.Reveal(), got.Token.Refresh.Reveal())
	assert.Equal(tb, want.Token.Type, got.Token.Type)
	assert.Equal(tb, want.Token.Scope, got.Token.Scope)
	assert.Equal(tb, want.Token.ExpiresIn, got.Token.ExpiresIn)
	assert.True(tb, want.Token.Expiry.Equal(got.Token.Expiry))
}

// The rules of Store, the same for all. Requirement H91: a stale writer cannot overwrite a newer generation.
func TestStores(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Run("record", func(t *testing.T) { testRecord(t, open(t)) })
			t.Run("generations", func(t *testing.T) { testGenerations(t, open(t)) })
			t.Run("delete", func(t *testing.T) { testDelete(t, open(t)) })
			t.Run("writers", func(t *testing.T) { testWriters(t, open(t)) })
			t.Run("big", func(t *testing.T) { testBig(t, open(t)) })
		})
	}
}

func testRecord(t *testing.T, open func() Store) {
	t.Helper()
	ctx, a, b := t.Context(), open(), open()
	r, err := a.Load(ctx, "k")
	require.NoError(t, err)
	same(t, Record{}, r)

	want := full(1)
	require.NoError(t, a.Save(ctx, "k", 0, want))
	want.Token.Scope = "changed later"
	r, err = b.Load(ctx, "k")
	require.NoError(t, err)
	same(t, full(1), r)
	r.Token.Scope = "changed by a reader"
	r, err = b.Load(ctx, "k")
	require.NoError(t, err)
	same(t, full(1), r)

	r, err = b.Load(ctx, "other")
	require.NoError(t, err)
	same(t, Record{}, r)
}

func testGenerations(t *testing.T, open func() Store) {
	t.Helper()
	ctx, s := t.Context(), open()
	assert.ErrorIs(t, s.Save(ctx, "k", 1, full(2)), ErrConflict, "there is none yet")
	assert.ErrorIs(t, s.Save(ctx, "k", 0, full(0)), ErrConflict, "it does not grow")
	require.NoError(t, s.Save(ctx, "k", 0, full(3)))
	assert.ErrorIs(t, s.Save(ctx, "k", 0, full(4)), ErrConflict)
	assert.ErrorIs(t, s.Save(ctx, "k", 2, full(4)), ErrConflict)
	assert.ErrorIs(t, s.Save(ctx, "k", 3, full(3)), ErrConflict)
	require.NoError(t, s.Save(ctx, "k", 3, full(7)))
	require.NoError(t, s.Save(ctx, "k", 7, Record{Generation: 8}))
	r, err := s.Load(ctx, "k")
	require.NoError(t, err)
	same(t, Record{Generation: 8}, r)
}

func testDelete(t *testing.T, open func() Store) {
	t.Helper()
	ctx, s := t.Context(), open()
	require.NoError(t, s.Delete(ctx, "k", 0))
	assert.ErrorIs(t, s.Delete(ctx, "k", 1), ErrConflict)
	require.NoError(t, s.Save(ctx, "k", 0, full(2)))
	assert.ErrorIs(t, s.Delete(ctx, "k", 1), ErrConflict)
	require.NoError(t, s.Delete(ctx, "k", 2))
	r, err := open().Load(ctx, "k")
	require.NoError(t, err)
	same(t, Record{}, r)
	require.NoError(t, s.Save(ctx, "k", 0, full(1)), "it can begin anew")
}

// Many writers at once: each generation is written by one of them.
func testWriters(t *testing.T, open func() Store) {
	t.Helper()
	const writers, each = 8, 5
	var won atomic.Uint64
	var wg sync.WaitGroup
	for range writers {
		s := open()
		wg.Go(func() {
			for done := 0; done < each; {
				r, err := s.Load(context.Background(), "k")
				if !assert.NoError(t, err) {
					return
				}
				err = s.Save(context.Background(), "k", r.Generation, full(r.Generation+1))
				if err == nil {
					won.Add(1)
					done++
				} else if !assert.ErrorIs(t, err, ErrConflict) {
					return
				}
			}
		})
	}
	wg.Wait()
	r, err := open().Load(t.Context(), "k")
	require.NoError(t, err)
	assert.Equal(t, won.Load(), r.Generation)
	same(t, full(writers*each), r)
}

// Requirement D31: tokens of 8 KiB and more.
func testBig(t *testing.T, open func() Store) {
	t.Helper()
	want := full(1)
	b := make([]byte, 64<<10)
	for i := range b {
		b[i] = byte('!' + i%90)
	}
	want.Token.Access = secret.New(string(b))
	require.NoError(t, open().Save(t.Context(), "k", 0, want))
	r, err := open().Load(t.Context(), "k")
	require.NoError(t, err)
	same(t, want, r)
}

// A source over each store: a restart goes on where it was.
func TestSourceOverStores(t *testing.T) {
	for name, opener := range stores {
		t.Run(name, func(t *testing.T) {
			store := opener(t)
			d := grant(time.Hour)
			for n := 1; n <= 3; n++ {
				s := open(t, d.fetch, Config{Store: store(), Key: "user"})
				tok, err := s.Token(t.Context())
				require.NoError(t, err)
				assert.Equal(t, fmt.Sprintf("access-%d", n), tok.Access.Reveal())
				assert.True(t, s.Invalidate(tok))
				assert.Equal(t, fmt.Sprintf("access-%d", n+1), get(t, s))
				s.Close()
			}
			assert.Equal(t, 4, d.count())
		})
	}
}
