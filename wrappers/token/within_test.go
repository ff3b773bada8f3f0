package token

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// What ignores its context is left behind, what panics or ends its goroutine is an error.
func TestWithin(t *testing.T) {
	for name, c := range map[string]struct {
		f    func(ctx context.Context) (int, error)
		want int
		err  error
		took time.Duration
	}{
		"value":               {func(context.Context) (int, error) { return 7, nil }, 7, nil, 0},
		"both":                {func(context.Context) (int, error) { return 7, errDown }, 7, errDown, 0},
		"keeps to its ctx":    {func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, errDown }, 0, errDown, time.Minute},
		"just in time":        {func(context.Context) (int, error) { time.Sleep(time.Minute + grace - 1); return 7, nil }, 7, nil, time.Minute + grace - 1},
		"ignores its context": {func(context.Context) (int, error) { time.Sleep(time.Hour); return 7, nil }, 0, context.DeadlineExceeded, time.Minute + grace},
		"panics":              {func(context.Context) (int, error) { panic("f") }, 0, new(PanicError), 0},
		"ends its goroutine":  {func(context.Context) (int, error) { runtime.Goexit(); return 7, nil }, 0, new(PanicError), 0},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				begun := time.Now()
				got, err := within(ctx, func() (int, error) { return c.f(ctx) })
				assert.Equal(t, c.want, got)
				assert.Equal(t, c.took, time.Since(begun))
				var p *PanicError
				if errors.As(c.err, &p) {
					assert.ErrorAs(t, err, &p)
				} else {
					assert.Equal(t, c.err, err)
				}
				time.Sleep(2 * time.Hour) // until what was left behind has ended
			})
		})
	}
}

// slewed is a context whose deadline is a time of the wall clock that is set back right after it was reached.
type slewed struct {
	context.Context
	asked int
}

func (s *slewed) Err() error {
	if s.asked++; s.asked == 1 {
		return context.DeadlineExceeded
	}
	return nil
}

func (*slewed) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

// However the clock is set, Token returns a token or an error.
func TestTokenUnderClockSlew(t *testing.T) {
	for asked := range 2 { // before the fetch, and while it runs
		bubble(t, func(t *testing.T) {
			d := &desk{delay: time.Second}
			s := open(t, d.fetch, Config{})
			tok, err := s.Token(&slewed{context.Background(), asked})
			assert.Nil(t, tok)
			assert.ErrorIs(t, err, context.DeadlineExceeded)
		})
	}
}

// Requirement D46: a fetch that ignores its context holds Close up for a second, and a caller for no longer than the
// Timeout.
func TestFetchThatIgnoresItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := open(t, func(context.Context, *Token) (*Token, error) { time.Sleep(time.Hour); return nil, errDown }, Config{})
		go func() { _, _ = s.Token(context.Background()) }()
		time.Sleep(time.Second)
		begun := time.Now()
		s.Close()
		assert.Equal(t, grace, time.Since(begun))
		time.Sleep(time.Hour)
	})
	t.Run("caller", func(t *testing.T) {
		bubble(t, func(t *testing.T) {
			s := open(t, func(context.Context, *Token) (*Token, error) { time.Sleep(time.Hour); return nil, errDown }, Config{Timeout: time.Minute})
			begun := time.Now()
			_, err := s.Token(t.Context())
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, time.Minute+grace, time.Since(begun))
			s.Close()
			time.Sleep(time.Hour)
		})
	})
}

// rude is a store that panics, or sleeps past every context.
type rude struct {
	MemoryStore
	load, save, remove func()
}

func (r *rude) Load(ctx context.Context, key string) (Record, error) {
	call(r.load)
	return r.MemoryStore.Load(ctx, key)
}

func (r *rude) Save(ctx context.Context, key string, old uint64, next Record) error {
	call(r.save)
	return r.MemoryStore.Save(ctx, key, old, next)
}

func (r *rude) Delete(ctx context.Context, key string, old uint64) error {
	call(r.remove)
	return r.MemoryStore.Delete(ctx, key, old)
}

func call(f func()) {
	if f != nil {
		f()
	}
}

// A store or a hook that panics or hangs ends nothing but its own call.
func TestRudeStoresAndHooks(t *testing.T) {
	for manner, rudely := range map[string]func(){
		"panics": func() { panic("rude") },
		"hangs":  func() { time.Sleep(time.Hour) },
	} {
		for name, run := range map[string]func(t *testing.T, store *rude, s *Source){
			"load": func(t *testing.T, store *rude, s *Source) {
				t.Helper()
				store.load = rudely
				_, err := s.Token(t.Context())
				assert.ErrorIs(t, err, ErrStore)
				s.Forget(access(1))
			},
			"save": func(t *testing.T, store *rude, s *Source) {
				t.Helper()
				store.save = rudely
				_, err := s.Token(t.Context())
				assert.ErrorIs(t, err, ErrStore)
			},
			"delete and revoke": func(t *testing.T, store *rude, s *Source) {
				t.Helper()
				get(t, s)
				store.remove = rudely
			},
		} {
			t.Run(name+" "+manner, func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					store, kinds := &rude{}, &journal{}
					s := open(t, grant(time.Hour).fetch, Config{
						Store: store, Key: "k", Timeout: time.Second,
						Revoke:  func(context.Context, *Token) error { rudely(); return nil },
						OnEvent: func(ctx context.Context, e Event) { kinds.add(ctx, e); panic("hook") },
					})
					run(t, store, s)
					s.Close()
					assert.NotEmpty(t, kinds.all())
					assert.Equal(t, name != "load", slices.Contains(kinds.kinds(), EventRevokeFailed), "it had a token to revoke")
					time.Sleep(2 * time.Hour)
				})
			})
		}
	}
}

// A Source that nobody made says so, and does nothing else.
func TestZeroSource(t *testing.T) {
	var s Source
	_, err := s.Token(t.Context())
	assert.EqualError(t, err, "token: the Source is empty; make one by New or Static")
	assert.False(t, s.Invalidate(&Token{Access: access(1)}))
	assert.False(t, s.Forget(access(1)))
	assert.False(t, s.ForgetAccess(access(1)))
	assert.Zero(t, s.Stats())
	s.Reset()
	s.Close()
	client, err := s.Client(nil, "https://example.com")
	if assert.NoError(t, err) {
		_, err = client.Get("https://example.com/x")
		assert.ErrorContains(t, err, "make one by New or Static")
	}
}
