package finapi

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/secret"
	"github.com/fintoken/fintoken-go/wrappers/token"
)

// Sources that nobody holds any more leave nothing behind, and the tokens before the last two neither.
func TestHoldersForget(t *testing.T) {
	all := newHolders()
	quiet := func(context.Context, token.Event) {}
	make1 := func(n string) *token.Source {
		s, err := all.add(func(context.Context, *token.Token) (*token.Token, error) {
			return &token.Token{Access: secret.New(n)}, nil
		}, token.Config{OnEvent: quiet})
		require.NoError(t, err)
		return s
	}
	kept := make1("kept")
	for range 100 {
		s := make1("gone")
		_, err := s.Token(t.Context())
		require.NoError(t, err)
		s.Close()
	}
	assert.Len(t, all.by, 1)
	for range 1000 { // the collector takes its time
		runtime.GC()
		time.Sleep(time.Millisecond)
		if len(all.of(secret.New("gone"))) == 0 && all.size() == 0 {
			break
		}
	}
	assert.Zero(t, all.size())
	assert.Empty(t, all.of(secret.New("kept")), "it has fetched nothing")
	got, err := kept.Token(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []*token.Source{kept}, all.of(got.Access))

	kept.Close()
}

// A source is found by its last tokens and by those before, also where another one has the same.
func TestHoldersNote(t *testing.T) {
	all, one, two := newHolders(), &holder{}, &holder{}
	found := func(name string) int { return len(all.by[all.hash(secret.New(name))]) }
	for _, n := range []string{"a", "b", "c"} {
		all.note(one, secret.New(n), secret.New("stays"), secret.String{})
	}
	all.note(two, secret.New("c"))
	for name, want := range map[string]int{"": 0, "a": 0, "b": 1, "c": 2, "stays": 1} {
		assert.Equal(t, want, found(name), name)
	}
	all.remove(one)
	assert.Equal(t, 1, found("c"))
	assert.Equal(t, 1, all.size())
	all.remove(two)
	assert.Zero(t, all.size())
}

// What tells passwords apart is of one source alone.
func TestMarks(t *testing.T) {
	one, two, p := marker(), marker(), secret.New("p")
	assert.Equal(t, one(p), one(secret.New("p")))
	assert.NotEqual(t, one(p), one(secret.New("q")))
	assert.NotEqual(t, one(p), two(p))
}

// size returns the number of tokens that are known.
func (all *holders) size() int {
	all.mu.Lock()
	defer all.mu.Unlock()
	return len(all.by)
}
