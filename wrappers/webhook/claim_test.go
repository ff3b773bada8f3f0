package webhook_test

import (
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/wrappers/webhook"
)

func requireClaim(t *testing.T, c webhook.Claims, id, owner string, want webhook.State) {
	t.Helper()
	got, err := c.Claim(t.Context(), id, owner, time.Minute)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestMemory(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := webhook.NewMemory(webhook.MemoryConfig{Keep: time.Hour})
		ctx := t.Context()
		requireClaim(t, m, "a", "me", webhook.Claimed)
		requireClaim(t, m, "a", "you", webhook.Busy)
		requireClaim(t, m, "a", "me", webhook.Claimed)
		requireClaim(t, m, "b", "you", webhook.Claimed)
		require.ErrorIs(t, m.Confirm(ctx, "a", "you"), webhook.ErrLost)
		require.NoError(t, m.Release(ctx, "a", "you"))
		requireClaim(t, m, "a", "you", webhook.Busy)
		require.NoError(t, m.Release(ctx, "a", "me"))
		require.ErrorIs(t, m.Confirm(ctx, "a", "me"), webhook.ErrLost)
		requireClaim(t, m, "a", "you", webhook.Claimed)

		time.Sleep(time.Minute - 1)
		requireClaim(t, m, "a", "me", webhook.Busy)
		time.Sleep(time.Nanosecond)
		requireClaim(t, m, "a", "me", webhook.Claimed)
		require.ErrorIs(t, m.Confirm(ctx, "a", "you"), webhook.ErrLost, "the lease has ended, and another one has it")
		time.Sleep(time.Hour)
		require.NoError(t, m.Confirm(ctx, "a", "me"), "the lease has ended, but nobody else has it")
		requireClaim(t, m, "a", "you", webhook.Done)
		requireClaim(t, m, "a", "me", webhook.Done)
		requireClaim(t, m, "a", "", webhook.Done)
		require.ErrorIs(t, m.Confirm(ctx, "a", "me"), webhook.ErrLost)
		require.ErrorIs(t, m.Confirm(ctx, "a", ""), webhook.ErrLost)
		require.NoError(t, m.Release(ctx, "a", "me"))
		require.NoError(t, m.Release(ctx, "a", ""))
		time.Sleep(time.Hour - 1)
		requireClaim(t, m, "a", "you", webhook.Done)
		time.Sleep(time.Nanosecond)
		requireClaim(t, m, "a", "you", webhook.Claimed)
	})
}

// Memory keeps no more than it may: the oldest that was handled goes, and no more are handled at a time.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := webhook.NewMemory(webhook.MemoryConfig{Max: 3})
	ctx := t.Context()
	for i := range 1000 {
		id := strconv.Itoa(i)
		requireClaim(t, m, id, "me", webhook.Claimed)
		require.NoError(t, m.Confirm(ctx, id, "me"))
	}
	for i := 997; i < 1000; i++ {
		requireClaim(t, m, strconv.Itoa(i), "me", webhook.Done)
	}
	requireClaim(t, m, "996", "me", webhook.Claimed)
	requireClaim(t, m, "x", "me", webhook.Claimed)
	requireClaim(t, m, "y", "me", webhook.Claimed)
	state, err := m.Claim(ctx, "z", "me", time.Minute)
	require.ErrorIs(t, err, webhook.ErrFull)
	assert.Equal(t, webhook.Busy, state)
	requireClaim(t, m, "x", "me", webhook.Claimed)
	require.NoError(t, m.Release(ctx, "y", "me"))
	requireClaim(t, m, "z", "me", webhook.Claimed)
}

// The zero MemoryConfig keeps more events than a provider has under way, and for longer than it sends one.
func TestMemoryDefaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := webhook.NewMemory(webhook.MemoryConfig{Max: -1, Keep: -1})
		for i := range 100_001 {
			requireClaim(t, m, strconv.Itoa(i), "me", webhook.Claimed)
			require.NoError(t, m.Confirm(t.Context(), strconv.Itoa(i), "me"))
		}
		time.Sleep(72*time.Hour - 1)
		requireClaim(t, m, "1", "me", webhook.Done)
		requireClaim(t, m, "0", "me", webhook.Claimed)
		time.Sleep(time.Nanosecond)
		requireClaim(t, m, "2", "me", webhook.Claimed)
	})
}

func TestMemoryAtOnce(t *testing.T) {
	t.Parallel()
	m := webhook.NewMemory(webhook.MemoryConfig{Max: 10})
	var mu sync.Mutex
	handled := map[string]int{}
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			owner := strconv.Itoa(g)
			for i := range 8 {
				id := strconv.Itoa(i)
				state, err := m.Claim(t.Context(), id, owner, time.Hour)
				if err != nil || state != webhook.Claimed {
					continue
				}
				mu.Lock()
				handled[id]++
				mu.Unlock()
				assert.NoError(t, m.Confirm(t.Context(), id, owner))
			}
		})
	}
	wg.Wait()
	for id, n := range handled {
		assert.Equal(t, 1, n, id)
	}
	assert.Len(t, handled, 8)
}

// Where the ring grows while its first event is not at its beginning, the oldest are still the first to go.
func TestMemoryGrowsInTheMiddle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := webhook.NewMemory(webhook.MemoryConfig{Keep: 16 * time.Second})
		handled := func(i int) {
			requireClaim(t, m, strconv.Itoa(i), "me", webhook.Claimed)
			require.NoError(t, m.Confirm(t.Context(), strconv.Itoa(i), "me"))
		}
		for i := range 16 { // the i-th is forgotten after i+16 seconds
			handled(i)
			time.Sleep(time.Second)
		}
		time.Sleep(4500 * time.Millisecond) // the first five are gone
		for i := 16; i < 22; i++ {
			handled(i)
		}
		time.Sleep(2 * time.Second) // two more
		for i, want := range map[string]webhook.State{"5": webhook.Claimed, "6": webhook.Claimed, "7": webhook.Done, "15": webhook.Done, "21": webhook.Done} {
			requireClaim(t, m, i, "me", want)
		}
		time.Sleep(time.Minute)
		for i := 7; i < 22; i++ {
			requireClaim(t, m, strconv.Itoa(i), "me", webhook.Claimed)
		}
	})
}

// The ring grows and goes around in the right order, wherever it begins.
func TestMemoryGrows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := webhook.NewMemory(webhook.MemoryConfig{Max: 100, Keep: 50 * time.Second})
		for i := range 1000 {
			id := strconv.Itoa(i)
			requireClaim(t, m, id, "me", webhook.Claimed)
			require.NoError(t, m.Confirm(t.Context(), id, "me"))
			if i%7 != 0 {
				time.Sleep(time.Second) // some of them at the same time
			}
			if i < 100 || i%10 != 0 {
				continue
			}
			for back, want := range map[int]webhook.State{0: webhook.Done, 10: webhook.Done, 40: webhook.Done} {
				requireClaim(t, m, strconv.Itoa(i-back), "me", want)
			}
			gone := strconv.Itoa(i - 60)
			requireClaim(t, m, gone, "me", webhook.Claimed)
			require.NoError(t, m.Release(t.Context(), gone, "me"))
		}
	})
}
