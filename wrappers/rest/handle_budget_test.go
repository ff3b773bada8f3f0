package rest

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
)

// Requirement F68: in a full outage the retries come to a tenth of the calls, once the reserve is gone.
func TestBudgetInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w := newWire(t, Config{}, inTurn(500))
		for range 20 { // the reserve goes
			_, _ = post(t.Context(), client, operation(RepeatFreely))
		}
		assert.LessOrEqual(t, len(w.sent), 20+budgetReserve+2)
		before := len(w.sent)
		const calls = 2000
		for range calls {
			_, _ = post(t.Context(), client, operation(RepeatFreely))
		}
		assert.LessOrEqual(t, len(w.sent)-before, calls*11/10)
		assert.Greater(t, len(w.sent)-before, calls*108/100, "what may be sent again is")
	})
}

// Single failures are always made good.
func TestBudgetOnAQuietDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, w := newWire(t, Config{}, nil)
		w.answer = inTurn(200)
		for n := range 1000 {
			if n%50 == 0 {
				w.answer = inTurn(make500(len(w.sent))...)
			}
			_, err := post(t.Context(), client, operation(RepeatFreely))
			assert.NoError(t, err)
		}
		assert.Len(t, w.sent, 1020)
	})
}

// make500 is a script that fails the request after n others once.
func make500(n int) []int {
	out := make([]int, n+2)
	for i := range out {
		out[i] = 200
	}
	out[n] = 500
	return out
}

func TestBucket(t *testing.T) {
	b := newBucket()
	for range budgetReserve {
		assert.True(t, b.take())
	}
	assert.False(t, b.take())
	for range 11 {
		b.put()
	}
	assert.True(t, b.take())
	assert.False(t, b.take())
	for range 1000 {
		b.put()
	}
	assert.InDelta(t, budgetReserve, b.level, 1e-9, "it does not overflow")
}
