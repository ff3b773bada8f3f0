package clock

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestSleep(t *testing.T) {
	for name, c := range map[string]struct {
		wait, life, elapsed time.Duration
		whole               bool
	}{
		"to the end":       {time.Minute, time.Hour, time.Minute, true},
		"no time":          {0, time.Hour, 0, true},
		"less than none":   {-time.Second, time.Hour, 0, true},
		"the context's":    {time.Hour, time.Minute, time.Minute, false},
		"one that is over": {time.Hour, 0, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), c.life)
				defer cancel()
				begun := time.Now()
				assert.Equal(t, c.whole, Sleep(ctx, c.wait))
				assert.Equal(t, c.elapsed, time.Since(begun))
			})
		})
	}
}
