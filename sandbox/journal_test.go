package sandbox_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/fintoken/fintoken-go/sandbox"
)

func TestFindCalls(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	w.form(tokenV1, headers{"X-Request-Id": "mine"}, w.v1("grant_type", "client_credentials")...)
	w.bridge(object{})
	w.bridge(w.customer())
	w.exchange()
	for name, tt := range map[string]struct {
		filter sandbox.CallFilter
		want   []uint64
	}{
		"all":        {sandbox.CallFilter{}, []uint64{1, 2, 3, 4}},
		"provider":   {sandbox.CallFilter{Provider: "straddle"}, []uint64{2, 3}},
		"operation":  {sandbox.CallFilter{Operation: "getToken"}, []uint64{1}},
		"status":     {sandbox.CallFilter{Status: 400}, []uint64{2}},
		"refused":    {sandbox.CallFilter{Refused: true}, []uint64{2}},
		"request id": {sandbox.CallFilter{RequestID: "mine"}, []uint64{1}},
		"after":      {sandbox.CallFilter{After: 3}, []uint64{4}},
		"both":       {sandbox.CallFilter{Provider: "finapi", Status: 400}, nil},
	} {
		var got []uint64
		for _, call := range w.sand.FindCalls(tt.filter) {
			got = append(got, call.Seq)
		}
		assert.Equal(t, tt.want, got, name)
	}
	w.sand.Reset()
	assert.Empty(t, w.sand.Calls())
	w.exchange()
	assert.EqualValues(t, 5, w.sand.Calls()[0].Seq, "an old number does not come again")
}

func TestWaitForCalls(t *testing.T) {
	t.Parallel()
	w := inMemory(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		calls, err := w.sand.WaitForCalls(t.Context(), sandbox.CallFilter{Provider: "straddle"}, 2)
		assert.NoError(t, err)
		assert.Len(t, calls, 2)
	}()
	w.bridge(w.customer())
	w.exchange()
	w.bridge(w.customer())
	<-done
	calls, err := w.sand.WaitForCalls(timeLimited(t, 10*time.Millisecond), sandbox.CallFilter{Provider: "straddle"}, 3)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Len(t, calls, 2, "those that are there")
}
